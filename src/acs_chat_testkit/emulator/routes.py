"""Which handler answers which method and path, at which api-versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from acs_chat_testkit.emulator.calls import Answer, Call
from acs_chat_testkit.emulator.handlers import identities, messages, participants, receipts, threads
from acs_chat_testkit.emulator.identity import Tokens
from acs_chat_testkit.emulator.problems import Problem, not_found
from acs_chat_testkit.emulator.renderers import VERSIONS
from acs_chat_testkit.emulator.state import State

ChatHandler = Callable[[Call, State], Answer]
IdentityHandler = Callable[[Call, State, Tokens], Answer]
CHAT_VERSIONS = tuple(VERSIONS)
IDENTITY_VERSIONS = ("2020-07-20-preview2", "2021-03-07", "2023-10-01")


@dataclass(frozen=True, slots=True)
class ChatRoute:
    """An operation on threads; the caller is the user whose token came along."""

    handler: ChatHandler
    versions: tuple[str, ...] = CHAT_VERSIONS


@dataclass(frozen=True, slots=True)
class IdentityRoute:
    """An operation on users; the caller is the resource itself."""

    handler: IdentityHandler
    versions: tuple[str, ...] = IDENTITY_VERSIONS


Route = ChatRoute | IdentityRoute

ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/chat/threads"): ChatRoute(threads.create_thread),
    ("GET", "/chat/threads"): ChatRoute(threads.list_threads),
    ("GET", "/chat/threads/{thread}"): ChatRoute(threads.get_thread),
    ("PATCH", "/chat/threads/{thread}"): ChatRoute(threads.update_thread),
    ("DELETE", "/chat/threads/{thread}"): ChatRoute(threads.delete_thread),
    ("POST", "/chat/threads/{thread}/messages"): ChatRoute(messages.send_message),
    ("GET", "/chat/threads/{thread}/messages"): ChatRoute(messages.list_messages),
    ("GET", "/chat/threads/{thread}/messages/{message}"): ChatRoute(messages.get_message),
    ("PATCH", "/chat/threads/{thread}/messages/{message}"): ChatRoute(messages.update_message),
    ("DELETE", "/chat/threads/{thread}/messages/{message}"): ChatRoute(messages.delete_message),
    ("POST", "/chat/threads/{thread}/typing"): ChatRoute(messages.send_typing),
    ("GET", "/chat/threads/{thread}/participants"): ChatRoute(participants.list_participants),
    ("POST", "/chat/threads/{thread}/participants/:add"): ChatRoute(participants.add_participants),
    ("POST", "/chat/threads/{thread}/participants/:remove"): ChatRoute(
        participants.remove_participant, CHAT_VERSIONS[1:]
    ),
    ("DELETE", "/chat/threads/{thread}/participants/{user}"): ChatRoute(
        participants.delete_participant, CHAT_VERSIONS[:1]
    ),
    ("POST", "/chat/threads/{thread}/readReceipts"): ChatRoute(receipts.send_receipt),
    ("GET", "/chat/threads/{thread}/readReceipts"): ChatRoute(receipts.list_receipts),
    ("POST", "/identities"): IdentityRoute(identities.create_identity),
    ("DELETE", "/identities/{user}"): IdentityRoute(identities.delete_identity),
    ("POST", "/identities/{user}/token"): IdentityRoute(identities.issue_token, IDENTITY_VERSIONS[:1]),
    ("POST", "/identities/{user}/:issueAccessToken"): IdentityRoute(identities.issue_token, IDENTITY_VERSIONS[1:]),
    ("POST", "/identities/{user}/:revokeAccessTokens"): IdentityRoute(identities.revoke_tokens, IDENTITY_VERSIONS[1:]),
}


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: tuple[str, _Node] | None = None
    methods: dict[str, Route] = field(default_factory=dict)


def find(method: str, raw_path: str) -> tuple[Route, Mapping[str, str]]:
    """The route of a request, and the decoded ids in its path.

    The path is parted before it is decoded, so that an escaped slash stays inside its id.

    Raises:
        Problem: 404 unknown path, 405 the path knows other methods only.
    """
    node, ids = _TREE, {}
    for raw in raw_path.split("/")[1:]:
        segment = unquote(raw)
        if segment in node.literal:
            node = node.literal[segment]
        elif node.variable is not None and segment:
            name, node = node.variable
            ids[name] = segment
        else:
            raise not_found("There is nothing at this path.")
    if not node.methods:
        raise not_found("There is nothing at this path.")
    if method not in node.methods:
        raise Problem(405, "MethodNotAllowed", f"This path answers {', '.join(sorted(node.methods))} only.")
    return node.methods[method], ids


def _tree() -> _Node:
    root = _Node()
    for (method, template), route in ROUTES.items():
        node = root
        for segment in template.split("/")[1:]:
            if segment.startswith("{"):
                node.variable = node.variable or (segment[1:-1], _Node())
                node = node.variable[1]
            else:
                node = node.literal.setdefault(segment, _Node())
        node.methods[method] = route
    return root


_TREE = _tree()

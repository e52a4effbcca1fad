"""Which handler answers which method and path, at which api-versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from acs_chat_testkit.emulator.calls import Answer, Call
from acs_chat_testkit.emulator.handlers import identities, messages, participants, signals, threads
from acs_chat_testkit.emulator.identity import Tokens
from acs_chat_testkit.emulator.problems import Problem, not_found
from acs_chat_testkit.emulator.renderers import CHAT, IDENTITIES, Identity, Released
from acs_chat_testkit.emulator.state import State

_CHAT = tuple(CHAT)
_IDENTITIES = tuple(IDENTITIES)
_PREVIEW, _RELEASED = _CHAT[:1], _CHAT[1:]
_IN_2020, _SINCE_2021 = _IDENTITIES[:1], _IDENTITIES[1:]
_AFTER_PREVIEW2 = "2020-11"
_AFTER_2021_03 = "2021-03-08"


@dataclass(frozen=True, slots=True)
class ChatRoute:
    """An operation on threads; the caller is the user whose token came along.

    Args:
        handler: Answers; its name is the operation's.
        versions: The api-versions that have the operation.
        listed_since: From this version on answers leave older ones out of api-supported-versions.
    """

    handler: Callable[[Call, Released, State], Answer]
    versions: tuple[str, ...] = _CHAT
    listed_since: str = ""


@dataclass(frozen=True, slots=True)
class IdentityRoute:
    """An operation on users; the caller is the resource itself, who signs with the key of the connection string."""

    handler: Callable[[Call, Identity, State, Tokens], Answer]
    versions: tuple[str, ...] = _IDENTITIES
    listed_since: str = ""


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
    ("POST", "/chat/threads/{thread}/typing"): ChatRoute(signals.send_typing, listed_since=_AFTER_2021_03),
    ("GET", "/chat/threads/{thread}/participants"): ChatRoute(
        participants.list_participants, listed_since=_AFTER_PREVIEW2
    ),
    ("POST", "/chat/threads/{thread}/participants/:add"): ChatRoute(
        participants.add_participants, listed_since=_AFTER_PREVIEW2
    ),
    ("POST", "/chat/threads/{thread}/participants/:remove"): ChatRoute(
        participants.remove_participant, _RELEASED, _AFTER_PREVIEW2
    ),
    ("DELETE", "/chat/threads/{thread}/participants/{user}"): ChatRoute(
        participants.delete_participant, _PREVIEW, _AFTER_PREVIEW2
    ),
    ("POST", "/chat/threads/{thread}/readReceipts"): ChatRoute(signals.send_receipt),
    ("GET", "/chat/threads/{thread}/readReceipts"): ChatRoute(signals.list_receipts),
    ("POST", "/identities"): IdentityRoute(identities.create_identity),
    ("DELETE", "/identities/{user}"): IdentityRoute(identities.delete_identity),
    ("POST", "/identities/{user}/token"): IdentityRoute(identities.issue_token, _IN_2020),
    ("POST", "/identities/{user}/:issueAccessToken"): IdentityRoute(identities.issue_token, _SINCE_2021),
    ("POST", "/identities/{user}/:revokeAccessTokens"): IdentityRoute(identities.revoke_tokens, _SINCE_2021),
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
    ids: dict[str, str] = {}
    node: _Node | None = _TREE
    for raw in raw_path.split("/")[1:]:
        node = None if node is None else _step(node, unquote(raw) if "%" in raw else raw, ids)
    if node is None or not node.methods:
        raise not_found("request.route", "There is nothing at this path.")
    if method not in node.methods:
        answered = ", ".join(sorted(node.methods))
        raise Problem("request.method", 405, "MethodNotAllowed", f"This path answers {answered} only.", answered)
    return node.methods[method], ids


def _step(node: _Node, segment: str, ids: dict[str, str]) -> _Node | None:
    if segment in node.literal:
        return node.literal[segment]
    if node.variable is None or not segment:
        return None
    name, following = node.variable
    ids[name] = segment
    return following


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

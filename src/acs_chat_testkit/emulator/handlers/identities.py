"""Users and their tokens, in the shapes of three api-versions."""

from __future__ import annotations

from collections.abc import Sequence

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.calls import Answer, Call
from acs_chat_testkit.emulator.clock import with_ticks
from acs_chat_testkit.emulator.identity import DEFAULT_MINUTES, Tokens
from acs_chat_testkit.emulator.problems import bad_request, not_found
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers import Json
from acs_chat_testkit.emulator.state import State

PREVIEW2 = "2020-07-20-preview2"
WITH_EXPIRY = "2023-10-01"
_MINUTES = range(60, DEFAULT_MINUTES + 1)
_SCOPES = frozenset({"chat", "voip"})
_LATER_SCOPES = frozenset({"chat.join", "chat.join.limited", "voip.join"})


def create_identity(call: Call, state: State, tokens: Tokens) -> Answer:
    """POST /identities; with a token where scopes are named."""
    fields = call.optional_fields()
    scopes = _scopes(call, fields, "createTokenWithScopes") if "createTokenWithScopes" in fields.values else []
    minutes = _minutes(call, fields)
    user_id = state.users.create()
    if call.version == PREVIEW2:
        return Answer(200, {"id": user_id})
    token = {"accessToken": _token(user_id, scopes, minutes, state, tokens)} if scopes else {}
    return Answer(201, {"identity": {"id": user_id}, **token})


def issue_token(call: Call, state: State, tokens: Tokens) -> Answer:
    """POST /identities/{user}/:issueAccessToken, and /token in 2020."""
    user_id = _known_user(call, state)
    fields = call.fields()
    scopes = _scopes(call, fields, "scopes")
    token = _token(user_id, scopes, _minutes(call, fields), state, tokens)
    return Answer(200, {"id": user_id, **token} if call.version == PREVIEW2 else token)


def revoke_tokens(call: Call, state: State, tokens: Tokens) -> Answer:
    """POST /identities/{user}/:revokeAccessTokens."""
    state.users.revoke_tokens(_known_user(call, state))
    return Answer(204)


def delete_identity(call: Call, state: State, tokens: Tokens) -> Answer:
    """DELETE /identities/{user}."""
    state.users.delete(_known_user(call, state))
    return Answer(204)


def _known_user(call: Call, state: State) -> str:
    user_id = identifiers.check(call.path["user"])
    user = state.users.get(user_id)
    if user is None or user.deleted:
        raise not_found("The identity does not exist.")
    return user_id


def _scopes(call: Call, fields: Fields, name: str) -> Sequence[str]:
    scopes = fields.texts(name)
    allowed = _SCOPES | _LATER_SCOPES if call.version == WITH_EXPIRY else _SCOPES
    if not scopes or not allowed.issuperset(scopes):
        raise bad_request(f"The value of '{name}' must name at least one of {', '.join(sorted(allowed))}.")
    return list(dict.fromkeys(scopes))


def _minutes(call: Call, fields: Fields) -> int:
    minutes = fields.integer("expiresInMinutes") if call.version == WITH_EXPIRY else None
    if minutes is None:
        return DEFAULT_MINUTES
    if minutes not in _MINUTES:
        raise bad_request(f"The value of 'expiresInMinutes' must be from {_MINUTES.start} to {_MINUTES.stop - 1}.")
    return minutes


def _token(user_id: str, scopes: Sequence[str], minutes: int, state: State, tokens: Tokens) -> Json:
    access = tokens.issue(user_id, scopes, minutes)
    ticks = int.from_bytes(state.ids.derive("ticks", access.expires_on, 2)) % 10_000
    return {"token": access.token, "expiresOn": with_ticks(access.expires_on, ticks)}

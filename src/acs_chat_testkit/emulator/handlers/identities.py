"""Users and their tokens, in the shapes of three api-versions."""

from __future__ import annotations

from collections.abc import Sequence

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.calls import Answer, Call
from acs_chat_testkit.emulator.clock import with_ticks
from acs_chat_testkit.emulator.identity import DEFAULT_MINUTES, Tokens
from acs_chat_testkit.emulator.problems import Problem, bad_request, not_found
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers import Identity, Json
from acs_chat_testkit.emulator.state import State

_MINUTES = range(60, DEFAULT_MINUTES + 1)
_SCOPES = frozenset({"chat", "voip"})
_JOIN_SCOPES = frozenset({"chat.join", "chat.join.limited", "voip.join"})


def create_identity(call: Call, renderer: Identity, state: State, tokens: Tokens) -> Answer:
    """POST /identities; with a token where scopes are named."""
    fields = call.optional_fields()
    scopes = _scopes(fields, renderer, "createTokenWithScopes") if fields.texts("createTokenWithScopes") else []
    minutes = _minutes(fields, renderer)
    user_id = state.users.create()
    if renderer.flat:
        return Answer(200, {"id": user_id}, rests_on=("identity.create", "identity.id"))
    token = {"accessToken": _token(user_id, scopes, minutes, state, tokens)} if scopes else {}
    return Answer(201, {"identity": {"id": user_id}, **token}, rests_on=("identity.create", "identity.id"))


def issue_token(call: Call, renderer: Identity, state: State, tokens: Tokens) -> Answer:
    """POST /identities/{user}/:issueAccessToken, and /token in 2020."""
    user_id = _known_user(call, state)
    fields = call.fields()
    scopes = _scopes(fields, renderer, "scopes")
    token = _token(user_id, scopes, _minutes(fields, renderer), state, tokens)
    return Answer(200, {"id": user_id, **token} if renderer.flat else token, rests_on=("identity.token",))


def revoke_tokens(call: Call, renderer: Identity, state: State, tokens: Tokens) -> Answer:
    """POST /identities/{user}/:revokeAccessTokens."""
    state.users.revoke_tokens(_known_user(call, state))
    return Answer(204, rests_on=("identity.revoke",))


def delete_identity(call: Call, renderer: Identity, state: State, tokens: Tokens) -> Answer:
    """DELETE /identities/{user}."""
    left = state.users.delete(_known_user(call, state))
    return Answer(204, rests_on=("identity.delete", *(("identity.delete.leaves",) if left else ())))


def _known_user(call: Call, state: State) -> str:
    try:
        user_id = identifiers.check(call.path["user"])
    except Problem as problem:
        raise bad_request("identity.malformed", problem.message) from None
    user = state.users.get(user_id)
    if user is None or user.deleted:
        raise not_found("identity.unknown", "The identity does not exist.")
    return user_id


def _scopes(fields: Fields, renderer: Identity, name: str) -> Sequence[str]:
    scopes = fields.texts(name)
    allowed = _SCOPES | _JOIN_SCOPES if renderer.lifetime else _SCOPES
    if not scopes or not allowed.issuperset(scopes):
        raise bad_request("identity.scopes", f"The value of '{name}' must name some of {', '.join(sorted(allowed))}.")
    return list(dict.fromkeys(scopes))


def _minutes(fields: Fields, renderer: Identity) -> int:
    minutes = fields.integer("expiresInMinutes") if renderer.lifetime else None
    if minutes is None:
        return DEFAULT_MINUTES
    if minutes not in _MINUTES:
        bounds = f"{_MINUTES.start} to {_MINUTES.stop - 1}"
        raise bad_request("identity.lifetime", f"The value of 'expiresInMinutes' must be from {bounds}.")
    return minutes


def _token(user_id: str, scopes: Sequence[str], minutes: int, state: State, tokens: Tokens) -> Json:
    access = tokens.issue(user_id, scopes, minutes)
    ticks = int.from_bytes(state.ids.derive("ticks", access.expires_on, 2)) % 10_000
    return {"token": access.token, "expiresOn": with_ticks(access.expires_on, ticks)}

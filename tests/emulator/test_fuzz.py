"""Whatever parses as HTTP is answered: no request brings a 500, and a refused one changes nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.clients import Offline, identifier, participant

from acs_chat_testkit.emulator.renderers import CHAT, IDENTITIES
from acs_chat_testkit.emulator.routes import ROUTES
from acs_chat_testkit.http import Response

OFFLINE = Offline()
THREAD = OFFLINE.json("POST", "/chat/threads", {"topic": "T"})["chatThread"]["id"]
MESSAGE = OFFLINE.json("POST", f"/chat/threads/{THREAD}/messages", {"content": "x"})["id"]
OTHER = OFFLINE.service.create_user()
VERSIONS = [*CHAT, *IDENTITIES]

ODD = ["", "\ud800", "\0", "../..", "%", "é", "text", "chat", "9" * 30]
TEXT = st.text(st.characters(), max_size=12) | st.sampled_from(ODD)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
IDENTIFIER = st.sampled_from([identifier(OTHER), {"rawId": "4:1"}, {"communicationUser": {"id": "x"}}, {}]) | JSON
PARTICIPANT = st.sampled_from([participant(OTHER), {"id": OTHER}]) | st.fixed_dictionaries(
    {},
    optional={"communicationIdentifier": IDENTIFIER, **dict.fromkeys(("id", "displayName", "shareHistoryTime"), JSON)},
)
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "topic": TEXT | JSON,
    "participants": st.lists(PARTICIPANT, max_size=2) | JSON,
    "content": TEXT | JSON,
    "type": st.sampled_from(["text", "html", "topicUpdated"]) | JSON,
    "senderDisplayName": TEXT | JSON,
    "metadata": st.dictionaries(TEXT, TEXT, max_size=2) | JSON,
    "retentionPolicy": JSON | st.sampled_from([{"kind": "none"}, {"kind": "threadCreationDate"}]),
    "chatMessageId": JSON | st.sampled_from([MESSAGE, "1"]),
    "rawId": TEXT | JSON,
    "communicationUser": JSON,
    "teamsExtensionUser": JSON,
    "microsoftTeamsUser": st.fixed_dictionaries({}, optional={"userId": TEXT, "isAnonymous": JSON, "cloud": TEXT}),
    "scopes": st.lists(TEXT, max_size=2) | JSON,
    "createTokenWithScopes": st.lists(TEXT, max_size=2) | JSON,
    "expiresInMinutes": JSON,
}
OBJECTS = st.fixed_dictionaries({}, optional=MEMBERS).map(lambda value: json.dumps(value).encode())
BODIES = st.one_of(
    OBJECTS,
    OBJECTS,
    OBJECTS,
    JSON.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=30),
    st.sampled_from([b"", b"[" * 100_000, b'{"a":1,"a":1}', b"\xff\xfe{\x00}\x00"]),
)
SEGMENTS = st.sampled_from([THREAD, MESSAGE, OTHER, quote(THREAD, safe=""), quote(OTHER, safe="")]) | TEXT.map(
    lambda text: quote(text.encode("utf-8", "replace"), safe="")
)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["maxPageSize", "skip", "startTime", "syncState", "api-version", "x"]),
        TEXT | st.integers(-5, 300).map(str) | st.sampled_from(["2024-01-01T00:00:00Z", "1/1/1970 12:00:00 AM +00:00"]),
    ),
    max_size=3,
).map(lambda pairs: "".join(f"&{name}={quote(value.encode('utf-8', 'replace'))}" for name, value in pairs))
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("repeatability-request-id", "authorization", "host", "origin", "content-encoding"),
                *("x-ms-content-sha256", "x-ms-date", "x-ms-client-request-id", "x-ms-return-client-request-id"),
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    ),
    max_size=2,
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "X"])


@st.composite
def targets(draw: st.DrawFn) -> tuple[str, str]:
    """A method and a target: mostly of an operation at a version that has it."""
    method, template = draw(st.sampled_from(list(ROUTES)))
    version = draw(st.sampled_from(ROUTES[method, template].versions) | st.sampled_from(VERSIONS))
    path = "/".join(draw(SEGMENTS) if segment.startswith("{") else segment for segment in template.split("/"))
    return draw(st.just(method) | METHODS), f"{path}?api-version={version}{draw(QUERIES)}"


def check(response: Response, before: list[Any]) -> None:
    """What must hold for every answer."""
    assert 200 <= response.status < 500
    if response.status >= 400:
        assert OFFLINE.snapshot() == before
        if response.body:
            assert {"CommunicationError", "Error", "error"} & set(json.loads(response.body))
            assert b"Traceback" not in response.body
    elif response.body:
        json.loads(response.body)


@settings(max_examples=500)
@given(targets(), st.just([]) | HEADERS, BODIES)
def test_every_request_is_answered(target: tuple[str, str], headers: list[tuple[str, str]], body: bytes) -> None:
    """2xx or 4xx in an envelope of the service; after a 4xx everything stored is as before."""
    before = OFFLINE.snapshot()
    call = OFFLINE.signed if target[1].startswith("/identities") else OFFLINE.call
    check(call(*target, body, headers), before)


@settings(max_examples=150)
@given(METHODS, st.text(st.characters(min_codepoint=33, max_codepoint=126)), TEXT, BODIES)
def test_every_target_is_answered(method: str, target: str, token: str, body: bytes) -> None:
    """Any target and any token."""
    before = OFFLINE.snapshot()
    check(OFFLINE.call(method, f"/{target}", body, token=token.encode("utf-8", "replace").decode("latin-1")), before)


def test_an_error_amid_a_request_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What broke half way through, for whatever reason, was never there."""

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    before = OFFLINE.snapshot()
    monkeypatch.setattr(OFFLINE.state.messages, "tell_topic", broken)
    with pytest.raises(OSError, match="full"):
        OFFLINE.call("POST", "/chat/threads?api-version=2024-03-07", b'{"topic":"T"}')
    assert OFFLINE.snapshot() == before

"""What goes over the wire: 16 operations on each api-version, and what comes back, for sync and async."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
from tests.sdk.flavours import Flavour
from tests.sdk.server import Answer, Asked, Server

from azure.communication.chat import ChatThreadParticipant, CommunicationUserIdentifier
from azure.communication.chat._operations import OPERATIONS
from azure.communication.chat._version import VERSION

RELEASED, PREVIEW = "2024-03-07", "2020-11-01-preview3"
T = "/chat/threads/19:abc@thread.v2"
NOON = datetime(2021, 2, 3, 14, tzinfo=timezone(timedelta(hours=2)))
BOB = ChatThreadParticipant(user=CommunicationUserIdentifier("8:acs:bob"), display_name="Bob", share_history_time=NOON)
BOB_OBJECT = {"rawId": "8:acs:bob", "communicationUser": {"id": "8:acs:bob"}}
BOB_ON = {
    RELEASED: {
        "communicationIdentifier": BOB_OBJECT,
        "displayName": "Bob",
        "shareHistoryTime": "2021-02-03T12:00:00.000Z",
    },
    PREVIEW: {"id": "8:acs:bob", "displayName": "Bob", "shareHistoryTime": "2021-02-03T12:00:00.000Z"},
}
CREATED = {"chatThread": {"id": "19:abc@thread.v2", "topic": "t", "createdOn": "2021-02-03T04:05:06Z"}}
EMPTY_PAGE: dict[str, Any] = {"value": []}
PATCH = "application/merge-patch+json"


class Call(NamedTuple):
    """One documented call and the request it must become; a dict by api-version where the two differ."""

    name: str
    call: Callable[[Any], Any]
    method: Any
    path: Any
    status: int
    body: Any = None
    query: Any = {}  # noqa: RUF012  # never changed
    media: str = "application/json"
    answer: Any = None
    on_chat: bool = False


CALLS = [
    Call(
        "create_chat_thread",
        lambda c: c.create_chat_thread("t", [BOB], "repeat-1"),
        "POST",
        "/chat/threads",
        201,
        {version: {"topic": "t", "participants": [BOB_ON[version]]} for version in BOB_ON},
        answer=CREATED,
        on_chat=True,
    ),
    Call(
        "list_chat_threads",
        lambda c: list(c.list_chat_threads(results_per_page=2, start_time=NOON)),
        "GET",
        "/chat/threads",
        200,
        query={"maxPageSize": "2", "startTime": "2021-02-03T12:00:00.000Z"},
        answer=EMPTY_PAGE,
        on_chat=True,
    ),
    Call(
        "get_chat_thread",
        lambda c: c.get_chat_thread("19:abc@thread.v2"),
        "GET",
        T,
        200,
        answer=CREATED["chatThread"],
        on_chat=True,
    ),
    Call("delete_chat_thread", lambda c: c.delete_chat_thread("19:abc@thread.v2"), "DELETE", T, 204, on_chat=True),
    Call("update_topic", lambda c: c.update_topic(topic="new"), "PATCH", T, 204, {"topic": "new"}, media=PATCH),
    Call(
        "send_message",
        lambda c: c.send_message("hi", chat_message_type="HTML", sender_display_name="Bob"),
        "POST",
        T + "/messages",
        201,
        {"content": "hi", "senderDisplayName": "Bob", "type": "html"},
        answer={"id": "5"},
    ),
    Call("get_message", lambda c: c.get_message("5"), "GET", T + "/messages/5", 200, answer={"id": "5"}),
    Call(
        "list_messages",
        lambda c: list(c.list_messages(results_per_page=2, start_time=NOON)),
        "GET",
        T + "/messages",
        200,
        query={"maxPageSize": "2", "startTime": "2021-02-03T12:00:00.000Z"},
        answer=EMPTY_PAGE,
    ),
    Call(
        "update_message",
        lambda c: c.update_message("5", content="new"),
        "PATCH",
        T + "/messages/5",
        204,
        {"content": "new"},
        media=PATCH,
    ),
    Call("delete_message", lambda c: c.delete_message("5"), "DELETE", T + "/messages/5", 204),
    Call(
        "list_participants",
        lambda c: list(c.list_participants(results_per_page=2, skip=0)),
        "GET",
        T + "/participants",
        200,
        query={"maxPageSize": "2", "skip": "0"},
        answer=EMPTY_PAGE,
    ),
    Call(
        "add_participants",
        lambda c: c.add_participants([BOB]),
        "POST",
        T + "/participants/:add",
        201,
        {version: {"participants": [BOB_ON[version]]} for version in BOB_ON},
        answer={},
    ),
    Call(
        "add_participants",
        lambda c: c.add_participant(BOB),
        "POST",
        T + "/participants/:add",
        201,
        {version: {"participants": [BOB_ON[version]]} for version in BOB_ON},
        answer={},
    ),
    Call(
        "remove_participant",
        lambda c: c.remove_participant(BOB.user),
        {RELEASED: "POST", PREVIEW: "DELETE"},
        {RELEASED: T + "/participants/:remove", PREVIEW: T + "/participants/8:acs:bob"},
        204,
        {RELEASED: BOB_OBJECT, PREVIEW: None},
    ),
    Call(
        "send_typing_notification",
        lambda c: c.send_typing_notification(),
        "POST",
        T + "/typing",
        200,
        {RELEASED: {}, PREVIEW: None},
    ),
    Call(
        "send_read_receipt",
        lambda c: c.send_read_receipt("5"),
        "POST",
        T + "/readReceipts",
        200,
        {"chatMessageId": "5"},
    ),
    Call(
        "list_read_receipts",
        lambda c: list(c.list_read_receipts(results_per_page=2, skip=1)),
        "GET",
        T + "/readReceipts",
        200,
        query={"maxPageSize": "2", "skip": "1"},
        answer=EMPTY_PAGE,
    ),
]


def on(version: str, expected: Any) -> Any:
    """What is expected on an api-version."""
    return expected[version] if isinstance(expected, dict) and RELEASED in expected else expected


def asked(sdk: Flavour, serve: Callable[..., Server], call: Call, **options: Any) -> Asked:
    """The request that a call becomes."""
    server = serve(Answer(call.status, call.answer))
    call.call(sdk.chat(server, **options) if call.on_chat else sdk.thread(server, **options))
    [request] = server.asked
    return request


@pytest.mark.parametrize("version", [RELEASED, PREVIEW])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_an_operation(sdk: Flavour, serve: Callable[..., Server], call: Call, version: str) -> None:
    """Method, path, query, body and headers are those of the api-version."""
    request = asked(sdk, serve, call, api_version=version)
    assert request.method == on(version, call.method)
    assert "/" + "/".join(request.segments) == on(version, call.path)
    assert request.query == call.query | {"api-version": version}
    body = on(version, call.body)
    assert request.body == b"" if body is None else request.json == body
    assert request.headers.get("Content-Type") == (None if body is None else call.media)
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Authorization"].startswith("Bearer ey")
    assert request.headers["User-Agent"].startswith(f"azsdk-python-communication-chat/{VERSION} ")
    name = uuid.UUID(request.headers["x-ms-client-request-id"])
    assert (name.variant, name.version) == (uuid.RFC_4122, 4)


def test_every_operation_is_tested() -> None:
    """The table above names each of the 16 operations."""
    assert {call.name for call in CALLS} == OPERATIONS.keys()
    assert len(OPERATIONS) == 16


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_default_version(sdk: Flavour, serve: Callable[..., Server], call: Call) -> None:
    """Without a word 2024-03-07 is spoken."""
    assert asked(sdk, serve, call).query["api-version"] == RELEASED


@pytest.mark.parametrize("version", ["2021-03-07", "", "latest", 5, ["2024-03-07"]])
def test_an_unsupported_version_is_refused_by_name(sdk: Flavour, version: Any) -> None:
    """The error names the version and those that work."""
    with pytest.raises(ValueError, match=r"is not supported; use one of 2024-03-07, 2020-11-01-preview3") as caught:
        sdk.chat("https://chat.communication.example", api_version=version)
    assert repr(version) in str(caught.value)


@pytest.mark.parametrize("version", [RELEASED, PREVIEW])
def test_a_repeatability_id(sdk: Flavour, serve: Callable[..., Server], version: str) -> None:
    """The caller's id is sent; without one each call makes its own."""
    server = serve(Answer(201, CREATED))
    client = sdk.chat(server, api_version=version)
    for given in ("mine", None, None, ""):
        client.create_chat_thread("t", [BOB], given)
    first, *others = [request.headers["Repeatability-Request-ID"] for request in server.asked]
    assert first == "mine"
    assert len(set(others)) == 3
    assert {len(other) for other in others} == {36}


HOSTILE = [
    "a/b",
    "a b",
    "ä€",
    "%2e%2e",
    "a%2Fb",
    "?x=1",
    "#x",
    "{x}",
    "a:b@c",
    "..a",
    "a..",
    "...",
    "a\\b",
    "a;b=c",
    "+&=",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_id_stays_one_segment(sdk: Flavour, serve: Callable[..., Server], name: str) -> None:
    """Whatever is in an id, the server sees it as one segment of the path, in its place."""
    server = serve(Answer(204))
    sdk.thread(server, thread_id=name).delete_message(name)
    [request] = server.asked
    assert request.segments == ["chat", "threads", name, "messages", name]
    assert request.query == {"api-version": RELEASED}


@pytest.mark.parametrize("name", [".", "..", 5, b"x"])
def test_an_id_that_cannot_be_a_segment_is_refused(sdk: Flavour, serve: Callable[..., Server], name: Any) -> None:
    """Every HTTP stack takes a dot segment for a step, so nothing is sent."""
    server = serve(Answer(204))
    with pytest.raises(ValueError, match=r"thread_id"):
        sdk.chat(server).delete_chat_thread(name)
    with pytest.raises(ValueError, match=r"message_id"):
        sdk.thread(server).delete_message(name)
    assert server.asked == []


def test_empty_updates(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """An update without a value sends an empty object, as documented: it succeeds and changes nothing."""
    server = serve(Answer(204))
    client = sdk.thread(server)
    client.update_topic()
    client.update_message("5")
    assert [request.json for request in server.asked] == [{}, {}]


def test_text_survives(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Any text arrives as it was given, even half a surrogate pair."""
    server = serve(Answer(201, {"id": "5"}))
    texts = ['"quoted" \\ and / \n\t', "Grüße, 世界 🙂", "\x00\x7f", "<b>&amp;</b>", "half \ud83d pair"]
    for text in texts:
        sdk.thread(server).send_message(text)
    assert [request.json["content"] for request in server.asked] == texts
    assert [request.headers["Content-Length"] for request in server.asked] == [str(len(r.body)) for r in server.asked]


@pytest.mark.parametrize(
    ("raw_id", "member"),
    [
        ("8:acs:a_b", {"communicationUser": {"id": "8:acs:a_b"}}),
        ("8:spool:a", {"communicationUser": {"id": "8:spool:a"}}),
        ("8:dod-acs:a", {"communicationUser": {"id": "8:dod-acs:a"}}),
        ("8:gcch-acs:a", {"communicationUser": {"id": "8:gcch-acs:a"}}),
        ("4:+15551234", {"phoneNumber": {"value": "+15551234"}}),
        ("8:orgid:u", {"microsoftTeamsUser": {"userId": "u", "isAnonymous": False, "cloud": "public"}}),
        ("8:dod:u", {"microsoftTeamsUser": {"userId": "u", "isAnonymous": False, "cloud": "dod"}}),
        ("8:gcch:u", {"microsoftTeamsUser": {"userId": "u", "isAnonymous": False, "cloud": "gcch"}}),
        ("8:teamsvisitor:v", {"microsoftTeamsUser": {"userId": "v", "isAnonymous": True, "cloud": "public"}}),
        ("28:orgid:a", {"microsoftTeamsApp": {"appId": "a", "cloud": "public"}}),
        ("28:dod:a", {"microsoftTeamsApp": {"appId": "a", "cloud": "dod"}}),
        ("28:gcch:a", {"microsoftTeamsApp": {"appId": "a", "cloud": "gcch"}}),
        ("xx:yy", {}),
    ],
)
def test_the_prefix_of_a_raw_id_chooses_the_member(
    sdk: Flavour, serve: Callable[..., Server], raw_id: str, member: dict[str, Any]
) -> None:
    """A Teams user or a phone number goes out as what it is; a raw id of no known kind goes out alone."""
    server = serve(Answer(204))
    sdk.thread(server).remove_participant(CommunicationUserIdentifier(raw_id))
    assert server.asked[0].json == {"rawId": raw_id, **member}


@pytest.mark.parametrize("version", [RELEASED, PREVIEW])
def test_both_shapes_are_read_on_either_version(sdk: Flavour, serve: Callable[..., Server], version: str) -> None:
    """What the service sends is understood in the shape of either version, whichever was asked for."""
    thread = {"id": "t", "topic": "x", "createdOn": "2021-02-03T04:05:06Z"}
    server = serve(
        Answer(200, thread | {"createdByCommunicationIdentifier": BOB_OBJECT}),
        Answer(200, thread | {"createdBy": "8:acs:bob"}),
    )
    client = sdk.chat(server, api_version=version)
    first, second = client.get_chat_thread("t"), client.get_chat_thread("t")
    assert first == second
    assert first.created_by == BOB.user
    assert first.created_on == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_an_endpoint_with_slash_and_port(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A trailing slash makes no difference; localhost is loopback too."""
    server = serve(Answer(204))
    sdk.chat(server.endpoint + "/").delete_chat_thread("t")
    sdk.chat(server.endpoint.replace("127.0.0.1", "localhost")).delete_chat_thread("t")
    assert {request.target for request in server.asked} == {f"/chat/threads/t?api-version={RELEASED}"}


@pytest.mark.parametrize(
    "endpoint",
    ["", None, 5, "http://chat.communication.example", "ftp://x", "https://", "https://u:p@x", "https://x?y=1",
     "http://127.0.0.1.example", "http://localhost.example", "https://x y", "https://x\\y", "https://x:port",
     "https://x?", "https://x#", "endpoint=https://x/;accesskey=u:p", "https://x/;accesskey=u:p"],
)  # fmt: skip
def test_an_endpoint_that_cannot_be_used(sdk: Flavour, endpoint: Any) -> None:
    """Plain http is for loopback alone; nothing that hides its host is an endpoint; a password or key is not shown."""
    with pytest.raises(ValueError, match="endpoint") as caught:
        sdk.package.ChatClient(endpoint, sdk.credential())
    assert "u:p" not in str(caught.value)


def test_without_a_scheme_an_endpoint_is_https(sdk: Flavour) -> None:
    """A bare host is reached over https, even where its name begins with http."""
    assert sdk.chat("httpfoo.example")._connection.endpoint.url == "https://httpfoo.example"

"""What every call takes: cls, headers, error_map and options, for itself or for its client, never for another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from tests.sdk.flavours import Flavour
from tests.sdk.server import Answer, Server

from azure.communication.chat import (
    ChatMessage,
    ChatMessageReadReceipt,
    ChatThread,
    ChatThreadInfo,
    ChatThreadParticipant,
    CommunicationUserIdentifier,
    SendChatMessageResult,
)

BOB = ChatThreadParticipant(user=CommunicationUserIdentifier("8:acs:bob"))
SINGLE = [
    ("get_chat_thread", ("t",), Answer(200, {"id": "t"}), ChatThread),
    ("delete_chat_thread", ("t",), Answer(204), None),
    ("update_topic", ("x",), Answer(204), None),
    ("send_read_receipt", ("1",), Answer(200), None),
    ("send_typing_notification", (), Answer(200), None),
    ("send_message", ("hi",), Answer(201, {"id": "5"}), SendChatMessageResult),
    ("get_message", ("1",), Answer(200, {"id": "1"}), ChatMessage),
    ("update_message", ("1", "x"), Answer(204), None),
    ("delete_message", ("1",), Answer(204), None),
    ("add_participant", (BOB,), Answer(201, {}), None),
    ("add_participants", ([BOB],), Answer(201, {}), None),
    ("remove_participant", (BOB.user,), Answer(204), None),
]
LISTS = [
    ("list_chat_threads", ChatThreadInfo),
    ("list_messages", ChatMessage),
    ("list_participants", ChatThreadParticipant),
    ("list_read_receipts", ChatMessageReadReceipt),
]


def client_with(sdk: Flavour, server: Server, name: str, **options: Any) -> Any:
    """The client that has a method."""
    chat = sdk.chat(server, **options)
    return chat if hasattr(sdk.package.ChatClient, name) else sdk.thread(server, **options)


@pytest.mark.parametrize(("name", "arguments", "answer", "model"), SINGLE, ids=[row[0] for row in SINGLE])
def test_cls_of_a_single_call(
    sdk: Flavour, serve: Callable[..., Server], name: str, arguments: Any, answer: Answer, model: Any
) -> None:
    """Cls gets the pipeline response, the public model or None, and the headers; its result is returned as it is."""
    server = serve(Answer(answer.status, answer.body, {"X-Said": "yes"}))
    got: list[Any] = []
    result = object()

    def cls(*given: Any) -> Any:
        got.extend(given)
        return result

    assert getattr(client_with(sdk, server, name), name)(*arguments, cls=cls) is result
    response, found, headers = got
    assert response.http_response.status_code == answer.status
    assert type(found) is (type(None) if model is None else model)
    assert headers["X-Said"] == "yes"


@pytest.mark.parametrize(("name", "model"), LISTS, ids=[row[0] for row in LISTS])
def test_cls_of_a_list(sdk: Flavour, serve: Callable[..., Server], name: str, model: type) -> None:
    """Cls gets the list of public models of each page and gives what is iterated over."""
    server = serve(Answer())
    item = {"id": "8:acs:1"}
    server.answers = [
        Answer(200, {"value": [item, item], "nextLink": f"{server.endpoint}/n"}),
        Answer(200, {"value": [item]}),
    ]
    pages: list[Any] = []

    def cls(models: Any) -> Any:
        pages.append(models)
        return [len(models)]

    assert list(getattr(client_with(sdk, server, name), name)(cls=cls)) == [2, 1]
    assert {type(found) for models in pages for found in models} == {model}


def test_cls_of_create(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Cls of create gets the client of the new thread."""
    server = serve(Answer(201, {"chatThread": {"id": "t", "topic": "t"}}))
    found = sdk.chat(server).create_chat_thread("t", [BOB], cls=lambda response, client, headers: client.thread_id)
    assert found == "t"


def test_headers_of_a_call_are_of_that_call(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Headers given to a call go with it, over those of the client, and with no other call."""
    server = serve(Answer(204))
    given = {"X-Mine": "call", "X-Both": "call"}
    client = sdk.thread(server, headers={"X-Client": "client", "X-Both": "client"})
    client.delete_message("1", headers=given)
    client.delete_message("2")
    first, second = [request.headers for request in server.asked]
    assert (first["X-Mine"], first["X-Client"], first["X-Both"]) == ("call", "client", "call")
    assert "X-Mine" not in second
    assert (second["X-Client"], second["X-Both"]) == ("client", "client")
    assert given == {"X-Mine": "call", "X-Both": "call"}


def test_headers_of_a_list_go_with_every_page(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Options of a list are those of all its requests."""
    server = serve(Answer())
    server.answers = [Answer(200, {"value": [], "nextLink": f"{server.endpoint}/n"}), Answer(200, {"value": []})]
    list(sdk.thread(server).list_messages(headers={"X-Mine": "1"}))
    assert [request.headers.get("X-Mine") for request in server.asked] == ["1", "1"]


def test_headers_of_create_do_not_stay_with_the_thread(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """What is given to create is for create alone."""
    server = serve(Answer(201, {"chatThread": {"id": "t", "topic": "t"}}), Answer(204))
    thread = sdk.chat(server).create_chat_thread("t", [BOB], headers={"X-Mine": "1"})
    thread.delete_message("1")
    assert [request.headers.get("X-Mine") for request in server.asked] == ["1", None]


def test_options_of_a_child_are_of_that_child(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """What is given to get_chat_thread_client goes with each of its calls, and with nobody else's."""
    server = serve(Answer(204))
    chat = sdk.chat(server)
    child, other = chat.get_chat_thread_client("a", headers={"X-Mine": "1"}), chat.get_chat_thread_client("b")
    child.delete_message("1")
    child.delete_message("2", headers={"X-More": "2"})
    other.delete_message("3")
    chat.delete_chat_thread("4")
    assert [request.headers.get("X-Mine") for request in server.asked] == ["1", None, None, None]


class Mine(HttpResponseError):
    """An error of the caller."""


class Other(HttpResponseError):
    """Another one."""


def test_error_maps(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A map of the call comes before one of the client, that before azure-core's; none of them leaks."""
    server = serve(Answer(404, {"error": {"code": "NotFound", "message": "gone"}}))
    chat = sdk.chat(server, error_map={404: Mine, 403: Other})
    with pytest.raises(Mine, match="gone"):
        chat.get_chat_thread("t")
    with pytest.raises(Other, match="gone"):
        chat.get_chat_thread("t", error_map={404: Other})
    with pytest.raises(Mine):
        chat.get_chat_thread("t", error_map={409: Other})
    with pytest.raises(Mine):
        chat.get_chat_thread_client("t").get_message("1")
    with pytest.raises(ResourceNotFoundError):
        sdk.chat(server).get_chat_thread("t")


def test_an_error_map_may_hold_any_exception(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """What is not azure-core's is called with the response, as azure-core does."""

    class Plain(Exception):
        def __init__(self, response: Any) -> None:
            super().__init__(response.status_code)

    with pytest.raises(Plain, match="404"):
        sdk.chat(serve(Answer(404)), error_map={404: Plain}).get_chat_thread("t")


def test_children_share_pipeline_and_connections(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """All clients of a chat client send through its one pipeline; the server sees one connection."""
    server = serve(Answer(201, {"chatThread": {"id": "t", "topic": "t"}}), Answer(204))
    chat = sdk.chat(server)
    created, got = chat.create_chat_thread("t", [BOB]), chat.get_chat_thread_client("u")
    for child in (created, got, created):
        child.delete_message("1")
    assert created._connection is got._connection is chat._connection
    assert len({request.connection for request in server.asked}) == 1


def test_closing_a_child_leaves_the_parent_open(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A child has nothing of its own to close."""
    server = serve(Answer(204))
    chat = sdk.chat(server)
    child = chat.get_chat_thread_client("t")
    child.delete_message("1")
    child.close()
    chat.delete_chat_thread("t")
    chat.get_chat_thread_client("t").delete_message("2")
    assert len({request.connection for request in server.asked}) == 1
    chat.close()
    with pytest.raises(ValueError, match="closed"):
        child.delete_message("3")


def test_with(serve: Callable[..., Server]) -> None:
    """Clients are context managers: leaving closes what is their own."""
    server = serve(Answer(204))
    flavour = Flavour().__enter__()
    with flavour.chat(server) as chat:
        with chat.get_chat_thread_client("t") as child:
            child.delete_message("1")
        chat.delete_chat_thread("t")
    with pytest.raises(ValueError, match="closed"):
        chat.delete_chat_thread("t")


def test_a_closed_client_says_so(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Single calls and lists, of the client and of its children, raise one clear error; closing twice is allowed."""
    server = serve(Answer(200, {"value": [], "nextLink": "/next"}))
    chat = sdk.chat(server)
    child = chat.get_chat_thread_client("t")
    pages = child.list_participants().by_page()
    next(pages)
    chat.close()
    chat.close()
    server.asked.clear()
    calls: list[Callable[[], Any]] = [
        lambda: next(pages),
        lambda: chat.delete_chat_thread("t"),
        lambda: child.list_messages(),
        lambda: child.update_topic("x"),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="this client is closed; make a new one"):
            call()
    assert server.asked == []


class Marking(SansIOHTTPPolicy):  # type: ignore[type-arg]
    """A policy of the caller."""

    def __init__(self, name: str) -> None:
        self.name = name

    def on_request(self, request: Any) -> None:
        """Leaves a mark; the token must not be there to be seen."""
        assert "Authorization" not in request.http_request.headers
        request.http_request.headers[f"X-{self.name}"] = "1"


def test_policies_of_the_caller(sdk: Flavour, serve: Callable[..., Server], naps: list[float]) -> None:
    """Policies can be added per call and per attempt, and hooks of a call run; none of them sees the token."""
    server = serve(Answer(503), Answer(204))
    client = sdk.thread(server, per_call_policies=Marking("Call"), per_retry_policies=[Marking("Retry")])
    hooked: list[Any] = []
    client.delete_message("1", raw_request_hook=lambda request: hooked.append(request.http_request.method))
    assert [request.headers["X-Call"] + request.headers["X-Retry"] for request in server.asked] == ["11", "11"]
    assert set(hooked) == {"DELETE"}


def test_the_user_agent_can_be_added_to(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """user_agent of a client stands before ours."""
    server = serve(Answer(204))
    sdk.thread(server, user_agent="my-app/1").delete_message("1")
    assert server.asked[0].headers["User-Agent"].startswith("my-app/1 azsdk-python-communication-chat/")


def test_a_request_id_of_the_caller(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A call may name its request, or leave it without a name; a client may do so for all."""
    server = serve(Answer(204))
    client = sdk.thread(server)
    client.delete_message("1", request_id="mine")
    client.delete_message("1", request_id=None)
    sdk.thread(server, request_id="ours").delete_message("1")
    sdk.thread(server, auto_request_id=False).delete_message("1")
    names = [request.headers.get("x-ms-client-request-id") for request in server.asked]
    assert names == ["mine", None, "ours", None]


def test_a_stream_is_read_all_the_same(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """The methods return models, so a caller who asks the pipeline for a stream gets them too."""
    server = serve(Answer(200, {"value": [{"id": "1"}]}), Answer(200, {"id": "2"}))
    client = sdk.thread(server)
    assert [message.id for message in client.list_messages(stream=True)] == ["1"]
    assert client.get_message("2", stream=True).id == "2"


def test_a_misspelled_option_is_an_error(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A keyword that nobody knows does not vanish."""
    with pytest.raises(TypeError, match="result_per_page"):
        list(sdk.thread(serve(Answer(200, {"value": []}))).list_messages(result_per_page=5))


def test_updating_a_message_warns_of_nothing(
    sdk: Flavour, serve: Callable[..., Server], caplog: pytest.LogCaptureFixture
) -> None:
    """A plain call leaves no warning in the log."""
    with caplog.at_level(logging.WARNING):
        sdk.thread(serve(Answer(204))).update_message("1", "x")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("create_chat_thread", ("", [BOB]), "topic"),
        ("create_chat_thread", (None, [BOB]), "topic"),
        ("create_chat_thread", ("t", None), "thread_participants"),
        ("create_chat_thread", ("t", ["8:acs:bob"]), "ChatThreadParticipant"),
        ("create_chat_thread", ("t", [ChatThreadParticipant(user="8:acs:bob")]), "CommunicationUserIdentifier"),  # type: ignore[arg-type]
        ("get_chat_thread", (None,), "thread_id"),
        ("get_chat_thread", ("",), "thread_id"),
        ("get_chat_thread_client", (None,), "thread_id"),
        ("delete_chat_thread", ("",), "thread_id"),
        ("send_message", (None,), "content"),
        ("send_message", ("",), "content"),
        ("get_message", ("",), "message_id"),
        ("update_message", (None,), "message_id"),
        ("delete_message", (None,), "message_id"),
        ("send_read_receipt", ("",), "message_id"),
        ("add_participant", (None,), "thread_participant"),
        ("add_participants", (None,), "thread_participants"),
        ("add_participants", ([],), "thread_participants"),
        ("remove_participant", (None,), "user"),
        ("remove_participant", ("8:acs:bob",), "CommunicationUserIdentifier"),
    ],
)
def test_a_missing_or_wrong_argument(
    sdk: Flavour, serve: Callable[..., Server], name: str, arguments: Any, word: str
) -> None:
    """A ValueError names the argument, and nothing is sent."""
    server = serve(Answer(204))
    with pytest.raises(ValueError, match=word):
        getattr(client_with(sdk, server, name), name)(*arguments)
    assert server.asked == []


def test_a_thread_of_the_caller_alone(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A thread may be created without other participants, as the released versions allow."""
    server = serve(Answer(201, {"chatThread": {"id": "t", "topic": "t"}}))
    sdk.chat(server).create_chat_thread("t", [])
    assert server.asked[0].json == {"topic": "t", "participants": []}


@pytest.mark.parametrize("given", ["text", "TEXT", "Html", "html", "HTML", None])
def test_the_type_of_a_message_by_name(sdk: Flavour, serve: Callable[..., Server], given: Any) -> None:
    """Text and html can be sent, by name in any case; text is the default."""
    server = serve(Answer(201, {"id": "1"}))
    sdk.thread(server).send_message("hi", chat_message_type=given)
    assert server.asked[0].json["type"] == (given or "text").lower()


@pytest.mark.parametrize("given", ["topicUpdated", "PARTICIPANT_ADDED", "", "bold", 5])
def test_other_types_of_message_cannot_be_sent(sdk: Flavour, serve: Callable[..., Server], given: Any) -> None:
    """What only the service writes is refused before it is sent."""
    server = serve(Answer(201, {"id": "1"}))
    with pytest.raises(ValueError, match="chat_message_type"):
        sdk.thread(server).send_message("hi", chat_message_type=given)
    assert server.asked == []

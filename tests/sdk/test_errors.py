"""Failures of the service: which exception, and what it says."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    DeserializationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from tests.sdk.flavours import Flavour
from tests.sdk.server import Answer, Server

from azure.communication.chat import ChatThreadParticipant, CommunicationUserIdentifier
from azure.communication.chat.models import CommunicationError, PartialFailureError

PASCAL = {"Code": "NotFound", "Message": "No such thread.", "Target": "19:x"}
CAMEL = {"code": "NotFound", "message": "No such thread.", "target": "19:x"}
ENVELOPES = {
    "Error": {"Error": PASCAL},
    "error": {"error": CAMEL},
    "bare": PASCAL,
    "ChatError": {"ChatError": PASCAL},
    "CommunicationError": {"CommunicationError": PASCAL},
}
BOB = ChatThreadParticipant(user=CommunicationUserIdentifier("8:acs:bob"))
THREAD = {"id": "19:new@thread.v2", "topic": "t", "createdOn": "2021-02-03T04:05:06Z"}
INVALID = [{"code": "403", "message": "Permissions check failed", "target": "8:acs:bob"}, {"code": "404"}]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, HttpResponseError),
        (401, ClientAuthenticationError),
        (403, HttpResponseError),
        (404, ResourceNotFoundError),
        (409, ResourceExistsError),
        (429, HttpResponseError),
        (500, HttpResponseError),
        (503, HttpResponseError),
        (200, HttpResponseError),  # a success of another operation is none of this one
    ],
)
def test_the_status_chooses_the_class(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], status: int, kind: type[Exception]
) -> None:
    """401, 404 and 409 have classes of their own, everything else is an HttpResponseError."""
    client = sdk.chat(serve(Answer(status, {"CommunicationError": PASCAL})), retry_total=0)
    with pytest.raises(HttpResponseError) as caught:
        client.delete_chat_thread("t")
    assert type(caught.value) is kind
    assert caught.value.status_code == status


@pytest.mark.parametrize("body", ENVELOPES.values(), ids=ENVELOPES)
@pytest.mark.parametrize("status", [400, 401, 404])
def test_every_envelope_is_read(sdk: Flavour, serve: Callable[..., Server], body: Any, status: int) -> None:
    """Code, message and target are found in each envelope, kept on the error and shown in its text."""
    with pytest.raises(HttpResponseError) as caught:
        sdk.chat(serve(Answer(status, body))).get_chat_thread("t")
    error: Any = caught.value
    assert error.error == error.model.error == CommunicationError("NotFound", "No such thread.", "19:x")
    for part in ("NotFound", "No such thread.", "19:x"):
        assert part in str(error)
        assert part in error.message


def test_details_are_kept(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Errors below an error come with it; a missing message is none."""
    body = {"CommunicationError": {"Code": "BadRequest", "Details": [{"Code": "Inner"}, "junk"]}}
    with pytest.raises(HttpResponseError) as caught:
        sdk.chat(serve(Answer(400, body))).get_chat_thread("t")
    error: Any = caught.value.error
    assert error == CommunicationError("BadRequest", details=(CommunicationError("Inner"),))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404),
        Answer(404, b"<html>Not here</html>", {"Content-Type": "text/html"}),
        Answer(404, b"<html>Not here</html>", {"Content-Type": "application/json"}),
        Answer(404, b"\xff\xfe", {"Content-Type": "application/json"}),
        Answer(404, b"x", {"Content-Type": "application/octet-stream"}),
        Answer(404, [1, 2]),
        Answer(404, "text"),
        Answer(404, {"error": None}),
        Answer(404, {"error": "text"}),
        Answer(404, {"something": "else"}),
    ],
    ids=["empty", "html", "html as json", "no utf-8", "octets", "list", "text", "null", "text error", "other"],
)
def test_an_error_without_an_envelope_stays_what_it_is(
    sdk: Flavour, serve: Callable[..., Server], answer: Answer
) -> None:
    """Whatever a proxy sends, the status decides and the text can be printed."""
    with pytest.raises(ResourceNotFoundError) as caught:
        sdk.chat(serve(answer)).get_chat_thread("t")
    assert "Said" in str(caught.value)


def test_the_html_of_a_proxy_is_shown(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """What came instead of an error is in the text."""
    answer = Answer(403, b"<html>blocked by proxy</html>", {"Content-Type": "text/html"})
    with pytest.raises(HttpResponseError, match="blocked by proxy"):
        sdk.chat(serve(answer)).get_chat_thread("t")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200), DeserializationError),
        (Answer(200, {"createdOn": "junk"}), DeserializationError),
        (Answer(200, [1]), DeserializationError),
        (Answer(200, b"<html>", {"Content-Type": "text/html"}), DeserializationError),
        (Answer(200, b"{broken"), DecodeError),
        (Answer(200, b"[" * 100_000), DecodeError),
        (Answer(200, b"<p>", {"Content-Type": "application/json; charset=base64"}), DecodeError),
    ],
)
def test_a_success_that_cannot_be_read(
    sdk: Flavour, serve: Callable[..., Server], answer: Answer, kind: type[Exception]
) -> None:
    """An answer that is no thread is an error that can be caught, not a crash."""
    with pytest.raises(kind):
        sdk.chat(serve(answer)).get_chat_thread("t")


@pytest.mark.parametrize(
    "body",
    [{"invalidParticipants": INVALID}, {"errors": {"invalidParticipants": INVALID}}],
    ids=["2024-03-07", "2020-11-01-preview3"],
)
def test_a_partial_failure_at_create_keeps_the_thread(sdk: Flavour, serve: Callable[..., Server], body: Any) -> None:
    """The thread exists: the error has its client, which works, and says who is missing and why."""
    server = serve(Answer(201, {"chatThread": THREAD, **body}), Answer(204))
    client = sdk.chat(server)
    with pytest.raises(PartialFailureError) as caught:
        client.create_chat_thread("t", [BOB])
    error: Any = caught.value
    assert isinstance(caught.value, HttpResponseError)
    assert error.status_code == 201
    assert [item.code for item in error.invalid_participants] == ["403", "404"]
    assert error.invalid_participants[0].target == "8:acs:bob"
    for part in ("8:acs:bob", "Permissions check failed", THREAD["id"]):
        assert part in str(error)
    thread = sdk.wrapped(error.thread_client)
    assert thread.thread_id == THREAD["id"]
    thread.delete_message("1")
    assert server.asked[1].segments[2] == THREAD["id"]


@pytest.mark.parametrize(
    "body", [{"invalidParticipants": INVALID}, {"errors": {"invalidParticipants": INVALID}}], ids=["2024", "2020"]
)
def test_a_partial_failure_at_add(sdk: Flavour, serve: Callable[..., Server], body: Any) -> None:
    """Who could not be added is never swallowed."""
    client = sdk.thread(serve(Answer(201, body)))
    with pytest.raises(PartialFailureError, match="2 participants were not added") as caught:
        client.add_participants([BOB])
    error: Any = caught.value
    assert error.thread_client is None
    with pytest.raises(PartialFailureError):
        client.add_participant(BOB)


@pytest.mark.parametrize(
    "extra",
    [{}, {"invalidParticipants": []}, {"invalidParticipants": None}, {"errors": {}}, {"errors": None}, {"errors": []}],
)
def test_no_invalid_participants_are_no_failure(sdk: Flavour, serve: Callable[..., Server], extra: Any) -> None:
    """Every way to say that all went well is understood."""
    server = serve(Answer(201, {"chatThread": THREAD, **extra}), Answer(201, extra))
    client = sdk.chat(server).create_chat_thread("t", [BOB])
    assert client.thread_id == THREAD["id"]
    client.add_participants([BOB])


@pytest.mark.parametrize("answer", [Answer(201), Answer(201, b"", {"Content-Type": "text/plain"})])
def test_an_empty_answer_to_add_is_success(sdk: Flavour, serve: Callable[..., Server], answer: Answer) -> None:
    """A body is not needed to say that all were added."""
    assert sdk.thread(serve(answer)).add_participants([BOB]) is None


@pytest.mark.parametrize("body", [None, {}, {"chatThread": None}, {"chatThread": []}, {"chatThread": {"topic": "t"}}])
def test_a_create_without_a_thread_is_named(sdk: Flavour, serve: Callable[..., Server], body: Any) -> None:
    """A created thread that is not in the answer is an error, not a client of nothing."""
    with pytest.raises(DeserializationError, match="create_chat_thread"):
        sdk.chat(serve(Answer(201, body))).create_chat_thread("t", [BOB])


def test_nothing_listens(sdk: Flavour) -> None:
    """A server that is not there is azure-core's ServiceRequestError."""
    from azure.core.exceptions import ServiceRequestError

    with Server() as server:
        endpoint = server.endpoint
    with pytest.raises(ServiceRequestError):
        sdk.chat(endpoint, retry_total=0).get_chat_thread("t")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, b"[" * 100_000),
        Answer(404, b"<p>", {"Content-Type": "application/json; charset=base64"}),
        Answer(404, b'{"code": "x", "details": [' * 400 + b"]}" * 400),
    ],
    ids=["nesting", "charset", "details"],
)
def test_nothing_in_an_error_hides_its_status(sdk: Flavour, serve: Callable[..., Server], answer: Answer) -> None:
    """However little of the body can be read, the status decides."""
    with pytest.raises(ResourceNotFoundError):
        sdk.thread(serve(answer)).get_message("1")


def test_a_coding_that_cannot_be_undone(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A body that is not the gzip it says to be is an error of azure-core, not of zlib."""
    server = serve(Answer(200, b"no gzip", {"Content-Encoding": "gzip"}))
    with pytest.raises(AzureError):
        sdk.thread(server, retry_total=0).get_message("1")


def test_a_partial_failure_can_be_copied() -> None:
    """Another process, or a copy, has the same error: its sentence, its reasons."""
    error = PartialFailureError([CommunicationError("403", "no", "8:acs:bob")])
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert str(other) == str(error)
        assert other.invalid_participants == error.invalid_participants

"""When a request is sent again, and how long before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from tests.sdk.flavours import Flavour
from tests.sdk.server import Answer, Server

from azure.communication.chat import ChatThreadParticipant, CommunicationUserIdentifier

BOB = ChatThreadParticipant(user=CommunicationUserIdentifier("8:acs:bob"))
POSTS: dict[str, Any] = {
    "send_message": lambda client: client.send_message("hi"),
    "add_participants": lambda client: client.add_participants([BOB]),
    "remove_participant": lambda client: client.remove_participant(BOB.user),
    "send_typing_notification": lambda client: client.send_typing_notification(),
    "send_read_receipt": lambda client: client.send_read_receipt("1"),
}
OTHERS: dict[str, Any] = {
    "get_message": (lambda client: client.get_message("1"), Answer(200, {"id": "1"})),
    "update_topic": (lambda client: client.update_topic("new"), Answer(204)),
    "delete_message": (lambda client: client.delete_message("1"), Answer(204)),
}


@pytest.mark.parametrize("retry_after", [None, "0", "2"])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("name", POSTS)
def test_a_post_that_is_not_repeatable_is_never_sent_twice(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], name: str, status: int, retry_after: str | None
) -> None:
    """The service may have carried it out: no message is sent twice, not even where Retry-After invites to."""
    server = serve(Answer(status, headers={"Retry-After": retry_after} if retry_after else {}))
    with pytest.raises(HttpResponseError):
        POSTS[name](sdk.thread(server))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [500, 503, 504])
def test_create_is_repeated_under_the_same_id(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], status: int
) -> None:
    """The repeatability id makes a second attempt safe, so it stays the same."""
    thread = {"id": "19:new@thread.v2", "topic": "t"}
    server = serve(Answer(status), Answer(status), Answer(201, {"chatThread": thread}))
    assert sdk.chat(server).create_chat_thread("t", [BOB]).thread_id == thread["id"]
    assert len(server.asked) == 3
    assert len({request.headers["Repeatability-Request-ID"] for request in server.asked}) == 1
    assert len({request.body for request in server.asked}) == 1


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("name", OTHERS)
def test_what_may_be_repeated_is(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], name: str, status: int
) -> None:
    """Reading, updating and deleting have the same effect twice."""
    call, answer = OTHERS[name]
    server = serve(Answer(status), answer)
    call(sdk.thread(server))
    assert len(server.asked) == 2
    assert len({request.headers["x-ms-client-request-id"] for request in server.asked}) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"Retry-After": "3", "retry-after-ms": "9000"}, 3.0),
    ],
)
@pytest.mark.parametrize("name", ["send_message", "get_message"])
def test_the_service_says_how_long_to_wait(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], name: str, headers: dict[str, str], seconds: float
) -> None:
    """After 429 the request was not carried out: it is sent again after the time that the service names."""
    posting = name == "send_message"
    server = serve(Answer(429, headers=headers), Answer(201 if posting else 200, {"id": "1"}))
    client = sdk.thread(server)
    client.send_message("hi") if posting else client.get_message("1")
    assert naps == [seconds]
    assert len(server.asked) == 2


@pytest.mark.parametrize("name", ["send_message", "get_message"])
def test_the_service_names_a_date(sdk: Flavour, serve: Callable[..., Server], naps: list[float], name: str) -> None:
    """A date in Retry-After (RFC 9110, 10.2.3) is the time to wait for."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    posting = name == "send_message"
    server = serve(Answer(429, headers={"Retry-After": date}), Answer(201 if posting else 200, {"id": "1"}))
    client = sdk.thread(server)
    client.send_message("hi") if posting else client.get_message("1")
    [nap] = naps
    assert 60 < nap <= 100


def test_a_post_is_not_repeated_on_429_without_a_time(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float]
) -> None:
    """Without a word when to come back, the caller decides."""
    server = serve(Answer(429))
    with pytest.raises(HttpResponseError):
        sdk.thread(server).send_message("hi")
    assert len(server.asked) == 1


NO_PAUSE = ["soon", "-5", "Wed, 99 Foo", "nan", "inf", "Wed, 03 Feb 2021 04:05:06 GMT", ""]
NO_PAUSE += ["1e300", "31 Dec 9999 23:59:59 GMT", "1 Jan 99999999999999999999 00:00:00 GMT"]


@pytest.mark.parametrize("value", NO_PAUSE)
def test_a_retry_after_that_says_nothing(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], value: str
) -> None:
    """A header that cannot be read is as good as none: the reading call goes on with its own pauses."""
    server = serve(Answer(503, headers={"Retry-After": value}), Answer(200, {"id": "1"}))
    assert sdk.thread(server).get_message("1").id == "1"
    assert all(0 <= nap < 3600 for nap in naps)


def test_retries_can_be_switched_off(sdk: Flavour, serve: Callable[..., Server], naps: list[float]) -> None:
    """retry_total=0 of a client, or of one call, means what it says."""
    server = serve(Answer(503))
    with pytest.raises(HttpResponseError):
        sdk.thread(server, retry_total=0).get_message("1")
    assert len(server.asked) == 1
    client = sdk.thread(server)
    with pytest.raises(HttpResponseError):
        client.get_message("1", retry_total=0)
    assert len(server.asked) == 2
    with pytest.raises(HttpResponseError):
        client.get_message("1")
    assert len(server.asked) > 4

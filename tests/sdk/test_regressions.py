"""Defects of azure-communication-chat 1.0.0b4 that touch the documented surface: each by its number, none of them here.

An empty update that sends ``{}`` was right and stays (`test_wire.test_empty_updates`). Number 18 touches no documented
name but the missing py.typed (`test_surface.test_typed`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from tests.sdk.flavours import Aio, Flavour
from tests.sdk.server import Answer, Server
from tests.sdk.tokens import jwt, make_token

from azure.communication.chat import (
    ChatMessage,
    ChatMessageType,
    ChatThread,
    ChatThreadParticipant,
    CommunicationTokenCredential,
    CommunicationTokenRefreshOptions,
    CommunicationUserIdentifier,
)
from azure.communication.chat import aio as async_chat
from azure.communication.chat.models import PartialFailureError

BOB = ChatThreadParticipant(user=CommunicationUserIdentifier("8:acs:bob"))
THREAD = {"id": "19:new@thread.v2", "topic": "t", "createdOn": "2021-02-03T04:05:06Z"}


def test_01_the_aio_client_works_with_this_azure_core(serve: Callable[..., Server]) -> None:
    """The async pipeline has an async bearer policy: an awaited call comes back."""
    server = serve(Answer(200, {"id": "1"}))
    with Aio() as sdk:
        assert sdk.thread(server).get_message("1").id == "1"


def test_02_a_valid_token_does_not_look_expired() -> None:
    """expires_on is the positive expiry of the token, and the refresher is not run on every request."""
    token = make_token(3600)
    credential = CommunicationTokenCredential(
        CommunicationTokenRefreshOptions(token, lambda: pytest.fail("refreshed a valid token"))
    )
    assert {credential.get_token().token for _ in range(5)} == {token}
    assert credential.get_token().expires_on > time.time()


def test_03_a_refresher_works() -> None:
    """The first get_token with a refresher gives a fresh token."""
    fresh = make_token(3600)
    credential = CommunicationTokenCredential(CommunicationTokenRefreshOptions(make_token(-1), lambda: fresh))
    assert credential.get_token().token == fresh


def test_04_the_aio_credential_awaits_its_refresher() -> None:
    """get_token of the async credential is awaitable, and a coroutine refresher is awaited."""
    fresh = make_token(3600)

    async def refresher() -> str:
        return fresh

    credential = async_chat.CommunicationTokenCredential(CommunicationTokenRefreshOptions(make_token(-1), refresher))
    assert asyncio.run(credential.get_token()).token == fresh


def test_05_get_token_takes_scopes(sdk: Flavour) -> None:
    """The credential can be used wherever azure-core asks one for a scope."""
    credential = sdk.credential()
    result = credential.get_token("https://communication.azure.com/.default")
    found = asyncio.run(result) if isinstance(sdk, Aio) else result
    assert found.expires_on > time.time()


def test_06_tokens_are_read_as_base64url() -> None:
    """A payload with - and _ and text beyond ASCII is read; what is no token has a clear error at once."""
    token = jwt({"exp": 1893456000, "name": "ÿ>?ü~~~"})
    assert set("-_") & set(token.split(".")[1])
    assert CommunicationTokenRefreshOptions(token).get_token().expires_on == 1893456000
    for broken in (jwt({}), token + ".x", "x"):
        with pytest.raises(ValueError, match="token"):
            CommunicationTokenRefreshOptions(broken)
    with pytest.raises(TypeError, match="CommunicationTokenRefreshOptions"):
        CommunicationTokenCredential(token)  # type: ignore[arg-type]


def test_07_options_of_create_do_not_stick_and_the_transport_is_shared(
    sdk: Flavour, serve: Callable[..., Server]
) -> None:
    """The new client has no headers of the create call, and sends over the connection of its parent."""
    server = serve(Answer(201, {"chatThread": THREAD}), Answer(204))
    thread = sdk.chat(server).create_chat_thread("t", [BOB], headers={"X-Once": "1"})
    thread.delete_message("1")
    assert "X-Once" not in server.asked[1].headers
    assert server.asked[0].connection == server.asked[1].connection


@pytest.mark.parametrize("target", [{}, {"target": "8:acs:bob"}])
def test_08_a_thread_that_exists_is_not_lost(sdk: Flavour, serve: Callable[..., Server], target: Any) -> None:
    """A partial failure at create carries the client of the thread, with or without a target."""
    invalid = [{"code": "403", "message": "no", **target}]
    server = serve(Answer(201, {"chatThread": THREAD, "errors": {"invalidParticipants": invalid}}))
    with pytest.raises(PartialFailureError) as caught:
        sdk.chat(server).create_chat_thread("t", [BOB])
    error: Any = caught.value
    assert error.thread_client.thread_id == THREAD["id"]


@pytest.mark.parametrize("errors", [{}, {"invalidParticipants": []}])
def test_08_empty_errors_are_no_failure(sdk: Flavour, serve: Callable[..., Server], errors: Any) -> None:
    """An empty list of failures is a success."""
    server = serve(Answer(201, {"chatThread": THREAD, "errors": errors}))
    assert sdk.chat(server).create_chat_thread("t", [BOB]).thread_id == THREAD["id"]


def test_09_add_reports_who_was_left_out_and_returns_none(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Invalid participants raise; success returns None as documented."""
    server = serve(Answer(201, {"invalidParticipants": [{"code": "404"}]}), Answer(201, {}))
    client = sdk.thread(server)
    with pytest.raises(PartialFailureError):
        client.add_participant(BOB)
    assert client.add_participant(BOB) is None


def test_10_cls_works_for_lists_and_for_results(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Cls is passed once, and what it returns is returned as it is."""
    server = serve(Answer(200, {"value": [{"id": "1"}]}), Answer(200, {"id": "1"}))
    client = sdk.thread(server)
    assert list(client.list_messages(cls=lambda models: [model.id for model in models])) == ["1"]
    assert client.get_message("1", cls=lambda response, model, headers: 5) == 5


@pytest.mark.parametrize(
    "item",
    [{"type": "new"}, {"type": None}, {"type": "Text"}, {"content": None}, {"type": "topicUpdated", "content": {}}],
)
def test_11_one_odd_message_does_not_kill_the_list(sdk: Flavour, serve: Callable[..., Server], item: Any) -> None:
    """Unknown types, missing content and missing senders are read; a sender that is not there is None."""
    server = serve(Answer(200, {"value": [{"id": "1"} | item, {"id": "2", "type": "text"}]}))
    first, second = sdk.thread(server).list_messages()
    assert first.sender_id is None
    assert second.type is ChatMessageType.TEXT


def test_12_real_errors_are_read_and_html_is_no_crash(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """400, 404 and 409 have their model; an HTML body keeps the class of the status; an empty 200 is named."""
    real = {"Error": {"Code": "NotFound", "Message": "no thread"}}
    html = {"Content-Type": "text/html"}
    server = serve(Answer(404, real), Answer(401, b"<html>", html), Answer(403, b"<html>", html), Answer(200))
    chat = sdk.chat(server)
    with pytest.raises(ResourceNotFoundError, match="no thread") as caught:
        chat.get_chat_thread("t")
    model: Any = caught.value.model
    assert model.error.code == "NotFound"
    with pytest.raises(ClientAuthenticationError):
        chat.get_chat_thread("t")
    with pytest.raises(HttpResponseError):
        chat.get_chat_thread("t")
    with pytest.raises(ValueError, match="get_chat_thread"):
        chat.get_chat_thread("t")


def test_13_a_page_without_value_is_empty(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Nothing to list is no TypeError."""
    assert list(sdk.thread(serve(Answer(200, {}))).list_messages()) == []


def test_14_an_update_warns_of_nothing(
    sdk: Flavour, serve: Callable[..., Server], caplog: pytest.LogCaptureFixture
) -> None:
    """No attribute is made up for each update of a message."""
    with caplog.at_level(logging.WARNING):
        sdk.thread(serve(Answer(204))).update_message("1", content="x")
    assert caplog.text == ""


def test_15_plain_http_works_on_loopback_and_nowhere_else(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """An endpoint is refused when the client is made, or works; a host may begin with http."""
    sdk.chat(serve(Answer(204))).delete_chat_thread("t")
    with pytest.raises(ValueError, match="must be https"):
        sdk.package.ChatClient("http://chat.communication.example", sdk.credential())
    sdk.chat("httpfoo.example")


@pytest.mark.parametrize("status", [500, 503, 504])
def test_16_no_message_is_sent_twice(
    sdk: Flavour, serve: Callable[..., Server], naps: list[float], status: int
) -> None:
    """A message that may have arrived is not sent again; an empty repeatability id is not sent as it is."""
    server = serve(Answer(status))
    with pytest.raises(HttpResponseError):
        sdk.thread(server).send_message("hi")
    assert len(server.asked) == 1
    other = serve(Answer(201, {"chatThread": THREAD}))
    sdk.chat(other).create_chat_thread("t", [BOB], "")
    assert other.asked[0].headers["Repeatability-Request-ID"] != ""


def test_17_models_are_complete_and_comparable() -> None:
    """A thread says when it was deleted; models have == and repr."""
    wire = THREAD | {"deletedOn": "2021-02-03T04:05:07Z"}
    one, other = ChatThread.deserialize(wire), ChatThread.deserialize(wire)
    assert one is not None
    assert one.deleted_on is not None
    assert one == other
    assert "deleted_on=" in repr(one)
    assert ChatMessage(id="1") != ChatMessage(id="2")


def test_19_a_user_is_no_text(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """The README's text in place of a user is a clear error, not an AttributeError."""
    server = serve(Answer(204))
    with pytest.raises(ValueError, match="CommunicationUserIdentifier"):
        sdk.thread(server).remove_participant("8:acs:bob")
    assert server.asked == []

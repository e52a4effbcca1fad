"""The documented examples, adapted to real imports and timezone-aware times, against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from acs_chat_testkit.emulator import Emulator
from azure.communication.chat import (
    ChatClient,
    ChatMessageType,
    ChatThreadClient,
    ChatThreadParticipant,
    CommunicationTokenCredential,
    CommunicationTokenRefreshOptions,
    CommunicationUserIdentifier,
    aio,
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """A chat service."""
    with Emulator() as running:
        yield running


@pytest.fixture
def chat_client(emulator: Emulator) -> ChatClient:
    """Creating the ChatClient from a URL and token."""
    refresh_options = CommunicationTokenRefreshOptions(emulator.token)
    return ChatClient(emulator.endpoint, CommunicationTokenCredential(refresh_options))


@pytest.fixture
def participants(emulator: Emulator) -> list[ChatThreadParticipant]:
    """The participants of the examples."""
    user = CommunicationUserIdentifier(emulator.user_id)
    return [ChatThreadParticipant(user=user, display_name="name", share_history_time=datetime.now(UTC))]


@pytest.fixture
def chat_thread_client(chat_client: ChatClient, participants: list[ChatThreadParticipant]) -> ChatThreadClient:
    """Creating ChatThreadClient by creating a new chat thread."""
    return chat_client.create_chat_thread("test topic", participants)


def test_create_chat_thread(chat_client: ChatClient, participants: list[ChatThreadParticipant]) -> None:
    """A new thread each time; the same thread for the same repeatability id."""
    first = chat_client.create_chat_thread("test topic", participants)
    second = chat_client.create_chat_thread("test topic", participants)
    assert first.thread_id != second.thread_id
    repeatability_request_id = "b66d6031-fdcc-41df-8306-e524c9f226b8"
    once = chat_client.create_chat_thread("test topic", participants, repeatability_request_id)
    again = chat_client.create_chat_thread("test topic", participants, repeatability_request_id)
    assert once.thread_id == again.thread_id


def test_get_and_list_chat_threads(chat_client: ChatClient, chat_thread_client: ChatThreadClient) -> None:
    """A thread that was created can be got, listed, and reached by a client made from its id."""
    chat_thread = chat_client.get_chat_thread(chat_thread_client.thread_id)
    assert chat_thread.topic == "test topic"
    start_time = datetime.now(UTC) - timedelta(days=2)
    chat_thread_infos = chat_client.list_chat_threads(results_per_page=5, start_time=start_time)
    assert chat_thread_client.thread_id in [info.id for info in chat_thread_infos]
    assert chat_client.get_chat_thread_client(chat_thread_client.thread_id).thread_id == chat_thread.id


def test_delete_chat_thread(chat_client: ChatClient, chat_thread_client: ChatThreadClient) -> None:
    """Deleting returns nothing; the list shows when it was."""
    assert chat_client.delete_chat_thread(chat_thread_client.thread_id) is None  # type: ignore[func-returns-value]
    [info] = [info for info in chat_client.list_chat_threads() if info.id == chat_thread_client.thread_id]
    assert info.deleted_on is not None


def test_participants(chat_thread_client: ChatThreadClient, emulator: Emulator) -> None:
    """One and several can be added, listed and removed."""
    new_user = CommunicationUserIdentifier(emulator.create_user())
    new = ChatThreadParticipant(user=new_user, display_name="name", share_history_time=datetime.now(UTC))
    chat_thread_client.add_participant(new)
    chat_thread_client.add_participants([new])
    assert [found.user.identifier for found in chat_thread_client.list_participants()] == [
        emulator.user_id,
        new_user.identifier,
    ]
    chat_thread_client.remove_participant(new_user)
    assert [found.user.identifier for found in chat_thread_client.list_participants()] == [emulator.user_id]


def test_messages(chat_thread_client: ChatThreadClient) -> None:
    """Sent, got, listed by page, updated and deleted."""
    sent = chat_thread_client.send_message("hello world", sender_display_name="sender name")
    chat_thread_client.send_message(
        "hello world", sender_display_name="sender name", chat_message_type=ChatMessageType.TEXT
    )
    message = chat_thread_client.get_message(sent)
    assert message.content is not None
    assert (message.id, message.content.message, message.sender_display_name) == (sent, "hello world", "sender name")
    start_time = datetime.now(UTC) - timedelta(days=1)
    messages = chat_thread_client.list_messages(results_per_page=1, start_time=start_time)
    pages = [list(page) for page in messages.by_page()]
    assert {len(page) for page in pages} <= {0, 1}
    assert sum(map(len, pages)) == 4
    chat_thread_client.update_message(sent, content="updated content")
    updated = chat_thread_client.get_message(sent)
    assert updated.content is not None
    assert updated.content.message == "updated content"
    chat_thread_client.delete_message(sent)
    assert chat_thread_client.get_message(sent).deleted_on is not None


def test_read_receipts_typing_and_topic(chat_thread_client: ChatThreadClient, chat_client: ChatClient) -> None:
    """The remaining examples."""
    message_id = chat_thread_client.send_message("hello world")
    chat_thread_client.send_read_receipt(message_id)
    assert [receipt.chat_message_id for receipt in chat_thread_client.list_read_receipts()] == [message_id]
    chat_thread_client.send_typing_notification()
    chat_thread_client.update_topic(topic="updated thread topic")
    assert chat_client.get_chat_thread(chat_thread_client.thread_id).topic == "updated thread topic"


@pytest.mark.anyio
async def test_aio_over_tls(emulator: Emulator, participants: list[ChatThreadParticipant]) -> None:
    """The same story with the async clients, over https."""
    credential = aio.CommunicationTokenCredential(CommunicationTokenRefreshOptions(emulator.token))
    async with aio.ChatClient(emulator.https_endpoint, credential, connection_verify=emulator.ca_file) as client:
        thread = await client.create_chat_thread("test topic", participants)
        sent = await thread.send_message("hello world")
        latest, *_ = [message.id async for message in thread.list_messages(results_per_page=1)]
        assert latest == sent
        await thread.update_topic(topic="updated thread topic")
        assert (await client.get_chat_thread(thread.thread_id)).topic == "updated thread topic"


@pytest.fixture
def anyio_backend() -> str:
    """Aiohttp runs on asyncio."""
    return "asyncio"

"""A test file for every target and for every `azure.communication.chat`: ours, and Microsoft's from 1.0 on."""

ROOM = '''
import asyncio

import aiohttp  # imported before the emulator has made its CA, as most suites do
import pytest
from azure.communication import chat
from azure.communication.chat import aio


def guest(user):
    if hasattr(chat, "ChatParticipant"):
        return chat.ChatParticipant(identifier=chat.CommunicationUserIdentifier(user))
    return chat.ChatThreadParticipant(user=chat.CommunicationUserIdentifier(user))


def room_of(client, made):
    return client.get_chat_thread_client(made.chat_thread.id) if hasattr(made, "chat_thread") else made


@pytest.mark.vcr
def test_sync(chat_client, chat_user, chat_users, chat_client_factory):
    guests = [guest(each) for each in (chat_user, chat_users("ben"))]
    room = room_of(chat_client, chat_client.create_chat_thread("Stand-up", thread_participants=guests))
    room.send_message("one")
    room.send_message("two")
    texts = [each.content.message for each in room.list_messages(results_per_page=1) if each.type == "text"]
    assert texts == ["two", "one"]
    assert [each.topic for each in chat_client_factory(chat_users("ben")).list_chat_threads()] == ["Stand-up"]


@pytest.mark.vcr
def test_async(chat_endpoint, chat_user, chat_token):
    """The client is the application's own, which knows nothing of a CA."""

    async def story():
        options = getattr(chat, "CommunicationTokenRefreshOptions", None)
        credential = aio.CommunicationTokenCredential(chat_token if options is None else options(chat_token))
        async with aio.ChatClient(chat_endpoint, credential) as client:
            made = await client.create_chat_thread("Lunch", thread_participants=[guest(chat_user)])
            room = room_of(client, made)
            await room.send_message("pasta")
            return [each.content.message async for each in room.list_messages() if each.type == "text"]

    assert asyncio.run(story()) == ["pasta"]
'''

"""The published azure-communication-chat 1.3.0, aio, tells a full story over TLS without any patch or switch."""

import asyncio
import sys

from azure.communication.identity import CommunicationTokenScope
from azure.communication.identity.aio import CommunicationIdentityClient
from azure.core.exceptions import HttpResponseError

from azure.communication.chat import ChatParticipant
from azure.communication.chat.aio import ChatClient, CommunicationTokenCredential


async def tell(endpoint, connection_string):
    """Users, tokens, thread, participants, messages, edit, delete, receipts, typing, paging, removal, deletion."""
    async with CommunicationIdentityClient.from_connection_string(connection_string) as identity:
        alice, alice_token = await identity.create_user_and_token([CommunicationTokenScope.CHAT])
        bob = await identity.create_user()
        bob_token = await identity.get_token(bob, [CommunicationTokenScope.CHAT])
        async with (
            ChatClient(endpoint, CommunicationTokenCredential(alice_token.token)) as chat,
            ChatClient(endpoint, CommunicationTokenCredential(bob_token.token)) as of_bob,
        ):
            await talk(chat, of_bob, alice, bob)
        await identity.revoke_tokens(alice)
        await identity.delete_user(alice)


async def talk(chat, of_bob, alice, bob):
    """What the two say to each other."""
    created = await chat.create_chat_thread("Lunch", thread_participants=[ChatParticipant(identifier=alice)])
    thread_id = created.chat_thread.id
    async with chat.get_chat_thread_client(thread_id) as thread, of_bob.get_chat_thread_client(thread_id) as beside:
        assert await thread.add_participants([ChatParticipant(identifier=bob, display_name="Bob")]) == []
        assert [one.display_name async for one in thread.list_participants(results_per_page=1)] == [None, "Bob"]
        await thread.update_topic("Dinner")
        assert (await beside.get_properties()).topic == "Dinner"

        sent = [await thread.send_message(text) for text in ("one", "two", "three")]
        await thread.update_message(sent[0].id, "won")
        await thread.delete_message(sent[1].id)
        assert (await beside.get_message(sent[0].id)).content.message == "won"
        pages = [[one async for one in page] async for page in beside.list_messages(results_per_page=2).by_page()]
        listed = [one.id for page in pages for one in page]
        assert listed[:3] == [sent[1].id, sent[0].id, sent[2].id]
        assert len(set(listed)) == len(listed) == 7

        await beside.send_typing_notification()
        await beside.send_read_receipt(sent[0].id)
        assert [one.sender.raw_id async for one in thread.list_read_receipts()] == [bob.raw_id]

        assert [one.topic async for one in chat.list_chat_threads()] == ["Dinner"]
        await thread.remove_participant(bob)
        assert await status_of(beside.get_properties()) == 403
        await chat.delete_chat_thread(thread_id)
        assert await status_of(thread.get_properties()) == 404


async def status_of(call):
    """The status code that a call is refused with."""
    try:
        await call
    except HttpResponseError as error:
        return error.status_code
    raise AssertionError("it was not refused")


if __name__ == "__main__":
    asyncio.run(tell(*sys.argv[1:]))

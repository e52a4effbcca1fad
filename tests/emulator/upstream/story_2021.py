"""The published azure-communication-chat 1.0.0b4, sync, tells a full story over TLS without any patch or switch."""

import sys

from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.communication.identity import CommunicationUserIdentifier as IdentityOfUser
from azure.core.exceptions import HttpResponseError

from azure.communication.chat import (
    ChatClient,
    ChatThreadParticipant,
    CommunicationTokenCredential,
    CommunicationTokenRefreshOptions,
    CommunicationUserIdentifier,
)


def tell(endpoint, connection_string):
    """Users, tokens, thread, participants, messages, edit, delete, receipts, typing, paging, removal, deletion."""
    identity = CommunicationIdentityClient.from_connection_string(connection_string)
    alice, bob = (user(identity) for _ in range(2))
    chat, of_bob = (client(endpoint, identity, who) for who in (alice, bob))

    thread = chat.create_chat_thread("Lunch", [ChatThreadParticipant(user=alice), ChatThreadParticipant(user=bob)])
    beside = of_bob.get_chat_thread_client(thread.thread_id)
    assert chat.get_chat_thread(thread.thread_id).created_by.identifier == alice.identifier
    thread.update_topic(topic="Dinner")
    assert of_bob.get_chat_thread(thread.thread_id).topic == "Dinner"

    sent = [thread.send_message(text, sender_display_name="Alice") for text in ("one", "two", "three")]
    thread.update_message(sent[0], content="won")
    thread.delete_message(sent[1])
    message = beside.get_message(sent[0])
    assert (message.content.message, message.sender_id.identifier) == ("won", alice.identifier)
    pages = [list(page) for page in beside.list_messages(results_per_page=3).by_page()]
    assert [len(page) for page in pages] == [3, 3, 0]
    listed = [one for page in pages for one in page]
    assert [one.id for one in listed[:3]] == [sent[1], sent[0], sent[2]]
    assert [one.sequence_id for one in listed] == ["8", "7", "6", "3", "2", "1"]

    carol = user(identity)
    thread.add_participant(ChatThreadParticipant(user=carol, display_name="Carol"))
    people = list(thread.list_participants(results_per_page=2))
    assert [one.user.identifier for one in people] == [one.identifier for one in (alice, bob, carol)]
    thread.send_typing_notification()
    beside.send_read_receipt(sent[0])
    assert [one.sender.identifier for one in thread.list_read_receipts()] == [bob.identifier]
    assert [one.topic for one in chat.list_chat_threads()] == ["Dinner"]

    thread.remove_participant(bob)
    assert status_of(lambda: beside.get_message(sent[0])) == 403
    chat.delete_chat_thread(thread.thread_id)
    assert status_of(lambda: chat.get_chat_thread(thread.thread_id)) == 404


def user(identity):
    """A new user as the chat package knows one."""
    return CommunicationUserIdentifier(identity.create_user().properties["id"])


def client(endpoint, identity, who):
    """A chat client with a token of this user."""
    token = identity.get_token(IdentityOfUser(who.identifier), [CommunicationTokenScope.CHAT]).token
    return ChatClient(endpoint, CommunicationTokenCredential(CommunicationTokenRefreshOptions(token)))


def status_of(call):
    """The status code that a call is refused with."""
    try:
        call()
    except HttpResponseError as error:
        return error.status_code
    raise AssertionError("it was not refused")


if __name__ == "__main__":
    tell(*sys.argv[1:])

"""The published azure-communication-chat 1.3.0, sync, tells a full story over TLS without any patch or switch."""

import sys
from datetime import UTC, datetime, timedelta

from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from azure.communication.chat import ChatClient, ChatMessageType, ChatParticipant, CommunicationTokenCredential


def status_of(call):
    """The status code that a call is refused with."""
    try:
        call()
    except HttpResponseError as error:
        return error.status_code
    raise AssertionError("it was not refused")


def tell(endpoint, connection_string):
    """Users, tokens, thread, participants, messages, edit, delete, receipts, typing, paging, removal, deletion."""
    identity = CommunicationIdentityClient.from_connection_string(connection_string)
    alice, alice_token = identity.create_user_and_token([CommunicationTokenScope.CHAT])
    bob = identity.create_user()
    bob_token = identity.get_token(bob, [CommunicationTokenScope.CHAT], token_expires_in=timedelta(hours=2))
    carol = identity.create_user()
    chat = ChatClient(endpoint, CommunicationTokenCredential(alice_token.token))
    of_bob = ChatClient(endpoint, CommunicationTokenCredential(bob_token.token))

    created = chat.create_chat_thread(
        "Lunch",
        thread_participants=[
            ChatParticipant(identifier=alice, display_name="Alice", share_history_time=datetime.now(UTC)),
            ChatParticipant(identifier=bob, display_name="Bob"),
        ],
        idempotency_token="story",
    )
    assert created.errors is None or created.errors == []
    thread_id = created.chat_thread.id
    assert created.chat_thread.created_by.raw_id == alice.raw_id
    again = chat.create_chat_thread("Lunch", idempotency_token="story")
    assert again.chat_thread.id == thread_id

    thread = chat.get_chat_thread_client(thread_id)
    beside = of_bob.get_chat_thread_client(thread_id)
    assert thread.get_properties().topic == "Lunch"
    thread.update_topic(topic="Dinner")
    assert beside.get_properties().topic == "Dinner"

    first = thread.send_message("one", sender_display_name="Alice", metadata={"a": "b"})
    second = beside.send_message("<b>two</b>", chat_message_type=ChatMessageType.HTML)
    message = beside.get_message(first.id)
    assert (message.content.message, message.sender.raw_id, message.metadata) == ("one", alice.raw_id, {"a": "b"})
    assert message.sender_display_name == "Alice"
    thread.update_message(first.id, "won", metadata={"c": "d"})
    edited = thread.get_message(first.id)
    assert (edited.content.message, edited.metadata) == ("won", {"a": "b", "c": "d"})
    assert edited.edited_on is not None
    assert status_of(lambda: thread.delete_message(second.id)) == 403
    beside.delete_message(second.id)
    assert thread.get_message(second.id).deleted_on is not None

    for number in range(7):
        thread.send_message(f"more {number}")
    pages = [list(page) for page in thread.list_messages(results_per_page=3).by_page()]
    assert [len(page) for page in pages] == [3, 3, 3, 3, 0]
    versions = [int(one.version) for page in pages for one in page]
    assert versions == sorted(versions, reverse=True)
    kinds = {str(getattr(one.type, "value", one.type)) for page in pages for one in page}
    assert kinds == {"text", "html", "topicUpdated", "participantAdded"}
    recent = list(thread.list_messages(start_time=datetime.now(UTC) + timedelta(hours=1)))
    assert recent == []

    assert thread.add_participants([ChatParticipant(identifier=carol, display_name="Carol")]) == []
    people = list(thread.list_participants(results_per_page=2))
    assert [one.identifier.raw_id for one in people] == [alice.raw_id, bob.raw_id, carol.raw_id]
    assert [one.display_name for one in people] == ["Alice", "Bob", "Carol"]
    stranger = CommunicationIdentityClient.from_connection_string(connection_string).create_user()
    identity.delete_user(stranger)
    ((refused, error),) = thread.add_participants([ChatParticipant(identifier=stranger)])
    assert (refused.identifier.raw_id, error.code) == (stranger.raw_id, "404")

    thread.send_typing_notification()
    thread.send_typing_notification(sender_display_name="Alice")
    beside.send_read_receipt(first.id)
    thread.send_read_receipt(first.id)
    receipts = list(thread.list_read_receipts(results_per_page=1))
    assert [one.sender.raw_id for one in receipts] == [bob.raw_id, alice.raw_id]
    assert {one.chat_message_id for one in receipts} == {first.id}

    assert [one.id for one in chat.list_chat_threads()] == [thread_id]
    chat.create_chat_thread("Another")
    assert len(list(chat.list_chat_threads(results_per_page=1))) == 2

    thread.remove_participant(bob)
    assert status_of(beside.get_properties) == 403
    chat.delete_chat_thread(thread_id)
    try:
        thread.get_properties()
    except ResourceNotFoundError:
        pass
    else:
        raise AssertionError("a deleted thread was found")

    identity.revoke_tokens(alice)
    try:
        list(chat.list_chat_threads())
    except ClientAuthenticationError:
        pass
    else:
        raise AssertionError("a revoked token was taken")
    identity.delete_user(alice)


if __name__ == "__main__":
    tell(*sys.argv[1:])

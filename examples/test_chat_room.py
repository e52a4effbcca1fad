"""The tests of the example: recorded once against the emulator, replayed ever after."""

from collections.abc import Callable

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from azure.communication.chat import (
    ChatClient,
    ChatMessageContent,
    ChatMessageType,
    ChatThreadClient,
    CommunicationUserIdentifier,
)
from chat_room import guest, hand_over, names, open_room, readers, transcript

pytestmark = pytest.mark.vcr


@pytest.fixture
def room(chat_client: ChatClient, chat_user: str) -> ChatThreadClient:
    """A room with one person in it."""
    return open_room(chat_client, "Order 17", [guest(chat_user, "Ada")])


def test_everybody_invited_is_in_the_room(
    chat_client: ChatClient, chat_users: Callable[[str], str], chat_user: str
) -> None:
    """A room opens with its guests, in the order of the invitation."""
    room = open_room(chat_client, "Order 17", [guest(chat_user, "Ada"), guest(chat_users("ben"), "Ben")])
    assert names(room) == ["Ada", "Ben"]
    assert chat_client.get_chat_thread(room.thread_id).created_by == CommunicationUserIdentifier(chat_user)


def test_the_transcript_reads_over_page_borders(room: ChatThreadClient) -> None:
    """Three pages are one conversation."""
    for word in ("one", "two", "three", "four", "five"):
        room.send_message(word, sender_display_name="Ada")
    assert transcript(room, page=2) == ["Ada: one", "Ada: two", "Ada: three", "Ada: four", "Ada: five"]


def test_a_correction_replaces_what_was_said(room: ChatThreadClient) -> None:
    """The corrected text is what everybody reads, and the message says that it was edited."""
    sent = room.send_message("Tuseday", sender_display_name="Ada")
    room.update_message(sent, "Tuesday")
    assert room.get_message(sent).edited_on is not None
    assert transcript(room) == ["Ada: Tuesday"]


def test_a_withdrawn_message_is_no_longer_in_the_transcript(room: ChatThreadClient) -> None:
    """The message stays as a tombstone, its text does not."""
    sent = room.send_message("Forget this", sender_display_name="Ada", chat_message_type=ChatMessageType.TEXT)
    room.delete_message(sent)
    assert transcript(room) == []


def test_a_new_topic_is_announced_in_the_room(room: ChatThreadClient, chat_client: ChatClient, chat_user: str) -> None:
    """Everybody sees what the room is about."""
    room.update_topic("Order 17: solved")
    assert chat_client.get_chat_thread(room.thread_id).topic == "Order 17: solved"
    newest = next(iter(room.list_messages()))
    assert newest.type == ChatMessageType.TOPIC_UPDATED
    assert newest.content == ChatMessageContent(topic="Order 17: solved", initiator=chat_user)


def test_a_colleague_takes_over(room: ChatThreadClient, chat_user: str, chat_users: Callable[[str], str]) -> None:
    """The newcomer is in the room and the leaver is not."""
    ben = chat_users("ben")
    room.add_participant(guest(ben, "Ben"))
    hand_over(room, ben, guest(chat_users("cleo"), "Cleo"))
    assert names(room) == ["Ada", "Cleo"]


def test_the_sender_sees_who_has_read_a_message(
    room: ChatThreadClient, chat_users: Callable[[str], str], chat_client_factory: Callable[..., ChatClient]
) -> None:
    """A receipt of another person arrives."""
    ben = chat_users("ben")
    room.add_participant(guest(ben, "Ben"))
    sent = room.send_message("Are you there?", sender_display_name="Ada")
    his_room = chat_client_factory(ben).get_chat_thread_client(room.thread_id)
    his_room.send_typing_notification()
    his_room.send_read_receipt(sent)
    assert readers(room, sent) == [CommunicationUserIdentifier(ben)]


def test_a_closed_room_is_gone(room: ChatThreadClient, chat_client: ChatClient) -> None:
    """A closed room can not be entered again."""
    assert room.thread_id in [thread.id for thread in chat_client.list_chat_threads(results_per_page=10)]
    chat_client.delete_chat_thread(room.thread_id)
    with pytest.raises(ResourceNotFoundError):
        chat_client.get_chat_thread(room.thread_id)


def test_a_stranger_is_refused(
    room: ChatThreadClient, chat_users: Callable[[str], str], chat_client_factory: Callable[..., ChatClient]
) -> None:
    """Who was not invited may not read."""
    stranger = chat_client_factory(chat_users("mallory")).get_chat_thread_client(room.thread_id)
    with pytest.raises(HttpResponseError) as refusal:
        transcript(stranger)
    assert refusal.value.status_code == 403

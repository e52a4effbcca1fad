"""The application of the example: a room in which a support team talks with its customers."""

from __future__ import annotations

from collections.abc import Iterable

from azure.communication.chat import (
    ChatClient,
    ChatMessageType,
    ChatThreadClient,
    ChatThreadParticipant,
    CommunicationUserIdentifier,
)


def guest(user_id: str, name: str) -> ChatThreadParticipant:
    """A person who may read and write in a room."""
    return ChatThreadParticipant(user=CommunicationUserIdentifier(user_id), display_name=name)


def open_room(client: ChatClient, topic: str, guests: Iterable[ChatThreadParticipant]) -> ChatThreadClient:
    """Opens a room for its guests."""
    return client.create_chat_thread(topic, list(guests))


def transcript(room: ChatThreadClient, page: int = 50) -> list[str]:
    """What was said, oldest first, without what was withdrawn."""
    spoken = [
        message
        for message in room.list_messages(results_per_page=page)
        if message.type == ChatMessageType.TEXT and message.deleted_on is None
    ]
    return [f"{message.sender_display_name}: {message.content.message}" for message in reversed(spoken)]


def names(room: ChatThreadClient) -> list[str]:
    """Who is in the room, in the order of joining."""
    return [participant.display_name for participant in room.list_participants()]


def hand_over(room: ChatThreadClient, leaver: str, newcomer: ChatThreadParticipant) -> None:
    """Lets a colleague take over: the newcomer comes first, so that the customer is never alone."""
    room.add_participants([newcomer])
    room.remove_participant(CommunicationUserIdentifier(leaver))


def readers(room: ChatThreadClient, message_id: str) -> list[str]:
    """Who has read up to a message."""
    return [receipt.sender.identifier for receipt in room.list_read_receipts() if receipt.chat_message_id == message_id]

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
    lines = []
    for message in room.list_messages(results_per_page=page):
        if message.type == ChatMessageType.TEXT and message.content and message.deleted_on is None:
            lines.append(f"{message.sender_display_name}: {message.content.message}")
    return lines[::-1]


def names(room: ChatThreadClient) -> list[str | None]:
    """Who is in the room, in the order of joining."""
    return [participant.display_name for participant in room.list_participants()]


def hand_over(room: ChatThreadClient, leaver: str, newcomer: ChatThreadParticipant) -> None:
    """Lets a colleague take over: the newcomer comes first, so that the customer is never alone."""
    room.add_participants([newcomer])
    room.remove_participant(CommunicationUserIdentifier(leaver))


def readers(room: ChatThreadClient, message_id: str) -> list[CommunicationUserIdentifier | None]:
    """Who has read up to a message."""
    return [receipt.sender for receipt in room.list_read_receipts() if receipt.chat_message_id == message_id]

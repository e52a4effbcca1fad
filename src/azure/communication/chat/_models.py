"""The documented models. Their keys and kinds are those of the ACS Chat REST api, 2024-03-07 and 2020-11-01-preview3.

Two kinds of read-only: what only the service fills is not sent; ChatThreadInfo alone refuses it in its constructor, as
documented.
"""

from __future__ import annotations

from datetime import datetime
from enum import EnumType, StrEnum
from typing import Any

from ._fields import field
from ._identifiers import CommunicationUserIdentifier
from ._kinds import IDENTIFIER, IDENTIFIER_TEXT, MOMENT, TEXT, Choice, ListOf, Nested
from ._model import Model


class _AnyCase(EnumType):
    """Finds a member by its name in any case, as enums of Azure SDKs do."""

    def __getitem__(cls, name: str) -> Any:
        return super().__getitem__(name.upper())

    def __getattr__(cls, name: str) -> Any:
        try:
            return cls._member_map_[name.upper()]
        except KeyError:
            raise AttributeError(name) from None


class ChatMessageType(StrEnum, metaclass=_AnyCase):
    """The type of a chat message; only text and html can be sent, the others report what happened to the thread."""

    TEXT = "text"
    HTML = "html"
    TOPIC_UPDATED = "topicUpdated"
    PARTICIPANT_ADDED = "participantAdded"
    PARTICIPANT_REMOVED = "participantRemoved"


class ChatThreadParticipant(Model, undocumented=("metadata",)):
    """A participant of a chat thread.

    Attributes:
        user: Who it is. Required.
        display_name: The name shown for the participant.
        share_history_time: From when on the participant sees the history of the thread.
    """

    user: CommunicationUserIdentifier = field("communicationIdentifier", IDENTIFIER, plain_key="id", required=True)
    display_name: str | None = field("displayName", TEXT, default=None)
    share_history_time: datetime | None = field("shareHistoryTime", MOMENT, default=None)


class ChatMessageContent(Model, undocumented=("attachments",)):
    """The content of a chat message; which attributes are set follows from the type of the message.

    Attributes:
        message: The text of a text or html message.
        topic: The new topic, of topicUpdated.
        participants: Who was added or removed, of participantAdded and participantRemoved; empty where there is none.
        initiator: The identifier of who did it, of topicUpdated, participantAdded and participantRemoved.
    """

    message: str | None = field("message", TEXT, default=None)
    topic: str | None = field("topic", TEXT, default=None)
    participants: list[ChatThreadParticipant] = field(
        "participants", ListOf(Nested(ChatThreadParticipant)), default=list
    )
    initiator: str | None = field(
        "initiatorCommunicationIdentifier", IDENTIFIER_TEXT, plain_key="initiator", default=None
    )


class ChatMessage(Model, undocumented=("metadata",)):
    """A chat message. Everything in it comes from the service and is ignored in requests.

    Attributes:
        id: The id of the message: its arrival in milliseconds since 1970, as text.
        type: What kind of message it is; text where the service sends a type that is not documented.
        sequence_id: The position of the message in the thread.
        version: Equal to the id, until the message is edited or deleted.
        content: What the message says; None where the service sends none.
        sender_display_name: The name of the sender, for push notifications.
        created_on: When the message arrived at the service.
        sender_id: Who sent it; None for messages of the service itself.
        deleted_on: When it was deleted.
        edited_on: When it was last edited.
    """

    id: str | None = field("id", TEXT, readonly=True, default=None)
    type: ChatMessageType | str | None = field("type", Choice(ChatMessageType), readonly=True, default=None)
    sequence_id: str | None = field("sequenceId", TEXT, readonly=True, default=None)
    version: str | None = field("version", TEXT, readonly=True, default=None)
    content: ChatMessageContent | None = field("content", Nested(ChatMessageContent), readonly=True, default=None)
    sender_display_name: str | None = field("senderDisplayName", TEXT, readonly=True, default=None)
    created_on: datetime | None = field("createdOn", MOMENT, readonly=True, default=None)
    sender_id: CommunicationUserIdentifier | None = field(
        "senderCommunicationIdentifier", IDENTIFIER, plain_key="senderId", readonly=True, default=None
    )
    deleted_on: datetime | None = field("deletedOn", MOMENT, readonly=True, default=None)
    edited_on: datetime | None = field("editedOn", MOMENT, readonly=True, default=None)


class ChatMessageReadReceipt(Model):
    """How far a participant has read. Everything in it comes from the service and is ignored in requests.

    Attributes:
        sender: Who has read.
        chat_message_id: The id of the latest message that was read.
        read_on: When it was read.
    """

    sender: CommunicationUserIdentifier | None = field(
        "senderCommunicationIdentifier", IDENTIFIER, plain_key="senderId", readonly=True, default=None
    )
    chat_message_id: str | None = field("chatMessageId", TEXT, readonly=True, default=None)
    read_on: datetime | None = field("readOn", MOMENT, readonly=True, default=None)


class ChatThread(Model, undocumented=("metadata", "retentionPolicy")):
    """A chat thread.

    Attributes:
        id: The id of the thread, such as ``19:...@thread.v2``. Filled by the service.
        topic: The topic.
        created_on: When the thread was created. Filled by the service.
        created_by: Who created it. Filled by the service.
        participants: Who takes part; the service does not send it, so it is None after reading.
        deleted_on: When the thread was deleted. Filled by the service.
    """

    id: str | None = field("id", TEXT, readonly=True, default=None)
    topic: str | None = field("topic", TEXT, default=None)
    created_on: datetime | None = field("createdOn", MOMENT, readonly=True, default=None)
    created_by: CommunicationUserIdentifier | None = field(
        "createdByCommunicationIdentifier", IDENTIFIER, plain_key="createdBy", readonly=True, default=None
    )
    participants: list[ChatThreadParticipant] | None = field(
        "participants", ListOf(Nested(ChatThreadParticipant)), default=None
    )
    deleted_on: datetime | None = field("deletedOn", MOMENT, readonly=True, default=None)


class ChatThreadInfo(Model):
    """What a list says about a chat thread.

    Attributes:
        id: The id of the thread. Required.
        topic: The topic. Required.
        deleted_on: When the thread was deleted.
        last_message_received_on: When the last message arrived. Filled by the service; the constructor ignores it.
    """

    id: str | None = field("id", TEXT, required=True)
    topic: str | None = field("topic", TEXT, required=True)
    deleted_on: datetime | None = field("deletedOn", MOMENT, default=None)
    last_message_received_on: datetime | None = field("lastMessageReceivedOn", MOMENT, readonly=True, init=False)

    def __init__(self, *, id: str | None, topic: str | None, deleted_on: datetime | None = None, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(id=id, topic=topic, deleted_on=deleted_on, **kwargs)


class SendChatMessageResult(Model):
    """What the service answers to a message.

    Attributes:
        id: The id that the service gave to the message. Required.
    """

    id: str | None = field("id", TEXT, required=True)

    def __init__(self, *, id: str | None, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(id=id, **kwargs)

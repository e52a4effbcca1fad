"""The async clients and credential, under the names of the sync ones; the models are the same."""

from azure.communication.chat._credential import CommunicationTokenRefreshOptions
from azure.communication.chat._identifiers import CommunicationUserIdentifier
from azure.communication.chat._models import (
    ChatMessage,
    ChatMessageContent,
    ChatMessageReadReceipt,
    ChatMessageType,
    ChatThread,
    ChatThreadInfo,
    ChatThreadParticipant,
    SendChatMessageResult,
)

from ._chat_client import ChatClient
from ._chat_thread_client import ChatThreadClient
from ._credential import CommunicationTokenCredential

__all__ = [
    "ChatClient",
    "ChatThreadClient",
    "ChatMessage",
    "ChatMessageContent",
    "ChatMessageReadReceipt",
    "SendChatMessageResult",
    "ChatThread",
    "ChatThreadInfo",
    "CommunicationTokenCredential",
    "CommunicationTokenRefreshOptions",
    "CommunicationUserIdentifier",
    "ChatThreadParticipant",
    "ChatMessageType",
]

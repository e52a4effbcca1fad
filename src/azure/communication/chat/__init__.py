"""Azure Communication Services Chat: the documented surface of azure-communication-chat 1.0.0b4."""

from ._chat_client import ChatClient
from ._chat_thread_client import ChatThreadClient
from ._credential import CommunicationTokenCredential, CommunicationTokenRefreshOptions
from ._identifiers import CommunicationUserIdentifier
from ._models import (
    ChatMessage,
    ChatMessageContent,
    ChatMessageReadReceipt,
    ChatMessageType,
    ChatThread,
    ChatThreadInfo,
    ChatThreadParticipant,
    SendChatMessageResult,
)
from ._version import VERSION

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
__version__ = VERSION

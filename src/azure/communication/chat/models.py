"""The documented models, and what belongs to them: key transformers, key extractors and errors."""

from ._errors import CommunicationError, CommunicationErrorResponse, PartialFailureError
from ._identifiers import CommunicationUserIdentifier
from ._keys import (
    attribute_key_case_insensitive_extractor,
    attribute_key_extractor,
    attribute_transformer,
    full_restapi_key_transformer,
    last_rest_key_case_insensitive_extractor,
    last_rest_key_extractor,
    last_restapi_key_transformer,
    rest_key_case_insensitive_extractor,
    rest_key_extractor,
)
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
from ._validation import ValidationError

__all__ = [
    "ChatMessage",
    "ChatMessageContent",
    "ChatMessageReadReceipt",
    "ChatMessageType",
    "ChatThread",
    "ChatThreadInfo",
    "ChatThreadParticipant",
    "CommunicationError",
    "CommunicationErrorResponse",
    "CommunicationUserIdentifier",
    "PartialFailureError",
    "SendChatMessageResult",
    "ValidationError",
    "attribute_key_case_insensitive_extractor",
    "attribute_key_extractor",
    "attribute_transformer",
    "full_restapi_key_transformer",
    "last_rest_key_case_insensitive_extractor",
    "last_rest_key_extractor",
    "last_restapi_key_transformer",
    "rest_key_case_insensitive_extractor",
    "rest_key_extractor",
]

"""What the documented methods check and complete before anything is sent; the same for sync and async."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._models import ChatMessageType, SendChatMessageResult

if TYPE_CHECKING:
    from ._models import ChatThreadParticipant

_SENDABLE = (ChatMessageType.TEXT, ChatMessageType.HTML)
_BY_NAME = {name: kind for kind in _SENDABLE for name in (kind.name.lower(), kind.value)}


def required(name: str, value: Any) -> Any:
    """The value.

    Raises:
        ValueError: It is None or empty.
    """
    if value is None or value in ("", [], ()):
        raise ValueError(f"{name} cannot be None or empty")
    return value


def new_thread(
    topic: str, participants: list[ChatThreadParticipant], repeatability_request_id: str | None
) -> dict[str, Any]:
    """The arguments of create_chat_thread; participants may be none at all, then the caller is alone."""
    if participants is None:
        raise ValueError("thread_participants cannot be None")
    return {
        "topic": required("topic", topic),
        "thread_participants": participants,
        "repeatability_request_id": repeatability_request_id or str(uuid.uuid4()),
    }


def message(content: str, kind: ChatMessageType | str | None, sender_display_name: str | None) -> dict[str, Any]:
    """The arguments of send_message.

    Raises:
        ValueError: The content is empty, or the type is not one that can be sent.
    """
    return {
        "content": required("content", content),
        "chat_message_type": message_type(kind),
        "sender_display_name": sender_display_name,
    }


def message_type(kind: ChatMessageType | str | None) -> ChatMessageType:
    """The type of a message to send: a member or its name in any case; text for None."""
    if kind is None:
        return ChatMessageType.TEXT
    found = _BY_NAME.get(str(kind).lower())
    if found is None:
        raise ValueError(f"chat_message_type {str(kind)!r} cannot be sent; use 'text' or 'html'")
    return found


def message_id(result: Any) -> Any:
    """What send_message returns: the id, or what the caller's `cls` made."""
    return result.id if isinstance(result, SendChatMessageResult) else result


def merged(defaults: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a call over those of its client; the two error maps are laid over each other too."""
    both = {**defaults, **options}
    if defaults.get("error_map") and options.get("error_map"):
        both["error_map"] = {**defaults["error_map"], **options["error_map"]}
    return both

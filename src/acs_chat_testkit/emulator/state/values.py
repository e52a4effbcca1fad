"""What the chat service stores: frozen values without a wire form. Instants are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """An identity of the resource; `revoked_at` is the second up to which its tokens are void."""

    id: str
    deleted: bool
    revoked_at: int


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part in a thread, by raw identifier."""

    id: str
    display_name: str | None = None
    share_history_time: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThreadDraft:
    """What a caller says about a thread; None in an update leaves the member as it is."""

    topic: str | None
    metadata: Mapping[str, str] | None = None
    retention: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A chat thread; `number` is its key in the store."""

    number: int
    id: str
    topic: str
    created_on: int
    created_by: str
    deleted_on: int | None
    last_message_on: int
    last_version: int
    last_sequence: int
    metadata: Mapping[str, str]
    retention: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a user, or of the system (`sender` is None then).

    `text` is a user's message, `topic` and `participants` are what a system message tells.
    """

    id: int
    type: str
    sequence: int
    version: int
    text: str | None
    topic: str | None
    participants: tuple[Participant, ...]
    initiator: str | None
    sender: str | None
    sender_display_name: str | None
    edited_on: int | None
    deleted_on: int | None
    metadata: Mapping[str, str]

    @property
    def created_on(self) -> int:
        """The id is the instant of arrival."""
        return self.id


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a participant has read."""

    sender: str
    message_id: int
    read_on: int

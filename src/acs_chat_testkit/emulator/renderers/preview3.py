"""2020-11-01-preview3: identifiers are plain strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.clock import whole_seconds
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers.released import Json, Refused, Released, optional, refusal_items
from acs_chat_testkit.emulator.state.values import Participant

_KEYS = {"createdBy": "createdBy", "sender": "senderId", "initiator": "initiator"}


@dataclass(frozen=True, slots=True)
class Preview3(Released):
    """Writes and reads the wire of 2020-11-01-preview3."""

    error_fact: str = "error.envelope.preview"
    envelope: str = "Error"
    identifier_fact: str = "identifier.plain"
    resequences: bool = True
    sequence_fact: str = "message.sequence.new"

    def read_identifier(self, item: Fields) -> str:
        """The raw id of a participant object."""
        return identifiers.check(item.required_text("id"))

    def identifier(self, key: str, raw: str) -> Json:
        """The member that names a user."""
        return {_KEYS[key]: raw}

    def participant(self, participant: Participant) -> Json:
        """A participant; the display name only where one was given."""
        return {
            "id": participant.id,
            **optional(displayName=participant.display_name),
            "shareHistoryTime": whole_seconds(participant.share_history_time),
        }

    def refusals(self, refused: Sequence[Refused]) -> Json:
        """The part of an answer that lists who was not let in, one level deeper than later versions."""
        return {"errors": {"invalidParticipants": refusal_items(refused)}} if refused else {}

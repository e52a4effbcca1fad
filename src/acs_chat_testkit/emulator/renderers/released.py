"""The released versions: identifiers are objects, and each version adds fields to the one before."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.clock import whole_seconds
from acs_chat_testkit.emulator.problems import Problem, bad_request
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers.eras import Era
from acs_chat_testkit.emulator.state.values import Message, Participant, Receipt, Thread

Json = dict[str, Any]
METADATA_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Refused:
    """A participant that could not be let in; code and text as in the list of the answer."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Released:
    """Writes and reads the wire of one released version.

    Args:
        name: The api-version.
        era: The headers of its time.
        error_fact: What its error envelope rests on.
        envelope: The key around an error.
        metadata: Messages have metadata.
        attachments: What it rests on that user messages name their attachments; empty where they do not.
        thread_metadata: Threads and participants have metadata, threads a retention policy.
        thread_prefix: What the ids of repeatable threads start with.
        kinds: The typed members of its identifiers.
        identifier_fact: What the form of its identifiers rests on.
        resequences: An edit or delete gives a message a new sequence number.
        sequence_fact: What that rests on.
        swagger_errors: Errors look as the published definition has them, not as they were recorded.
    """

    name: str
    era: Era
    error_fact: str = "error.envelope.later"
    envelope: str = "CommunicationError"
    metadata: bool = False
    attachments: str = ""
    thread_metadata: bool = False
    thread_prefix: str = ""
    kinds: Collection[str] = identifiers.KINDS
    identifier_fact: str = "identifier.object"
    resequences: bool = False
    sequence_fact: str = "message.sequence.between"
    swagger_errors: bool = False

    def read_participant(self, item: Fields) -> Participant:
        """A participant of a create or add request."""
        metadata = read_metadata(item) if self.thread_metadata else {}
        identifier = self.read_identifier(item)
        return Participant(identifier, item.text("displayName"), item.instant("shareHistoryTime") or 0, metadata)

    def read_identifier(self, item: Fields) -> str:
        """The raw id of a participant object."""
        return identifiers.from_wire(item.object("communicationIdentifier") or Fields({}), self.kinds)

    def identifier(self, key: str, raw: str) -> Json:
        """The member that names a user; `key` is its short name, such as ``sender``."""
        return {f"{key}CommunicationIdentifier": identifiers.to_wire(raw, self.kinds)}

    def participant(self, participant: Participant) -> Json:
        """A participant; the display name only where one was given."""
        return {
            "communicationIdentifier": identifiers.to_wire(participant.id, self.kinds),
            **optional(displayName=participant.display_name),
            "shareHistoryTime": whole_seconds(participant.share_history_time),
            **({"metadata": dict(participant.metadata)} if self.thread_metadata and participant.metadata else {}),
        }

    def thread(self, thread: Thread) -> Json:
        """A thread as get and create show it."""
        return {
            "id": thread.id,
            "topic": thread.topic,
            "createdOn": whole_seconds(thread.created_on),
            **self.identifier("createdBy", thread.created_by),
            **({"metadata": dict(thread.metadata)} if self.thread_metadata and thread.metadata else {}),
            **({"retentionPolicy": dict(thread.retention)} if self.thread_metadata else {}),
        }

    def thread_item(self, thread: Thread) -> Json:
        """A thread as the list shows it."""
        return {
            "id": thread.id,
            "topic": thread.topic,
            **optional(deletedOn=instant(thread.deleted_on)),
            "lastMessageReceivedOn": whole_seconds(thread.last_message_on),
        }

    def message(self, message: Message) -> Json:
        """A message; system messages have neither sender nor display name."""
        sender = self.identifier("sender", message.sender) if message.sender else {}
        return {
            "id": str(message.id),
            "type": message.type,
            "sequenceId": str(message.sequence),
            "version": str(message.version),
            "content": self.content(message),
            **optional(senderDisplayName=message.sender_display_name),
            "createdOn": whole_seconds(message.created_on),
            **sender,
            **optional(deletedOn=instant(message.deleted_on), editedOn=instant(message.edited_on)),
            **({"metadata": dict(message.metadata)} if self.metadata and message.metadata else {}),
        }

    def content(self, message: Message) -> Json:
        """What a message says."""
        if message.initiator is None:
            return {"message": message.text, **({"attachments": []} if self.attachments else {})}
        people = [self.participant(replace(one, metadata={})) for one in message.participants]
        return {
            **optional(topic=message.topic),
            **({"participants": people} if people else {}),
            **self.identifier("initiator", message.initiator),
        }

    def receipt(self, receipt: Receipt) -> Json:
        """A read receipt."""
        return {
            **self.identifier("sender", receipt.sender),
            "chatMessageId": str(receipt.message_id),
            "readOn": whole_seconds(receipt.read_on),
        }

    def refusals(self, refused: Sequence[Refused]) -> Json:
        """The part of an answer that lists who was not let in; empty where everybody was."""
        return {"invalidParticipants": refusal_items(refused)} if refused else {}

    def refusal(self, problem: Problem) -> tuple[bytes, str]:
        """The body of an error as the service prints it, and its type: indented, CRLF, PascalCase; 401 is empty."""
        if problem.status == 401:
            return b"", ""
        if self.swagger_errors:
            return swagger_refusal(problem)
        inner = {"Code": problem.code, **optional(Message=problem.message), "Details": []}
        text = json.dumps({self.envelope: inner}, indent=2, ensure_ascii=False)
        return text.replace("\n", "\r\n").encode(), "application/json"


def swagger_refusal(problem: Problem) -> tuple[bytes, str]:
    """The body of an error as the published definitions have it, and its type."""
    error = {"code": problem.code, "message": problem.message or problem.code}
    return json.dumps({"error": error}, separators=(",", ":")).encode(), "application/json; charset=utf-8"


def merged_metadata(kept: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Metadata after a change: keys that are not named stay, and one set to an empty text goes away."""
    return {name: value for name, value in {**kept, **changes}.items() if value}


def read_metadata(fields: Fields) -> dict[str, str]:
    """The metadata of a thread, participant or message.

    Raises:
        Problem: 400, a value is no text, or there is too much of it.
    """
    metadata = fields.text_map("metadata")
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > METADATA_BYTES:
        raise bad_request("limit.metadata", f"The metadata must not exceed {METADATA_BYTES} bytes.")
    return metadata


def refusal_items(refused: Sequence[Refused]) -> list[Json]:
    """The error items of participants that were not let in."""
    return [{"code": one.code, "message": one.message, "target": one.id} for one in refused]


def optional(**members: str | None) -> Json:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}


def instant(milliseconds: int | None) -> str | None:
    """The text of an instant; None stays None."""
    return None if milliseconds is None else whole_seconds(milliseconds)

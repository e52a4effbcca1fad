"""Messages of users and of the system."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from acs_chat_testkit.emulator.state.database import Database
from acs_chat_testkit.emulator.state.values import Message, Participant, Thread

_COLUMNS = (
    "id, type, sequence, version, text, topic, participants, initiator, sender, sender_display_name, "
    "edited_on, deleted_on, metadata"
)


class Messages:
    """The messages of all threads. Versions are unique and ascending in each thread.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(
        self, thread: Thread, sender: str, text: str, kind: str, display_name: str, metadata: Mapping[str, str]
    ) -> int:
        """Keeps a user's message and gives its id."""
        return self._insert(
            thread.number,
            type=kind,
            text=text,
            sender=sender,
            sender_display_name=display_name,
            metadata=json.dumps(dict(metadata)),
        )

    def tell_topic(self, thread: int, topic: str, initiator: str) -> None:
        """Writes that the topic changed."""
        self._insert(thread, type="topicUpdated", topic=topic, initiator=initiator)

    def tell_participants(
        self, thread: int, kind: str, participants: Sequence[Participant], initiator: str, at: int | None = None
    ) -> None:
        """Writes that participants came or went."""
        people = json.dumps([asdict(one) for one in participants])
        self._insert(thread, at, type=kind, participants=people, initiator=initiator)

    def tells_removal(self, thread: Thread, user_id: str) -> bool:
        """Whether a message of the thread tells that this user was removed from it."""
        row = self._database.connection.execute(
            "SELECT 1 FROM messages WHERE thread = ? AND type = 'participantRemoved' AND instr(participants, ?)",
            (thread.number, json.dumps(user_id)),
        ).fetchone()
        return row is not None

    def get(self, thread: Thread, message_id: int) -> Message | None:
        """The message of that id; a deleted one as its tombstone."""
        row = self._database.connection.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE thread = ? AND id = ?", (thread.number, message_id)
        ).fetchone()
        return None if row is None else _message(row)

    def page(self, thread: Thread, *, since: int, limit: int, before: int) -> list[Message]:
        """A page of messages, newest version first.

        Args:
            thread: Whose.
            since: Leaves out messages that arrived earlier.
            limit: How many at most.
            before: Version of the last message of the page before.
        """
        # A version is never below its message's arrival, so the index already serves most of `since`.
        rows = self._database.connection.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE thread = ? AND version < ? AND version >= ? AND id >= ? "
            "ORDER BY version DESC LIMIT ?",
            (thread.number, before, since, since, limit),
        )
        return [_message(row) for row in rows]

    def edit(
        self, thread: Thread, message: Message, text: str | None, metadata: Mapping[str, str], *, resequence: bool
    ) -> None:
        """Replaces a message's text and metadata; None leaves the text as is."""
        version, sequence = self._advance(thread.number)
        self._database.connection.execute(
            "UPDATE messages SET text = COALESCE(?, text), metadata = ?, version = ?, sequence = ?, edited_on = ? "
            "WHERE thread = ? AND id = ?",
            (
                text,
                json.dumps(dict(metadata)),
                version,
                sequence if resequence else message.sequence,
                version,
                thread.number,
                message.id,
            ),
        )
        self._keep(thread.number, version, sequence if resequence else None)

    def delete(self, thread: Thread, message: Message, *, resequence: bool) -> None:
        """Leaves a tombstone."""
        version, sequence = self._advance(thread.number)
        self._database.connection.execute(
            "UPDATE messages SET text = '', metadata = '{}', version = ?, sequence = ?, edited_on = NULL, "
            "deleted_on = ? WHERE thread = ? AND id = ?",
            (version, sequence if resequence else message.sequence, version, thread.number, message.id),
        )
        self._keep(thread.number, version, sequence if resequence else None)

    def _insert(self, thread: int, at: int | None = None, **columns: str | None) -> int:
        version, sequence = self._advance(thread, at)
        values: dict[str, Any] = {"participants": "[]", "metadata": "{}", **columns}
        names = ", ".join(values)
        self._database.connection.execute(
            f"INSERT INTO messages (thread, id, version, sequence, {names}) VALUES (?, ?, ?, ?{', ?' * len(values)})",
            (thread, version, version, sequence, *values.values()),
        )
        self._database.connection.execute(
            "UPDATE threads SET last_version = ?, last_sequence = ?, last_message_on = ? WHERE number = ?",
            (version, sequence, version, thread),
        )
        return version

    def _advance(self, thread: int, at: int | None = None) -> tuple[int, int]:
        last_version, last_sequence = self._database.connection.execute(
            "SELECT last_version, last_sequence FROM threads WHERE number = ?", (thread,)
        ).fetchone()
        return at or self._database.clock.tick(after=last_version), last_sequence + 1

    def _keep(self, thread: int, version: int, sequence: int | None) -> None:
        self._database.connection.execute(
            "UPDATE threads SET last_version = ?, last_sequence = COALESCE(?, last_sequence) WHERE number = ?",
            (version, sequence, thread),
        )


def _message(row: tuple[Any, ...]) -> Message:
    values = list(row)
    values[6] = tuple(Participant(**one) for one in json.loads(values[6]))
    values[12] = json.loads(values[12])
    return Message(*values)

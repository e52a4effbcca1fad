"""Threads and who takes part in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from acs_chat_testkit.emulator.state.database import Database
from acs_chat_testkit.emulator.state.messages import Messages
from acs_chat_testkit.emulator.state.values import Participant, Thread, ThreadDraft

_NAMES = (
    *("number", "id", "topic", "created_on", "created_by", "deleted_on"),
    *("last_message_on", "last_version", "last_sequence", "metadata", "retention"),
)
_COLUMNS = ", ".join(f"threads.{name}" for name in _NAMES)
_UNLIMITED = {"kind": "none"}


class Threads:
    """The threads of the resource; what changes one writes a system message into it.

    Args:
        database: Where they are kept.
        messages: Where their system messages go.
    """

    def __init__(self, database: Database, messages: Messages) -> None:
        self._database = database
        self._messages = messages

    def create(
        self,
        draft: ThreadDraft,
        creator: str,
        participants: Sequence[Participant],
        request_id: str | None,
        id_prefix: str = "",
    ) -> Thread:
        """Makes a thread with its two first system messages.

        Args:
            draft: Its topic and more.
            creator: Raw id of the caller.
            participants: In their order; the creator among them.
            request_id: The repeatability id; remembered for `repeated`.
            id_prefix: What the id of a repeatable thread starts with.
        """
        number = self._database.next_number("threads")
        thread_id = self._database.ids.thread(number, repeatable=request_id is not None, prefix=id_prefix)
        now = self._database.clock.tick()
        topic = draft.topic or ""
        kept = json.dumps(dict(draft.metadata or {})), json.dumps(dict(draft.retention or _UNLIMITED))
        self._database.connection.execute(
            f"INSERT INTO threads ({', '.join(_NAMES)}) VALUES (?, ?, ?, ?, ?, NULL, ?, ?, 0, ?, ?)",
            (number, thread_id, topic, now, creator, now, now - 1, *kept),
        )
        self._enter(number, participants)
        if request_id is not None:
            self._database.connection.execute(
                "INSERT INTO repeatable VALUES (?, ?, ?)", (creator, request_id, thread_id)
            )
        self._messages.tell_participants(number, "participantAdded", participants, creator, at=now)
        self._messages.tell_topic(number, topic, creator)
        return self._known(thread_id)

    def repeated(self, caller: str, request_id: str) -> Thread | None:
        """The thread that this caller made before with the same repeatability id."""
        row = self._database.connection.execute(
            "SELECT thread FROM repeatable WHERE caller = ? AND request_id = ?", (caller, request_id)
        ).fetchone()
        return None if row is None else self.get(row[0])

    def get(self, thread_id: str) -> Thread | None:
        """The thread of that id, deleted or not."""
        row = self._database.connection.execute(f"SELECT {_COLUMNS} FROM threads WHERE id = ?", (thread_id,)).fetchone()
        return None if row is None else _thread(row)

    def of(self, user_id: str, *, since: int, limit: int, before: tuple[int, int] | None) -> list[Thread]:
        """A page of a user's threads, the one with the newest message first; deleted ones stay listed.

        Args:
            user_id: Raw id.
            since: Leaves out threads whose last message is older.
            limit: How many at most.
            before: Last message time and number of the last thread of the page before.
        """
        time, number = before or (2**62, 2**62)
        rows = self._database.connection.execute(
            f"SELECT {_COLUMNS} FROM participants JOIN threads ON threads.number = participants.thread "
            "WHERE participants.id = ? AND last_message_on >= ? AND (last_message_on, number) < (?, ?) "
            "ORDER BY last_message_on DESC, number DESC LIMIT ?",
            (user_id, since, time, number, limit),
        )
        return [_thread(row) for row in rows]

    def update(self, thread: Thread, draft: ThreadDraft, initiator: str) -> None:
        """Changes what the draft names; a new topic is told in the thread."""
        new = {
            "topic": draft.topic,
            "metadata": None if draft.metadata is None else json.dumps(dict(draft.metadata)),
            "retention": None if draft.retention is None else json.dumps(dict(draft.retention)),
        }
        changes = {name: value for name, value in new.items() if value is not None}
        for name, value in changes.items():
            self._database.connection.execute(f"UPDATE threads SET {name} = ? WHERE number = ?", (value, thread.number))
        if draft.topic is not None:
            self._messages.tell_topic(thread.number, draft.topic, initiator)

    def delete(self, thread: Thread) -> None:
        """Marks the thread as deleted."""
        self._database.connection.execute(
            "UPDATE threads SET deleted_on = ? WHERE number = ?", (self._database.clock.tick(), thread.number)
        )

    def participant(self, thread: Thread, user_id: str) -> Participant | None:
        """The participant of that id; None where it does not take part."""
        row = self._database.connection.execute(
            "SELECT id, display_name, share_history_time, metadata FROM participants WHERE thread = ? AND id = ?",
            (thread.number, user_id),
        ).fetchone()
        return None if row is None else _participant(row)

    def participants(self, thread: Thread, *, skip: int, limit: int) -> list[Participant]:
        """A page of participants in join order."""
        rows = self._database.connection.execute(
            "SELECT id, display_name, share_history_time, metadata FROM participants WHERE thread = ? "
            "ORDER BY joined LIMIT ? OFFSET ?",
            (thread.number, limit, skip),
        )
        return [_participant(row) for row in rows]

    def count_participants(self, thread: Thread) -> int:
        """How many take part."""
        row = self._database.connection.execute(
            "SELECT count(*) FROM participants WHERE thread = ?", (thread.number,)
        ).fetchone()
        return int(row[0])

    def add(self, thread: Thread, newcomers: Sequence[Participant], initiator: str) -> None:
        """Lets newcomers in and says so."""
        self._enter(thread.number, newcomers)
        self._messages.tell_participants(thread.number, "participantAdded", newcomers, initiator)

    def remove(self, thread: Thread, participant: Participant, initiator: str) -> None:
        """Takes a participant out and says so."""
        self._database.connection.execute(
            "DELETE FROM participants WHERE thread = ? AND id = ?", (thread.number, participant.id)
        )
        self._messages.tell_participants(thread.number, "participantRemoved", [participant], initiator)

    def _enter(self, number: int, participants: Sequence[Participant]) -> None:
        (last,) = self._database.connection.execute(
            "SELECT COALESCE(MAX(joined), 0) FROM participants WHERE thread = ?", (number,)
        ).fetchone()
        self._database.connection.executemany(
            "INSERT INTO participants VALUES (?, ?, ?, ?, ?, ?)",
            [
                (number, joined, one.id, one.display_name, one.share_history_time, json.dumps(dict(one.metadata)))
                for joined, one in enumerate(participants, last + 1)
            ],
        )

    def _known(self, thread_id: str) -> Thread:
        thread = self.get(thread_id)
        assert thread is not None
        return thread


def _thread(row: tuple[Any, ...]) -> Thread:
    values = [*row[:-2], _mapping(row[-2]), _mapping(row[-1])]
    return Thread(*values)


def _participant(row: tuple[str, str | None, int, str]) -> Participant:
    return Participant(row[0], row[1], row[2], _mapping(row[3]))


@lru_cache(maxsize=256)
def _mapping(text: str) -> Mapping[str, Any]:
    """Nearly all are alike, and nobody changes a stored value in place."""
    values: Mapping[str, Any] = json.loads(text)
    return values

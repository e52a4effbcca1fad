"""The SQLite connection under the state: schema, transactions, and what belongs to the resource as a whole."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acs_chat_testkit.emulator.clock import Clock
from acs_chat_testkit.emulator.ids import Ids
from acs_chat_testkit.errors import EmulatorError

_APPLICATION_ID = 0x41435343
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE resource (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE users (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    deleted INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER NOT NULL DEFAULT -1
);
CREATE TABLE threads (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    created_on INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    deleted_on INTEGER,
    last_message_on INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    retention TEXT NOT NULL
);
CREATE TABLE participants (
    thread INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    id TEXT NOT NULL,
    display_name TEXT,
    share_history_time INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (thread, id)
) WITHOUT ROWID;
CREATE INDEX participants_by_joining ON participants (thread, joined);
CREATE INDEX participants_by_id ON participants (id, thread);
CREATE TABLE messages (
    thread INTEGER NOT NULL,
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    version INTEGER NOT NULL,
    text TEXT,
    topic TEXT,
    participants TEXT NOT NULL,
    initiator TEXT,
    sender TEXT,
    sender_display_name TEXT,
    edited_on INTEGER,
    deleted_on INTEGER,
    metadata TEXT NOT NULL,
    PRIMARY KEY (thread, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_version ON messages (thread, version);
CREATE TABLE receipts (
    thread INTEGER NOT NULL,
    sender TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    read_on INTEGER NOT NULL,
    PRIMARY KEY (thread, sender)
) WITHOUT ROWID;
CREATE INDEX receipts_by_reading ON receipts (thread, read_on);
CREATE TABLE repeatable (
    caller TEXT NOT NULL,
    request_id TEXT NOT NULL,
    thread TEXT NOT NULL,
    PRIMARY KEY (caller, request_id)
) WITHOUT ROWID;
"""
_TABLES = ("users", "threads", "participants", "messages", "receipts", "repeatable")


class Database:
    """One connection, one writer at a time; the file is in WAL mode, so that a killed process loses nothing.

    Args:
        path: The file; None keeps everything in memory.
        seed: Repeats all ids; None draws a root once and stores it.
        clock: Stamps the writes.

    Raises:
        EmulatorError: The file is no emulator's file, cannot be opened, is in use, or was made with another seed.
    """

    def __init__(self, path: Path | None, seed: int | None, clock: Clock) -> None:
        self.clock = clock
        self._path = path
        try:
            self.connection = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False, timeout=1
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
            self.ids = Ids(self._root(seed))
        except sqlite3.Error as error:
            self.close()
            raise self._unusable(error) from error
        except EmulatorError:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what an error interrupts leaves no trace."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def setting(self, name: str) -> bytes | None:
        """A value of the resource; None where it was never set."""
        row = self.connection.execute("SELECT value FROM resource WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def set(self, name: str, value: bytes) -> None:
        """Keeps a value of the resource."""
        self.connection.execute("INSERT OR REPLACE INTO resource VALUES (?, ?)", (name, value))

    @property
    def seeded(self) -> bool:
        """Whether all ids follow from a seed that was given when the state was made."""
        return self.setting("seeded") == b"\1"

    def next_number(self, table: str) -> int:
        """The key that the next row of a table gets; rows are never removed one by one."""
        row = self.connection.execute(f"SELECT COALESCE(MAX(number), 0) + 1 FROM {table}").fetchone()
        return int(row[0])

    def clear(self) -> None:
        """Forgets all users and threads; the resource keeps its root and its keys."""
        for table in _TABLES:
            self.connection.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def _unusable(self, error: sqlite3.Error) -> EmulatorError:
        return EmulatorError(f"cannot keep the state in {self._path}: {error}, choose another --data file")

    def _prepare(self) -> None:
        execute = self.connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        application_id = execute("PRAGMA application_id").fetchone()[0]
        if application_id != _APPLICATION_ID and execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise EmulatorError(f"{self._path} is a database of something else, choose another --data file")
        if self._path is not None:
            execute("PRAGMA journal_mode = WAL")
            execute("PRAGMA synchronous = NORMAL")
        if application_id != _APPLICATION_ID:
            marks = f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_SCHEMA_VERSION};"
            self.connection.executescript(f"BEGIN; {_SCHEMA} {marks} COMMIT;")
        elif execute("PRAGMA user_version").fetchone()[0] != _SCHEMA_VERSION:
            raise EmulatorError(f"{self._path} is of another version of the emulator, choose a new --data file")

    def _root(self, seed: int | None) -> bytes:
        wanted = None if seed is None else hashlib.sha256(f"seed {seed}".encode()).digest()
        stored = self.setting("root")
        if stored is None:
            stored = wanted or secrets.token_bytes(32)
            with self.transaction():
                self.set("root", stored)
                self.set("seeded", bytes([wanted is not None]))
        elif wanted not in (None, stored):
            raise EmulatorError(
                f"{self._path} was made with another seed, leave --seed out or choose another --data file"
            )
        return stored

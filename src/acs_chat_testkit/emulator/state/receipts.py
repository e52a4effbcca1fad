"""Read receipts."""

from __future__ import annotations

from acs_chat_testkit.emulator.state.database import Database
from acs_chat_testkit.emulator.state.values import Receipt, Thread


class Receipts:
    """One receipt a participant and thread; the latest wins.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, thread: Thread, sender: str, message_id: int) -> None:
        """Keeps how far a participant has read."""
        self._database.connection.execute(
            "INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?)",
            (thread.number, sender, message_id, self._database.clock.tick()),
        )

    def page(self, thread: Thread, *, skip: int, limit: int) -> list[Receipt]:
        """A page of receipts, the oldest reading first."""
        rows = self._database.connection.execute(
            "SELECT sender, message_id, read_on FROM receipts WHERE thread = ? ORDER BY read_on LIMIT ? OFFSET ?",
            (thread.number, limit, skip),
        )
        return [Receipt(*row) for row in rows]

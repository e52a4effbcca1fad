"""The state machine: one store that all api-versions look at."""

from __future__ import annotations

from pathlib import Path

from acs_chat_testkit.emulator.clock import Clock
from acs_chat_testkit.emulator.state.database import Database
from acs_chat_testkit.emulator.state.messages import Messages
from acs_chat_testkit.emulator.state.receipts import Receipts
from acs_chat_testkit.emulator.state.threads import Threads
from acs_chat_testkit.emulator.state.users import Users


class State:
    """Everything the service knows.

    Args:
        path: A file that keeps it; None keeps it in memory.
        seed: Repeats all ids; None draws them.
        clock: Stamps the writes.

    Raises:
        EmulatorError: The file cannot be used; the text says why.
    """

    def __init__(self, path: Path | None, seed: int | None, clock: Clock) -> None:
        self.clock = clock
        self.database = Database(path, seed, clock)
        self.ids = self.database.ids
        self.users = Users(self.database)
        self.messages = Messages(self.database)
        self.threads = Threads(self.database, self.messages)
        self.receipts = Receipts(self.database)

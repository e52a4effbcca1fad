"""Counts of what really happened, taken where it happens."""

from __future__ import annotations

import threading
from collections.abc import Mapping

EVENTS = ("recorded", "replayed", "live", "blocked", "loopback", "missed")
"""recorded: interactions taken; replayed: answers given from a cassette; live: requests that left the process;
blocked: connections refused; loopback: connections to this machine that passed the guard; missed: requests refused
because no recording answers them."""


class Counts:
    """A tally of events that several threads may add to.

    Args:
        parent: A tally that each event is also added to, such as the one of a whole test run.
    """

    def __init__(self, parent: Counts | None = None) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._values = dict.fromkeys(EVENTS, 0)

    def __getitem__(self, event: str) -> int:
        return self._values[event]

    def add(self, event: str, number: int = 1) -> None:
        """Counts an event here and in every parent."""
        with self._lock:
            self._values[event] += number
        if self._parent is not None:
            self._parent.add(event, number)

    def as_dict(self) -> Mapping[str, int]:
        """The counts by event."""
        return dict(self._values)

"""Blocks the network: the guard, the clients that it does not see, and the Pythons that this one starts."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

from acs_chat_testkit.recording import guard, unseen
from acs_chat_testkit.recording.counts import Counts

VARIABLE = "ACS_CHAT_TESTKIT_GUARD"
"""Tells a child process what is blocked, as JSON."""
_CHILD = str(Path(__file__).with_name("child"))


class blocked:
    """The guard is on until the block ends: in this process, in threads that outlive the block, in child Pythons.

    Used like a function; a generator's context managers would take longer than all that they do.

    Args:
        watch: The guard.
    """

    def __init__(self, watch: guard.Guard) -> None:
        self._watch = watch
        self._raised = guard.raised(watch)
        self._before: list[tuple[str, str | None]] = []

    def on(self) -> None:
        """The block begins."""
        unseen.install()
        self._raised.__enter__()
        path = os.environ.get("PYTHONPATH")
        self._before = [(VARIABLE, os.environ.get(VARIABLE)), ("PYTHONPATH", path)]
        os.environ[VARIABLE] = _said(self._watch.loopback, *self._watch.allowed.entries)
        os.environ["PYTHONPATH"] = _with_child(path)

    def off(self) -> None:
        """The block ends."""
        for name, value in self._before:
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._raised.__exit__()

    def __enter__(self) -> None:
        self.on()

    def __exit__(self, *_: object) -> None:
        self.off()


@functools.lru_cache(maxsize=16)
def _said(loopback: bool, *allowed: str) -> str:
    return json.dumps({"loopback": loopback, "allowed": allowed})


@functools.lru_cache(maxsize=16)
def _with_child(path: str | None) -> str:
    """The search path with `child/sitecustomize.py` first, which child Pythons run; it reads the variable."""
    others = path.split(os.pathsep) if path else []
    return os.pathsep.join(others if others[:1] == [_CHILD] else [_CHILD, *others])


def block_child() -> None:
    """Blocks this process for good, as its parent says; does nothing without a parent that blocks."""
    said = os.environ.get(VARIABLE)
    if said:
        asked = json.loads(said)
        unseen.install()
        guard.put_on(guard.Guard(Counts(), loopback=asked["loopback"], allowed=asked["allowed"]))

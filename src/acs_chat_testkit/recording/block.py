"""Blocks the network: the guard, the clients that it does not see, and the Pythons that this one starts."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

from acs_chat_testkit.recording import guard, unseen
from acs_chat_testkit.recording.counts import Counts

VARIABLE = "ACS_CHAT_TESTKIT_GUARD"
"""Tells a child process what passes, as JSON, where that is more or less than connections to this machine."""
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
        path, said = os.environ.get("PYTHONPATH"), os.environ.get(VARIABLE)
        for name, before, value in (("PYTHONPATH", path, _with_child(path)), (VARIABLE, said, _said(self._watch))):
            if value != before:
                self._before.append((name, before))
                _put(name, value)

    def off(self) -> None:
        """The block ends."""
        while self._before:
            _put(*self._before.pop())
        self._raised.__exit__()

    def __enter__(self) -> None:
        self.on()

    def __exit__(self, *_: object) -> None:
        self.off()


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _said(watch: guard.Guard) -> str | None:
    if watch.loopback and not watch.allowed.entries:
        return None
    return json.dumps({"loopback": watch.loopback, "allowed": watch.allowed.entries})


@functools.lru_cache(maxsize=16)
def _with_child(path: str | None) -> str:
    """The search path with `child/sitecustomize.py` first, which child Pythons run."""
    others = path.split(os.pathsep) if path else []
    return os.pathsep.join(others if others[:1] == [_CHILD] else [_CHILD, *others])


def block_child() -> None:
    """Blocks this process for good, as its parent says."""
    unseen.install()
    guard.put_on(guard.Guard(Counts(), **json.loads(os.environ.get(VARIABLE) or "{}")))

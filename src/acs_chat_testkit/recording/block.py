"""Blocks the network: the guard, the clients that it does not see, and the Pythons that this one starts."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

from acs_chat_testkit.recording import guard, unseen, workers
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
        _install()
        self._raised.__enter__()
        self._before += _tell_children(self._watch)

    def off(self) -> None:
        """The block ends."""
        while self._before:
            _put(*self._before.pop())
        self._raised.__exit__()

    def __enter__(self) -> None:
        self.on()

    def __exit__(self, *_: object) -> None:
        self.off()


def _install() -> None:
    unseen.install()
    workers.install()


def _tell_children(watch: guard.Guard) -> list[tuple[str, str | None]]:
    """Child Pythons are blocked from now on; gives what the environment held before."""
    before: list[tuple[str, str | None]] = []
    path, said = os.environ.get("PYTHONPATH"), os.environ.get(VARIABLE)
    for name, old, new in (("PYTHONPATH", path, _with_child(path)), (VARIABLE, said, _said(watch))):
        if new != old:
            before.append((name, old))
            _put(name, new)
    return before


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _said(watch: guard.Guard) -> str | None:
    if watch.loopback and not watch.allowed.entries:
        return None
    return json.dumps(watch.settings)


@functools.lru_cache(maxsize=16)
def _with_child(path: str | None) -> str:
    """The search path with `child/sitecustomize.py` first, which child Pythons run."""
    others = path.split(os.pathsep) if path else []
    return os.pathsep.join(others if others[:1] == [_CHILD] else [_CHILD, *others])


def follow(guards: list[dict[str, Any]] | None = None, *, alone: bool = True) -> None:
    """Blocks this process as its parent says now, whatever it has said before.

    Args:
        guards: The settings of each guard; by default one, with those of the environment.
        alone: Whether the process has this interpreter alone; else its environment is a matter of another.
    """
    if guards is None:
        guards = [json.loads(os.environ.get(VARIABLE) or "{}")]
    _install()
    guard.take_off_all()
    watches = [guard.Guard(Counts(), **each) for each in guards]
    for watch in watches:
        guard.put_on(watch)
    if alone:
        path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        _put("PYTHONPATH", os.pathsep.join(each for each in path if each != _CHILD) or None)
        _put(VARIABLE, None)
        for watch in watches:
            _tell_children(watch)

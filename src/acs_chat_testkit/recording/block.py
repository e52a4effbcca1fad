"""Blocks the network: the guard, the clients that it does not see, and the Pythons that this one starts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from acs_chat_testkit.recording import guard, unseen
from acs_chat_testkit.recording.counts import Counts

VARIABLE = "ACS_CHAT_TESTKIT_GUARD"
"""Tells a child process what is blocked, as JSON."""
_CHILD = str(Path(__file__).with_name("child"))


@contextmanager
def blocked(watch: guard.Guard) -> Iterator[None]:
    """The guard is on until the block ends: in this process, in threads that outlive the block, in child Pythons."""
    unseen.install()
    with guard.raised(watch), _inherited(watch):
        yield


@contextmanager
def _inherited(watch: guard.Guard) -> Iterator[None]:
    """Child Pythons read the variable and run `child/sitecustomize.py`."""
    path = os.environ.get("PYTHONPATH")
    said = json.dumps({"loopback": watch.loopback, "allowed": watch.allowed.entries})
    with ExitStack() as stack:
        stack.enter_context(_environment(VARIABLE, said))
        if not path or path.split(os.pathsep)[0] != _CHILD:
            stack.enter_context(_environment("PYTHONPATH", os.pathsep.join([_CHILD, *([path] if path else [])])))
        yield


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def block_child() -> None:
    """Blocks this process for good, as its parent says; does nothing without a parent that blocks."""
    said = os.environ.get(VARIABLE)
    if said:
        asked = json.loads(said)
        unseen.install()
        guard.put_on(guard.Guard(Counts(), loopback=asked["loopback"], allowed=asked["allowed"]))

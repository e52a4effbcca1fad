"""Blocks the network: the guard, the clients that it does not see, and the Pythons that this one starts."""

from __future__ import annotations

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
        self._before: dict[str, str | None] = {}

    def on(self) -> None:
        """The block begins."""
        unseen.install()
        self._raised.__enter__()
        environment = _inherited(self._watch)
        self._before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)

    def off(self) -> None:
        """The block ends."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._raised.__exit__()

    def __enter__(self) -> None:
        self.on()

    def __exit__(self, *_: object) -> None:
        self.off()


def _inherited(watch: guard.Guard) -> dict[str, str]:
    """Child Pythons read the variable and run `child/sitecustomize.py`."""
    said = json.dumps({"loopback": watch.loopback, "allowed": watch.allowed.entries})
    path = os.environ.get("PYTHONPATH")
    if path and path.split(os.pathsep)[0] == _CHILD:
        return {VARIABLE: said}
    return {VARIABLE: said, "PYTHONPATH": os.pathsep.join([_CHILD, *([path] if path else [])])}


def block_child() -> None:
    """Blocks this process for good, as its parent says; does nothing without a parent that blocks."""
    said = os.environ.get(VARIABLE)
    if said:
        asked = json.loads(said)
        unseen.install()
        guard.put_on(guard.Guard(Counts(), loopback=asked["loopback"], allowed=asked["allowed"]))

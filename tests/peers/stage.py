"""What a scenario stands on: a tool, a service on loopback, an empty directory, and child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.tools import Tool
from tests.recording.service import Service

WORKER = Path(__file__).with_name("worker.py")
Outcome = Any
"""What happened, as a value that JSON can hold: requests that arrived, bytes on disk, answers, exit codes."""


@dataclass(frozen=True)
class Stage:
    """One scenario's surroundings.

    Args:
        tool: Who records.
        service: A running service that counts what arrives.
        place: An empty directory.
    """

    tool: Tool
    service: Service
    place: Path

    @property
    def url(self) -> str:
        """Where the service listens."""
        return self.service.url

    @property
    def tape(self) -> Path:
        """A file for the recording; it is not there yet."""
        return self.place / f"tape{self.tool.suffixes[0]}"

    def live(self) -> list[str]:
        """Method and target of what has arrived since this was last asked."""
        with self.service.lock:
            hits = [f"{method} {target}" for method, target in self.service.hits]
            self.service.hits.clear()
        return hits

    def start(self, work: Callable[..., object], *arguments: object, **environment: str) -> subprocess.Popen[bytes]:
        """Runs a function of a scenario's module with this tool in a process of its own."""
        name = f"{work.__module__.rpartition('.')[2]}.{work.__name__}"
        argv = [sys.executable, str(WORKER), "--child", self.tool.name, name, *map(str, arguments)]
        # What ends badly here, ends badly on purpose.
        return subprocess.Popen(argv, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)

    def child(self, work: Callable[..., object], *arguments: object, **environment: str) -> int:
        """The exit code of such a process."""
        with self.start(work, *arguments, **environment) as process:
            return process.wait(60)


@dataclass(frozen=True)
class Scenario:
    """Something that people do with a recorder, and what must come of it.

    Args:
        play: Does it, and tells what happened.
        right: What must have happened.
    """

    play: Callable[[Stage], Outcome]
    right: Outcome


def scenario(*, right: Outcome) -> Callable[[Callable[[Stage], Outcome]], Scenario]:
    """Makes a function a scenario, with what must come of it."""
    return lambda play: Scenario(play, right)


def kind(call: Callable[[], object]) -> str:
    """The name of the error that a call ends with; empty where it ends well."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return ""

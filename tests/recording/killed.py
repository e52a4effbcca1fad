"""Records in a child that is killed (-9) before or after its n-th call of the operating system, for every n.

Run as a program: `python killed.py DIRECTORY MODE`. It prints one JSON object for each child.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder

CALLS = (
    *((os, name) for name in ("open", "write", "fsync", "close", "replace", "unlink", "mkdir", "truncate", "scandir")),
    (io, "open"),
    (fcntl, "flock"),
)
"""All but mere look-ups (stat): to die at one of those is to die after the call before it."""


def record(path: Path, mode: str, word: str) -> None:
    """Records two interactions, without a service."""
    with Recorder(path, mode) as recorder:
        for number in range(2):
            take = recorder.take(Request("GET", f"https://service.example/{word}/{number}"))
            take.keep(Response(200, Headers(), f"{word} {number}".encode() * 1000, "OK"))


def kill() -> None:
    """Ends this process as nothing else does."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(number: int, after: bool, seen: list[str]) -> None:
    """From now on every call is counted, and this process dies at the one of that number."""

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(*args: Any, **kwargs: Any) -> Any:
            seen.append(name)
            mine = len(seen) == number
            if mine and not after:
                kill()
            try:
                return call(*args, **kwargs)
            finally:
                if mine:
                    kill()

        return through

    for module, name in CALLS:
        setattr(module, name, counted(name, getattr(module, name)))


def child(path: Path, mode: str, number: int, after: bool, calls: Path) -> bool:
    """Whether a child lived to the end; it then leaves the names of its calls."""
    process = os.fork()
    if process == 0:
        save = open
        seen: list[str] = []
        kill_at(number, after, seen)
        record(path, mode, "new")
        names = list(seen)
        with save(calls, "w", encoding="utf-8") as file:
            json.dump(names, file)
        os._exit(0)
    return os.waitpid(process, 0)[1] == 0


def say(text: str) -> None:
    """A line for whoever started this program."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(directory: Path, mode: str) -> None:
    """Kills at every call, looks at what is there, and records again over what the dead left."""
    calls = directory / "calls.json"
    record(directory / "warm.yaml", "rewrite", "warm")
    number, lived = 0, False
    while not lived:
        number += 1
        for after in (False, True):
            home = directory / f"{number}-{after}"
            path = home / "tape.yaml"
            record(path, "rewrite", "old")
            lived = child(path, mode, number, after, calls)
            found = path.read_text(encoding="utf-8")
            record(path, "rewrite", "next")
            say(json.dumps({
                "at": number, "after": after, "lived": lived, "found": found,
                "next": path.read_text(encoding="utf-8"), "left": sorted(os.listdir(home)),
            }))  # fmt: skip
            shutil.rmtree(home)
    say(calls.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

"""Records in a child that is killed (-9) before or after its n-th call of the operating system, for every n.

Run as a program: `python killed.py DIRECTORY STORY`. It prints one JSON object for each child, and last the calls.
"""

from __future__ import annotations

import builtins
import fcntl
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType
from typing import Any

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, journal
from acs_chat_testkit.recording.lock import beside, private
from acs_chat_testkit.recording.run import Run, SharedRun

LOOKS = frozenset(["fspath", "getpid", "getuid", "stat", "lstat", "fstat", "scandir", "readlink", "listdir", "urandom"])
"""Calls that change nothing: to die at one of these is to die after the call before it. All others are found."""

write, read, kill, fork, leave, fsync = os.write, os.read, os.kill, os.fork, os._exit, os.fsync
"""What the dying and their witness do themselves does not count."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is recorded, and by whom.

    Args:
        mode: The record mode of the child, and of whoever comes after it.
        shared: Whether child and others are processes of one run.
    """

    mode: str
    shared: bool = False


STORIES = {
    "rewrite": Story("rewrite"),
    "new_episodes": Story("new_episodes"),
    "one run": Story("rewrite", shared=True),
}


def record(path: Path, mode: str, word: str, run: Run | None = None, say: Callable[[str], object] = len) -> None:
    """Records two interactions without a service, says what has been taken, and then corrects the first of them."""
    with Recorder(path, mode, run=run) as recorder:
        takes = [recorder.take(Request("GET", f"https://service.example/{word}/{number}")) for number in range(2)]
        for number, take in enumerate([*takes, takes[0]]):
            take.keep(Response(200, Headers(), f"{word} {number}".encode() * 1000, "OK"))
            say(f"{word}/{number}")
    say("closed")


def journal_of(path: Path) -> Path:
    """The journal of the only recorder of a cassette."""
    pattern = beside(path, "*.journal")
    (file,) = pattern.parent.glob(pattern.name)
    return file


class Calls:
    """From now on every call is counted, and this process dies at the one of that number.

    Attributes:
        seen: The names of the calls so far.
        missed: What the audit hook saw and no counted call was the cause of.
    """

    def __init__(self, number: int, after: bool) -> None:
        self._number, self._after = number, after
        self._inside = 0
        self.seen: list[str] = []
        self.missed: list[str] = []
        for module in (os, fcntl, io, builtins):
            for name, call in list(vars(module).items()):
                system = module in (os, fcntl) or name == "open"
                if system and isinstance(call, BuiltinFunctionType) and name not in LOOKS:
                    setattr(module, name, self._counted(name, call))
        sys.addaudithook(self._audit)

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(*args: Any, **kwargs: Any) -> Any:
            self.seen.append(name)
            mine = len(self.seen) == self._number
            if mine and not self._after:
                kill(os.getpid(), signal.SIGKILL)
            self._inside += 1
            try:
                return call(*args, **kwargs)
            finally:
                self._inside -= 1
                if mine:
                    kill(os.getpid(), signal.SIGKILL)

        return through

    def _audit(self, event: str, _args: object) -> None:
        if not self._inside and event.partition(".")[0] in ("open", "os", "fcntl"):
            name = event.removeprefix("os.")
            if name not in LOOKS:
                self.missed.append(event)


def child(path: Path, story: Story, run: SharedRun | None, number: int, after: bool) -> tuple[bool, list[str]]:
    """Whether a child lived to its end, and what it said until then."""
    out, into = os.pipe()
    process = fork()
    if process == 0:
        own = None if run is None else SharedRun(run.token)

        def say(text: str) -> None:
            write(into, f"{text}\n".encode())

        vars(os)["fsync"] = fsync
        calls = Calls(number, after)
        record(path, story.mode, "new", own, say)
        say(json.dumps([calls.seen, calls.missed]))
        leave(0)
    os.close(into)
    said = b"".join(iter(lambda: read(out, 65536), b""))
    os.close(out)
    return os.waitpid(process, 0)[1] == 0, said.decode().splitlines()


def saved(path: Path) -> list[str]:
    """What journals of the dead hold, whole."""
    return [
        "/".join(each.request.url.split("/")[3:])
        for cassette in journal.salvage(path)
        for each in cassette.interactions
        if each.response is not None and len(each.response.body) >= 5000
    ]


def main(directory: Path, story: Story) -> None:
    """Kills at every call, looks at what is there, and records again over what the dead left."""
    vars(os)["fsync"] = bool  # the witness need not wait for the disk
    record(directory / "warm.yaml", "rewrite", "warm")
    number, lived, said = 0, False, [""]
    while not lived:
        number += 1
        for after in (False, True):
            home = directory / f"{number}-{after}"
            path, run = home / "tape.yaml", SharedRun() if story.shared else None
            record(path, "rewrite", "old", run)
            lived, said = child(path, story, run, number, after)
            found, journals = path.read_text(encoding="utf-8"), saved(path)
            record(path, story.mode, "next", None if run is None else SharedRun(run.token))
            if run is not None:
                run.end()
            left = [each.name for each in private().iterdir() if each.suffix != ".lock"]
            print(json.dumps({  # noqa: T201
                "at": number, "after": after, "lived": lived, "said": said, "found": found, "saved": journals,
                "next": path.read_text(encoding="utf-8"), "left": sorted([*os.listdir(home), *left]),
            }))  # fmt: skip
            shutil.rmtree(home)
    print(said[-1])  # noqa: T201


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(Path(sys.argv[1]), STORIES[sys.argv[2]])

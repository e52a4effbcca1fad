"""The journal: what a recorder has taken so far, on disk, redacted, so that a killed process leaves it behind.

It is the text of a cassette that lacks its end, and is refused as cut off wherever it is taken for one. Each recorder
appends to a file of its own in the user's private directory and holds a lock on it as long as it lives; a journal that
nobody holds is a left-over. Nothing but `salvage` ever reads one.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.disk import is_real
from acs_chat_testkit.recording.lock import acquire, beside, private

ENTRY = "- request:"
"""How an entry starts."""


class Journal:
    """The journal of one recorder; adding to it costs the same however long it is.

    Where the disk takes no more, or a test lets it fail, it ends early and says nothing: the recording itself is still
    whole in memory.

    Args:
        path: The cassette that is recorded.
        header: What its recording says about itself.
        closed: Gets an interaction and its text, and gives what of it may be on disk already.
    """

    def __init__(self, path: Path, header: Header, closed: Callable[[Interaction, str], str]) -> None:
        self._path = path
        self._start = serializer.start(header)
        self._closed = closed
        self._file: Path | None = None
        self._lock: Any = None
        self._handle: int | None = None
        self._full = False
        self._entries: dict[int, tuple[Interaction, str]] = {}

    def add(self, interaction: Interaction) -> None:
        """Appends what is clean already."""
        if self._file is None and not self._full:
            try:
                self._file, self._lock = _free(self._path)
            except OSError:
                self._full = True
            self._write(self._start)
        self._write(self._text(interaction))

    def _text(self, interaction: Interaction) -> str:
        text = serializer.entry(interaction)
        self._entries[id(interaction)] = interaction, text
        return self._closed(interaction, text)

    def entry(self, interaction: Interaction) -> str:
        """The text of an interaction, which is at hand where this very one was added."""
        added = self._entries.get(id(interaction))
        return serializer.entry(interaction) if added is None else added[1]

    def again(self, interactions: Iterable[Interaction]) -> None:
        """Starts over, because something that was written has changed."""
        if self._file is not None:
            self._close()
            old, self._file = self._file, _new(self._file)
            self._file.unlink(missing_ok=True)
            self._write(self._start + "".join(map(self._text, interactions)))
            self._close()
            if not self._full:
                os.replace(self._file, old)
            self._file = old

    def remove(self) -> None:
        """The recording has ended, one way or the other; where its files can not be reached, their lock is kept."""
        if self._file is not None and is_real():
            self._close()
            _remove(self._file)
            self._lock.release()

    def _write(self, text: str) -> None:
        if self._full or self._file is None:
            return
        try:
            if self._handle is None:
                self._handle = _opened(self._file)
            _add(self._handle, text.encode())
        except OSError:
            self._full = True

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def append(file: Path, data: bytes) -> None:
    """Adds to a file that is the user's alone, and to its end only."""
    handle = _opened(file)
    try:
        _add(handle, data)
    finally:
        os.close(handle)


def _opened(file: Path) -> int:
    return os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)


def _add(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _free(path: Path) -> tuple[Path, Any]:
    """A journal of a number that nobody uses, with its lock.

    A number is not used again as long as a left-over has it: whoever held its lock would make the dead look alive.
    """
    taken = _taken()
    for number in map(str, itertools.count()):
        file = beside(path, f"{number}.journal")
        lock = None if number in taken else acquire(_lock_of(file))
        if lock is not None:
            if number not in _taken():
                return file, lock
            lock.release()
    raise AssertionError


def _taken() -> set[str]:
    return set(map(_number, private().glob("*.journal")))


def _number(file: Path) -> str:
    return file.stem.rpartition(".")[2]


def _lock_of(file: Path) -> Path:
    """The lock that whoever writes a journal of this number holds, whatever it records."""
    return private() / f"journal-{_number(file)}.lock"


def _left_over(path: Path) -> Iterator[Path]:
    """The journals of this cassette whose recorders are dead."""
    pattern = beside(path, "*.journal")
    for file in sorted(pattern.parent.glob(pattern.name)):
        lock = acquire(_lock_of(file))
        if lock is not None:
            try:
                if file.exists():
                    yield file
            finally:
                lock.release()


def salvage(path: Path) -> list[Cassette]:
    """What recorders of this cassette had taken before they were killed, each for itself; most often nothing."""
    return [_read(file) for file in _left_over(path)]


def discard(path: Path) -> None:
    """Removes what killed recorders of this cassette left."""
    for file in _left_over(path):
        _remove(file)


def _remove(file: Path) -> None:
    """Removes a journal, and what was to replace it when its recorder was killed."""
    _new(file).unlink(missing_ok=True)
    file.unlink(missing_ok=True)


def _new(file: Path) -> Path:
    return file.with_suffix(".new")


def _read(file: Path) -> Cassette:
    """A journal, without its last entry where that was cut off."""
    text = file.read_text(encoding="utf-8", errors="replace")
    for whole in (text, text[: text.rfind(f"\n{ENTRY}") + 1]):
        with suppress(BrokenCassette):
            return serializer.parse((whole + serializer.END).encode(), str(file))
    return Cassette()

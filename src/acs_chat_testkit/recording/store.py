"""Where cassettes lie: reading one, and replacing it in one step."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from acs_chat_testkit.errors import BrokenCassette, CassetteError, CassetteNotFound, NotACassette
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette
from acs_chat_testkit.recording.disk import OTHERS, is_real
from acs_chat_testkit.recording.lock import locked, name_of


class Persister(Protocol):
    """Where the texts of cassettes are kept; files by default, anything that has these two methods instead.

    Recorders on one machine never call `replace` at the same time for one path.
    """

    def load(self, path: Path) -> bytes | None:
        """The text of a cassette, in UTF-8; None where there is none."""

    def replace(self, path: Path, data: bytes) -> None:
        """Puts a text in the place of the old one, so that whoever loads it gets one of them, whole."""


class Files:
    """Cassettes as files of this machine."""

    def load(self, path: Path) -> bytes | None:
        """The content of the file; None where there is none.

        Raises:
            NotACassette: It is a directory, or a pipe, a socket or a device, which may never end.
        """
        if not os.path.isfile(path) and os.path.exists(path):
            raise NotACassette(f"{path} is no file")
        try:
            with open(path, "rb", buffering=0) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def replace(self, path: Path, data: bytes) -> None:
        """Writes a file beside the old one and renames it; the caller holds the lock of the cassette.

        At every moment, also after a crash, the old or the new file is there, whole, with the same rights. What a crash
        leaves is written over the next time.

        Raises:
            CassetteError: It would be gone with the test, because files are not those of this machine.
        """
        if not is_real():
            raise CassetteError(
                f"{path} would be written to {OTHERS}, and be gone with them; end them before the cassette is closed"
            )
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        # The lock is of this cassette alone, so its temporary file must be no other one's, however long the names are.
        temporary = target.with_name(f".{target.name[:60]}.{name_of(target)[:16]}.tmp")
        try:
            _write(temporary, data)
            with suppress(OSError):
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
        except BaseException as error:
            if isinstance(error, OSError):
                error.filename = os.fspath(path)  # nobody knows the name of the other one
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_directory(target.parent)


FILES = Files()


def load(path: str | os.PathLike[str]) -> Cassette:
    """Reads a cassette.

    Raises:
        CassetteNotFound: There is no such file.
        BrokenCassette: The file is no cassette, is cut off or is not safe to load.
    """
    data = FILES.load(Path(path))
    if data is None:
        raise CassetteNotFound(f"there is no cassette {os.fspath(path)}; record it first")
    return parse(data, os.fspath(path))


def parse(data: bytes, name: str) -> Cassette:
    """Reads the text of a cassette that is to be replayed.

    Raises:
        BrokenCassette: It can not be replayed as it is; the text says what to do where another recorder wrote it.
    """
    try:
        return serializer.parse(data, name)
    except BrokenCassette as broken:
        from acs_chat_testkit.recording import importers

        raise importers.explained(broken, data, name) from None


def replace(path: Path, text: str) -> None:
    """Puts a text in the place of a file, so that at every moment either the old or the new one is there, whole."""
    with locked(path):
        FILES.replace(path, text.encode())


def _write(file: Path, data: bytes) -> None:
    """Writes a file through to the disk; a left-over of that name, or a link, is not followed."""
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_directory(directory: Path) -> None:
    """Makes the new name as durable as the data, but for a directory that nobody can open (Windows) or read."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Where cassettes lie: reading a file and replacing it in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from acs_chat_testkit.errors import CassetteNotFound
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette


def load(path: str | os.PathLike[str]) -> Cassette:
    """Reads a cassette.

    Raises:
        CassetteNotFound: There is no such file.
        BrokenCassette: The file is no cassette, is cut off or is not safe to load.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise CassetteNotFound(f"there is no cassette {os.fspath(path)}; record it first") from None
    return serializer.parse(data, os.fspath(path))


def replace(path: Path, text: str) -> None:
    """Puts a text in the place of a file, so that at every moment either the old or the new one is there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem[:40]}.", suffix=".tmp", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Makes the new name as durable as the data; where a directory can not be opened (Windows) there is no need."""
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Importers: read what this and other recorders wrote. One file a format; the first that knows a text reads it."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from acs_chat_testkit.recording.cassette import Cassette
from acs_chat_testkit.recording.importers import azure_yaml, betamax, cassetter, ours, test_proxy, vcrpy, vcrpy_json
from acs_chat_testkit.recording.importers.format import Format

FORMATS: tuple[Format, ...] = (
    ours.FORMAT,
    cassetter.FORMAT,
    azure_yaml.FORMAT,
    vcrpy.FORMAT,
    betamax.FORMAT,
    test_proxy.FORMAT,
    vcrpy_json.FORMAT,
)
"""In the order in which they are asked."""

SUFFIXES = frozenset([".yaml", ".yml", ".json"])

__all__ = ["FORMATS", "Format", "Imported", "files", "read"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that was read.

    Args:
        path: The file.
        text: What it holds.
        format: Who wrote it.
        cassette: Its interactions, in the order of the calls where the file tells it.
    """

    path: Path
    text: str
    format: Format
    cassette: Cassette


def read(path: Path) -> Imported | None:
    """Reads a file; None where no recorder that is known wrote it.

    Raises:
        BrokenCassette: It is a cassette and can not be read; the text names file and place.
    """
    data = path.read_bytes().removeprefix(BOM_UTF8)
    text = data.decode("utf-8", "replace")
    for each in FORMATS:
        if each.recognises(text):
            return Imported(path, text, each, each.read(data, str(path)))
    return None


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and all below a directory that may be cassettes; what is hidden is passed over.

    Raises:
        OSError: A directory can not be read, so that nobody knows what lies there.
    """
    for path in paths:
        yield from [path] if path.is_file() else sorted(_below(path))


def _below(directory: Path) -> Iterator[Path]:
    for place, directories, names in os.walk(directory, onerror=_refuse):
        directories[:] = (each for each in directories if not each.startswith("."))
        for each in (Path(place, name) for name in names if not name.startswith(".")):
            if each.suffix in SUFFIXES and each.is_file():
                yield each


def _refuse(error: OSError) -> NoReturn:
    raise error

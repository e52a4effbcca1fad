"""Importers: read what this and other recorders wrote. One file a format; the first that knows a text reads it."""

from __future__ import annotations

import os
import shlex
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from acs_chat_testkit.errors import BrokenCassette
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

__all__ = ["FORMATS", "Format", "Imported", "explained", "files", "parse", "read"]


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
        BrokenCassette: It is a cassette and can not be read, or the system refuses it; the text names file and place.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        refused = BrokenCassette(f"{path} can not be read ({error.strerror})")
        refused.advice = "make it readable, and run this again"
        raise refused from error
    return parse(data, path)


def parse(data: bytes, path: Path, name: str | None = None) -> Imported | None:
    """Reads the content of a file; None where no recorder that is known wrote it.

    Args:
        data: The content.
        path: Where it lies.
        name: Its name for errors; by default the path.

    Raises:
        BrokenCassette: It is a cassette and can not be read; the text names it and the place.
    """
    data = data.removeprefix(BOM_UTF8)
    text = data.decode("utf-8", "replace")
    for each in FORMATS:
        if each.recognises(text):
            return Imported(path, text, each, each.read(data, name or str(path)))
    return None


def explained(broken: BrokenCassette, data: bytes, name: str) -> BrokenCassette:
    """The error, or the one that helps where the file is whole and only has to be moved over.

    Args:
        broken: What was wrong with a file that was to be replayed.
        data: What it holds.
        name: Its name.
    """
    data = data.removeprefix(BOM_UTF8)
    text = data.decode("utf-8", "replace")
    wrote = next((each for each in FORMATS if each.recognises(text)), None)
    if wrote is None or wrote.replays:
        return broken
    try:
        wrote.read(data, name)
    except BrokenCassette as no_better:
        return no_better
    better = BrokenCassette(f"{name} is as {wrote.name} writes it, and is not replayed like that")
    better.advice = f"move it over: {shlex.join(['acs-chat', 'cassettes', 'migrate', name])}"
    return better


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and all below a directory that may be cassettes; what is hidden is passed over.

    Raises:
        OSError: A directory can not be read, so that nobody knows what lies there.
    """
    for path in paths:
        yield from [path] if path.is_file() else sorted(_below(path))


def _below(directory: Path) -> Iterator[Path]:
    followed: set[Path] = set()
    for place, directories, names in os.walk(directory, onerror=_refuse, followlinks=True):
        shown = (each for each in directories if not each.startswith("."))
        directories[:] = (each for each in shown if _leads_on(Path(place, each), followed))
        for each in (Path(place, name) for name in names if not name.startswith(".")):
            if each.suffix in SUFFIXES and each.is_file():
                yield each


def _leads_on(directory: Path, followed: set[Path]) -> bool:
    """Whether a directory is no link back: to where it lies itself, or where another one has led already."""
    if not directory.is_symlink():
        return True
    target = directory.resolve()
    if target in followed or directory.parent.resolve().is_relative_to(target):
        return False
    followed.add(target)
    return True


def _refuse(error: OSError) -> NoReturn:
    raise error

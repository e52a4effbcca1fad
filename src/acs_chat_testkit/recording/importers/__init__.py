"""Importers: read what this and other recorders wrote. One file a format; the first that knows a text reads it."""

from __future__ import annotations

import json
import os
import shlex
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from errno import ENOENT
from pathlib import Path
from typing import NoReturn

from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.recording.cassette import Cassette
from acs_chat_testkit.recording.importers import azure_yaml, betamax, cassetter, ours, test_proxy, vcrpy, vcrpy_json
from acs_chat_testkit.recording.importers.format import Format
from acs_chat_testkit.recording.redaction.encodings import BOUND, GZIP, inflate
from acs_chat_testkit.recording.store import FILES

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

_GZIP = b"\x1f\x8b"

__all__ = ["FORMATS", "Format", "Imported", "explained", "files", "parse", "read", "refused"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that was read.

    Args:
        path: The file.
        text: What it holds, without the CRLF that git may have given it.
        format: Who wrote it.
        cassette: Its interactions, in the order of the calls where the file tells it.
        wrapped: What was around its text, such as ``"gzip"`` or ``"UTF-16"``; None for UTF-8, as recorders write it.
    """

    path: Path
    text: str
    format: Format
    cassette: Cassette
    wrapped: str | None = None

    @property
    def recorder(self) -> str:
        """Who wrote it, and what is around it."""
        return f"{self.format.name} in {self.wrapped}" if self.wrapped else self.format.name

    @property
    def replays(self) -> bool:
        """Whether the recorder replays the file as it is."""
        return self.format.replays and self.wrapped is None


def read(path: Path) -> Imported | None:
    """Reads a file; None where no recorder that is known wrote it.

    Raises:
        BrokenCassette: It is a cassette and can not be read, or the system refuses it; the text names file and place.
    """
    try:
        data = FILES.load(path)
        if data is None:
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), path)
    except OSError as error:
        raise refused(error, path) from error
    return parse(data, path)


def refused(error: OSError, path: Path) -> BrokenCassette:
    """What is said of a file or a directory that the system does not let anybody read."""
    broken = BrokenCassette(f"{path} can not be read ({error.strerror})")
    broken.advice = "make it readable, and run this again"
    return broken


def parse(data: bytes, path: Path, name: str | None = None) -> Imported | None:
    """Reads the content of a file; None where no recorder that is known wrote it.

    Args:
        data: The content.
        path: Where it lies.
        name: Its name for errors; by default the path.

    Raises:
        BrokenCassette: It is a cassette and can not be read; the text names it and the place.
    """
    name = name or str(path)
    data, wrapped = _unwrapped(data, name)
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    wrote = next((each for each in FORMATS if each.recognises(text)), None)
    if wrote is None:
        return None
    cassette = wrote.read(data, name)
    # Our own are read one by one when they are asked for, and what is wrong in one is to be known now.
    return Imported(path, text, wrote, replace(cassette, interactions=tuple(cassette.interactions)), wrapped)


def explained(broken: BrokenCassette, data: bytes, name: str) -> BrokenCassette:
    """The error, or the one that helps where the file is whole and only has to be moved over.

    Args:
        broken: What was wrong with a file that was to be replayed.
        data: What it holds.
        name: Its name.
    """
    try:
        there = parse(data, Path(name), name)
    except BrokenCassette as no_better:
        return no_better
    if there is None or there.replays:
        return broken
    better = BrokenCassette(f"{name} was written by {there.recorder}, and is not replayed like that")
    better.advice = f"move it over: {shlex.join(['acs-chat', 'cassettes', 'migrate', name])}"
    return better


def _unwrapped(data: bytes, name: str) -> tuple[bytes, str | None]:
    """The text of a file in UTF-8, and what was around it.

    Raises:
        BrokenCassette: It is packed and can not be opened.
    """
    wrapped = None
    if data.startswith(_GZIP):
        plain, rest = inflate(data, GZIP) or (b"", data)
        if rest:
            packed = BrokenCassette(f"{name} can not be unpacked: it is damaged, or is larger than {BOUND >> 20} MB")
            packed.advice = "restore the file, or unpack it"
            raise packed
        data, wrapped = plain, "gzip"
    encoding = json.detect_encoding(data)
    if encoding.startswith("utf-8"):
        return data.removeprefix(BOM_UTF8), wrapped
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    return text.encode(), wrapped or encoding.upper()


def files(paths: Iterable[Path], closed: Callable[[BrokenCassette], object] | None = None) -> Iterator[Path]:
    """What is no directory itself, and all below a directory that may be a cassette; what is hidden is passed over.

    Args:
        paths: Files and directories.
        closed: Is told of each directory that can not be read, so that nobody knows what lies there.

    Raises:
        BrokenCassette: There is such a directory, and nobody is to be told.
    """
    for path in paths:
        yield from sorted(_below(path, closed or _refuse)) if path.is_dir() else [path]


def _below(directory: Path, closed: Callable[[BrokenCassette], object]) -> Iterator[Path]:
    followed: set[Path] = set()

    def tell(error: OSError) -> None:
        closed(refused(error, Path(error.filename)))

    for place, directories, names in os.walk(directory, onerror=tell, followlinks=True):
        shown = (each for each in directories if not each.startswith("."))
        directories[:] = (each for each in shown if _leads_on(Path(place, each), followed))
        for each in (Path(place, name) for name in names if not name.startswith(".")):
            if Path(each.name.removesuffix(".gz")).suffix in SUFFIXES:
                yield each


def _leads_on(directory: Path, followed: set[Path]) -> bool:
    """Whether a directory is no link back: to where it lies itself, or where another one has led already."""
    if not os.path.islink(directory):  # which answers for a name that is too long, too
        return True
    target = directory.resolve()
    if target in followed or directory.parent.resolve().is_relative_to(target):
        return False
    followed.add(target)
    return True


def _refuse(closed: BrokenCassette) -> NoReturn:
    raise closed

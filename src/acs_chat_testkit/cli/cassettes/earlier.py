"""The old recording, and the new one that is to be compared with it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording import Cassette
from acs_chat_testkit.recording.differences import Change, compare
from acs_chat_testkit.recording.editing import redacted
from acs_chat_testkit.recording.importers import Imported, parse, read
from acs_chat_testkit.recording.redaction import Numbered, Pseudonyms, Redactor
from acs_chat_testkit.recording.redaction.pseudonyms import SHARED

FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="[OLD] NEW | DIRECTORY...",
    type=click.Path(exists=True, path_type=Path),
)
AGAINST = click.option(
    "--against", metavar="REVISION", default="HEAD", show_default=True, help="Where git has OLD, if it is not given."
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two recordings of one test.

    Args:
        path: The new one's file.
        old: What was.
        new: What is.
    """

    path: Path
    old: Imported
    new: Imported

    @property
    def changes(self) -> list[Change]:
        """What became of each interaction, redacted, as it may be printed; an id has one pseudonym in both."""
        redactor = Redactor(chat_profile().rules, Numbered(Pseudonyms(), SHARED))
        old, new = (
            Cassette(tuple(redacted(each, redactor) for each in one.interactions), one.header)
            for one in (self.old.cassette, self.new.cassette)
        )
        return compare(old, new)


def pairs(places: Sequence[Path], revision: str) -> list[Pair]:
    """Reads both recordings; git knows the old one of a file alone, and which ones below a directory are other ones.

    Raises:
        UsageError: There are more than two files, or git does not know the old one.
        BrokenCassette: One of them is no cassette.
    """
    if any(place.is_dir() for place in places):
        found = (file for place in places for file in (_changed(place, revision) if place.is_dir() else [place]))
        return [Pair(file, _committed(file, revision), _recorded(file)) for file in dict.fromkeys(found)]
    if len(places) > 2:
        raise UsageError(
            "two recordings are compared, or one with what git has: give OLD and NEW, or NEW alone, or a directory"
        )
    new = places[-1]
    return [Pair(new, _recorded(places[0]) if len(places) == 2 else _committed(new, revision), _recorded(new))]


def _changed(directory: Path, revision: str) -> list[Path]:
    """The recordings below a directory that git has, and that are not the same any more."""
    asked = ["diff", "--name-only", "-z", "--relative", "--diff-filter=M", "--end-of-options", revision, "--", "."]
    missing = f"git can not compare {directory} with {revision}; give the old recording and the new one"
    files = (directory / name for name in _git(asked, directory, missing).decode().split("\0"))
    return [file for file in files if file.is_file() and read(file) is not None]


def _recorded(path: Path) -> Imported:
    return _known(read(path), str(path))


def _known(imported: Imported | None, name: str) -> Imported:
    if imported is None:
        raise UsageError(f"{name} is no cassette of any recorder that is known here")
    return imported


def _committed(path: Path, revision: str) -> Imported:
    missing = f"git has no {path} in {revision}; give the old recording before the new one"
    shown = _git(["show", "--end-of-options", f"{revision}:./{path.name}"], path.parent, missing)
    name = f"{path} in {revision}"
    return _known(parse(shown, path, name), name)


def _git(words: Sequence[str], place: Path, missing: str) -> bytes:
    """What git says.

    Raises:
        UsageError: It fails, or is not there.
    """
    try:
        return subprocess.run(["git", *words], cwd=place, capture_output=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(missing) from error

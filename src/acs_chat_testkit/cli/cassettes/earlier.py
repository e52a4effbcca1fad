"""The old recording, and the new one that is to be compared with it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording import Cassette, serializer
from acs_chat_testkit.recording.differences import Change, compare
from acs_chat_testkit.recording.editing import redacted
from acs_chat_testkit.recording.importers import read
from acs_chat_testkit.recording.redaction import Numbered, Pseudonyms, Redactor
from acs_chat_testkit.recording.redaction.pseudonyms import SHARED

FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="[OLD] NEW",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
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
    old: Cassette
    new: Cassette

    @property
    def changes(self) -> list[Change]:
        """What became of each interaction, redacted, as it may be printed; an id has one pseudonym in both."""
        redactor = Redactor(chat_profile().rules, Numbered(Pseudonyms(), SHARED))
        old, new = (
            Cassette(tuple(redacted(each, redactor) for each in one.interactions), one.header)
            for one in (self.old, self.new)
        )
        return compare(old, new)


def pair(files: Sequence[Path], revision: str) -> Pair:
    """Reads both; with one file alone, git knows the old one.

    Raises:
        UsageError: There are more than two files, or git does not know the old one.
        BrokenCassette: One of them is no cassette.
    """
    if len(files) > 2:
        raise UsageError("two recordings are compared, or one with what git has: give OLD and NEW, or NEW alone")
    new = files[-1]
    return Pair(new, _cassette(files[0]) if len(files) == 2 else _committed(new, revision), _cassette(new))


def _cassette(path: Path) -> Cassette:
    imported = read(path)
    if imported is None:
        raise UsageError(f"{path} is no cassette of any recorder that is known here")
    return imported.cassette


def _committed(path: Path, revision: str) -> Cassette:
    said = ["git", "show", "--end-of-options", f"{revision}:./{path.name}"]
    try:
        shown = subprocess.run(said, cwd=path.parent, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"git has no {path} in {revision}; give the old recording before the new one") from error
    return serializer.parse(shown.stdout, f"{path} in {revision}")

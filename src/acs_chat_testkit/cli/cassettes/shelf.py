"""The shelf: all cassettes below some paths, whoever recorded them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from acs_chat_testkit.chat_profile import CONTENT
from acs_chat_testkit.cli.output import following
from acs_chat_testkit.errors import CassetteError, UsageError
from acs_chat_testkit.recording.importers import Imported, files, read

PATHS = click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path)
)
TEXTS = click.option(
    "--content", type=click.Choice(CONTENT), default="keep", show_default=True, help="Whether texts are findings."
)


@dataclass(slots=True)
class Shelf:
    """What lies below some paths.

    Args:
        cassettes: What could be read, in the order of the files.
        broken: One sentence for each cassette or directory that can not be read.
    """

    cassettes: list[Imported] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def interactions(self) -> int:
        """How many there are in all."""
        return sum(len(each.cassette.interactions) for each in self.cassettes)

    def broken_lines(self) -> Iterator[str]:
        """A line for each cassette that can not be read."""
        yield from (f"BROKEN  {sentence}" for sentence in self.broken)


def shelf(paths: Iterable[Path]) -> Shelf:
    """Reads everything below the paths; what nobody recorded is passed over.

    Raises:
        UsageError: There is no cassette.
    """
    paths = tuple(paths)
    found = Shelf()
    there = files(paths, lambda closed: found.broken.append(str(closed)))
    for file in following(list(dict.fromkeys(there)), "reading"):
        try:
            imported = read(file)
        except CassetteError as broken:
            found.broken.append(str(broken))
            continue
        if imported is not None:
            found.cassettes.append(imported)
    if not found.cassettes and not found.broken:
        raise UsageError(f"there is no cassette below {named(paths)}")
    return found


def named(paths: Sequence[Path]) -> str:
    """Some paths in a sentence."""
    return ", ".join(map(str, paths))

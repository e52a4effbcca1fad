"""`acs-chat cassettes rename`: gives cassettes another name, and never takes the place of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.cli.output import FORMAT, show
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording.importers import read


@dataclass(frozen=True, slots=True)
class Renamed:
    """What became of a name.

    Args:
        old: As it was.
        new: As it is.
        dry: Whether nothing was changed.
    """

    old: Path
    new: Path
    dry: bool

    def lines(self) -> Iterator[str]:
        """Both names."""
        yield f"{'would rename' if self.dry else 'renamed'}  {self.old} -> {self.new}"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {"dry_run": self.dry, "path": str(self.old), "to": str(self.new)}


@click.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be done, and change nothing.")
@FORMAT
def command(old: Path, new: Path, dry: bool, style: str) -> None:
    """Move the cassette OLD, or the directory of a test file's cassettes, to NEW.

    A pseudonym keeps the tag of the name under which it was recorded, so that what is recorded still replays.
    """
    if new.exists() and not (old.samefile(new) and old.name != new.name):
        raise UsageError(f"{new} is there already; move or prune it first")
    if old.is_dir() and old.resolve() in new.resolve().parents:
        raise UsageError(f"{old} can not be moved into itself")
    if not old.is_dir() and read(old) is None:
        raise UsageError(f"{old} is no cassette")
    if not old.is_dir() and new.suffix != old.suffix:
        raise UsageError(f"{new} must end in {old.suffix}, as {old.name} does; migrate changes the format")
    if not dry:
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
    show(Renamed(old, new, dry), style)

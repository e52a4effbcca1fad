"""`acs-chat cassettes rename`: gives cassettes another name, and never takes the place of another."""

from __future__ import annotations

from pathlib import Path

import click

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.printable import line
from acs_chat_testkit.recording.importers import read


@click.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be done, and change nothing.")
def command(old: Path, new: Path, dry: bool) -> None:
    """Move the cassette OLD, or the directory of a test file's cassettes, to NEW.

    A pseudonym keeps the tag of the name under which it was recorded, so that what is recorded still replays.
    """
    if new.exists() and not (old.samefile(new) and old.name != new.name):
        raise UsageError(f"{new} is there already; move or prune it first")
    if old.is_dir() and old.resolve() in new.resolve().parents:
        raise UsageError(f"{old} can not be moved into itself")
    if old.is_file() and read(old) is None:
        raise UsageError(f"{old} is no cassette")
    if old.is_file() and new.suffix != old.suffix:
        raise UsageError(f"{new} must end in {old.suffix}, as {old.name} does; migrate changes the format")
    if not dry:
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
    click.echo(line(f"{'would rename' if dry else 'renamed'}  {old} -> {new}"))

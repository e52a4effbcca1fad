"""`acs-chat cassettes prune`: removes cassettes that no test has."""

from __future__ import annotations

from pathlib import Path

import click

from acs_chat_testkit.cli.cassettes.orphans import Orphans
from acs_chat_testkit.cli.cassettes.owners import REPORT, orphans
from acs_chat_testkit.cli.cassettes.shelf import PATHS
from acs_chat_testkit.cli.output import FORMAT, show
from acs_chat_testkit.cli.output import command as typed


@click.command()
@PATHS
@REPORT
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be removed, and remove nothing.")
@FORMAT
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], report: Path | None, dry: bool, style: str) -> None:
    """Remove the cassettes below PATH that `orphans` lists.

    Exit code 1: with --dry-run, there is something to remove.
    """
    given = [f"--report={report}"] if report is not None else []
    again = typed("acs-chat", "cassettes", "prune", *given, *paths) if dry else None
    found = Orphans(orphans(paths, report), "; nothing was removed" if dry else ", removed", again)
    for path in () if dry else found.found:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    show(found, style)
    context.exit(found.exit_code if dry else 0)

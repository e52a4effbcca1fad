"""`acs-chat cassettes orphans`: lists cassettes that no test has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.cli.cassettes.owners import REPORT, orphans
from acs_chat_testkit.cli.cassettes.shelf import PATHS
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, show
from acs_chat_testkit.cli.output import command as typed


class Orphans:
    """Cassettes that no test has.

    Args:
        found: The files.
        done: What happened to them.
        again: What to run next; None where there is nothing to do.
    """

    def __init__(self, found: Sequence[Path], done: str, again: str | None) -> None:
        self.found = found
        self._done = done
        self._again = again

    @property
    def exit_code(self) -> int:
        """1 where there are any."""
        return FINDINGS if self.found else 0

    def lines(self) -> Iterator[str]:
        """A line for each, and what to run next."""
        yield from (f"  {path}" for path in self.found)
        yield f"{counted(len(self.found), 'cassette')} of no test{self._done if self.found else ''}"
        if self.found and self._again:
            yield f"Next: {self._again}"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {"orphans": [str(path) for path in self.found]}


@click.command()
@PATHS
@REPORT
@FORMAT
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], report: Path | None, style: str) -> None:
    """List the cassettes below PATH that no test has.

    pytest collects the tests below PATH, and runs none; what a test names at run time only the report of a whole run
    knows. Exit code 1: there are some.
    """
    given = [f"--report={report}"] if report is not None else []
    again = typed("acs-chat", "cassettes", "prune", "--dry-run", *given, *paths)
    found = Orphans(orphans(paths, report), "", again)
    show(found, style)
    context.exit(found.exit_code)

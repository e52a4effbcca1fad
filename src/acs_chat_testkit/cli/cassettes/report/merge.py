"""`acs-chat cassettes report merge`: judges the shards of a run as one run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, show
from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.plugin.tally import Tally, again, by_nobody, unplayed_by_all
from acs_chat_testkit.recording.store import FILES


class Merged:
    """What the shards of a run did together.

    Args:
        tally: All of it.
        shards: The report of each.
        output: Where it was written; None where it was not.
    """

    def __init__(self, tally: Tally, shards: Sequence[Path], output: Path | None) -> None:
        self.report = tally.report({})
        self._unplayed = [row for row in unplayed_by_all(tally.rows) if row["on_unplayed"] != "ignore"]
        self._shards = shards
        self._output = output

    @property
    def exit_code(self) -> int:
        """1 where something must not stay so."""
        failing = any(row["on_unplayed"] == "fail" for row in self._unplayed)
        return FINDINGS if failing or self.report["orphans"] else 0

    def lines(self) -> Iterator[str]:
        """What happened, what is wrong, and what to run next."""
        yield (
            f"{counted(len(self._shards), 'shard')}: "
            "{recorded} recorded, {replayed} replayed, {live} live, {blocked} blocked, {unplayed} unplayed".format(
                **self.report
            )
        )
        for row in self._unplayed:
            word = "ERROR" if row["on_unplayed"] == "fail" else "WARN"
            number = counted(len(row["left"]), "interaction")
            yield f"{word}  {number} {by_nobody(row)}"
            yield f"Next: {again(row)}"
        yield from (f"ERROR  {path} belongs to no test" for path in self.report["orphans"])
        if self.report["orphans"]:
            yield f"Next: {self._next()}"

    def _next(self) -> str:
        if self._output is None:
            return typed("acs-chat", "cassettes", "report", "merge", *self._shards, "--output=whole.json")
        places = sorted({Path(path).parent.as_posix() for path in self.report["orphans"]})
        return typed("acs-chat", "cassettes", "prune", "--dry-run", f"--report={self._output}", *places)

    def as_json(self) -> dict[str, Any]:
        """The report of the whole run."""
        return self.report


@click.command()
@click.argument("reports", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report of the whole run.")
@FORMAT
@click.pass_context
def command(context: click.Context, reports: tuple[Path, ...], output: Path | None, style: str) -> None:
    """Judge the shards of a run, each with a REPORT of pytest --cassette-report, as one run.

    An interaction is unplayed where no shard has asked for it, a cassette an orphan where no shard has a test for it.
    Exit code 1: there are some, and the suite does not ignore them.
    """
    tally = merged(reports)
    if output is not None:
        output.write_text(json.dumps(tally.report({}), indent=2) + "\n", encoding="utf-8")
    found = Merged(tally, reports, output)
    show(found, style)
    context.exit(found.exit_code)


def merged(reports: Sequence[Path]) -> Tally:
    """What all reports tell together.

    Raises:
        UsageError: A file is no report, or is given twice.
        NotACassette: It is no file, but a pipe or a device, which may never end.
    """
    tally = Tally()
    for place, file in enumerate(reports):
        if any(file.samefile(other) for other in reports[:place]):
            raise UsageError(f"{file} is given twice; give the report of each shard once")
        try:
            tally.merge(json.loads(FILES.load(file) or b""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{file} is no cassette report; write one with: pytest --cassette-report=report.json"
            ) from error
    return tally

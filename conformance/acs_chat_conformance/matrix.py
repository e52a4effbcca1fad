"""The table of a run: a row for each model and operation, a cell for each level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result, counts
from acs_chat_conformance.vectors import Level


@dataclass(frozen=True, slots=True)
class Cell:
    """How the checks of one level on one subject ended."""

    run: int
    passed: int
    failed: int
    known: int

    @property
    def text(self) -> str:
        """Passed of run, with the known failures behind it; a dash where nothing was run."""
        if not self.run:
            return "-"
        return f"{self.passed}/{self.run}" + (f" ({self.known} known)" if self.known else "")


@dataclass(frozen=True, slots=True)
class Row:
    """A subject with a cell for each level of `levels`."""

    subject: str
    cells: tuple[Cell, ...]


def levels(report: Report) -> list[Level]:
    """The levels that at least one check of the run has."""
    there = {result.vector.level for result in report.results}
    return [level for level in Level if level in there]


def rows(report: Report) -> list[Row]:
    """A row for each subject, models first, and the last one for all together."""
    by_subject: dict[tuple[bool, str], list[Result]] = {}
    for result in report.results:
        by_subject.setdefault(("/" in result.vector.set, result.vector.subject), []).append(result)
    there = levels(report)
    subjects = [Row(subject, _cells(mine, there)) for (_, subject), mine in sorted(by_subject.items())]
    return [*subjects, Row("all", _cells(report.results, there))]


def _cells(results: Iterable[Result], there: list[Level]) -> tuple[Cell, ...]:
    by_level: dict[Level, list[Result]] = {level: [] for level in there}
    for result in results:
        by_level[result.vector.level].append(result)
    told = [counts(by_level[level]) for level in there]
    return tuple(Cell(one["executed"], one["passed"], one["failed"], one["known"]) for one in told)

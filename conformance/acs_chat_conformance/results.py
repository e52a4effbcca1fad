"""What became of a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from acs_chat_conformance.judge import Difference
from acs_chat_conformance.vectors import Vector


class Status(StrEnum):
    """How a check that was run ended: a known failure is no pass; a stale one passed although it is listed."""

    PASSED = "passed"
    FAILED = "failed"
    CRASHED = "crashed"
    KNOWN = "known"
    STALE = "stale"


BAD = {Status.FAILED, Status.CRASHED, Status.STALE}


@dataclass(frozen=True, slots=True)
class Result:
    """One check that was run.

    Args:
        vector: What was asked and wanted.
        status: How it ended.
        differences: What was wrong; empty for a pass.
        note: Why a failure is known, or what is wrong with the list of known ones.
    """

    vector: Vector
    status: Status
    differences: tuple[Difference, ...] = ()
    note: str = ""


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many checks were run, and how they ended; each stands in one of the last three."""
    by_status = Counter(result.status for result in results)
    bad = sum(by_status[status] for status in BAD)
    known = by_status[Status.KNOWN]
    return {"executed": by_status.total(), "passed": by_status[Status.PASSED], "failed": bad, "known": known}

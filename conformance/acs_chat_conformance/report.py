"""What a run found, as counts and as JSON. Every count comes from results; nothing that was not run is a pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from acs_chat_conformance.runner import Result, Status
from acs_chat_conformance.source import Problem
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Level
from acs_chat_conformance.verdict import Exit, verdict
from acs_chat_testkit.contract import load


@dataclass(frozen=True, slots=True)
class Report:
    """One run over one implementation.

    Args:
        implementation: Its name.
        declared: The number of usable checks that were to be run.
        results: What became of each that was run.
        problems: Why other checks could not be used.
    """

    implementation: str
    declared: int
    results: tuple[Result, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def failures(self) -> list[Result]:
        """Everything that is no pass."""
        return [result for result in self.results if result.status is not Status.PASSED]

    @property
    def models(self) -> list[str]:
        """The documented models that at least one check was run on."""
        run = {result.vector.subject for result in self.results if not result.vector.is_wire}
        return [name for name in surface().models if name in run]

    @property
    def operations(self) -> list[str]:
        """The operations of the contract that at least one check was run on."""
        run = {result.vector.subject for result in self.results if result.vector.is_wire}
        return [name for name in load().operations if name in run]

    @property
    def exit_code(self) -> Exit:
        """What the command ends with."""
        return verdict(run=len(self.results), broken=len(self.problems), failed=len(self.failures))

    def as_json(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "implementation": self.implementation,
            "models": len(self.models),
            "operations": len(self.operations),
            "declared": self.declared,
            **counts(self.results),
            "levels": {level: counts(self._of(level)) for level in Level},
            "broken": [asdict(problem) | {"at": problem.field} for problem in self.problems],
            "failures": [_failure(result) for result in self.failures],
        }

    def _of(self, level: Level) -> list[Result]:
        return [result for result in self.results if result.vector.level is level]


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many checks were run, and what became of them."""
    by_status = Counter(result.status for result in results)
    failed = by_status[Status.FAILED] + by_status[Status.CRASHED]
    return {"executed": by_status.total(), "passed": by_status[Status.PASSED], "failed": failed}


def _failure(result: Result) -> dict[str, Any]:
    vector = result.vector
    return {
        "id": vector.id,
        "title": vector.title,
        "level": vector.level,
        "status": result.status,
        "source": vector.source,
        "place": vector.place,
        "given": vector.question,
        "differences": [asdict(difference) for difference in result.differences],
    }

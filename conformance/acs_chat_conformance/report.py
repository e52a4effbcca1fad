"""What a run found. Every count comes from results; nothing that was not run is a pass."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from acs_chat_conformance.requirements import SetVerdict
from acs_chat_conformance.results import BAD, Result, Status
from acs_chat_conformance.source import Problem
from acs_chat_conformance.surface import surface
from acs_chat_conformance.verdict import Exit, verdict
from acs_chat_testkit.contract import load


@dataclass(frozen=True, slots=True)
class Report:
    """One run over one implementation.

    Args:
        implementation: Its name.
        declared: The number of usable checks of its sets.
        results: How each that was run ended; the others were not asked of this implementation.
        problems: Why other checks, or lists of checks, cannot be used.
        verdicts: Of each set, where the whole of it was run.
        versions: The distributions that it was run on.
        python: The interpreter that was named for its environment; None where none was.
        command: What was run, as words, without the options that `rerun` adds.
    """

    implementation: str
    declared: int
    results: tuple[Result, ...]
    problems: tuple[Problem, ...] = ()
    verdicts: tuple[SetVerdict, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    python: str | None = None
    command: tuple[str, ...] = ("acs-chat", "conformance")

    @property
    def failures(self) -> list[Result]:
        """Everything that makes the run fail: failed, crashed, or listed as failing and passed."""
        return [result for result in self.results if result.status in BAD]

    @property
    def known(self) -> list[Result]:
        """The failures that are known."""
        return [result for result in self.results if result.status is Status.KNOWN]

    @property
    def not_asked(self) -> int:
        """How many checks were listed and not run, because this implementation is not asked their level."""
        return self.declared - len(self.results)

    @property
    def models(self) -> list[str]:
        """The documented models that at least one check was run on."""
        run = {result.vector.subject for result in self.results}
        return [name for name in surface().models if name in run]

    @property
    def operations(self) -> list[str]:
        """The operations of the contract that at least one check was run on."""
        run = {result.vector.subject for result in self.results}
        return [name for name in load().operations if name in run]

    @property
    def exit_code(self) -> Exit:
        """What the command ends with."""
        return verdict(run=len(self.results), broken=len(self.problems), failed=len(self.failures))

    def rerun(self, result: Result) -> str:
        """The command that runs one check again."""
        python = ["--python", self.python] if self.python else []
        words = [*self.command, "--impl", self.implementation, *python, "--only", result.vector.id]
        return shlex.join(words)

"""What conforming means: the frozen list of required checks of each set, with a count that is written out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.source import BrokenSource, Problem, read
from acs_chat_conformance.vectors import Level, Vector

HOME = Path(__file__).parent / "requirements"


@dataclass(frozen=True, slots=True)
class Requirements:
    """The required checks of a set, as they were frozen.

    Args:
        set: Its name.
        revision: When it was frozen, as year and month.
        checks: The ids.
        problems: What is wrong with the list itself, or with it and the vectors together.
    """

    set: str
    revision: str
    checks: frozenset[str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """Whether an implementation conforms to a set.

    Args:
        set: Its name.
        revision: That of the requirements.
        required: How many checks are required.
        passed: How many of them passed.
        known: How many of them are known failures; they count as not passed.
    """

    set: str
    revision: str
    required: int
    passed: int
    known: int

    @property
    def conformant(self) -> bool:
        """Whether every required check was run and passed."""
        return self.passed == self.required > 0


def frozen(name: str, vectors: Iterable[Vector], home: Path | None = None) -> Requirements:
    """Reads the requirements of a set and holds them against its vectors.

    Args:
        name: The set.
        vectors: All its vectors that can be used.
        home: Where the lists lie; those of this package where left out.
    """
    path = (home or HOME) / f"{name}.yaml"
    try:
        source = read(path, f"requirements/{name}.yaml")
    except BrokenSource as broken:
        return Requirements(name, "", frozenset(), (broken.problem,))
    problems = source.problems("requirements")
    if problems:
        return Requirements(name, "", frozenset(), tuple(problems))
    data: dict[str, Any] = source.data
    listed = [f"{name}/{file}#{check}" for file, checks in data["required"].items() for check in checks]
    if len(listed) != data["count"]:
        problems.append(source.problem(("count",), f"count says {data['count']}, but {len(listed)} checks are listed"))
    there = {vector.id: vector.level for vector in vectors}
    for check in listed:
        if there.get(check) is not Level.REQUIRED:
            problems.append(source.problem(("required",), f"{check} is required, but there is no such required check"))
    later = {f"{name}/{check}" for check in data["not_scored"]}
    for check, level in there.items():
        if level is Level.REQUIRED and check not in later and check not in listed:
            problems.append(source.problem(("required",), f"{check} is neither frozen nor listed under not_scored"))
    return Requirements(name, str(data["revision"]), frozenset(listed), tuple(problems))


def verdict(requirements: Requirements, results: Iterable[Result]) -> SetVerdict:
    """What a whole run means for a set."""
    status = {result.vector.id: result.status for result in results}
    passed = sum(status.get(check) is Status.PASSED for check in requirements.checks)
    known = sum(status.get(check) is Status.KNOWN for check in requirements.checks)
    return SetVerdict(requirements.set, requirements.revision, len(requirements.checks), passed, known)

"""Checks an implementation: loads, runs, weighs and counts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

from acs_chat_conformance import deviations, requirements
from acs_chat_conformance.implementation import find
from acs_chat_conformance.report import Report
from acs_chat_conformance.runner import run
from acs_chat_conformance.session import Session
from acs_chat_conformance.vectors import Vector, load

OF_INTEREST = (
    *("acs-chat-testkit", "azure-communication-chat", "azure-core", "msrest", "requests", "aiohttp"),
    *("@azure/communication-chat", "node"),
)
"""The distributions whose versions a report shows."""


def check(
    name: str = "ours",
    wanted: Callable[[Vector], bool] | None = None,
    *,
    python: str | None = None,
    sets: tuple[str, ...] = (),
    home: Path | None = None,
    today: datetime.date | None = None,
) -> Report:
    """Checks an implementation.

    Args:
        name: The implementation, as `find` takes it.
        wanted: Which vectors to run; without it all of them, and only then there is a verdict.
        python: The interpreter of its environment; without one Python adapters run in this process.
        sets: The sets to run; all that the implementation is asked where left out.
        home: Where the sets lie; those of this package where left out, and only for them there is a verdict.
        today: For known failures that expire.

    Raises:
        UsageError: There is no implementation of that name, its environment is not the one it needs, or it cannot be
            asked one of the sets.
    """
    under_test = find(name)
    chosen = sets or under_test.sets
    under_test.must_answer(chosen)
    loaded = {each: load(each, home) for each in chosen}
    declared = [vector for each in loaded.values() for vector in each.vectors if wanted is None or wanted(vector)]
    asked = [vector for vector in declared if vector.level in under_test.levels]
    problems = [*under_test.problems, *(problem for each in loaded.values() for problem in each.problems)]
    with Session(under_test, python) as session:
        weighed = deviations.weigh(run(asked, session), under_test, session.versions, today or _today())
        results = tuple(weighed)
    verdicts = []
    if wanted is None and home is None:
        problems += deviations.never_run(under_test, results) if not sets else []
        for each, one in loaded.items():
            required = requirements.frozen(each, one.vectors)
            problems += required.problems
            verdicts.append(requirements.verdict(required, results))
    versions = of_interest(session.versions)
    command = ("acs-chat", "conformance", *(("--vectors", str(home)) if home else ()))
    return Report(under_test.name, len(declared), results, tuple(problems), tuple(verdicts), versions, python, command)


def of_interest(versions: Mapping[str, str]) -> dict[str, str]:
    """The versions that a report shows, of all those of an environment."""
    return {name: versions[name] for name in OF_INTEREST if name in versions}


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()

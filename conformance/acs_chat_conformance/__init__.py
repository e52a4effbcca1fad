"""The conformance suite: vectors, adapters, judge and reports."""

from __future__ import annotations

from collections.abc import Callable

from acs_chat_conformance.implementation import find
from acs_chat_conformance.report import Report
from acs_chat_conformance.runner import run
from acs_chat_conformance.vectors import SETS, Vector, load

__all__ = ["Report", "check"]


def check(name: str = "ours", wanted: Callable[[Vector], bool] = lambda vector: True) -> Report:
    """Checks an implementation with every set that it has an adapter for.

    Args:
        name: The implementation.
        wanted: Which vectors to run.

    Raises:
        UsageError: There is no implementation of that name.
    """
    under_test = find(name)
    loaded = [load(each) for each in SETS if under_test.adapter(wire=each.startswith("wire/"))]
    vectors = [vector for each in loaded for vector in each.vectors if wanted(vector)]
    problems = [problem for each in loaded for problem in each.problems]
    return Report(name, len(vectors), tuple(run(vectors, under_test)), tuple(problems))

"""What the tests of the suite share."""

from collections.abc import Sequence
from typing import Protocol

import pytest

from acs_chat_conformance import Report, check
from acs_chat_conformance.implementation import Implementation, find
from acs_chat_conformance.results import Result
from acs_chat_conformance.runner import run
from acs_chat_conformance.session import Session
from acs_chat_conformance.vectors import SETS, Vector, load


class Failing(Protocol):
    """Runs vectors and gives those that do not pass."""

    def __call__(
        self, vectors: Sequence[Vector], implementation: Implementation | None = None, python: str | None = None
    ) -> list[Result]:
        """Runs them on ours, or on another implementation."""


@pytest.fixture(scope="session")
def vectors() -> tuple[Vector, ...]:
    """Every vector of every set."""
    return tuple(vector for name in SETS for vector in load(name).vectors)


@pytest.fixture(scope="session")
def report() -> Report:
    """A whole run of ours."""
    return check("ours")


@pytest.fixture(scope="session")
def failing() -> Failing:
    """Runs vectors and gives those that do not pass."""

    def failing(
        vectors: Sequence[Vector], implementation: Implementation | None = None, python: str | None = None
    ) -> list[Result]:
        with Session(implementation or find("ours"), python) as session:
            return [result for result in run(vectors, session) if result.differences]

    return failing

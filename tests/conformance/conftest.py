"""What the tests of the suite share."""

from collections.abc import Callable, Sequence

import pytest

from acs_chat_conformance.implementation import OURS, Implementation
from acs_chat_conformance.runner import Result, run
from acs_chat_conformance.vectors import SETS, Vector, load

Run = Callable[..., list[Result]]


@pytest.fixture(scope="session")
def vectors() -> tuple[Vector, ...]:
    """Every vector of every set."""
    return tuple(vector for name in SETS for vector in load(name).vectors)


@pytest.fixture
def failing() -> Callable[[Sequence[Vector]], list[Result]]:
    """Runs vectors and gives those that do not pass."""

    def failing(vectors: Sequence[Vector], implementation: Implementation = OURS) -> list[Result]:
        return [result for result in run(vectors, implementation) if result.differences]

    return failing

"""What the emulator's tests stand on: a running emulator and two users of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.emulator.clients import Person, person

from acs_chat_testkit.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An emulator that the tests of this room share; each makes users and threads of its own."""
    with Emulator() as running:
        yield running


@pytest.fixture
def alice(emulator: Emulator) -> Iterator[Person]:
    """A user of the shared emulator."""
    who = person(emulator)
    with who.session:
        yield who


@pytest.fixture
def bob(emulator: Emulator) -> Iterator[Person]:
    """Another user of the shared emulator."""
    who = person(emulator)
    with who.session:
        yield who

"""What the recorder's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.recording.service import Service, serving


@pytest.fixture
def service() -> Iterator[Service]:
    """A service on loopback."""
    with serving() as running:
        yield running


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Where a cassette may be written."""
    return tmp_path / "cassettes" / "tape.yaml"

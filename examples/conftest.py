"""What the example suite shares."""

import os
from pathlib import Path

import pytest

CASSETTES = Path(__file__).parents[1] / "cassettes"


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """The committed cassettes, or the directory that the quickstart records into."""
    home = Path(os.environ.get("EXAMPLE_CASSETTES", CASSETTES))
    return str(home / request.path.stem)

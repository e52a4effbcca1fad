"""Every observation that is faulty elsewhere: what must hold, holds with ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.peers.observations import observations
from tests.peers.worker import find_scenario, play

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted({name for row in observations() for name in row.scenarios})


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_holds(name: str, tmp_path: Path) -> None:
    """What must come of the scenario comes of it; `tox run -e peers` shows that it does not elsewhere."""
    assert play("ours", name, tmp_path) == find_scenario(name).right


def test_every_row_is_shown() -> None:
    """All 44 are there, each has a scenario or a test, and every test that it names is there."""
    rows = observations()
    assert [row.number for row in rows] == list(range(1, 45))
    for row in rows:
        assert row.scenarios or row.tests, row.number
        for test in row.tests:
            file, _, name = test.partition("::")
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), test

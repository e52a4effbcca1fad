"""Tests that share one cassette, in one process and in several."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests  # noqa: F401  or each inner run would import it anew
from tests.recording.service import Service

from acs_chat_testkit.recording import load
from acs_chat_testkit.recording.lock import private

pytest_plugins = ["pytester"]

TWELVE = """
import pytest, requests
URL = {url!r}

@pytest.mark.vcr
@pytest.mark.default_cassette("shared.yaml")
@pytest.mark.parametrize("number", range(12))
def test_it(number):
    assert requests.get(f"{{URL}}/{{number}}", timeout=10).json()["path"] == f"/{{number}}"
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The private directory, without what other runs on this machine put there."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    private.cache_clear()
    yield private()
    private.cache_clear()


@pytest.mark.parametrize(("mode", "workers"), [("once", 4), ("new_episodes", 0), ("rewrite", 0)])
def test_twelve_tests_keep_twelve_interactions(
    pytester: pytest.Pytester, service: Service, alone: Path, mode: str, workers: int
) -> None:
    """Whether one process runs them or four: all are in the file, and all replay; nothing of the run is left."""
    pytester.makepyfile(test_it=TWELVE.format(url=service.url))
    result = pytester.runpytest(f"--record-mode={mode}", "-n", str(workers))
    result.assert_outcomes(passed=12)
    tape: Path = pytester.path / "cassettes" / "test_it" / "shared.yaml"
    recorded = [each.request.url.rpartition("/")[2] for each in load(tape).interactions]
    assert sorted(recorded, key=int) == [str(number) for number in range(12)]
    service.close()
    pytester.runpytest().assert_outcomes(passed=12)
    assert list(tape.parent.iterdir()) == [tape]
    assert list(alone.glob("run-*")) == []

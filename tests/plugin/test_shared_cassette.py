"""Tests that share one cassette, in one process and in several."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests  # noqa: F401  or each inner run would import it anew
from tests.plugin.suites import suite
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


ELSEWHERE = """
@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return {place!r}

@pytest.mark.vcr
@pytest.mark.default_cassette("shared")
@pytest.mark.parametrize("path", {paths})
def test_it(path):
    get(path)
"""


@pytest.mark.parametrize("place", ["cassettes/test_it", "tapes"])
def test_the_next_command_loses_nothing_of_a_shared_cassette(
    pytester: pytest.Pytester, service: Service, place: str
) -> None:
    """It names all tests that have it, wherever it lies; the file, where others may have it or there are many."""
    suite(pytester, service, ELSEWHERE.format(place=place, paths=["/a", "/b"]))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    pytester.runpytest().assert_outcomes(passed=2)
    suite(pytester, service, ELSEWHERE.format(place=place, paths=["/a", "/c"]))
    both = "pytest 'test_it.py::test_it[[]/a]' 'test_it.py::test_it[[]/c]' --record-mode=rewrite"
    pytester.runpytest().stdout.fnmatch_lines([f"E *record it: {both}"])
    whole = "pytest test_it.py --record-mode=rewrite"
    pytester.runpytest("test_it.py::test_it[/c]").stdout.fnmatch_lines([f"E *record it: {whole}"])
    suite(pytester, service, ELSEWHERE.format(place=place, paths=[f"/{number}" for number in range(11)]))
    pytester.runpytest().stdout.fnmatch_lines([f"E *record it: {whole}"])

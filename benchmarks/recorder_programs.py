"""What is timed of a recorder as a whole process, and what makes its files: see `main`."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import requests

from benchmarks.recorder_peers import gets, installed, new_session

TESTS = 500


def make_large(path: Path, number: int) -> None:
    """A cassette as `open-6000` and `open-3000` have."""
    installed().write(path, gets(number, 1300))


def memory(path: Path) -> None:
    """Prints by how many megabytes opening a cassette raises the most memory that this process ever had."""
    recorder = installed()
    small = recorder.path("small")
    recorder.write(small, gets(1))
    with recorder.replay(small, requests.Session()):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with recorder.replay(path, requests.Session()):
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def replay_all(path: Path, number: int) -> None:
    """Opens a cassette and replays all of it."""
    session = new_session()
    with installed().replay(path, session):
        for each in gets(number, 1300):
            assert session.get(each.url).content


BARE = "def test_{0}():\n    assert 1\n"
REPLAYED = """
{1}def test_{0}():
    with requests.Session() as session:
        {2}
        assert session.get("https://api.example/messages/{0}?page=1").status_code == 200
"""
THROUGH_HTTPX = """
@pytest.mark.vcr
def test_{0}():
    with httpx.Client() as client:
        assert client.get("https://api.example/messages/{0}?page=1").status_code == 200
"""


def make_project(home: Path, places: Sequence[str]) -> None:
    """Test files with `TESTS` tests each, and a cassette for each test below directories of these names."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    recorder = installed()
    head = f"import pytest, requests, sys\nsys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
    names = range(TESTS)
    (home / "test_bare.py").write_text(head + "".join(BARE.format(name) for name in names), "utf-8")
    (home / "test_one.py").write_text(BARE.format(0), "utf-8")
    (home / "nothing.py").write_text('"""A plugin that does nothing."""\n', "utf-8")
    mount = 'session.mount("https://", CANNED)'
    text = "".join(REPLAYED.format(name, "", mount) for name in names)
    canned = "from benchmarks.recorder_peers import Canned, message\nCANNED = Canned(message(1, 500))\n"
    (home / "test_adapter.py").write_text(head + canned + text, "utf-8")
    text = "".join(REPLAYED.format(name, "@pytest.mark.vcr\n", "pass") for name in names)
    (home / "test_replayed.py").write_text(head + text, "utf-8")
    text = "".join(THROUGH_HTTPX.format(name) for name in names)
    (home / "test_httpx.py").write_text(f"import httpx, pytest\n{text}", "utf-8")
    for place in places:
        cassettes = home / place
        cassettes.mkdir(parents=True)
        for name, each in zip(names, gets(TESTS), strict=True):
            recorder.write(cassettes / f"test_{name}.yaml", [each])


def main(what: str, path: str, *rest: str) -> None:
    """``large PATH NUMBER``, ``memory PATH``, ``replay-all PATH NUMBER`` or ``project HOME PLACE ...``."""
    if what == "large":
        make_large(Path(path), int(rest[0]))
    elif what == "memory":
        memory(Path(path))
    elif what == "replay-all":
        replay_all(Path(path), int(rest[0]))
    else:
        make_project(Path(path), rest)


if __name__ == "__main__":
    main(*sys.argv[1:])

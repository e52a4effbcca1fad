"""What a page names is there: files, tests, environments of tox."""

import re
from pathlib import Path

import pytest

from .blocks import ROOT, name, pages

PATH = re.compile(r"`((?:tests|benchmarks|conformance|src|docs|examples|cassettes)/[\w./*{},-]*\w)(?:::(\w+))?`")
OTHERS = {"tests/integration", "tests/test_utils.py"}
"""Of vcrpy and pytest-recording, on the page that compares with them."""
TOX = re.compile(r"tox run (?:-q+ )?-e ([\w-]+)")


@pytest.mark.parametrize("path", pages(), ids=name)
def test_the_files_are_there(path: Path) -> None:
    """A claim names the test or the benchmark that shows it, and a walk the files that it touches."""
    for file, test in PATH.findall(path.read_text(encoding="utf-8")):
        found = list(ROOT.glob(file))
        assert found or file in OTHERS, f"{name(path)} names {file}, which is not there"
        assert not test or f"def {test}(" in found[0].read_text(encoding="utf-8"), f"{name(path)} names {file}::{test}"


@pytest.mark.parametrize("path", pages(), ids=name)
def test_the_environments_are_there(path: Path) -> None:
    """`tox run -e NAME` runs something."""
    known = (ROOT / "tox.ini").read_text(encoding="utf-8")
    for environment in TOX.findall(path.read_text(encoding="utf-8")):
        stem = environment.split("-")[0]
        assert re.search(rf"\[testenv:(?:{environment}\]|{stem}-?\{{)", known), f"{name(path)} names {environment}"


def test_the_rows_of_peers_are_there() -> None:
    """The comparison names rows of the observations."""
    rows = (ROOT / "tests" / "peers" / "observations.yaml").read_text(encoding="utf-8")
    named = re.findall(r"peers ((?:\d+(?:, )?)+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert named
    for number in ", ".join(named).split(", "):
        assert re.search(rf"(?m)^{number}:$", rows), number

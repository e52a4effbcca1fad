"""A suite on several machines: the reports of its shards, merged, say what one run on one machine says."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

import pytest
import requests  # noqa: F401  or each inner run would import it anew
from tests.cli.shelves import acs_chat, lines
from tests.recording.service import Service

pytest_plugins = ["pytester"]

SUITE = """
import pytest, requests
URL = {url!r}

def ask(*words):
    for word in words:
        assert requests.get(f"{{URL}}/{{word}}", timeout=10).status_code == 200

@pytest.mark.vcr
def test_own():
    ask("own")

@pytest.mark.vcr
@pytest.mark.default_cassette("shared.yaml")
def test_left():
    ask("left", {more})

@pytest.mark.vcr
@pytest.mark.default_cassette("shared.yaml")
def test_right():
    ask("right")
"""
SHARDS = {
    "files": [["test_one.py"], ["test_two.py"]],
    "deselected": [["-k", "own or left"], ["-k", "right"]],
    "workers": [["test_one.py", "-n2"], ["test_two.py", "-n2"]],
}


@pytest.fixture
def suite(pytester: pytest.Pytester, service: Service) -> Path:
    """Two recorded test files; each has lost a test, and the first asks for less of its shared cassette than before."""
    gone = "\n@pytest.mark.vcr\ndef test_gone():\n    ask('lost')\n"
    before = {name: SUITE.format(url=service.url, more="'more'") + gone for name in ("test_one", "test_two")}
    pytester.makepyfile(**before)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=8)
    pytester.makepyfile(
        test_one=SUITE.format(url=service.url, more=""), test_two=SUITE.format(url=service.url, more="'more'")
    )
    service.close()
    return pytester.path


def reports(pytester: pytest.Pytester, runs: list[list[str]]) -> list[str]:
    """Runs the suite, part by part, and gives the names of the reports."""
    names = [f"{number}-of-{len(runs)}.json" for number in range(len(runs))]
    for name, options in zip(names, runs, strict=True):
        result = pytester.runpytest(*options, f"--cassette-report={name}")
        assert result.parseoutcomes().keys() <= {"passed", "deselected"}
    return names


@pytest.mark.parametrize("shards", SHARDS.values(), ids=SHARDS)
def test_shards_are_judged_as_one_run(pytester: pytest.Pytester, suite: Path, shards: list[list[str]]) -> None:
    """The same interactions are unplayed, the same files are orphans, and the whole report is the same."""
    (whole,) = reports(pytester, [[]])
    result = acs_chat("cassettes", "report", "merge", *reports(pytester, shards)[::-1], "--output=merged.json")
    assert result.exit_code == 1
    one, merged = (json.loads(Path(name).read_text(encoding="utf-8")) for name in (whole, "merged.json"))
    assert merged == one
    assert one["unplayed"] == 1
    assert lines(result) == [
        "2 shards: 0 recorded, 7 replayed, 0 live, 0 blocked, 1 unplayed",
        "ERROR  1 interaction of cassettes/test_one/shared.yaml that none of its 2 tests asked for",
        "Next: pytest test_one.py::test_left test_one.py::test_right --record-mode=rewrite",
        "ERROR  cassettes/test_one/test_gone.yaml belongs to no test",
        "ERROR  cassettes/test_two/test_gone.yaml belongs to no test",
        "Next: acs-chat cassettes prune --dry-run --report=merged.json cassettes/test_one cassettes/test_two",
    ]
    unnamed = acs_chat("cassettes", "report", "merge", whole)
    assert lines(unnamed)[-1] == f"Next: acs-chat cassettes report merge {whole} --output=whole.json"
    pruned = acs_chat("cassettes", "prune", "--report=merged.json", "cassettes")
    assert lines(pruned)[-1] == "2 cassettes of no test, removed"
    assert not list(suite.rglob("test_gone.yaml"))


def test_shards_that_leave_nothing_over_find_nothing(pytester: pytest.Pytester, suite: Path) -> None:
    """What one shard leaves another may ask for; a suite that only warns of the rest does not fail."""
    for file in suite.rglob("test_gone.yaml"):
        file.unlink()
    names = reports(pytester, [["test_two.py", "-k", "left"], ["test_two.py", "-k", "right"]])
    whole = acs_chat("cassettes", "report", "merge", *names)
    assert (whole.exit_code, lines(whole)) == (
        0,
        ["2 shards: 0 recorded, 3 replayed, 0 live, 0 blocked, 0 unplayed"],
    )
    pytester.makeini("[pytest]\nvcr_on_unplayed = warn\n")
    warned = acs_chat("cassettes", "report", "merge", *reports(pytester, [["test_one.py"]]))
    assert (warned.exit_code, lines(warned)[1].split()[0]) == (0, "WARN")


def test_a_test_that_is_asked_for_by_name_is_not_blamed_for_the_others(pytester: pytest.Pytester, suite: Path) -> None:
    """Who else has its cassette is not known then, neither to the run nor to a merge."""
    pytester.syspathinsert()
    single = ["test_one.py::test_left", "test_one.py::test_right"]
    names = reports(pytester, [["test_two.py::test_right"], single, ["--pyargs", "test_one::test_left"]])
    result = acs_chat("cassettes", "report", "merge", "--format=json", *names)
    assert (result.exit_code, json.loads(result.stdout)["orphans"]) == (0, [])


@pytest.mark.parametrize(
    ("text", "names", "sentence"),
    [
        ("[]", ["1.json"], "1.json is no cassette report; write one with: pytest --cassette-report=report.json"),
        ('{"cassettes": 1}', ["1.json"], "1.json is no cassette report; write one with: *"),
        (None, ["1.json", "1.json"], "1.json is given twice; give the report of each shard once"),
    ],
)
def test_what_can_not_be_merged_is_one_sentence(
    pytester: pytest.Pytester, text: str | None, names: list[str], sentence: str
) -> None:
    """Exit code 2, and nothing is written."""
    pytester.makepyfile("def test_it():\n    pass\n")
    pytester.runpytest("--cassette-report=1.json")
    if text is not None:
        Path("1.json").write_text(text, encoding="utf-8")
    result = acs_chat("cassettes", "report", "merge", "--output=merged.json", *names)
    assert result.exit_code == 2
    assert fnmatch(result.stderr.strip(), f"acs-chat: {sentence}")
    assert not Path("merged.json").exists()

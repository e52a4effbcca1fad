"""`acs-chat cassettes orphans`, `prune` and `rename`: which files belong to no test, and where they go."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest
from tests.cli.shelves import acs_chat, lines, ours

NAME = "test_a_closed_room_is_gone.yaml"


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite with a test, its cassette, one that lost its test, and one whose test file is gone."""
    monkeypatch.chdir(tmp_path)
    place = Path("tests")
    cassettes = place / "cassettes"
    ours(cassettes / "test_room").rename(cassettes / "test_room" / "test_here.yaml")
    ours(cassettes / "test_room").rename(cassettes / "test_room" / "test_lost.yaml")
    ours(cassettes / "test_gone")
    ours(cassettes / "common")
    text = "import pytest\n\n@pytest.mark.vcr\ndef test_here():\n    pass\n"
    (place / "test_room.py").write_text(text, encoding="utf-8")
    return place


def reported(suite: Path) -> Path:
    """The report of a whole run of the suite."""
    report = Path("report.json")
    told = {
        "orphans": ["tests/cassettes/test_room/test_lost.yaml"],
        "cassettes": [{"path": "tests/cassettes/test_room/test_here.yaml"}],
    }
    report.write_text(json.dumps(told), encoding="utf-8")
    return report


LOST = ["  tests/cassettes/test_gone/test_a_closed_room_is_gone.yaml", "  tests/cassettes/test_room/test_lost.yaml"]


def test_the_report_of_a_run_tells_which_cassettes_no_test_has(suite: Path) -> None:
    """Those of a test that is gone and of a test file that is gone; shared ones are nobody's to remove."""
    result = acs_chat("cassettes", "orphans", "--report", reported(suite), suite)
    assert result.exit_code == 1
    assert lines(result) == [
        *LOST,
        "2 cassettes of no test",
        "Next: acs-chat cassettes prune --dry-run --report=report.json tests",
    ]
    told = json.loads(acs_chat("cassettes", "orphans", "--format=json", "--report", reported(suite), suite).stdout)
    assert told == {"orphans": [line.strip() for line in LOST]}


def test_pruning_removes_them_when_it_is_told_to(suite: Path) -> None:
    """Each output's next command, as it is printed; a dry run removes nothing, and nothing else is ever removed."""
    reported(suite)
    before = sorted(suite.rglob("*.yaml"))
    dry = acs_chat(*shlex.split("cassettes prune --dry-run --report=report.json tests"))
    assert dry.exit_code == 1
    assert sorted(suite.rglob("*.yaml")) == before
    said = lines(dry)
    assert said[-2] == "2 cassettes of no test; nothing was removed"
    done = acs_chat(*shlex.split(said[-1].removeprefix("Next: acs-chat ")))
    assert done.exit_code == 0
    assert lines(done) == [*LOST, "2 cassettes of no test, removed"]
    assert [each.as_posix() for each in sorted(suite.rglob("*.yaml"))] == [
        "tests/cassettes/common/test_a_closed_room_is_gone.yaml",
        "tests/cassettes/test_room/test_here.yaml",
    ]
    assert not (suite / "cassettes" / "test_gone").exists()


@pytest.mark.parametrize("below", ["cassettes", "cassettes/test_room", "cassettes/test_room/test_lost.yaml"])
def test_the_place_of_cassettes_is_enough(suite: Path, below: str) -> None:
    """The tests that are collected lie beside it; this is the path that a run prints."""
    said = lines(acs_chat("cassettes", "orphans", suite / below))
    assert LOST[1] in said
    assert said[-1] == f"Next: acs-chat cassettes prune --dry-run {suite / below}"


def test_the_name_of_a_test_with_a_slash_in_it_is_no_test_file(suite: Path) -> None:
    """pytest-vcr keeps the cassette of ``test_here[a/b]`` in a directory ``test_here[a``, and it is still replayed."""
    ours(suite / "cassettes" / "test_here[a").rename(suite / "cassettes" / "test_here[a" / "b].yaml")
    told = acs_chat("cassettes", "orphans", "--report", reported(suite), suite)
    assert [line for line in lines(told) if line.startswith("  ")] == LOST


def test_a_suite_that_can_not_be_collected_removes_nothing(suite: Path) -> None:
    """Where tests are not known, every cassette would look like an orphan."""
    (suite / "test_room.py").write_text("def test_(:\n", encoding="utf-8")
    before = sorted(suite.rglob("*.yaml"))
    result = acs_chat("cassettes", "prune", suite)
    assert result.exit_code == 2
    assert "acs-chat: pytest could not collect the suite (" in result.stderr
    assert sorted(suite.rglob("*.yaml")) == before


def test_a_name_of_a_test_may_come_in_any_encoding(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pytest prints is not what is read of it."""
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    (suite / "test_größe.py").write_text("def test_größe():\n    pass\n", encoding="utf-8")
    assert LOST[1] in lines(acs_chat("cassettes", "orphans", suite))


def test_where_another_plugin_records_nobody_knows(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is not the suite that is wrong."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:acs_chat_testkit.summary")
    result = acs_chat("cassettes", "orphans", suite)
    assert result.exit_code == 2
    assert result.stderr.startswith("acs-chat: another plugin keeps the vcr marker, ")


def test_a_file_that_is_no_report_is_one_sentence(suite: Path) -> None:
    """What it is not, and how to make one: never in the place of the file, which is somebody's."""
    Path("other.json").write_text("[]", encoding="utf-8")
    result = acs_chat("cassettes", "orphans", "--report", "other.json", suite)
    assert result.exit_code == 2
    assert result.stderr == (
        "acs-chat: other.json is no cassette report; write one with: pytest --cassette-report=report.json\n"
    )


@pytest.mark.parametrize("command", [("report", "merge"), ("orphans", ".", "--report")])
def test_a_report_that_may_never_end_is_refused(command: tuple[str, ...], tmp_path: Path) -> None:
    """As a cassette would be: nobody knows who writes into a pipe, and when."""
    pipe = tmp_path / "report.json"
    os.mkfifo(pipe)
    result = acs_chat("cassettes", *command, pipe)
    assert (result.exit_code, result.stderr) == (2, f"acs-chat: {pipe} is no file; give another name\n")


@pytest.mark.parametrize("dry", [True, False])
def test_a_program_reads_what_was_renamed(suite: Path, *, dry: bool) -> None:
    """As JSON, as with the other commands, and whether it was done."""
    old, new = suite / "cassettes" / "test_room" / "test_lost.yaml", suite / "cassettes" / "new.yaml"
    result = acs_chat("cassettes", "rename", *(["--dry-run"] if dry else []), "--format", "json", old, new)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"dry_run": dry, "path": str(old), "to": str(new)}
    assert (old.exists(), new.exists()) == (dry, not dry)


def test_a_cassette_gets_another_name_and_takes_nobodys_place(suite: Path) -> None:
    """A file or a directory; what is there already stays, and the suffix tells the format."""
    room = suite / "cassettes" / "test_room"
    assert acs_chat("cassettes", "rename", "--dry-run", room / "test_lost.yaml", room / "x.yaml").exit_code == 0
    assert (room / "test_lost.yaml").exists()
    taken = acs_chat("cassettes", "rename", room / "test_lost.yaml", room / "test_here.yaml")
    assert taken.exit_code == 2
    assert "test_here.yaml is there already" in taken.stderr
    assert acs_chat("cassettes", "rename", room / "test_lost.yaml", room / "x.json").exit_code == 2
    assert acs_chat("cassettes", "rename", suite / "test_room.py", suite / "x.py").exit_code == 2
    os.mkfifo(room / "pipe.yaml")
    pipe = acs_chat("cassettes", "rename", room / "pipe.yaml", room / "x.yaml")
    assert (pipe.exit_code, pipe.stderr) == (2, f"acs-chat: {room}/pipe.yaml is no file; give another name\n")
    below = acs_chat("cassettes", "rename", room / "test_lost.yaml", suite / "test_room.py" / "x.yaml")
    assert below.exit_code == 2
    assert below.stderr == f"acs-chat: {suite / 'test_room.py'}: File exists\n"
    named = acs_chat("cassettes", "rename", room / "test_lost.yaml", suite / "cassettes" / "new" / "test_found.yaml")
    assert named.exit_code == 0, named.output
    assert (suite / "cassettes" / "new" / "test_found.yaml").exists()
    itself = acs_chat("cassettes", "rename", "--dry-run", room, room / "test_hall")
    assert (itself.exit_code, itself.stderr) == (2, f"acs-chat: {room} can not be moved into itself\n")
    assert acs_chat("cassettes", "rename", room, suite / "cassettes" / "test_hall").exit_code == 0
    assert (suite / "cassettes" / "test_hall" / "test_here.yaml").exists()

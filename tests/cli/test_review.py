"""`acs-chat cassettes diff` and `review`: a new recording beside the old one, and what is kept of it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.shelves import FOREIGN, acs_chat, foreign, lines, ours

from acs_chat_testkit.cli.app import app
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Cassette, Interaction, load
from acs_chat_testkit.recording.differences import compare
from acs_chat_testkit.recording.importers import read


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An old recording and a new one: another time and id, another topic, one call less and one more."""
    monkeypatch.chdir(tmp_path)
    old = ours(Path("old"), "test_the_sender_sees_who_has_read_a_message.yaml")
    new = ours(Path("new"), "test_the_sender_sees_who_has_read_a_message.yaml")
    text = new.read_text(encoding="utf-8")
    for was, becomes in (
        ('"createdOn": "2026-01-01', '"createdOn": "2027-03-04'),
        ('"topic": "Order 17"', '"topic": "Order 18"'),
    ):
        assert was in text
        text = text.replace(was, becomes)
    parts = text.split("\n- request:")
    added = parts[-1].replace("method: GET", "method: OPTIONS").removesuffix("version: 1\n")
    new.write_text("\n- request:".join([parts[0], parts[1], *parts[3:-1], added.rstrip("\n"), parts[-1]]), "utf-8")
    return old, new


def git(place: Path, *argv: str) -> None:
    """Runs git with a name of its own."""
    named = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *named, *argv], cwd=place, check=True, capture_output=True)


def test_a_difference_is_named_by_place_and_what_always_differs_is_folded(both: tuple[Path, Path]) -> None:
    """Values by JSON path with old and new, calls that went and came, and the command that decides on them."""
    result = acs_chat("cassettes", "diff", *both)
    said = lines(result)
    assert result.exit_code == 1
    assert '    request body $.topic: "Order 17" -> "Order 18"' in said
    assert '    response body $.chatThread.topic: "Order 17" -> "Order 18"' in said
    assert [line[:1] for line in said if line[:2] in ("- ", "+ ", "~ ")] == ["~", "-", "+"]
    assert "2027" not in result.output
    assert said[-2] == "7 interactions: 4 the same, 1 volatile value folded"
    assert said[-1] == f"Next: acs-chat cassettes review {both[0]} {both[1]}"


def test_equal_recordings_have_nothing_to_look_at(both: tuple[Path, Path]) -> None:
    """Exit code 0."""
    result = acs_chat("cassettes", "diff", both[0], both[0])
    assert result.exit_code == 0
    assert lines(result) == ["6 interactions: 6 the same, 0 volatile values folded"]


def test_git_knows_the_old_recording(both: tuple[Path, Path]) -> None:
    """With one file alone it is compared with what is committed; a file that git does not know is one sentence."""
    old, new = both
    git(Path("old"), "init", "-q")
    unknown = acs_chat("cassettes", "diff", old)
    assert unknown.exit_code == 2
    assert unknown.stderr == f"acs-chat: git has no {old} in HEAD; give the old recording before the new one\n"
    git(Path("old"), "add", "-A")
    git(Path("old"), "commit", "-q", "-m", "recorded")
    old.write_bytes(new.read_bytes())
    result = acs_chat("cassettes", "diff", old)
    assert '    request body $.topic: "Order 17" -> "Order 18"' in lines(result)
    assert lines(result)[-1] == f"Next: acs-chat cassettes review {old}"


def test_an_address_that_is_none_is_compared_as_a_text(both: tuple[Path, Path]) -> None:
    """An edited recording may name half of an IPv6 address."""
    new = both[1]
    new.write_text(new.read_text("utf-8").replace("https://chat.communication.example/", "https://[half/"), "utf-8")
    result = acs_chat("cassettes", "diff", *both)
    assert result.exit_code == 1
    assert "https://[half/chat/threads" in result.output


def test_machines_read_the_differences_as_json(both: tuple[Path, Path]) -> None:
    """One entry for each change."""
    told = json.loads(acs_chat("cassettes", "diff", "--format", "json", *both).stdout)["changes"]
    assert [each["change"] for each in told] == ["changed", "removed", "added"]
    assert {"place": "request body $.topic", "old": '"Order 17"', "new": '"Order 18"'} in told[0]["differences"]


def test_a_recording_of_another_recorder_is_redacted_before_it_is_shown(tmp_path: Path) -> None:
    """No secret of either file is in the output."""
    old = foreign(tmp_path, "vcrpy.yaml")
    new = foreign(tmp_path, "cassetter.yaml")
    printed = acs_chat("cassettes", "diff", old, new).output
    assert printed
    for secret in ("eyJ", "private-", "uJ4-", "c2ln", "contoso"):
        assert secret not in printed


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("a\na\na\n", "new"),
        ("r\nr\nr\n", "old"),
        ("r\na\nr\n", "mixed"),
        ("a\nq\n", "untouched"),
    ],
)
def test_each_difference_is_accepted_or_rejected(both: tuple[Path, Path], answers: str, expected: str) -> None:
    """What is rejected is again as it was; quitting changes nothing."""
    old, new = both
    before, wanted = new.read_bytes(), load(old).interactions
    fresh = load(new).interactions
    result = CliRunner().invoke(app, ["cassettes", "review", str(old), str(new)], input=answers)
    assert result.exit_code == 0, result.output
    kept = tuple(load(new).interactions)
    match expected:
        case "new":
            assert new.read_bytes() == before
        case "old":
            assert [each.request.method for each in kept] == [each.request.method for each in wanted]
            assert kept[0] == wanted[0]
        case "mixed":
            assert kept == (wanted[0], *fresh[1:4], fresh[-1])
        case "untouched":
            assert new.read_bytes() == before


def test_review_without_questions(both: tuple[Path, Path]) -> None:
    """All at once, for those who have looked at the diff."""
    old, new = both
    assert acs_chat("cassettes", "review", "--reject-all", *both).exit_code == 0
    assert acs_chat("cassettes", "diff", *both).exit_code == 0
    before = new.read_bytes()
    assert acs_chat("cassettes", "review", "--accept-all", *both).exit_code == 0
    assert new.read_bytes() == before
    assert old.exists()


def test_what_is_rejected_as_a_whole_is_the_old_file_again(both: tuple[Path, Path]) -> None:
    """Byte by byte, the time of its recording too, so that git has nothing to show."""
    old, new = both
    new.write_text(new.read_text(encoding="utf-8").replace("recorded_at: 2026", "recorded_at: 2027"), "utf-8")
    assert acs_chat("cassettes", "review", "--reject-all", old, new).exit_code == 0
    assert new.read_bytes() == old.read_bytes()


@pytest.mark.parametrize("name", ["vcrpy.json", "vcrpy.yaml"])
def test_what_is_left_of_a_review_is_in_the_format_that_it_was_in(name: str, tmp_path: Path) -> None:
    """A suite with ``serializer="json"`` still reads it."""
    old = foreign(tmp_path, name, f"old-{name}")
    new = foreign(tmp_path, name)
    text = new.read_text(encoding="utf-8")
    new.write_text(re.sub(r"\b20[14]\b", "202", text), encoding="utf-8")
    result = CliRunner().invoke(app, ["cassettes", "review", str(old), str(new)], input="r\n" + "a\n" * 5)
    assert result.exit_code == 0, result.output
    found = read(new)
    assert found is not None
    assert found.format.name == ("vcrpy (JSON)" if name == "vcrpy.json" else "vcrpy")
    assert found.cassette.interactions != load(old).interactions


@pytest.mark.parametrize("name", ["betamax.json", "cassetter.yaml", "test-proxy.json"])
def test_what_only_another_recorder_can_write_is_compared_and_not_reviewed(name: str, tmp_path: Path) -> None:
    """It says so before it asks anything, and git's is compared like any other."""
    file = foreign(tmp_path, name)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "recorded")
    text = file.read_text(encoding="utf-8").replace("201", "202")
    file.write_text(text, encoding="utf-8")
    assert "response status: 201 Created -> 202" in acs_chat("cassettes", "diff", tmp_path).output
    result = acs_chat("cassettes", "review", "--reject-all", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"; before a review: acs-chat cassettes migrate {file}\n")
    assert file.read_text(encoding="utf-8") == text


def test_a_review_that_nobody_answers_is_one_sentence(both: tuple[Path, Path]) -> None:
    """A build server has nobody to ask, and the recording stays as it is."""
    before = both[1].read_bytes()
    result = acs_chat("cassettes", "review", *both)
    assert (result.exit_code, both[1].read_bytes()) == (2, before)
    assert result.stderr == "acs-chat: nobody answers; say --accept-all or --reject-all to be asked nothing\n"


def test_the_next_command_of_a_diff_works_as_printed(both: tuple[Path, Path]) -> None:
    """A person copies the line and answers."""
    argv = shlex.split(lines(acs_chat("cassettes", "diff", *both))[-1].removeprefix("Next: "))
    script = Path(sys.executable).parent / "acs-chat"
    result = subprocess.run([script, *argv[1:]], input="a\na\na\n", capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "rejected" in result.stdout


def test_a_wrong_use_is_exit_code_2(tmp_path: Path) -> None:
    """Three files, and a file that is no cassette."""
    file = FOREIGN / "vcrpy.yaml"
    other = tmp_path / "other.yaml"
    other.write_text("a: 1\n", encoding="utf-8")
    assert "give OLD and NEW, or NEW alone" in acs_chat("cassettes", "diff", file, file, file).stderr
    assert "no cassette of any recorder" in acs_chat("cassettes", "review", other, file).stderr


@pytest.fixture
def suite(both: tuple[Path, Path]) -> tuple[Path, bytes]:
    """Three committed recordings, of which two were recorded again; and what else may lie below a directory."""
    old, new = both
    home = Path("old")
    before = old.read_bytes()
    (home / "below").mkdir()
    for name in ("below/b.yaml", "same.yaml"):
        (home / name).write_bytes(before)
    (home / "settings.yaml").write_text("a: 1\n", encoding="utf-8")
    git(home, "init", "-q")
    git(home, "add", "-A")
    git(home, "commit", "-q", "-m", "recorded")
    for file in (old, home / "below" / "b.yaml"):
        file.write_bytes(new.read_bytes())
    (home / "settings.yaml").write_text("a: 2\n", encoding="utf-8")
    (home / "new.yaml").write_bytes(before)
    return home, before


def test_a_directory_is_compared_recording_by_recording(suite: tuple[Path, bytes]) -> None:
    """Those that git has and that are other ones now, each below its name; the next command takes the same."""
    home, _ = suite
    result = acs_chat("cassettes", "diff", home)
    said = lines(result)
    assert result.exit_code == 1
    names = [f"{home}/below/b.yaml:", f"{home}/test_the_sender_sees_who_has_read_a_message.yaml:"]
    assert [line for line in said if line.endswith(".yaml:")] == names
    assert said.count('    request body $.topic: "Order 17" -> "Order 18"') == 2
    assert said[-2:] == [
        "14 interactions: 8 the same, 2 volatile values folded",
        f"Next: acs-chat cassettes review {home}",
    ]
    told = json.loads(acs_chat("cassettes", "diff", "--format", "json", home).stdout)["changes"]
    assert [f"{each['path']}:" for each in told] == [names[0]] * 3 + [names[1]] * 3
    below = acs_chat("cassettes", "diff", home / "below", home / "same.yaml")
    assert lines(below)[-2] == "13 interactions: 10 the same, 1 volatile value folded"


def test_a_directory_is_reviewed_recording_by_recording(suite: tuple[Path, bytes]) -> None:
    """What was decided stays when a person quits; the next review goes on with the rest."""
    home, before = suite
    first, second = home / "below" / "b.yaml", home / "test_the_sender_sees_who_has_read_a_message.yaml"
    recorded = second.read_bytes()
    result = CliRunner().invoke(app, ["cassettes", "review", str(home)], input="r\nr\nr\nr\nq\n")
    assert result.exit_code == 0, result.output
    assert [line for line in lines(result) if line.endswith(".yaml:")] == [f"{first}:", f"{second}:"]
    assert load(first).interactions == load(home / "same.yaml").interactions
    assert second.read_bytes() == recorded
    assert acs_chat("cassettes", "review", "--reject-all", home).exit_code == 0
    assert acs_chat("cassettes", "diff", home).exit_code == 0
    assert (home / "new.yaml").read_bytes() == before


def test_a_directory_that_git_does_not_know_is_one_sentence(both: tuple[Path, Path]) -> None:
    """There is nothing to compare it with."""
    result = acs_chat("cassettes", "review", "old")
    assert result.exit_code == 2
    assert result.stderr == "acs-chat: git can not compare old with HEAD; give the old recording and the new one\n"


def _made(calls: list[tuple[str, int]]) -> Cassette:
    return Cassette(
        tuple(Interaction(Request("GET", f"https://a.example/{path}"), Response(status)) for path, status in calls)
    )


CALLS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([200, 404])), max_size=6)


@given(old=CALLS, new=CALLS)
def test_every_interaction_of_both_is_in_the_comparison_once_and_in_order(
    old: list[tuple[str, int]], new: list[tuple[str, int]]
) -> None:
    """Nothing can be lost by accepting or by rejecting everything."""
    before, after = _made(old), _made(new)
    changes = compare(before, after)
    assert [each.old for each in changes if each.old is not None] == list(before.interactions)
    assert [each.new for each in changes if each.new is not None] == list(after.interactions)
    assert (old == new) == all(each.same for each in changes)

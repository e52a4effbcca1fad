"""`acs-chat conformance`: the table, the report, and what it exits with."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import azure.communication.chat as chat
from acs_chat_conformance import vectors
from acs_chat_testkit.cli.app import app


def invoke(*args: object) -> Result:
    """Runs the command line in this process."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["conformance", *map(str, args)])


def test_the_table_has_a_row_for_each_model_and_operation(tmp_path: Path) -> None:
    """A clean run prints every subject, exits 0, and its report counts what was run."""
    result = invoke("--report", tmp_path / "out" / "report.json")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["models"] == 9
    assert report["operations"] == 16
    assert report["declared"] == report["executed"] == report["passed"] > 150
    assert report["failed"] == 0
    assert report["broken"] == report["failures"] == []
    assert sum(level["executed"] for level in report["levels"].values()) == report["executed"]
    for subject in ("ChatMessage", "CommunicationUserIdentifier", "add_participants", "list_read_receipts"):
        assert f" {subject} " in result.output


def test_a_failure_is_told_whole_and_exits_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Id, source, place, given, wanted, got and the command to run it again are printed and reported."""
    monkeypatch.setattr(chat.ChatThreadInfo, "serialize", lambda self, **_: {"id": "\x1b[31mred"})
    result = invoke("--report", tmp_path / "report.json", "--only", "*ChatThreadInfo#serialize.read-only-is-not-sent")
    assert result.exit_code == 1
    (failure,) = json.loads((tmp_path / "report.json").read_text())["failures"]
    assert failure["id"] == "python-surface/ChatThreadInfo#serialize.read-only-is-not-sent"
    assert {"at": "/value/id", "wanted": "t1", "got": "\x1b[31mred"} in failure["differences"]
    for text in (failure["id"], failure["source"], failure["place"], "given", 'wanted "t1"', "--only"):
        assert text in result.output
    assert "\x1b[31mred" not in result.output


def test_the_command_that_a_failure_prints_runs_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind 'again' is one check."""
    monkeypatch.setattr(chat.ChatThreadInfo, "is_xml_model", lambda: True)
    line = next(line for line in invoke("--only", "*ChatThreadInfo*").output.splitlines() if "again" in line)
    args = [word.strip("'") for word in line.split()[3:]]
    again = invoke(*args)
    assert "0 of 1 checks passed" in again.output


def test_nothing_run_exits_with_3(tmp_path: Path) -> None:
    """A pattern that fits nothing is no success."""
    result = invoke("--only", "nothing", "--report", tmp_path / "report.json")
    assert result.exit_code == 3
    assert "nothing was run" in result.output
    assert json.loads((tmp_path / "report.json").read_text())["executed"] == 0


def test_a_broken_vector_outweighs_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, with file, line and field; the sound checks are run all the same."""
    (tmp_path / "python-surface").mkdir()
    (tmp_path / "python-surface" / "ChatThreadInfo.yaml").write_text(
        "model: ChatThreadInfo\nsource: documentation\ngroups:\n  - id: xml\n    do: is_xml_model\n    cases:\n"
        "      - {id: wrong, want: true}\n      - {id: broken, level: must, want: false}\n"
    )
    monkeypatch.setattr(vectors, "HOME", tmp_path)
    result = invoke("--set", "python-surface", "--only", "*")
    assert result.exit_code == 2
    assert "python-surface/ChatThreadInfo.yaml:8: /groups/0/cases/1/level:" in result.output
    assert "0 of 1 checks passed, 1 failed, 1 broken" in result.output


def test_an_unknown_set_is_one_sentence_with_those_that_there_are() -> None:
    """A slip of the pen is no broken list of requirements."""
    result = invoke("--set", "wire/2024-03-08")
    assert result.exit_code == 2
    assert result.output == (
        "acs-chat: there is no set 'wire/2024-03-08'; there are: python-surface, wire/2024-03-07, "
        "wire/2020-11-01-preview3, service/2024-03-07\n"
    )


@pytest.mark.parametrize(
    ("name", "other", "kinds"),
    [("ours", "service/2024-03-07", "python-surface, wire"), ("emulator", "wire/2024-03-07", "service")],
)
def test_a_set_that_an_implementation_can_not_be_asked_is_one_sentence(name: str, other: str, kinds: str) -> None:
    """A client is not asked what only a service can answer, nor a service what only a client can."""
    result = invoke("--impl", name, "--set", other)
    assert result.exit_code == 2
    assert result.output == f"acs-chat: {name} has no adapter for the set {other}; it has one for: {kinds}\n"


def test_an_unknown_implementation_is_one_sentence() -> None:
    """No traceback, exit 2."""
    result = invoke("--impl", "theirs")
    assert result.exit_code == 2
    assert result.output.startswith("acs-chat: there is no implementation 'theirs'; there are: emulator, microsoft-")

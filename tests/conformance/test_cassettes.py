"""`acs-chat conformance cassettes`: every recorded interaction is judged, and what is not is counted apart."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from acs_chat_testkit.cli.app import app

COMMITTED = Path(__file__).parents[2] / "cassettes"
THREADS = "https://chat.communication.example/chat/threads?api-version=2024-03-07"


def interaction(uri: str = THREADS, status: int = 200, body: Any = None) -> dict[str, Any]:
    """One interaction as vcrpy writes it."""
    return {
        "request": {"method": "GET", "uri": uri, "body": None, "headers": {"Accept": ["application/json"]}},
        "response": {
            "status": {"code": status, "message": "-"},
            "headers": {"Content-Type": ["application/json; charset=utf-8"]},
            "body": {"string": json.dumps({"value": []} if body is None else body)},
        },
    }


def write(path: Path, *interactions: dict[str, Any]) -> None:
    """Writes a cassette."""
    path.write_text(yaml.safe_dump({"interactions": list(interactions), "version": 1}))


def judge(path: Path, report: Path | None = None, *options: str) -> tuple[Result, dict[str, Any]]:
    """Runs the command and reads its report."""
    report = report or path.with_suffix(".json")
    result = CliRunner().invoke(app, ["conformance", "cassettes", str(path), "--report", str(report), *options])
    return result, json.loads(report.read_text())


@pytest.mark.skipif(not COMMITTED.exists(), reason="the committed recordings lie in the repository only")
def test_the_committed_recordings_keep_to_the_contract(tmp_path: Path) -> None:
    """Everything that the example recorded is judged, without an error, and all of it says where it was recorded."""
    result, report = judge(COMMITTED, tmp_path / "report.json")
    assert result.exit_code == 0, result.output
    assert report["judged"] > 40
    assert report["tiers"] == {"error": 0, "warn": 0, "info": 0}
    assert report["origins"] == {"emulator": report["judged"]}
    assert len(report["operations"]) == 16


def test_findings_are_told_with_file_line_and_tier(tmp_path: Path) -> None:
    """An error exits with 1; a warning and an information are printed and counted beside it."""
    write(
        tmp_path / "a.yaml",
        interaction(),
        interaction(THREADS + "&top=1", body={"value": [{"id": 1, "topic": "x", "colour": "red"}]}),
    )
    result, report = judge(tmp_path / "a.yaml")
    assert result.exit_code == 1
    assert report["judged"] == 2
    assert report["tiers"] == {"error": 1, "warn": 1, "info": 1}
    assert all(re.fullmatch(rf"{tmp_path}/a.yaml(:\d+|, interaction 2)", one["place"]) for one in report["findings"])
    assert "ERROR " in result.output
    assert "list_chat_threads  response.type  body/value/0/id: must be string, is number" in result.output


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    """A parameter that the contract does not know breaks nobody."""
    write(tmp_path / "a.yaml", interaction(THREADS + "&top=1"))
    result, report = judge(tmp_path / "a.yaml")
    assert result.exit_code == 0
    assert report["tiers"]["warn"] == 1


def test_what_is_no_chat_is_counted_apart(tmp_path: Path) -> None:
    """An identity call is outside of the contract; with nothing else, nothing was judged, and that is exit 3."""
    write(tmp_path / "a.yaml", interaction("https://chat.communication.example/identities?api-version=2023-10-01"))
    result, report = judge(tmp_path / "a.yaml")
    assert result.exit_code == 3
    assert (report["judged"], report["outside"]) == (0, 1)


def test_a_broken_cassette_is_named_and_the_rest_still_judged(tmp_path: Path) -> None:
    """Exit 2 outweighs the error that is found in the other file."""
    (tmp_path / "a.yaml").write_text("interactions: [")
    write(tmp_path / "b.yaml", interaction(status=201))
    result, report = judge(tmp_path, tmp_path / "report.json")
    assert result.exit_code == 2
    assert report["judged"] == 1
    assert f"BROKEN  {report['broken'][0]}\n" in result.output
    assert "a.yaml" in report["broken"][0]
    assert report["tiers"]["error"] == 1


def test_what_can_not_be_read_is_named_and_the_rest_still_judged(tmp_path: Path) -> None:
    """The system refuses it, or it has no end, or is no text; what is no cassette at all is nobody's business."""
    (tmp_path / "locked.yaml").symlink_to("/proc/self/mem")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    (tmp_path / "latin.yaml").write_bytes(b"interactions: []\nversion: \xe9\n")
    (tmp_path / "directory.yaml").mkdir()
    (tmp_path / "other.yaml").write_text("services: {}")
    write(tmp_path / "directory.yaml" / "a.yaml", interaction())
    result, report = judge(tmp_path, tmp_path / "report.json")
    assert (result.exit_code, report["judged"]) == (2, 1)
    names = [Path(re.split("[ ,]", each)[0]).name for each in report["broken"]]
    assert names == ["endless.yaml", "gone.yaml", "latin.yaml", "locked.yaml"]
    result, report = judge(tmp_path / "other.yaml")
    assert (result.exit_code, report["broken"]) == (3, [f"{tmp_path}/other.yaml is no cassette; give another name"])


def test_an_origin_that_is_not_told_is_unknown(tmp_path: Path) -> None:
    """A file of another recorder is not counted as live."""
    write(tmp_path / "a.yaml", interaction())
    assert judge(tmp_path / "a.yaml")[1]["origins"] == {"unknown": 1}


def test_what_comes_from_outside_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    """Markup, escape sequences and log commands in the header, in addresses and in the names of files."""
    nasty = "[/red]\x1b[31m\n::error::x"
    write(tmp_path / "a\n::error::b.yaml", interaction(THREADS + "&top%0A::error::=1"))
    (file,) = tmp_path.iterdir()
    file.write_text(f"header: {json.dumps({'format': 'acs-chat-testkit/1', 'origin': nasty})}\n{file.read_text()}")
    result, report = judge(tmp_path, tmp_path / "report.json")
    assert (result.exit_code, report["origins"]) == (0, {nasty: 1})
    assert "[/red]" in result.output
    assert "\x1b" not in result.output
    assert not [each for each in result.output.splitlines() if each.startswith("::")]


def test_an_empty_directory_exits_with_3(tmp_path: Path) -> None:
    """Nothing judged is no success."""
    assert judge(tmp_path, tmp_path / "report.json")[0].exit_code == 3


def test_coverage_counts_what_was_seen_where_nothing_was_wrong(tmp_path: Path) -> None:
    """A field, a status and an operation count once, and an exchange that breaks the contract counts for nothing."""
    write(tmp_path / "a.yaml", interaction(body={"value": [{"id": "1", "topic": "x"}, {"id": "2", "topic": "y"}]}))
    seen = judge(tmp_path / "a.yaml")[1]["coverage"]["2024-03-07"]
    assert seen["operations"] == [1, 16]
    assert (seen["statuses"][0], seen["fields"][0]) == (1, 4)
    assert seen["fields"][1] > 150
    assert seen["request fields"][1] + seen["response fields"][1] == seen["fields"][1]
    assert "get_message" in seen["unseen"]["operations"]
    assert "list_chat_threads" not in seen["unseen"]["operations"]
    write(tmp_path / "b.yaml", interaction(body={"value": [{"id": 1, "topic": "x"}]}))
    assert judge(tmp_path / "b.yaml")[1]["coverage"] == {}


def test_a_field_is_seen_present_absent_and_null(tmp_path: Path) -> None:
    """A field that its object lacks is absent; where the object itself is not there, nothing was seen."""
    items = [{"id": "1", "topic": "x"}, {"id": "2", "topic": "y", "deletedOn": "2024-01-02T03:04:05Z"}]
    write(tmp_path / "a.yaml", interaction(body={"value": items}))
    seen = judge(tmp_path / "a.yaml")[1]["coverage"]["2024-03-07"]["seen"]
    assert seen["list_chat_threads response 200/value/*/deletedOn"] == ["absent", "present"]
    assert seen["list_chat_threads response 200/value/*/topic"] == ["present"]
    assert seen["list_chat_threads response 200/nextLink"] == ["absent"]


@pytest.mark.parametrize("wrong", ["much", "colours=5", "fields=101", "fields=-1", "="])
def test_a_gate_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    """The error names the gates that there are."""
    write(tmp_path / "a.yaml", interaction())
    result = CliRunner().invoke(app, ["conformance", "cassettes", str(tmp_path), "--fail-under", wrong])
    assert result.exit_code == 2
    assert "operations, statuses, fields, request-fields, response-fields" in result.output


def test_a_gate_fails_where_no_contract_was_seen_at_all(tmp_path: Path) -> None:
    """An exchange that breaks the contract covers nothing of it."""
    write(tmp_path / "a.yaml", interaction(body={"value": [{"id": 1, "topic": "x"}]}))
    assert "nothing of a contract was seen" in judge(tmp_path / "a.yaml", None, "--fail-under", "1")[0].output


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--require-live", "50"), 1),
        (("--fail-under", "90"), 1),
        (("--fail-under", "0.1"), 0),
        (("--fail-under", "operations=5", "--fail-under", "request-fields=0"), 0),
        (("--fail-under", "operations=7"), 1),
        (("--fail-under", "statuses=90"), 1),
        (("--fail-under", "response-fields=90"), 1),
    ],
)
def test_a_share_that_is_too_small_fails(tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    """A gate on what was recorded live, and one on the fields that were seen."""
    write(tmp_path / "a.yaml", interaction())
    result, report = judge(tmp_path / "a.yaml", None, *options)
    assert result.exit_code == code
    assert ("must be" in result.output) == bool(code)
    assert report["live_share"] == 0

"""The checks as pytest items, from the installed package in an empty directory."""

import subprocess
import sys
from pathlib import Path

import pytest

RUN = [sys.executable, "-m", "pytest", "--pyargs", "acs_chat_conformance", "-p", "acs_chat_conformance.plugin"]


def run(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest on the package in a directory that has nothing of this project."""
    return subprocess.run([*RUN, *options], cwd=directory, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_the_models_pass_as_items(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Every check of the Python surface is an item of its own, in one process or in several."""
    result = run(tmp_path, "-q", "-k", "python-surface", *options)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "526 passed" in result.stdout


def test_a_check_is_chosen_by_its_id(tmp_path: Path) -> None:
    """A node id ends in the id of the check, and a wire check brings its own server."""
    result = run(tmp_path, "-v", "-k", "send_message and call.text and 2024")
    assert "1 passed" in result.stdout, result.stdout + result.stderr
    assert "send_message#call.text PASSED" in result.stdout


def test_a_failure_is_told_as_the_command_line_tells_it(tmp_path: Path) -> None:
    """Id, source, wanted and got, and the command that runs it again."""
    adapter = tmp_path / "models.py"
    adapter.write_text("def answer(question):\n    return {'value': 1}\n")
    (tmp_path / "mine.yaml").write_text("adapters: {python-surface: models.py}\nsets: [python-surface]\n")
    result = run(tmp_path, "-k", "SendChatMessageResult and serialize.id", "--conformance-impl=mine.yaml")
    assert result.returncode == 1
    for text in (
        "failed python-surface/SendChatMessageResult#serialize.id",
        "source",
        'wanted {"id": "m1"}, got 1',
        "again",
    ):
        assert text in result.stdout


def test_what_can_not_be_asked_is_one_sentence_an_item(tmp_path: Path) -> None:
    """A command that is not there shows no traceback of the suite."""
    result = run(tmp_path, "-q", "-k", "send_message and call.text and 2024", "--conformance-impl=exec:no-such-program")
    assert result.returncode == 1
    assert "the adapter cannot be started with 'no-such-program'" in result.stdout
    assert "Traceback" not in result.stdout
    assert ".py:" not in result.stdout.split("FAILURES", 1)[1].split("short test summary", 1)[0]

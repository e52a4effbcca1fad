"""The command line as a person meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from acs_chat_testkit.cli.app import COMMANDS
from acs_chat_testkit.cli.cassettes import COMMANDS as CASSETTES

ROOT = Path(__file__).parents[2]


def acs_chat(*argv: str, blocked: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs `acs-chat` in a process in which the named modules can not be imported."""
    code = (
        f"import sys\nfor name in {blocked!r}: sys.modules[name] = None\nfrom acs_chat_testkit.cli import main\nmain()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *argv], capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_commands_are_a_tested_list() -> None:
    """A new command shows up in review."""
    assert sorted(COMMANDS) == ["cassettes", "conformance", "contract", "doctor", "emulate", "live"]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_table_has_its_help(name: str) -> None:
    """Each row leads to a module with a command."""
    result = acs_chat(name, "--help")
    assert result.returncode == 0, result.stderr
    assert f"{name} [OPTIONS]" in result.stdout


def test_help_needs_no_extra_but_the_command_line_itself() -> None:
    """A person who lacks an extra can still read what there is."""
    result = acs_chat("--help", blocked=("yaml", "starlette", "uvicorn", "vcr", "hypothesis", "jsonschema", "trustme"))
    assert result.returncode == 0
    for name, (_, line) in COMMANDS.items():
        assert name in result.stdout
        assert line in result.stdout


def test_without_click_one_sentence_says_what_to_install() -> None:
    """The base install has the script, but not its library."""
    result = acs_chat("emulate", blocked=("click",))
    assert result.returncode == 2
    assert result.stderr == (
        "acs-chat: the command line needs an extra (click is not installed): pip install 'acs-chat-testkit[all]'\n"
    )


def test_a_missing_extra_is_one_sentence_and_exit_code_2() -> None:
    """Never a traceback: what is missing and how to get it."""
    result = acs_chat("emulate", blocked=("starlette", "uvicorn", "trustme", "jwt"))
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert re.fullmatch(
        r"acs-chat: the emulator needs an extra \(\w+ is not installed\): pip install 'acs-chat-testkit\[emulator\]'\n",
        result.stderr,
    )


@pytest.mark.parametrize(
    ("words", "blocked"), [(("conformance",), "packaging"), (("contract", "diff", "a", "b"), "jsonschema")]
)
def test_an_extra_that_is_missed_while_a_command_runs_is_one_sentence(words: tuple[str, ...], blocked: str) -> None:
    """Commands import what they need when they are called; that is told as well as what their file imports."""
    result = acs_chat(*words, blocked=(blocked,))
    assert result.returncode == 2
    assert re.fullmatch(
        rf"acs-chat: '{words[0]}' needs an extra \({blocked}\S* is not installed\): "
        r"pip install 'acs-chat-testkit\[conformance\]'\n",
        result.stderr,
    )


@pytest.mark.parametrize("name", CASSETTES)
def test_every_command_on_cassettes_prints_json_but_the_one_that_asks_a_person(name: str) -> None:
    """What a person decides has no form for programs; `diff` has it of the same changes."""
    group = name == "report"
    said = acs_chat("cassettes", name, *(["merge"] if group else []), "--help").stdout
    assert ("--format [text|json]" in said) == (name != "review")


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2 and the name that was wrong."""
    result = acs_chat("emulat")
    assert result.returncode == 2
    assert "No such command 'emulat'" in result.stderr


def test_a_name_that_the_encoding_lacks_is_shown_as_an_escape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a build server without a locale, or behind a pipe on Windows."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    (tmp_path / "té.yaml").write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    result = acs_chat("cassettes", "show", str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    assert "t\\xe9.yaml: 0 interactions" in result.stdout


@pytest.mark.parametrize(
    "words", [("contract", "diff", "2020-11-01-preview3", "2024-03-07"), ("cassettes", "show", "cassettes")]
)
def test_a_reader_that_has_gone_is_no_finding(words: tuple[str, ...]) -> None:
    """`acs-chat ... | head -1` ends as a shell has it, 141, and without a word; 1 says that something was found."""
    code = "import time; time.sleep(1); from acs_chat_testkit.cli import main; main()"
    argv = [sys.executable, "-c", code, *words]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.parametrize("command", ["exec:", "exec: ", "exec:'node"])
def test_an_implementation_without_a_command_is_one_sentence(command: str) -> None:
    """Exit code 2, and how to say it."""
    result = acs_chat("conformance", "--impl", command)
    assert result.returncode == 2
    assert re.fullmatch(r"acs-chat: .* names no command; .*\n", result.stderr)


def test_a_report_of_others_is_shown_as_text(tmp_path: Path) -> None:
    """An id in a report that a terminal would obey is an escape."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    for file, outcome in ((old, "passed"), (new, "failed")):
        file.write_text(json.dumps({"checks": {"\x1b[2Jwire#x": outcome}}), encoding="utf-8")
    result = acs_chat("conformance", "diff", str(old), str(new))
    assert "\\x1b[2Jwire#x" in result.stdout

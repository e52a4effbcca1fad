"""The command line as a person meets it."""

import re
import subprocess
import sys

import pytest

from acs_chat_testkit.cli.app import COMMANDS


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


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2 and the name that was wrong."""
    result = acs_chat("emulat")
    assert result.returncode == 2
    assert "No such command 'emulat'" in result.stderr

"""The public words of the plugin: held in lists, and each with a row in the documentation."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from acs_chat_testkit.plugin import chat, fixtures, tapes, vocabulary
from acs_chat_testkit.plugin.settings import REFUSED, Settings

pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[2] / "docs" / "plugin.md"
OPTIONS = {
    "--record-mode",
    "--block-network",
    "--allowed-hosts",
    "--disable-recording",
    "--cassette-report",
    "--chat-target",
    "--chat-emulator",
}
FIXTURES = {
    "vcr",
    "vcr_config",
    "vcr_cassette_dir",
    "default_cassette_name",
    "vcr_cassette_name",
    "vcr_markers",
    "record_mode",
    "disable_recording",
    "allowed_hosts",
    "block_network",
    "chat_target",
    "chat_emulator",
    "chat_endpoint",
    "chat_user",
    "chat_users",
    "chat_token",
    "chat_tokens",
    "chat_client",
    "chat_client_factory",
}
MARKS = {"vcr", "default_cassette", "block_network"}
INI = {"vcr_on_unplayed", "vcr_on_swallowed", "vcr_on_stale", "vcr_max_age", "vcr_content", "vcr_secret_variables"}
HOOKS = {"pytest_recording_configure"}


def documented(title: str) -> set[str]:
    """The words in the first column of the table under a title."""
    text = DOCS.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`(-*\w[\w-]*)", cell)}


def test_the_options_are_these(pytester: pytest.Pytester) -> None:
    """All of them in the plugin's group of the help."""
    shown = pytester.runpytest("--help").stdout.str()
    group = shown.partition("record and replay (acs-chat-testkit):\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"^  (--[\w-]+)", group, re.MULTILINE)) == OPTIONS == documented("Options")


def test_the_fixtures_are_these() -> None:
    """Those in the words of pytest-recording, those of chat, and one that is nobody's to ask for."""
    marked = "_pytestfixturefunction"  # before pytest 8.4 a fixture is a function, with this
    found = {
        name
        for module in (fixtures, chat)
        for name, value in vars(module).items()
        if isinstance(value, type(fixtures.vcr)) and hasattr(value, marked) == hasattr(fixtures.vcr, marked)
    }
    assert found == {*FIXTURES, tapes.OPENER}
    assert documented("Fixtures") == FIXTURES


def test_marks_ini_names_and_hooks_are_these() -> None:
    """Each in its list."""
    assert {mark.partition("(")[0] for mark in vocabulary.MARKERS} == MARKS == documented("Marks")
    assert {*vocabulary.INI, *vocabulary.REDACTION} == INI == documented("In the ini file")
    assert {name for name in vars(vocabulary) if name.startswith("pytest_")} == HOOKS == documented("Hooks")


def test_every_setting_and_mode_is_documented() -> None:
    """And each that is refused is named."""
    text = DOCS.read_text(encoding="utf-8")
    assert {each.name for each in fields(Settings)} == documented("Settings")
    assert all(f"`{name}`" in text for name in (*REFUSED, *vocabulary.MODES, *vocabulary.TARGETS))


def test_no_file_imports_what_pytest_keeps_private() -> None:
    """Nothing of the toolkit depends on pytest's inside."""
    source = Path(vocabulary.__file__).parents[1]
    private = re.compile(r"^\s*(?:from|import) _pytest|\._pyfuncitem|\._fixtureinfo|\._request\b", re.MULTILINE)
    assert [file.name for file in source.rglob("*.py") if private.search(file.read_text(encoding="utf-8"))] == []

"""Tests that rest on a guess about the service are listed."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.emulator.test_command import emulate

pytest_plugins = ["pytester"]

ROOMS = """
import pytest
from azure.communication.chat import CommunicationUserIdentifier

def test_told(chat_client):
    chat_client.create_chat_thread("Stand-up", []).send_message("one")

def test_guessed(chat_client, chat_users):
    room = chat_client.create_chat_thread("Stand-up", [])
    room.remove_participant(CommunicationUserIdentifier(chat_users("ben")))

@pytest.fixture
def leaving(chat_client, chat_users):
    yield
    room = chat_client.create_chat_thread("Stand-up", [])
    room.remove_participant(CommunicationUserIdentifier(chat_users("ben")))

def test_guessed_again(leaving):
    pass

def test_elsewhere():
    pass
"""
GUESS = "Removing somebody who does not take part answers 204, without a message. (guess: participant.remove.absent)"
SUMMARY = ["acs-chat-testkit: 2 tests rest on unobserved behaviour:", f"  2 on {GUESS}"]


@pytest.mark.parametrize("option", ["-v", "-n2"])
def test_the_summary_names_the_guesses_that_tests_rest_on(pytester: pytest.Pytester, option: str) -> None:
    """Also when it ends; in one process and in several; with -v the tests, too, which always stand in a JUnit file."""
    pytester.makepyfile(test_it=ROOMS)
    result = pytester.runpytest_subprocess("--chat-target=emulator", "--junitxml=junit.xml", option)
    result.assert_outcomes(passed=4)
    tests = ["    test_it.py::test_guessed", "    test_it.py::test_guessed_again"] if option == "-v" else []
    result.stdout.fnmatch_lines([*SUMMARY, *tests], consecutive=True)
    if option != "-v":
        result.stdout.no_fnmatch_line("    test_it.py::*")
    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    resting = {case.get("name"): [one.get("value") for one in case.iter("property")] for case in cases}
    assert resting == {
        "test_told": [],
        "test_guessed": [GUESS],
        "test_guessed_again": [GUESS],
        "test_elsewhere": [],
    }


def test_a_running_emulator_tells_who_has_its_key(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """With --control its ready file holds the key; without, nothing is said."""
    pytester.makepyfile(test_it=ROOMS)
    for options, said in ((["--control"], SUMMARY), ([], [])):
        ready = tmp_path / f"ready{len(options)}.json"
        with emulate("--ready-file", ready, *options) as (process, _):
            while not ready.exists():
                assert process.poll() is None
            result = pytester.runpytest_subprocess("--chat-target=emulator", f"--chat-emulator={ready}")
            result.assert_outcomes(passed=4)
            assert [one for one in result.outlines if "unobserved" in one or "(guess" in one] == said


def test_replay_rests_on_nothing(pytester: pytest.Pytester) -> None:
    """Without an emulator there is nothing to say."""
    pytester.makepyfile(test_it="def test_it(chat_target):\n    assert chat_target is None\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*unobserved*")

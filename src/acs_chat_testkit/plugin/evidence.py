"""Finds the tests that rest on a guess: on behaviour of the emulator that nobody saw the service show.

The emulator tells on which of its behaviours its answers rested since it was last asked. It is asked at the end of each
phase of a test, and what it tells goes into the test's properties, which also reach JUnit files and the controller of a
distributed run. Several processes that share one running emulator are told of each other's guesses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from acs_chat_testkit.errors import TestkitError

if TYPE_CHECKING:
    from acs_chat_testkit.targets import Target

PROPERTY = "acs_chat_guess"
_FIXTURES = {"chat_emulator", "chat_target"}


class Asking:
    """Asks an emulator that the tests of this process run on.

    Args:
        target: The emulator.
    """

    NAME = "acs_chat_testkit.asking"

    def __init__(self, target: Target) -> None:
        self._target = target

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Asks before the phase is reported."""
        if not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            known = {what for name, what in item.user_properties if name == PROPERTY}
            new = [what for what in _guesses(self._target) if what not in known]
            item.user_properties.extend((PROPERTY, what) for what in new)
        return (yield)


def watch(config: pytest.Config, target: Target) -> None:
    """The tests of this process run on this emulator from now on; those of other suites pay for no hook."""
    if not config.pluginmanager.has_plugin(Asking.NAME):
        config.pluginmanager.register(Asking(target), Asking.NAME)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The behaviours and how many tests, of this process or of all workers, rest on each; with -v the tests, too."""
    tests = _resting(terminalreporter)
    if not tests:
        return
    from acs_chat_testkit import printable

    number = f"{len(tests)} test{'s rest' if len(tests) > 1 else ' rests'}"
    terminalreporter.write_line(f"acs-chat-testkit: {number} on unobserved behaviour:")
    for what, count in Counter(what for guesses in tests.values() for what in guesses).most_common():
        terminalreporter.write_line(printable.line(f"  {count} on {what}"))
        if terminalreporter.verbosity > 0:
            for test in (test for test, guesses in tests.items() if what in guesses):
                terminalreporter.write_line(printable.line(f"    {test}"))


def _resting(terminalreporter: pytest.TerminalReporter) -> dict[str, list[str]]:
    """The guesses that each test rests on, of those that rest on any."""
    reports = (each for reports in terminalreporter.stats.values() for each in reports)
    return {
        each.nodeid: [str(what) for name, what in each.user_properties if name == PROPERTY]
        for each in reports
        if isinstance(each, pytest.TestReport) and each.when == "teardown" and _has_guesses(each)
    }


def _has_guesses(report: pytest.TestReport) -> bool:
    return any(name == PROPERTY for name, _ in report.user_properties)


def _guesses(target: Target) -> list[str]:
    """An emulator that has gone away leaves its tests without evidence; they fail for reasons of their own."""
    try:
        return [f"{what} (guess: {name})" for name, what in target.guesses().items()]
    except TestkitError:
        return []

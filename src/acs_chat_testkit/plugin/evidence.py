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


class Evidence:
    """The guesses that each test of one run rests on."""

    def __init__(self) -> None:
        self._target: Target | None = None
        self._tests: dict[str, list[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Remembers the emulator that the tests run on."""
        value = yield
        if fixturedef.argname == "chat_emulator":
            from acs_chat_testkit.targets import Target

            if isinstance(value, Target):
                self._target = value
        return value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Asks the emulator before the phase is reported."""
        if self._target is not None and not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            known = {what for name, what in item.user_properties if name == PROPERTY}
            new = [what for what in _guesses(self._target) if what not in known]
            item.user_properties.extend((PROPERTY, what) for what in new)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects what the tests of this process, or of all workers, rest on."""
        guesses = [str(what) for name, what in report.user_properties if name == PROPERTY]
        if report.when == "teardown" and guesses:
            self._tests[report.nodeid] = guesses

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The behaviours and how many tests rest on each; with -v the tests, too."""
        from acs_chat_testkit import printable

        if not self._tests:
            return
        number = f"{len(self._tests)} test{'s rest' if len(self._tests) > 1 else ' rests'}"
        terminalreporter.write_line(f"acs-chat-testkit: {number} on unobserved behaviour:")
        for what, count in Counter(what for guesses in self._tests.values() for what in guesses).most_common():
            terminalreporter.write_line(printable.line(f"  {count} on {what}"))
            if terminalreporter.verbosity > 0:
                for test in (test for test, guesses in self._tests.items() if what in guesses):
                    terminalreporter.write_line(printable.line(f"    {test}"))


def _guesses(target: Target) -> list[str]:
    """An emulator that has gone away leaves its tests without evidence; they fail for reasons of their own."""
    try:
        return [f"{what} (guess: {name})" for name, what in target.guesses().items()]
    except TestkitError:
        return []

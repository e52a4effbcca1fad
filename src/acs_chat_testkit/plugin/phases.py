"""The phases of one test: its network block, the verdict on its cassette, and what is kept of a recording."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from acs_chat_testkit.errors import NetworkBlocked, TestkitError, UnrecordedRequest
from acs_chat_testkit.plugin import verdict
from acs_chat_testkit.plugin.scopes import Scopes
from acs_chat_testkit.plugin.shelf import is_marked
from acs_chat_testkit.plugin.tapes import ASKED, TAPE, Tapes, unguard

FAILED: pytest.StashKey[bool] = pytest.StashKey()
AS_EXPECTED: pytest.StashKey[bool] = pytest.StashKey()
"""Whether the failure was the one that its mark `xfail` foretold: to fail again in replay, it needs its recording."""
SWALLOWED = 'the test went on without an answer; where it means to, say so: @pytest.mark.vcr(on_swallowed="ignore")'
Result = Generator[None, object, object]


class Phases:
    """The hooks of single tests, in suites that record or block.

    Args:
        config: pytest's.
        tapes: Where cassettes are opened.
    """

    NAME = "acs_chat_testkit.phases"

    def __init__(self, config: pytest.Config, tapes: Tapes) -> None:
        self._config = config
        self._tapes = tapes
        self._scopes = Scopes(config, tapes)
        self._plans: bool = config.getoption("setupplan", False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Result:
        """Keeps the network block up around everything that a test does."""
        self._scopes.item = item
        if not self._tapes.blocks(item):
            return (yield)
        with self._tapes.whole_test(item):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Fixtures of a wider scope than a test have cassettes of their own."""
        self._tapes.words.set_up(fixturedef)
        if fixturedef.scope == "function" or self._plans:
            return (yield)
        with self._scopes.setting_up(fixturedef, request):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Result:
        """Fails a test that made a request which nothing answers, even if it swallowed the error."""
        result = yield
        tape = item.stash.get(TAPE, None)
        if tape is not None and tape.misses and verdict.policy(item.stash[ASKED].on_swallowed, tape) == "fail":
            raise UnrecordedRequest(f"{tape.misses[0]}\n  {SWALLOWED}")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remembers whether any phase failed; an error of ours around the test is its sentence, not our source."""
        inside = False
        if call.excinfo is not None and call.excinfo.errisinstance(TestkitError):
            inside = _ends_in_the_suite(call.excinfo.value, self._config.rootpath) and call.when == "call"
            if not inside:
                # The sentence takes its place, and pytest would read the source of all that it goes through.
                call.excinfo.traceback = call.excinfo.traceback[-1:]
        report = yield
        if call.when == "setup":
            # A test that is run again starts anew, however it ended before; with --setup-only none runs.
            item.stash[FAILED] = self._config.getoption("setuponly", False)
        if call.excinfo is not None or report.failed:
            # A test that was to fail and did not raises nothing.
            item.stash[FAILED] = True
            item.stash[AS_EXPECTED] = report.skipped and hasattr(report, "wasxfail")
        if call.excinfo is not None:
            _in_one_sentence(report, item, call.excinfo.value, inside)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Result:
        """Closes the cassette after the fixtures; only a test that passed replaces the old recording."""
        with self._scopes.ending():
            return (yield from self._closing(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Result:
        """What an interruption left open ends only now."""
        with self._scopes.ending():
            return (yield)

    def _closing(self, item: pytest.Item) -> Result:
        tape, failed = item.stash.get(TAPE, None), item.stash.get(FAILED, False)
        if tape is None:
            return (yield)
        asked = item.stash[ASKED]
        try:
            result = yield
        except BaseException:
            self._tapes.close(item, tape, keep=asked.record_on_exception, passed=False)
            raise
        finally:
            item.stash[TAPE] = None
            unguard(item)
        whole = not tape.misses and (not failed or item.stash.get(AS_EXPECTED, False))
        left = self._tapes.close(item, tape, keep=asked.record_on_exception or whole, passed=not failed)
        if not failed:
            alone = not (left or tape.drift) or self._tapes.shelf.sharing(item) <= 1
            verdict.enforce(item, list(verdict.verdict(tape, asked, left, alone=alone)))
        elif tape.drift:
            verdict.enforce(item, list(verdict.drifted(tape, alone=False)))
        return result


class AtOnce:
    """Opens cassettes without setting a fixture up, where nobody else does anything before the fixtures.

    Args:
        tapes: Where cassettes are opened.
    """

    NAME = "acs_chat_testkit.at_once"

    def __init__(self, tapes: Tapes) -> None:
        self._tapes = tapes

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """The last but pytest itself."""
        self._tapes.open_at_once(item)


def _in_one_sentence(report: pytest.TestReport, item: pytest.Item, error: BaseException, inside: bool) -> None:
    """Shows an error of ours from outside the test as its sentence, and says what to do about a blocked connection."""
    from acs_chat_testkit import printable

    if isinstance(error, TestkitError) and not inside:
        report.longrepr = printable.block(error)
    if isinstance(error, NetworkBlocked):
        # A test without a cassette is recorded in no mode.
        first = "" if is_marked(item) else "mark the test with @pytest.mark.vcr and "
        report.sections.append(("acs-chat-testkit", f"Next: {first}{printable.line(error.advice)}"))


def _ends_in_the_suite(error: BaseException, root: Path) -> bool:
    """Shows where the suite made a request that was refused, without the way from there through its client.

    Returns:
        Whether it did; where nobody of the suite has raised the error, there is no such place.
    """
    place, last = error.__traceback__, None
    while place is not None:
        file = Path(place.tb_frame.f_code.co_filename)
        if file.is_relative_to(root) and "site-packages" not in file.parts:
            last = place
        place = place.tb_next
    if last is None:
        return False
    last.tb_next = None
    return True

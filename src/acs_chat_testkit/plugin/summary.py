"""What a run says on the terminal and in its report: a short summary, and the commands to run next."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from acs_chat_testkit.plugin import names
from acs_chat_testkit.plugin.tally import again, by_nobody, unplayed_by_all
from acs_chat_testkit.plugin.tapes import Tapes
from acs_chat_testkit.recording import clock

OUTPUT = "acs_chat_testkit_report"
SHOWN = 10
PAUSE = 30.0
"""Seconds between two lines that say how far a recording has come."""


class Summary:
    """Tells of a run, in the process that the person started.

    Args:
        config: pytest's.
        tapes: What happened.
    """

    def __init__(self, config: pytest.Config, tapes: Tapes) -> None:
        self._config = config
        self._tapes = tapes
        self._last = clock.now()
        asked = config.getoption("--cassette-report")
        # A test may leave the process in another directory.
        self._file = Path(asked).absolute() if asked else None
        if self._file and (self._file.is_dir() or not os.access(self._file.parent, os.W_OK)):
            raise pytest.UsageError(
                f"--cassette-report={asked} can not be written: make its directory, or name another"
            )

    def pytest_runtest_logfinish(self) -> None:
        """Says how far a long recording has come."""
        recorded = self._tapes.recorded
        if not recorded or clock.now() - self._last < PAUSE * clock.SECOND:
            return
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            self._last = clock.now()
            terminal.ensure_newline()
            terminal.write_line(f"acs-chat-testkit: {recorded} requests recorded so far")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hands the report to the controller of a distributed run, or writes it, and judges what the whole run left."""
        tally = self._tapes.tally
        tally.orphans.update(names.shown(path, self._config) for path in self._tapes.shelf.orphans())
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = self._tapes.report()
            return
        failing = [row for row in unplayed_by_all(tally.rows) if row["on_unplayed"] == "fail"]
        if failing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._file:
            self._file.write_text(json.dumps(self._tapes.report(), indent=2) + "\n", encoding="utf-8")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes the report of a worker of pytest-xdist."""
        report = getattr(node, "workeroutput", {}).get(OUTPUT)
        if report is not None:
            self._tapes.tally.merge(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line where cassettes were in use, and one for each thing to look at."""
        for line in summary(self._tapes.report(), self._config.invocation_params.dir, self._config.rootpath):
            from acs_chat_testkit import printable

            terminalreporter.write_line(printable.line(line))


def summary(report: Mapping[str, Any], start: Path, root: Path) -> Iterator[str]:
    """The lines of the summary.

    Args:
        report: What happened.
        start: Where the person stands.
        root: Where the paths of the report start.
    """
    if report["cassettes"] or report["blocked"]:
        yield (
            "acs-chat-testkit: {recorded} recorded, {replayed} replayed, {live} live, {blocked} blocked, "
            "{unplayed} unplayed".format(**report)
        )
    if report["redactions"]:
        counted = ", ".join(f"{count} {rule}" for rule, count in report["redactions"].items())
        yield f"  redacted: {counted}"
    yield from _of_all(report["cassettes"], start, root)
    yield from (f"  {note}" for note in report["notes"][:SHOWN])
    yield from _strictly(report, start, root)
    if report["orphans"]:
        yield f"  {_count(report['orphans'], 'cassette')} of no test:"
        yield from (f"    {path}" for path in report["orphans"][:SHOWN])
        if len(report["orphans"]) > SHOWN:
            yield f"    and {len(report['orphans']) - SHOWN} more"
        yield f"    Next: {_command('acs-chat cassettes orphans', report['orphans'], start, root)}"


def _of_all(rows: Iterable[Mapping[str, Any]], start: Path, root: Path) -> Iterator[str]:
    for row in unplayed_by_all(map(dict, rows)):
        if row["on_unplayed"] != "ignore":
            word = "FAILED  " if row["on_unplayed"] == "fail" else ""
            number = _count(row["left"], "interaction")
            yield f"  {word}{number} {by_nobody(row)}"
            yield f"    Next: {again(row, lambda path: names.seen_from(start, root / path))}"


def _strictly(report: Mapping[str, Any], start: Path, root: Path) -> Iterator[str]:
    tests = {test for tests in report["strictly"].values() for test in tests}
    if tests:
        fail = "test would fail" if len(tests) == 1 else "tests would fail"
        command = _command("acs-chat cassettes migrate --strict", report["strictly"], start, root)
        yield f"  {_count(report['strictly'], 'cassette')} matched the way vcrpy does; {len(tests)} {fail} strictly:"
        yield f"    Next: {command}"


def _command(command: str, paths: Iterable[str], start: Path, root: Path) -> str:
    """A command on the directories of some files, as it can be typed where the person stands."""
    places = {names.seen_from(start, (root / path).parent) for path in paths}
    return " ".join([command, *sorted(map(shlex.quote, places))])


def _count(things: Any, word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"

"""Opens a cassette for each marked test, closes it when the outcome is known, and counts."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from acs_chat_testkit.errors import TestkitError, UnrecordedRequest
from acs_chat_testkit.plugin import names
from acs_chat_testkit.plugin.settings import Settings, settings

if TYPE_CHECKING:
    from acs_chat_testkit.recording import Recorder
    from acs_chat_testkit.recording.profile import Profile
    from acs_chat_testkit.recording.run import Run, SharedRun

RECORDER: pytest.StashKey[Recorder | None] = pytest.StashKey()
FAILED: pytest.StashKey[bool] = pytest.StashKey()
GUARDS: pytest.StashKey[ExitStack] = pytest.StashKey()
TOKEN = "acs_chat_testkit_run"
OUTPUT = "acs_chat_testkit_report"
Result = Generator[None, object, object]


class Tapes:
    """The recorders of one run and what they did.

    Args:
        config: pytest's.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._target: str = config.getoption("--chat-target")
        self._profile: Profile | None = None
        self._reports: list[dict[str, Any]] = []
        self._cassettes: list[dict[str, Any]] = []
        self._counts: Any = None
        self._shared: Run | None = None
        self._distributed: SharedRun | None = None
        config.stash[TAPES] = self

    # What the fixtures ask for

    @property
    def target(self) -> str:
        """Where chat tests run: cassettes, emulator or live."""
        return self._target

    def endpoint(self, url: str) -> None:
        """Tells the name under which the chat service is called, so that recordings do not depend on it."""
        from acs_chat_testkit.chat_profile import chat_profile

        self._profile = chat_profile([url])

    def open(self, request: pytest.FixtureRequest) -> Recorder | None:
        """Opens the cassette of a marked test."""
        item = request.node
        if item.get_closest_marker("vcr") is None or self._off():
            return None
        if self._target != "cassettes":
            request.getfixturevalue("chat_target")
        asked = settings(item, request.getfixturevalue("vcr_config"))
        name = request.getfixturevalue("default_cassette_name")
        path = Path(request.getfixturevalue("vcr_cassette_dir"), name if Path(name).suffix else f"{name}.yaml")
        self._block(item, asked)
        recorder = self._recorder(item, path, asked)
        recorder.open()
        item.stash[RECORDER] = recorder
        return recorder

    def _off(self) -> bool:
        """With a chat target, cassettes are in use only where the command line asks for recording."""
        disabled = self._config.getoption("--disable-recording")
        return bool(disabled or (self._target != "cassettes" and self._config.getoption("--record-mode") is None))

    def _recorder(self, item: pytest.Function, path: Path, asked: Settings) -> Recorder:
        from acs_chat_testkit.chat_profile import chat_profile
        from acs_chat_testkit.recording import Recorder

        self._profile = self._profile or chat_profile()
        return Recorder(
            path,
            asked.record_mode,
            profile=self._profile,
            match_on=asked.match_on,
            allow_playback_repeats=asked.allow_playback_repeats,
            origin="emulator" if self._target == "emulator" else "live",
            run=self._run(),
            counts=self.counts,
            rerecord=names.command(item, *self._rerecord(item)),
        )

    def _run(self) -> Run:
        """What all recorders share; with pytest-xdist, in all processes."""
        if self._shared is None:
            from acs_chat_testkit.recording.run import Run, SharedRun

            token = getattr(self._config, "workerinput", {}).get(TOKEN)
            self._shared = Run() if token is None else SharedRun(token)
        return self._shared

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker of pytest-xdist what it shares with the others."""
        from acs_chat_testkit.recording.run import SharedRun

        self._distributed = self._distributed or SharedRun()
        node.workerinput[TOKEN] = self._distributed.token

    def pytest_unconfigure(self) -> None:
        """Removes what the workers shared."""
        if self._distributed is not None:
            self._distributed.end()

    def _rerecord(self, item: pytest.Function) -> Iterable[str]:
        yield "--record-mode=rewrite"
        if "chat_target" in item.fixturenames:
            yield f"--chat-target={'emulator' if self._target == 'cassettes' else self._target}"

    def _block(self, item: pytest.Item, asked: Settings) -> None:
        if asked.record_mode == "none":
            self._guard(item, loopback=True)

    def _guard(self, item: pytest.Item, *, loopback: bool) -> None:
        """Raises the guard until the test has ended."""
        from acs_chat_testkit.recording.block import blocked
        from acs_chat_testkit.recording.guard import Guard

        stack = item.stash.setdefault(GUARDS, ExitStack())
        stack.enter_context(blocked(Guard(self.counts, loopback=loopback)))

    @property
    def counts(self) -> Any:
        """The tally of the run."""
        if self._counts is None:
            from acs_chat_testkit.recording.counts import Counts

            self._counts = Counts()
        return self._counts

    # Hooks of one test

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Gives marked tests their cassette before any other fixture; unmarked tests cost nothing."""
        for item in items:
            if isinstance(item, pytest.Function) and item.get_closest_marker("vcr") is not None:
                wanted = item.fixturenames
                if wanted[:1] != ["vcr"]:
                    if "vcr" in wanted:
                        wanted.remove("vcr")
                    wanted.insert(0, "vcr")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Result:
        """Keeps the network block up around everything that a test does."""
        if self._config.getoption("--block-network") or item.get_closest_marker("block_network") is not None:
            self._guard(item, loopback=False)
        try:
            return (yield)
        finally:
            if GUARDS in item.stash:
                item.stash[GUARDS].close()
                del item.stash[GUARDS]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Result:
        """Fails a test that made a request which nothing answers, even if it swallowed the error."""
        result = yield
        self._raise_miss(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remembers whether any phase failed; an error of ours around the test is its sentence, not our source."""
        report = yield
        if call.excinfo is not None:
            item.stash[FAILED] = True
            if call.excinfo.errisinstance(TestkitError) and call.when != "call":
                report.longrepr = str(call.excinfo.value)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Result:
        """Closes the cassette after the fixtures; only a test that passed replaces the old recording."""
        recorder = item.stash.get(RECORDER, None)
        failed = item.stash.get(FAILED, False)
        item.stash[RECORDER] = None
        item.stash[FAILED] = False
        if recorder is None:
            return (yield)
        try:
            result = yield
        except BaseException:
            self._close(recorder, keep=False)
            raise
        self._close(recorder, keep=not failed and not recorder.misses)
        return result

    def _raise_miss(self, item: pytest.Item) -> None:
        recorder = item.stash.get(RECORDER, None)
        if recorder is not None and recorder.misses:
            raise UnrecordedRequest(recorder.misses[0])

    def _close(self, recorder: Recorder, *, keep: bool) -> None:
        recorder.close(keep=keep)
        self._cassettes.append(
            {
                "path": _shown(recorder.path, self._config),
                "origin": recorder.origin,
                "recorded": recorder.counts["recorded"],
                "replayed": recorder.counts["replayed"],
                "unplayed": 0 if recorder.recording else len(recorder.unplayed),
            }
        )

    # The report

    def report(self) -> dict[str, Any]:
        """What happened in this process and in all workers."""
        counts = self._counts.as_dict() if self._counts is not None else {}
        mine = {**counts, "cassettes": self._cassettes}
        reports = [mine, *self._reports]
        cassettes = [cassette for each in reports for cassette in each["cassettes"]]
        origins = {cassette["origin"] for cassette in cassettes}
        return {
            **{event: sum(each.get(event, 0) for each in reports) for event in EVENTS},
            "unplayed": sum(cassette["unplayed"] for cassette in cassettes),
            "origin": origins.pop() if len(origins) == 1 else "mixed" if origins else None,
            "cassettes": sorted(cassettes, key=lambda cassette: str(cassette["path"])),
        }

    def pytest_sessionfinish(self) -> None:
        """Hands the report to the controller of a distributed run, or writes it."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = self.report()
            return
        file = self._config.getoption("--cassette-report")
        if file:
            Path(file).write_text(json.dumps(self.report(), indent=2) + "\n", encoding="utf-8")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes the report of a worker of pytest-xdist."""
        report = getattr(node, "workeroutput", {}).get(OUTPUT)
        if report is not None:
            self._reports.append(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line where cassettes were in use."""
        report = self.report()
        if report["cassettes"] or report["blocked"]:
            terminalreporter.write_line(
                "acs-chat-testkit: {recorded} recorded, {replayed} replayed, {live} live, {blocked} blocked, "
                "{unplayed} unplayed".format(**report)
            )


EVENTS = ("recorded", "replayed", "live", "blocked", "loopback", "missed")
TAPES: pytest.StashKey[Tapes] = pytest.StashKey()


def _shown(path: Path, config: pytest.Config) -> str:
    return path.relative_to(config.rootpath).as_posix() if path.is_relative_to(config.rootpath) else str(path)

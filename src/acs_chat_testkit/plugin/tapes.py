"""Opens the cassettes of a run, for tests and for fixtures, and keeps what they share."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from acs_chat_testkit.errors import CassetteError, CassetteNotFound, UsageError
from acs_chat_testkit.plugin import names, settings, verdict
from acs_chat_testkit.plugin.registry import Registry
from acs_chat_testkit.plugin.settings import Settings
from acs_chat_testkit.plugin.shelf import PLACE, Shelf, is_marked
from acs_chat_testkit.plugin.tally import Row, Tally
from acs_chat_testkit.plugin.tape import Tape
from acs_chat_testkit.plugin.vocabulary import REDACTION
from acs_chat_testkit.plugin.words import OURS, Words
from acs_chat_testkit.recording import active, doors
from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Allowed, Guard
from acs_chat_testkit.recording.hooks import AS_IT_IS, Hooks
from acs_chat_testkit.recording.run import Run, SharedRun

if TYPE_CHECKING:
    from acs_chat_testkit.recording.profile import Profile

TAPE: pytest.StashKey[Tape | None] = pytest.StashKey()
ASKED: pytest.StashKey[Settings] = pytest.StashKey()
CASSETTE_GUARD: pytest.StashKey[blocked] = pytest.StashKey()
BLOCK: pytest.StashKey[ExitStack] = pytest.StashKey()
OPENER = "_acs_chat_cassette"
"""The fixture that opens a marked test's cassette: `vcr` may be the suite's, and open none."""
TOKEN = "acs_chat_testkit_run"


class Tapes:
    """The recorders of one run.

    Args:
        config: pytest's.

    Attributes:
        counts: The tally of the run's events.
        shelf: Which test owns which cassette.
        tally: What the cassettes did.
        words: What the fixtures that a suite may override say.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._target: str = config.getoption("--chat-target")
        self._endpoints: list[str] = []
        self._profile: Profile | None = None
        self.counts = Counts()
        self._registry: Registry | None = None
        self._shared: Run | None = None
        self._distributed: SharedRun | None = None
        self.shelf = Shelf(config, ())
        self.tally = Tally()
        self.words = Words()
        self._blocked: frozenset[str] = frozenset()
        self._collision: str | None = None
        _check(config)

    # The collected suite

    def collected(self, everything: list[pytest.Item]) -> None:
        """Everything that was collected, before anything was deselected.

        Marked tests get their cassette before any other fixture; unmarked tests cost nothing.
        """
        self.shelf = Shelf(self._config, everything)
        try:
            self.shelf.check()
        except pytest.UsageError as error:
            # In a worker of pytest-xdist this would end as an internal error, and the sentence would be lost.
            if not hasattr(self._config, "workerinput"):
                raise
            self._collision = str(error)
        blocked = everything if self._config.getoption("--block-network") else self.shelf.blocked
        self._blocked = frozenset(each.nodeid for each in blocked)
        for each in blocked:
            _first(each, "block_network")
        for item in self.shelf.marked:
            _first(item, "vcr")
            _first(item, OPENER)
        if self.shelf.marked:
            # Before a fixture can open a cassette of vcrpy around them.
            doors.install()
        if self.shelf.marked or blocked or any("chat_target" in _fixtures(each) for each in everything):
            self._watch()
            self.words.watched()

    def _watch(self) -> None:
        """Hooks of single tests are there only in suites that need them."""
        from acs_chat_testkit.plugin.phases import AtOnce, Phases

        if not self._config.pluginmanager.has_plugin(Phases.NAME):
            self._config.pluginmanager.register(Phases(self._config, self), Phases.NAME)
            # What others do before the fixtures, such as skipping a test, must not come after its cassette.
            setups = self._config.hook.pytest_runtest_setup.get_hookimpls()
            if all(each.wrapper or each.hookwrapper or _is_of_pytest(each.plugin) for each in setups):
                self._config.pluginmanager.register(AtOnce(self), AtOnce.NAME)

    def blocks(self, item: pytest.Item) -> bool:
        """Whether a test may touch no network, not even this machine's."""
        return item.nodeid in self._blocked

    # What the fixtures ask for

    @property
    def target(self) -> str:
        """Where chat tests run: cassettes, emulator or live."""
        return self._target

    def endpoint(self, url: str) -> None:
        """Tells the name under which the chat service is called, so that recordings do not depend on it."""
        self._endpoints, self._profile = [url], None

    def profile(self) -> Profile:
        """What the recorders know about the chat service; replay that finds everything needs none of it."""
        if self._profile is None:
            from acs_chat_testkit.plugin import redaction

            self._profile = redaction.profile(self._config, self._endpoints, self.registry.rules)
        return self._profile

    def open(self, request: pytest.FixtureRequest) -> Tape | None:
        """Opens the cassette of a marked test."""
        item = request.node
        if not is_marked(item) or self.off:
            return None
        opened: Tape | None = item.stash.get(TAPE, None)
        if opened is not None:
            return opened
        self._watch()
        if self._target != "cassettes":
            request.getfixturevalue("chat_target")
        tape = self._opened(item, *self._asked(item, {name: self.words.ask(name, request) for name in OURS}))
        self.words.asked(item)
        return tape

    def open_at_once(self, item: pytest.Item) -> None:
        """Opens the cassette of a marked test as its fixtures would, which need not be set up then."""
        if not isinstance(item, pytest.Function) or self._target != "cassettes" or self.off:
            return
        if not self.words.known(item):
            return
        place = item.stash.get(PLACE, None)
        if place is not None and not self.registry.defaults:
            asked = settings.default_of(self._config)
            tape = self._opened(item, asked, self._or_earlier(item, place, place.parent, asked))
        elif is_marked(item):
            tape = self._opened(item, *self._asked(item, {name: of(item) for name, of in OURS.items()}))
        else:
            return
        item.funcargs["vcr"] = item.funcargs[OPENER] = tape

    def _asked(self, item: pytest.Function, words: Mapping[str, Any]) -> tuple[Settings, Path, list[Path]]:
        """The settings of a marked test, its own cassette, and those that it only reads."""
        known = words["record_mode"] == settings.default_of(self._config).record_mode
        wide = self.registry.defaults if known else {"record_mode": words["record_mode"], **self.registry.defaults}
        asked = settings.settings(item, {**wide, **settings.configured(words["vcr_config"])})
        name = str(words["default_cassette_name"])
        directory = Path(asked.cassette_library_dir or words["vcr_cassette_dir"])
        extra = [path for mark in item.iter_markers("vcr") for path in _extra(mark, directory, asked)]
        return asked, self._path(item, directory, name, asked), extra

    def _opened(self, item: pytest.Function, asked: Settings, path: Path, extra: Sequence[Path] = ()) -> Tape:
        if self._collision is not None:
            raise UsageError(self._collision)
        # A chat test needs what is written in its cassette before its first request.
        tape = self.tape(item, path, asked, extra, optional="chat_users" not in _fixtures(item))
        try:
            tape.open()
        except CassetteNotFound as error:
            owners = (self.shelf.owner(each) for each in extra if not os.path.exists(each))
            owner = next(owners, None)
            if owner is None:
                raise
            raise CassetteNotFound(f"{error}: {self._again(owner)}") from None
        except OSError as error:
            raise _failed(path, "read", error) from error
        item.stash[ASKED], item.stash[TAPE] = asked, tape
        self._guard(item, tape)
        return tape

    def _guard(self, item: pytest.Item, tape: Tape) -> None:
        if not tape.recording:
            guard = item.stash[CASSETTE_GUARD] = self.replaying(item.stash[ASKED])
            guard.on()

    @contextmanager
    def suspended(self, item: pytest.Item) -> Iterator[None]:
        """The cassette of a test answers nothing and guards nothing until the block ends."""
        tape = item.stash.get(TAPE, None)
        if tape is None:
            yield
            return
        guests = active.leave(tape)
        unguard(item)
        try:
            yield
        finally:
            active.enter(tape, guests)
            self._guard(item, tape)

    @functools.cached_property
    def off(self) -> bool:
        """With a chat target, cassettes are in use only where the command line asks for recording."""
        disabled = self._config.getoption("--disable-recording")
        return bool(disabled or (self._target != "cassettes" and self._config.getoption("--record-mode") is None))

    def _path(self, item: pytest.Item, directory: Path, name: str, asked: Settings) -> Path:
        """The test's own name; where only pytest-recording's or pytest-vcr's is there, that one.

        What several tests may mean is read for each of them, as pytest-recording does, and never written.
        """
        transformed = asked.path_transformer or (lambda plain: names.file(plain, f".{asked.serializer}"))
        file = os.fspath(transformed(name))
        self.shelf.lies(item, directory, name, file)
        path = directory / file
        if name != names.cassette(item):
            return _or_flat(path, names.flat(item, name), item, asked)
        return self._or_earlier(item, path, directory, asked)

    def _or_earlier(self, item: pytest.Item, path: Path, directory: Path, asked: Settings) -> Path:
        if os.path.exists(path):
            return path
        earlier = directory / names.file(names.earlier(item), f".{asked.serializer}")
        if os.path.exists(earlier):
            mine = self.shelf.free if asked.record_mode == "none" else self.shelf.alone
            return earlier if mine(item, earlier) else path
        return _or_flat(path, names.flat(item), item, asked)

    def tape(
        self, item: pytest.Item, path: Path, asked: Settings, extra: Iterable[Path] = (), *, optional: bool = True
    ) -> Tape:
        """A recorder for a test, or for a fixture that it is the first to use."""
        own = self.registry.matchers
        open_now: list[Tape] = []
        tape = Tape(
            path,
            asked.record_mode,
            profile=self.profile,
            match_on=settings.built_in(asked, own),
            allow_playback_repeats=asked.allow_playback_repeats,
            origin="emulator" if self._target == "emulator" else "live",
            run=self._run(),
            counts=self.counts,
            command=lambda: self._again(item),
            max_age=asked.max_age,
            hooks=self._hooks(asked, lambda: open_now[0]),
            extra=list(extra),
            optional=optional,
            persister=self.registry.keeper(asked.serializer),
        )
        open_now.append(tape)
        return tape

    def _hooks(self, asked: Settings, cassette: Callable[[], Tape]) -> Hooks:
        """What only the command line and the ini file ask for changes no request."""
        own = self.registry.matchers
        if asked is settings.default_of(self._config) and not own:
            return AS_IT_IS
        from acs_chat_testkit.plugin import rewriting

        return rewriting.hooks(asked, own, cassette)

    @property
    def registry(self) -> Registry:
        """What the suite has registered; it is asked once, before the first cassette."""
        if self._registry is None:
            self._registry = Registry()
            self._config.hook.pytest_recording_configure(config=self._config, vcr=self._registry)
        return self._registry

    def _again(self, item: pytest.Item) -> str:
        """The command that records the cassette of a test again, as it can be typed where pytest was started."""
        words = self.shelf.again(item, self._config.invocation_params.dir)
        if "chat_target" in _fixtures(item):
            words.append(f"--chat-target={'emulator' if self._target == 'cassettes' else self._target}")
        return shlex.join(["pytest", *words])

    # The network

    def allowed(self, request: pytest.FixtureRequest) -> list[str]:
        """The hosts that pass the network block: the command line's, else those of the mark and of `vcr_config`."""
        asked = settings.asked_hosts(self._config)
        if asked is not None:
            return list(asked)
        configured = settings.configured(self.words.ask("vcr_config", request))
        return [*_marked_hosts(request.node), *settings.hosts(configured.get("allowed_hosts") or ())]

    @contextmanager
    def blocking(self, request: pytest.FixtureRequest, hosts: Sequence[str]) -> Iterator[None]:
        """No connection is made but to these hosts; a test that is recorded reaches its service where none is named."""
        tape = request.node.stash.get(TAPE, None)
        recording = tape is not None and tape.recording
        whole = request.node.stash.get(BLOCK, None)
        if whole is not None:
            whole.close()
        with ExitStack() as stack:
            if hosts or not recording:
                (stack if whole is None else whole).enter_context(self.guarded(hosts, loopback=recording))
            yield

    @contextmanager
    def whole_test(self, item: pytest.Item) -> Iterator[None]:
        """Blocks the network around everything that a test does, also where no fixture of it reaches."""
        with ExitStack() as stack:
            item.stash[BLOCK] = stack
            asked = settings.asked_hosts(self._config)
            hosts = asked or ()
            if asked is None:
                # What is wrong with the mark is said where the test sets up its block.
                with suppress(UsageError):
                    hosts = _marked_hosts(item)
            stack.enter_context(self.guarded(hosts, loopback=False))
            yield
        del item.stash[BLOCK]

    def replaying(self, asked: Settings) -> blocked:
        """What replays asks nobody; this machine passes, and what the settings let out."""
        return self.guarded((*asked.allowed_hosts, *asked.ignore_hosts), loopback=True)

    def guarded(self, hosts: Iterable[str], *, loopback: bool) -> blocked:
        """The guard is up until the block ends."""
        return blocked(Guard(self.counts, loopback=loopback, allowed=hosts))

    # Several processes

    def _run(self) -> Run:
        """What all recorders share; with pytest-xdist, in all processes."""
        if self._shared is None:
            token = getattr(self._config, "workerinput", {}).get(TOKEN)
            self._shared = Run() if token is None else SharedRun(token)
        return self._shared

    def share(self, node: Any) -> None:
        """Tells a worker of pytest-xdist what it shares with the others."""
        self._distributed = self._distributed or SharedRun()
        node.workerinput[TOKEN] = self._distributed.token

    def pytest_unconfigure(self) -> None:
        """Removes what the workers shared."""
        if self._distributed is not None:
            self._distributed.end()

    @property
    def recorded(self) -> int:
        """How many requests this process has recorded."""
        return self.counts["recorded"]

    def claim(self, path: Path) -> bool:
        """Whether this process is the one of the run that records a file."""
        return self._run().claim(path)

    def close(self, item: pytest.Item, tape: Tape, *, keep: bool, passed: bool) -> list[int]:
        """Closes a cassette and counts what it did.

        Args:
            item: The test.
            tape: Its cassette, or that of a fixture.
            keep: Whether what was recorded is written.
            passed: Whether the test, or the fixture, can be judged by what it did.

        Returns:
            The places of what was left over.
        """
        try:
            tape.close(keep=keep)
        except OSError as error:
            raise _failed(tape.path, "written", error) from error
        left = verdict.left_over(tape)
        row = self._row(item, tape, left, passed=passed)
        self.tally.add(row)
        if passed and verdict.strictly(tape, self._settings(item), left if row["of"] == 1 else ()):
            for each in tape.foreign:
                self.tally.strictly.setdefault(names.shown(each, self._config), []).extend(row["tests"])
        self.tally.redactions.update(tape.redactions)
        self.tally.notes += [*tape.grown, *(f"{row['path']} may hold a secret: {each}" for each in tape.suspects)]
        return left

    def _row(self, item: pytest.Item, tape: Tape, left: list[int], *, passed: bool) -> Row:
        of, asked = 1 if tape.wide else self.shelf.sharing(item), self._settings(item)
        # pytest-xdist adds the name of a group.
        test = names.node(item, self._config.rootpath) if of > 1 or "@" in item.nodeid else item.nodeid
        return {
            "path": names.shown(tape.path, self._config),
            "origin": tape.origin,
            "recorded": tape.counts["recorded"],
            "replayed": tape.counts["replayed"],
            "left": left,
            "unlike": left if of == 1 else verdict.unlike(tape, left),
            "tests": [test],
            "passed": [test] if passed and not tape.wide else [],
            "of": of,
            "among": None if tape.wide else self.shelf.among(item),
            "on_unplayed": verdict.policy(asked.on_unplayed, tape),
            "lenient": tape.legacy and asked.on_unplayed is None,
        }

    def _settings(self, item: pytest.Item) -> Settings:
        return item.stash[ASKED] if ASKED in item.stash else settings.default_of(self._config)

    def report(self) -> dict[str, Any]:
        """What happened in this process and in all workers that have told."""
        return self.tally.report(self.counts.as_dict())


TAPES: pytest.StashKey[Tapes] = pytest.StashKey()


def _check(config: pytest.Config) -> None:
    """Refuses what does not fit before anything runs.

    Raises:
        UsageError: pytest's.
    """
    try:
        settings.default_of(config)
        if any(map(config.getini, REDACTION)):
            from acs_chat_testkit.plugin import redaction

            redaction.profile(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _failed(path: Path, what: str, error: OSError) -> CassetteError:
    """An error of the file system names the cassette, and says what can not be done."""
    return CassetteError(f"{path} can not be {what}: {error.strerror or error}")


def unguard(item: pytest.Item) -> None:
    """The cassette of a test guards nothing any more."""
    if CASSETTE_GUARD in item.stash:
        item.stash[CASSETTE_GUARD].off()
        del item.stash[CASSETTE_GUARD]


def _is_of_pytest(plugin: object) -> bool:
    return getattr(plugin, "__name__", type(plugin).__module__).startswith("_pytest.")


def _fixtures(item: pytest.Item) -> list[str]:
    """The names of its fixtures; a test of another kind, such as a doctest, may have none."""
    found: list[str] = getattr(item, "fixturenames", [])
    return found


def _or_flat(path: Path, flat: Path, item: pytest.Item, asked: Settings) -> Path:
    """A path, unless there is nothing and pytest-vcr has left a cassette; that one is only read."""
    reads = asked.record_mode in ("none", "once") and path.parent == names.directory(item.path)
    return flat if reads and not os.path.exists(path) and os.path.exists(flat) else path


def _first(item: pytest.Item, fixture: str) -> None:
    """Sets a fixture up before all others; the tests of one function share the list of their fixtures."""
    wanted = _fixtures(item)
    if wanted[:1] != [fixture]:
        if fixture in wanted:
            wanted.remove(fixture)
        wanted.insert(0, fixture)


def _extra(mark: pytest.Mark, directory: Path, asked: Settings) -> Iterator[Path]:
    for name in mark.args:
        yield directory / names.file(str(name), f".{asked.serializer}")


def _marked_hosts(item: pytest.Item) -> tuple[str, ...]:
    """The hosts that the mark allows.

    Raises:
        UsageError: The mark has other arguments than `allowed_hosts`, or a pattern of hosts is none.
    """
    mark = item.get_closest_marker("block_network")
    if mark is None:
        return ()
    hosts = mark.kwargs.get("allowed_hosts") or ()
    if mark.args or mark.kwargs.keys() - {"allowed_hosts"} or isinstance(hosts, str):
        raise UsageError("the mark block_network takes allowed_hosts, a list of hosts, and nothing else")
    Allowed(hosts)
    return tuple(hosts)

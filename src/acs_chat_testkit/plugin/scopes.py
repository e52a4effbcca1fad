"""Fixtures of a wider scope than one test: each that makes requests has a cassette of its own.

The first test that uses such a fixture would otherwise have its requests, and no other test could run alone. A fixture
is recorded and replayed where a marked test uses it, whichever test comes first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from acs_chat_testkit.errors import UnrecordedRequest, UsageError
from acs_chat_testkit.plugin import names, settings, verdict
from acs_chat_testkit.plugin.shelf import is_marked
from acs_chat_testkit.plugin.tapes import ASKED, Tapes

if TYPE_CHECKING:
    from acs_chat_testkit.plugin.settings import Settings
    from acs_chat_testkit.plugin.tape import Tape
    from acs_chat_testkit.recording.active import Guest

OURS = "acs_chat_testkit."


class Scopes:
    """The cassettes of wide fixtures.

    Args:
        config: pytest's.
        tapes: Where cassettes are opened.

    Attributes:
        item: The test that runs now.
    """

    def __init__(self, config: pytest.Config, tapes: Tapes) -> None:
        self._config = config
        self._tapes = tapes
        self._inside: list[Tape] = []
        self._labels: dict[str, tuple[str, ...]] = {}
        self._places: dict[str, Path] = {}
        self._ended: list[_Fixture] = []
        self.item: pytest.Item | None = None

    @contextmanager
    def setting_up(self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Iterator[None]:
        """Requests of this fixture, now and when it ends, belong to its own cassette."""
        # One that made room for other parameters has ended without an error.
        self._settle(failed=False)
        item = self.item
        self._label(fixturedef, request)
        if item is None or not self._is_recorded(fixturedef, request):
            # It may end with a marked test that has nothing to do with it.
            stack = ExitStack()
            fixturedef.addfinalizer(stack.close)
            yield
            fixturedef.addfinalizer(lambda: stack.enter_context(self.suspended()))
            return
        asked = item.stash.get(ASKED, None) or self._settings(item, request)
        fixture = _Fixture(self, self._tapes, item, self._path(fixturedef, request), asked)
        # Finalizers run from the last to the first: the cassette is there again before the fixture ends.
        fixturedef.addfinalizer(fixture.close)
        with self._alone(fixture):
            yield
            fixture.succeeded()
        fixturedef.addfinalizer(fixture.resume)

    def _settings(self, item: pytest.Item, request: pytest.FixtureRequest) -> Settings:
        """Those of the suite, as far as its `vcr_config` lives as long as this fixture; a marked test knows its own."""
        if is_marked(item):
            return settings.default_of(self._config)
        try:
            config = settings.configured(request.getfixturevalue("vcr_config"))
        except (pytest.FixtureLookupError, pytest.fail.Exception):
            config = {}
        return settings.settings(item, {**self._tapes.registry.defaults, **config})

    @contextmanager
    def ending(self) -> Iterator[None]:
        """What ends in this block is kept where all of it ends without an error."""
        self._settle(failed=True)
        try:
            yield
        except BaseException:
            self._settle(failed=True)
            raise
        self._settle(failed=False)

    def ended(self, fixture: _Fixture) -> None:
        """Whether it ended with an error is not told to the last of its finalizers."""
        self._ended.append(fixture)

    def _settle(self, *, failed: bool) -> None:
        if not self._ended:
            return
        with ExitStack() as all_of_them:
            while self._ended:
                all_of_them.callback(self._ended.pop().settle, failed=failed)

    def suspended(self) -> Any:
        """The cassette of the test that runs now, whichever that is, answers nothing until the block ends."""
        return ExitStack() if self.item is None else self._tapes.suspended(self.item)

    def _label(self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
        """Tells apart what is set up again for other parameters: its own, and those of the fixtures it is made of."""
        own = (f"{fixturedef.argname}{_of_parameter(request)}",) if hasattr(request, "param") else ()
        of_others = (label for each in fixturedef.argnames for label in self._labels.get(each, ()))
        self._labels[fixturedef.argname] = tuple(dict.fromkeys((*own, *of_others)))

    def _is_recorded(self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> bool:
        """Whether a marked test uses it; our own fixtures make no requests that belong to a cassette."""
        if self._tapes.off or getattr(fixturedef.func, "__module__", "").startswith(OURS):
            return False
        # Its name may be in no signature: `getfixturevalue` tells nobody before it is called.
        if self._inside or (self.item is not None and is_marked(self.item)):
            return True
        within = fixturedef.baseid if fixturedef.scope in ("session", "package") else request.node.nodeid
        return any(
            fixturedef.argname in item.fixturenames and _is_within(item.nodeid, within)
            for item in self._tapes.shelf.marked
        )

    def _path(self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Path:
        """Beside the cassettes of its test file; that of a session or a package, where the fixture is defined."""
        labels = self._labels[fixturedef.argname]
        name = f"{names.FIXTURE}{fixturedef.argname}{'[' + ','.join(labels) + ']' if labels else ''}"
        if fixturedef.scope == "class":
            # Outside of all classes it is set up for each test.
            name = ".".join([name, *(names.classes(request.node) or [request.node.name])])
        home = self._config.rootpath / fixturedef.baseid
        if fixturedef.scope not in ("session", "package"):
            directory = names.directory(request.path)
        else:
            directory = names.directory(home) if home.suffix == ".py" else home / "cassettes"
        path = directory / names.file(names.safe(name))
        other = self._places.setdefault(names.folded(path), path)
        if other != path:
            raise UsageError(f"{path} and {other} would be one file where case makes no difference; rename a parameter")
        return path

    @contextmanager
    def _alone(self, fixture: _Fixture) -> Iterator[None]:
        """While it is set up, no other cassette is open, so that no thread and no event loop can mistake them."""
        with _without(self._inside[-1]) if self._inside else self.suspended(), fixture.recorded():
            self._inside.append(fixture.tape)
            try:
                yield
            finally:
                self._inside.pop()


class _Fixture:
    """The cassette of one fixture while that lives."""

    def __init__(self, scopes: Scopes, tapes: Tapes, item: pytest.Item, path: Path, asked: Settings) -> None:
        self._scopes = scopes
        self._tapes = tapes
        self._asked = asked
        self._stack = ExitStack()
        self._guests: Sequence[Guest] = ()
        self._keep = False
        self._item = item
        self.tape = tapes.tape(item, path, asked)
        self.tape.wide = True

    @contextmanager
    def recorded(self) -> Iterator[None]:
        from acs_chat_testkit.recording import active

        self.tape.open()
        try:
            with self._guarded():
                yield
        finally:
            self._guests = active.let_go(self.tape)

    def _guarded(self) -> Any:
        return ExitStack() if self.tape.recording else self._tapes.replaying(self._asked)

    def succeeded(self) -> None:
        """The fixture was set up.

        Raises:
            UnrecordedRequest: It made a request that nothing answers, and swallowed the error.
            UsageError: Another process of this run records it.
        """
        if self.tape.misses and verdict.policy(self._asked.on_swallowed, self.tape) == "fail":
            raise UnrecordedRequest(self.tape.misses[0])
        if self.tape.taken and not self._tapes.claim(self.tape.path):
            raise UsageError(
                f"{self.tape.path} is being recorded by another worker, which got other answers; record fixtures of a "
                f"wide scope in one process: {self.tape.command()} -n0"
            )
        self._keep = True

    def resume(self) -> None:
        """The fixture is about to end."""
        from acs_chat_testkit.recording import active

        self._stack.enter_context(self._scopes.suspended())
        active.enter(self.tape, self._guests)
        self._stack.callback(active.leave, self.tape)
        self._stack.enter_context(self._guarded())

    def close(self) -> None:
        """The fixture has ended."""
        self._stack.close()
        self._scopes.ended(self)

    def settle(self, *, failed: bool) -> None:
        """Keeps what was recorded, where the fixture did not fail, and judges what was replayed."""
        keep = self._keep and not failed
        used = self.tape.taken or len(self.tape.cassette.interactions)
        left = self._tapes.close(self._item, self.tape, keep=keep, passed=keep) if used else ()
        if keep:
            verdict.enforce(self._item, list(verdict.verdict(self.tape, self._asked, left)))


def _of_parameter(request: pytest.FixtureRequest) -> str:
    """A parameter by its value; its place alone would be another one's in the next test that sets it."""
    try:
        return f"={request.param if isinstance(request.param, str) else json.dumps(request.param)}"
    except (TypeError, ValueError):
        return str(getattr(request, "param_index", 0))


def _is_within(nodeid: str, outer: str) -> bool:
    return outer in ("", nodeid) or nodeid.startswith((f"{outer}/", f"{outer}::"))


@contextmanager
def _without(tape: Tape) -> Iterator[None]:
    """The cassette of an outer fixture answers nothing until the block ends."""
    from acs_chat_testkit.recording import active

    guests = active.leave(tape)
    try:
        yield
    finally:
        active.enter(tape, guests)

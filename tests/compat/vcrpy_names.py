"""Lets vcrpy's tests drive our recorder: `vcr.VCR` and `vcr.use_cassette` open what the plugin opens for a marked test.

A pytest plugin of its own (`-p vcrpy_names`). Settings go through the plugin's own code, as if `vcr_config` had
returned them; what the tests get is the plugin's `vcr` fixture. vcrpy's defaults (mode once, no bodies compared) are
given as settings, because these tests are about them.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import vcr
from vcr.persisters.filesystem import FilesystemPersister

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.plugin import settings
from acs_chat_testkit.plugin.registry import Registry
from acs_chat_testkit.plugin.rewriting import hooks
from acs_chat_testkit.plugin.tape import Tape

THEIRS: Any = vcr.VCR
_config: list[pytest.Config] = []


def pytest_configure(config: pytest.Config) -> None:
    """Remembers the options, which the settings ask for."""
    _config.append(config)


class VCR(THEIRS):  # type: ignore[misc]
    """vcrpy's object that holds settings, with cassettes of ours."""

    def use_cassette(self, path: Any = None, **kwargs: Any) -> Any:
        """A block, or a decorator, in which requests are recorded and replayed."""
        if path is not None and not isinstance(path, str | os.PathLike):
            return Use(self, None, kwargs)(path)
        return Use(self, path, kwargs)


class Use:
    """One use of a cassette."""

    def __init__(self, owner: VCR, path: str | os.PathLike[str] | None, given: dict[str, Any]) -> None:
        self._owner = owner
        self._path = path
        self._given = given
        self._open: list[Tape] = []

    def _tape(self, path: str | os.PathLike[str]) -> Tape:
        owner = self._owner
        merged = {name: getattr(owner, name) for name in settings.KNOWN if hasattr(owner, name)}
        merged.update(
            {name: value for name, value in self._given.items() if name not in ("persister", "custom_patches")}
        )
        functions = (owner.path_transformer, merged.get("path_transformer"))
        asked = settings.of(_config[0], {name: value for name, value in merged.items() if value is not None})
        registry = _registry(owner, self._given.get("persister", owner.persister))
        unknown = [name for name in asked.match_on or () if name not in owner.matchers]
        if unknown:
            raise KeyError(f"matcher {unknown[0]!r} does not exist")
        library = asked.cassette_library_dir
        place = Path(library, path) if library else Path(path)
        if functions[-1]:
            place = Path(functions[-1](str(place)))
        own = registry.matchers
        made: list[Tape] = []
        tape = Tape(
            place,
            asked.record_mode,
            command=lambda: "run the test",
            profile=chat_profile(),
            match_on=[name for name in asked.match_on or () if name not in own],
            allow_playback_repeats=asked.allow_playback_repeats,
            hooks=hooks(asked, own, lambda: made[0]),
            optional=True,
            persister=registry.keeper(asked.serializer),
        )
        made.append(tape)
        self._keeps = asked.record_on_exception
        return tape

    def __enter__(self) -> Tape:
        assert self._path is not None
        tape = self._tape(self._path)
        tape.open()
        self._open.append(tape)
        return tape

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.pop().close(keep=kind is None or self._keeps)

    async def __aenter__(self) -> Tape:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with the cassette open while it runs."""
        path = self._path or (self._owner.func_path_generator or self._named)(function)
        inject = self._given.get("inject_cassette", self._owner.inject_cassette)

        def use() -> Use:
            return Use(self._owner, path, self._given)

        def given(tape: Tape, args: tuple[Any, ...]) -> tuple[Any, ...]:
            return (tape, *args) if inject else args

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def later(*args: Any, **kwargs: Any) -> Any:
                with use() as tape:
                    return await function(*given(tape, args), **kwargs)

            return later

        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def step_by_step(*args: Any, **kwargs: Any) -> Any:
                with use() as tape:
                    return (yield from function(*given(tape, args), **kwargs))

            return step_by_step

        @functools.wraps(function)
        def now(*args: Any, **kwargs: Any) -> Any:
            with use() as tape:
                return function(*given(tape, args), **kwargs)

        return now

    @staticmethod
    def _named(function: Callable[..., Any]) -> str:
        return str(Path(inspect.getfile(function)).parent / function.__name__)


def _registry(owner: VCR, persister: Any) -> Registry:
    """What a test has registered beyond what vcrpy brings."""
    stock = THEIRS()
    registry = Registry()
    registry.matchers.update({name: each for name, each in owner.matchers.items() if name not in stock.matchers})
    for name, each in owner.serializers.items():
        if name not in stock.serializers:
            registry.register_serializer(name, each)
    if persister is not FilesystemPersister:
        registry.register_persister(persister)
    return registry


vcr.VCR = VCR
vcr.use_cassette = VCR().use_cassette

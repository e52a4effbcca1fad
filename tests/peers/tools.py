"""The recorders that are compared, under one set of words. Each is imported where it is used: none is everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import requests


@dataclass(frozen=True)
class Settings:
    """What a scenario asks for beside file and mode; a tool that lacks a setting leaves it out.

    Args:
        match_on: Names of matchers, the same in all tools.
        repeats: Whether an answer may be given again.
        uri_hook: Changes the address of each request before it is compared and recorded.
        filters: Whether to set the filters that people usually set, where secrets are not filtered by default.
        drop_unused: Whether what was not asked for leaves the file.
    """

    match_on: Sequence[str] = ()
    repeats: bool = False
    uri_hook: Callable[[str], str] | None = None
    filters: bool = False
    drop_unused: bool = False


class Tool:
    """A recorder.

    Attributes:
        name: As the table calls it.
        suffixes: Of the files that it writes.
        plugin: Options of pytest that choose its plugin.
        keep: Python that gives back a value kept with the open cassette `vcr`, and keeps `new` where there is none.
    """

    name: str
    suffixes: tuple[str, ...] = (".yaml",)
    plugin: tuple[str, ...] = ()
    keep = 'vcr.get_metadata("name", new)'

    def use(self, path: Path, mode: str = "once", **settings: Any) -> AbstractContextManager[requests.Session]:
        """A session whose requests are recorded into the file, or replayed from it, as long as the block runs."""
        return self._use(path, mode, Settings(**settings))

    @contextmanager
    def _use(self, path: Path, mode: str, settings: Settings) -> Iterator[requests.Session]:
        with self._cassette(path, mode, settings), requests.Session() as session:
            yield session

    def _cassette(self, path: Path, mode: str, settings: Settings) -> AbstractContextManager[Any]:
        raise NotImplementedError


class Ours(Tool):
    """This project's recorder and plugin; what else the environment brings takes half of pytest's start."""

    name = "ours"
    plugin = ("-p", "no:hypothesispytest", "-p", "no:anyio")

    def _cassette(self, path: Path, mode: str, settings: Settings) -> AbstractContextManager[Any]:
        from acs_chat_testkit.recording import Recorder
        from acs_chat_testkit.recording.hooks import AS_IT_IS, Hooks

        hook = settings.uri_hook
        hooks = Hooks(request=lambda request: replace(request, url=hook(request.url))) if hook else AS_IT_IS
        match_on = settings.match_on or None
        return Recorder(path, mode, match_on=match_on, allow_playback_repeats=settings.repeats, hooks=hooks)


class Vcrpy(Tool):
    """vcrpy, and pytest-recording for the plugin."""

    name = "vcrpy"
    suffixes = (".yaml", ".json")

    def _cassette(self, path: Path, mode: str, settings: Settings) -> AbstractContextManager[Any]:
        options: dict[str, Any] = {"serializer": path.suffix[1:], "record_mode": mode}
        if settings.match_on:
            options["match_on"] = list(settings.match_on)
        if settings.repeats:
            options["allow_playback_repeats"] = True
        if settings.drop_unused:
            options["drop_unused_requests"] = True
        if settings.filters:
            options["filter_headers"] = ["authorization", "cookie", "x-api-key"]
            options["filter_query_parameters"] = ["api_key", "sig"]
            options["filter_post_data_parameters"] = ["password", "client_secret"]
        if settings.uri_hook:
            options["before_record_request"] = _on_uri(settings.uri_hook)
        cassette: AbstractContextManager[Any] = import_module("vcr").use_cassette(str(path), **options)
        return cassette


class PytestVcr(Vcrpy):
    """pytest-vcr, in an environment that has pytest-recording, too."""

    name = "pytest-vcr"
    plugin = ("-p", "no:recording")


class OldVcrpy(Vcrpy):
    """The vcrpy that many lock files still name."""

    name = "vcrpy-8.2.0"


class Cassetter(Tool):
    """cassetter and its plugin."""

    name = "cassetter"

    def _cassette(self, path: Path, mode: str, settings: Settings) -> AbstractContextManager[Any]:
        options: dict[str, Any] = {"match_on": list(settings.match_on)} if settings.match_on else {}
        cassette: AbstractContextManager[Any] = import_module("cassetter").use_cassette(
            str(path), record_mode=mode, **options
        )
        return cassette


class Betamax(Tool):
    """betamax, which records one session and has no plugin."""

    name = "betamax"
    suffixes = (".json",)

    @contextmanager
    def _use(self, path: Path, mode: str, settings: Settings) -> Iterator[requests.Session]:
        with requests.Session() as session:
            options = {"match_requests_on": list(settings.match_on)} if settings.match_on else {}
            recorder = import_module("betamax").Betamax(session, cassette_library_dir=str(path.parent))
            with recorder.use_cassette(path.stem, record=mode, **options):
                yield session


class Responses(Tool):
    """The recorder of responses."""

    name = "responses"

    @contextmanager
    def _use(self, path: Path, mode: str, settings: Settings) -> Iterator[requests.Session]:
        with requests.Session() as session:
            if path.exists():
                with import_module("responses").RequestsMock(assert_all_requests_are_fired=False) as mock:
                    mock._add_from_file(file_path=path)
                    yield session
            else:
                with import_module("responses._recorder").Recorder() as recorder:
                    yield session
                    recorder.dump_to_file(path)


def _on_uri(hook: Callable[[str], str]) -> Callable[[Any], Any]:
    def changed(request: Any) -> Any:
        request.uri = hook(request.uri)
        return request

    return changed


TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (Ours(), Vcrpy(), OldVcrpy(), PytestVcr(), Cassetter(), Betamax(), Responses())
}

"""What the ini file, `vcr_config`, the markers and the command line ask of one test's cassette."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import pytest

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.plugin.vocabulary import INI
from acs_chat_testkit.recording import guard, matchers

POLICIES = ("ignore", "warn", "fail")
Several = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one test, in the words of vcrpy and pytest-recording.

    Args:
        record_mode: A record mode.
        match_on: Names of matchers; None leaves it to the cassette.
        additional_matchers: Names of matchers that must agree, too.
        allow_playback_repeats: Whether the last of equal answers may be given again and again; of a cassette that
            another recorder wrote, the first one, as vcrpy does.
        allowed_hosts: Hosts, addresses and networks that pass while replaying, or patterns of them.
        ignore_hosts: Hosts whose requests are neither recorded nor replayed, in the same words.
        ignore_localhost: The same for this machine.
        filter_headers: Names of request headers, or pairs of a name and what to write instead.
        filter_query_parameters: The same for the query.
        filter_post_data_parameters: The same for the fields of a form or of a JSON object.
        filter_nested_post_data_parameters: Whether JSON is searched at any depth.
        filter_sensitive_data: Texts to write, with the text that each stands for.
        before_record_request: Changes requests before they are compared and recorded; None lets one out.
        before_record_response: Changes answers before they are recorded; None drops one.
        before_save_interaction: Changes what is written; None drops it.
        after_load_interaction: Changes what is replayed; None drops it.
        decode_compressed_response: Whether hooks, the fixture and clients get answers without their content coding.
        record_on_exception: Whether the recording of a failed test is kept.
        drop_unused_requests: Accepted; a recording run that replaces a cassette drops them anyway.
        inject_cassette: Accepted; the fixture `vcr` gives the cassette.
        serializer: ``"yaml"``, ``"json"``, or the name of a registered one.
        path_transformer: Changes the path of the cassette.
        cassette_library_dir: The directory of the cassettes, instead of `vcr_cassette_dir`.
        on_unplayed: What becomes of a test that leaves recorded interactions over: ignore, warn or fail. By default
            it fails with a cassette of ours, and is counted with one of another recorder.
        on_swallowed: What becomes of a test that does not notice that a request was refused; the same default.
        on_stale: What becomes of a test whose cassette is older than `max_age`; by default warn.
        max_age: Days, or a timedelta; None for ever.
    """

    record_mode: str = "none"
    match_on: Several | None = None
    additional_matchers: Several = ()
    allow_playback_repeats: bool = False
    allowed_hosts: Several = ()
    ignore_hosts: Several = ()
    ignore_localhost: bool = False
    filter_headers: Several = ()
    filter_query_parameters: Several = ()
    filter_post_data_parameters: Several = ()
    filter_nested_post_data_parameters: bool = False
    filter_sensitive_data: Mapping[str, str] | Several = ()
    before_record_request: Callable[[Any], Any] | Several = ()
    before_record_response: Callable[[Any], Any] | Several = ()
    before_save_interaction: Callable[..., Any] | Several = ()
    after_load_interaction: Callable[..., Any] | Several = ()
    decode_compressed_response: bool = False
    record_on_exception: bool = False
    drop_unused_requests: bool = False
    inject_cassette: bool = False
    serializer: str = "yaml"
    path_transformer: Callable[[str], str] | None = None
    cassette_library_dir: str | None = None
    on_unplayed: str | None = None
    on_swallowed: str | None = None
    on_stale: str = "warn"
    max_age: float | timedelta | None = None


_PORT = re.compile(r"(\[[^]]*\]|[\w.*-]+):\d+")
"""A host with a port; an address alone may hold colons, too."""
KNOWN = tuple(each.name for each in fields(Settings))
TUPLES = (
    "match_on",
    "additional_matchers",
    "allowed_hosts",
    "ignore_hosts",
)
FILTERS = ("filter_headers", "filter_query_parameters", "filter_post_data_parameters")
FUNCTIONS = (
    "before_record_request",
    "before_record_response",
    "before_save_interaction",
    "after_load_interaction",
    "path_transformer",
)
REFUSED = {
    "custom_patches": "patches classes of clients, and this recorder patches none",
    "skip_patchers": "would let the requests of a client out unseen; use ignore_hosts",
    "func_path_generator": "names cassettes of decorated functions; override the fixture default_cassette_name",
}
"""Settings of vcrpy that can not be kept, with the reason."""


def settings(item: pytest.Item, config: Mapping[str, Any]) -> Settings:
    """Merges, from the widest scope to the narrowest; the command line always wins.

    Args:
        item: The test.
        config: What the fixture `vcr_config` returned.

    Raises:
        UsageError: There is no such setting, or it does not fit.
    """
    marks = list(item.iter_markers("vcr"))
    if not config and not any(mark.kwargs for mark in marks):
        return default_of(item.config)
    merged: dict[str, Any] = {**_of_ini(item.config), **config}
    for mark in reversed(marks):
        merged.update(mark.kwargs)
    return of(item.config, merged)


def of(config: pytest.Config, merged: dict[str, Any]) -> Settings:
    """The settings that these values are, under this command line.

    Raises:
        UsageError: There is no such setting, or it does not fit.
    """
    _check_names(merged)
    merged["record_mode"] = _mode(config.getoption("--record-mode"), merged.get("record_mode"))
    if isinstance(merged.get("allowed_hosts"), str):
        merged["allowed_hosts"] = hosts(merged["allowed_hosts"])
    for name in (*TUPLES, *FILTERS):
        if merged.get(name) is not None:
            merged[name] = _several(name, merged[name])
    _check_kinds(merged)
    for name in ("allowed_hosts", "ignore_hosts"):
        if not all(isinstance(each, str | re.Pattern) for each in merged.get(name) or ()):
            raise UsageError(f"vcr setting {name!r} takes names of hosts, such as 'a.example', or patterns of them")
    asked = asked_hosts(config)
    if asked is not None:
        merged["allowed_hosts"] = asked
    guard.Allowed([*(merged.get("allowed_hosts") or ()), *(merged.get("ignore_hosts") or ())])
    _check_policies(merged)
    # None is how vcrpy says that there is none.
    return Settings(**{name: value for name, value in merged.items() if value is not None})


def built_in(asked: Settings, own: Collection[str]) -> list[str] | None:
    """The recorder's matchers that these settings name, without the suite's own; None leaves it to the cassette.

    vcrpy's filter of the query sorts it, in the file and before it compares, so `uri` then means a url in any order.
    """
    if asked.match_on is None:
        return None
    names = [name for name in asked.match_on if name not in own]
    if "uri" in names and asked.filter_query_parameters:
        return sorted(matchers.ADDRESS.union(names) - {"uri"})
    return names


def _check_names(merged: dict[str, Any]) -> None:
    for name in [name for name in REFUSED if name in merged]:
        if merged.pop(name):
            raise UsageError(f"vcr setting {name!r} can not be used here: it {REFUSED[name]}")
    # vcrpy's older word.
    if "before_record" in merged:
        merged.setdefault("before_record_request", merged.pop("before_record"))
    unknown = sorted(merged.keys() - set(KNOWN))
    if unknown:
        raise UsageError(f"vcr setting {unknown[0]!r} does not exist; there are {', '.join(KNOWN)}")


def _check_kinds(merged: Mapping[str, Any]) -> None:
    for name in FUNCTIONS:
        given = merged.get(name)
        several = given if isinstance(given, list | tuple) else [given]
        _check_each(name, several, "a function", lambda each: each is None or callable(each))
    for name in FILTERS:
        _check_each(name, merged.get(name) or (), "names, and pairs of a name and what to write instead", _is_filter)
    secrets, age = merged.get("filter_sensitive_data"), merged.get("max_age")
    pairs = isinstance(secrets, list | tuple) and all(map(_is_pair, secrets))
    if not pairs and not isinstance(secrets, Mapping | None):
        # What was given may be the secret itself.
        raise _misfit("filter_sensitive_data", "a dict of texts and what each stands for", type(secrets))
    if not isinstance(age, int | float | timedelta | None) or age != age:
        raise _misfit("max_age", "days, or a timedelta", age)


def _check_each(name: str, values: Iterable[object], wanted: str, fits: Callable[[object], bool]) -> None:
    for each in values:
        if not fits(each):
            raise _misfit(name, wanted, each)


def _is_filter(entry: object) -> bool:
    return isinstance(entry, str) or _is_pair(entry)


def _is_pair(entry: object) -> bool:
    return isinstance(entry, list | tuple) and len(entry) == 2


def _misfit(name: str, wanted: str, value: object) -> UsageError:
    return UsageError(f"vcr setting {name!r} takes {wanted}, not {value!r}")


def _check_policies(merged: Mapping[str, Any]) -> None:
    for name in ("on_unplayed", "on_swallowed", "on_stale"):
        if merged.get(name) not in (None, *POLICIES):
            raise UsageError(f"{name}={merged[name]!r} does not exist; it is one of {', '.join(POLICIES)}")


def hosts(given: Any) -> Several:
    """The hosts of a list, which may be a text with commas between them, as pytest-recording takes it."""
    if not isinstance(given, str):
        return _several("allowed_hosts", given)
    return tuple(each.strip() for each in given.split(",") if each.strip())


def asked_hosts(config: pytest.Config) -> Several | None:
    """The hosts of the command line; None where it names none.

    Raises:
        UsageError: One of them can match nothing.
    """
    text = config.getoption("--allowed-hosts")
    found = None if text is None else hosts(text)
    for each in found or ():
        _check_host(each)
    return found


def _check_host(entry: str) -> None:
    if "://" in entry or _PORT.fullmatch(entry):
        rest = entry.rpartition("://")[2].partition("/")[0].rpartition("@")[2]
        port = _PORT.fullmatch(rest)
        host = (port[1] if port else rest).strip("[]") or "a.example"
        raise UsageError(f"--allowed-hosts takes hosts without scheme, port or path: write {host}")
    if "[" in entry and "]" not in entry:
        raise UsageError(
            f"--allowed-hosts takes names (a.example), addresses (::1) and networks (10.0.0.0/8), and {entry!r} is none"
        )


def configured(given: object) -> Mapping[str, Any]:
    """What the fixture `vcr_config` gave.

    Raises:
        UsageError: It is no dict; a function that lacks its `return` gives None.
    """
    if not isinstance(given, Mapping):
        raise UsageError(f"the fixture vcr_config must return a dict of settings, and returned {given!r}")
    return given


@functools.lru_cache(maxsize=1)
def default_of(config: pytest.Config) -> Settings:
    """The settings of what no `vcr_config` reaches."""
    return of(config, _of_ini(config))


def _of_ini(config: pytest.Config) -> dict[str, Any]:
    found: dict[str, Any] = {name.removeprefix("vcr_"): config.getini(name) for name in INI if config.getini(name)}
    if "max_age" in found:
        try:
            found["max_age"] = float(found["max_age"])
        except ValueError:
            raise UsageError(f"vcr_max_age={found['max_age']!r} in the ini file is no number of days") from None
    return found


def _several(name: str, value: object) -> Several:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _misfit(name, "a list", value)
    return tuple(value)


def _mode(asked: str | None, configured: Any) -> str:
    """With `CI` set, only the command line can record: a pull request must not switch recording on."""
    if asked is not None:
        return asked
    if os.environ.get("CI") or configured is None:
        return "none"
    # vcrpy's own RecordMode is an enum of the same words, and has two for one mode.
    word = str(getattr(configured, "value", configured))
    return "new_episodes" if word == "any" else word

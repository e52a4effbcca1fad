"""Fixtures in the words of pytest-recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from acs_chat_testkit.plugin.tape import Tape
    from acs_chat_testkit.plugin.tapes import Tapes


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    """Settings for the cassettes of a module; override it and return a dict."""
    return {}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """The directory of a module's cassettes; override it to put them elsewhere."""
    from acs_chat_testkit.plugin import names

    return str(names.directory(request.path))


@pytest.fixture
def vcr_cassette_name(request: pytest.FixtureRequest) -> str:
    """What pytest-vcr calls `default_cassette_name`; a suite that comes from there may have overridden it."""
    from acs_chat_testkit.plugin import words

    return words.cassette_name(request.node)


@pytest.fixture
def default_cassette_name(vcr_cassette_name: str) -> str:
    """The name of the test's own cassette; the marker `default_cassette` sets another one."""
    return vcr_cassette_name


@pytest.fixture
def vcr_markers(request: pytest.FixtureRequest) -> list[pytest.Mark]:
    """The test's `vcr` marks, from the nearest to the widest."""
    return list(request.node.iter_markers("vcr"))


@pytest.fixture(scope="session")
def record_mode(request: pytest.FixtureRequest) -> str:
    """The record mode that the command line asked for; `none` where it asked for nothing."""
    from acs_chat_testkit.plugin.settings import default_of

    return default_of(request.config).record_mode


@pytest.fixture(scope="session")
def disable_recording(request: pytest.FixtureRequest) -> bool:
    """Whether cassettes are switched off by the command line."""
    return bool(request.config.getoption("--disable-recording"))


@pytest.fixture
def allowed_hosts(request: pytest.FixtureRequest) -> list[str]:
    """The hosts that pass the test's network block; override it to allow others."""
    return _tapes(request).allowed(request)


@pytest.fixture
def block_network(request: pytest.FixtureRequest, allowed_hosts: list[str]) -> Iterator[None]:
    """Refuses every connection of a test that asks for it; the mark and the option ask for it, too."""
    with _tapes(request).blocking(request, allowed_hosts):
        yield


@pytest.fixture
def vcr(request: pytest.FixtureRequest) -> Tape | None:
    """The test's open cassette; None where the test is not marked or recording is switched off."""
    return _tapes(request).open(request)


@pytest.fixture
def _acs_chat_cassette(request: pytest.FixtureRequest) -> Tape | None:
    """What opens a marked test's cassette, whatever `vcr` is in its suite."""
    return _tapes(request).open(request)


def _tapes(request: pytest.FixtureRequest) -> Tapes:
    from acs_chat_testkit.plugin.studio import opened

    return opened(request.config)

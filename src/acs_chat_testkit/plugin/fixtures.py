"""Fixtures in the words of pytest-recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from acs_chat_testkit.plugin import names

if TYPE_CHECKING:
    from acs_chat_testkit.recording import Recorder


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    """Settings for the cassettes of a module; override it and return a dict."""
    return {}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """The directory of a module's cassettes; override it to put them elsewhere."""
    return str(names.directory(request.path))


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """The name of the test's own cassette; the marker `default_cassette` sets another one."""
    mark = request.node.get_closest_marker("default_cassette")
    return str(mark.args[0]) if mark is not None else names.cassette(request.node)


@pytest.fixture(scope="session")
def record_mode(request: pytest.FixtureRequest) -> str:
    """The record mode that the command line asked for; `none` where it asked for nothing."""
    return str(request.config.getoption("--record-mode") or "none")


@pytest.fixture(scope="session")
def disable_recording(request: pytest.FixtureRequest) -> bool:
    """Whether cassettes are switched off by the command line."""
    return bool(request.config.getoption("--disable-recording"))


@pytest.fixture
def vcr(request: pytest.FixtureRequest) -> Recorder | None:
    """The test's open cassette; None where the test is not marked or recording is switched off."""
    from acs_chat_testkit.plugin.tapes import TAPES

    return request.config.stash[TAPES].open(request)

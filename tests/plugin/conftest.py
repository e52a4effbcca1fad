"""What the plugin's tests share."""

import pkgutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

import pytest
import requests  # noqa: F401  or each inner run would import it anew
import yaml  # noqa: F401  or an inner run would import half of it anew
from tests.recording.service import Service, serving

from acs_chat_testkit import plugin, recording
from acs_chat_testkit.recording.doors import CLIENTS

# What an inner run imports is forgotten afterwards, but not by the packages that hold it: the next one would find
# errors of another class there.
# Clients come first, since whoever imports one puts its door in, which is to be whole by then.
for _client in CLIENTS:
    with suppress(ModuleNotFoundError):
        import_module(_client)
for _package in (plugin, recording):
    for _module in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
        import_module(_module.name)


@pytest.fixture
def service() -> Iterator[Service]:
    """A service on loopback."""
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of recording behave the same on a build server."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("ACS_CHAT_CONNECTION_STRING", raising=False)


@pytest.fixture(autouse=True)
def _no_compiled_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Older versions of pytest take a test that is written anew within a second, as long as before, for the old one."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

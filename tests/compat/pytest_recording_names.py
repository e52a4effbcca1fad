"""Gives pytest-recording's tests the few names that they import from it, made of ours where we have the same thing.

A pytest plugin of its own (`-p pytest_recording_names`). The tests drive pytest in their own process, where these names
must not be taken for an installed pytest-recording: to that our plugin would leave the field.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
from vcr.persisters.filesystem import FilesystemPersister

from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Guard


@contextmanager
def blocking_context(allowed_hosts: Iterable[str] | None = None) -> Iterator[None]:
    """The network block."""
    with blocked(Guard(Counts(), loopback=False, allowed=allowed_hosts or ())):
        yield


NAMES: dict[str, dict[str, object]] = {
    "pytest_recording": {},
    "pytest_recording.network": {
        "blocking_context": blocking_context,
        "socket": socket,
        "_original_socketpair": socket.socketpair,
    },
    "pytest_recording.plugin": {"RECORD_MODES": ["once", "new_episodes", "none", "all", "rewrite"]},
    "pytest_recording._vcr": {"load_cassette": FilesystemPersister.load_cassette},
}

for path, names in NAMES.items():
    module = ModuleType(path)
    vars(module).update(names)
    sys.modules[path] = module
    parent, _, name = path.rpartition(".")
    if parent:
        setattr(sys.modules[parent], name, module)


@pytest.fixture(autouse=True)
def _nobody_else_is_installed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:recording")

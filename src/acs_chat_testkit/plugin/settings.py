"""What `vcr_config`, the markers and the command line ask of one test's cassette."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pytest

from acs_chat_testkit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one test, in the words of vcrpy and pytest-recording.

    Args:
        record_mode: A record mode.
        match_on: Names of matchers; None leaves it to the cassette.
        allow_playback_repeats: Whether an answer may be given again.
        allowed_hosts: Hosts that the network block lets pass.
    """

    record_mode: str = "none"
    match_on: tuple[str, ...] | None = None
    allow_playback_repeats: bool = False
    allowed_hosts: tuple[str, ...] = ()


KNOWN = tuple(each.name for each in fields(Settings))


def settings(item: pytest.Item, config: Mapping[str, Any]) -> Settings:
    """Merges, from the widest scope to the narrowest; the command line always wins.

    Args:
        item: The test.
        config: What the fixture `vcr_config` returned.

    Raises:
        UsageError: There is no such setting.
    """
    merged: dict[str, Any] = dict(config)
    for mark in reversed(list(item.iter_markers("vcr"))):
        merged.update(mark.kwargs)
    unknown = sorted(merged.keys() - set(KNOWN))
    if unknown:
        raise UsageError(f"vcr setting {unknown[0]!r} does not exist; there are {', '.join(KNOWN)}")
    merged["record_mode"] = _mode(item.config.getoption("--record-mode"), merged.get("record_mode"))
    for name in ("match_on", "allowed_hosts"):
        if merged.get(name) is not None:
            merged[name] = tuple(merged[name])
    return Settings(**merged)


def _mode(asked: str | None, configured: str | None) -> str:
    """With `CI` set, only the command line can record: a pull request must not switch recording on."""
    if asked is not None:
        return asked
    return "none" if os.environ.get("CI") else configured or "none"

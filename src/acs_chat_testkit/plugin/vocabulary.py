"""The words of this plugin that no fixture and no setting defines by itself: modes, markers, the ini file, its hook."""

from __future__ import annotations

from typing import Any

import pytest

MODES = ("none", "once", "new_episodes", "rewrite", "all", "verify")
TARGETS = ("cassettes", "emulator", "live")
MARKERS = (
    "vcr(*cassettes, **config): record this test's HTTP requests into a cassette, or replay them from it",
    "default_cassette(name): the name of the test's cassette",
    "block_network(allowed_hosts=None): refuse every connection of this test",
)
INI = {
    "vcr_on_unplayed": "recorded interactions that a test leaves over: ignore, warn or fail",
    "vcr_on_swallowed": "a refused request that a test does not notice: ignore, warn or fail",
    "vcr_on_stale": "a cassette older than vcr_max_age: ignore, warn or fail",
    "vcr_max_age": "days after which a cassette is stale",
}
"""The suite's own defaults."""


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Registers matchers, serializers or a persister, before the first cassette is opened.

    The hook that this plugin calls, in pytest-recording's words.

    Args:
        config: pytest's.
        vcr: Has `register_matcher`, `register_serializer` and `register_persister`.
    """

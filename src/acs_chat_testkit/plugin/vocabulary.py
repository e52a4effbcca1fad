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
REDACTION = {
    "vcr_content": "what people wrote: keep (default), or mask, which replaces each text by a numbered one",
    "vcr_secret_variables": "environment variables whose values must not be written",
}
"""What the suite adds to what is redacted by itself."""


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Registers matchers, serializers, redaction rules or a persister, before the first cassette is opened.

    The hook that this plugin calls, in pytest-recording's words.

    Args:
        config: pytest's.
        vcr: Has `register_matcher`, `register_serializer`, `register_rule` and `register_persister`.
    """

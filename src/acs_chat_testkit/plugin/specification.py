"""The hook that this plugin calls, in pytest-recording's words."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Registers matchers, serializers or a persister, before the first cassette is opened.

    Args:
        config: pytest's.
        vcr: Has `register_matcher`, `register_serializer` and `register_persister`.
    """

"""What the plugin's tests share."""

from collections.abc import Iterator

import pytest
import requests  # noqa: F401  or each inner run would import it anew
import yaml  # noqa: F401  or an inner run would import half of it anew
from tests.recording.service import Service, serving


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

"""A profile: what the tape machine needs to know about one service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording.redaction import Rules


def _no_version(_request: Request) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Profile:
    """Rules and readings for one service; `Profile()` serves any HTTP service.

    Args:
        name: Such as ``"chat"``.
        rules: What is redacted, and how.
        api_version: Reads the api-version that a request asks for.
    """

    name: str = "http"
    rules: Rules = field(default_factory=Rules)
    api_version: Callable[[Request], str | None] = _no_version


@cache
def any_service() -> Profile:
    """The profile that serves any HTTP service."""
    return Profile()

"""Interaction, Header and Cassette: what a recording is, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acs_chat_testkit.http import Request, Response

FORMAT = "acs-chat-testkit/1"
"""The header's `format` in a file that this recorder wrote; the number rises when the meaning of a file changes."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded request with its response.

    Args:
        request: As it was sent, redacted.
        response: As it arrived, redacted; None where the connection failed.
        error: How the connection failed, such as ``"read timeout"``; None where there is a response.
        pieces: The sizes of the pieces that the body came in, where they mean something; they may end early.
        line: The line of the file where it starts, from 1; 0 where it came from no file.
    """

    request: Request
    response: Response | None
    error: str | None = None
    pieces: tuple[int, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Header:
    """What a cassette says about itself.

    Args:
        format: `FORMAT`; None for a file that another recorder wrote.
        origin: ``"live"`` or ``"emulator"``: what answered the recorded requests; None where the file does not say.
        api_version: The api-version that the requests asked for; None where they asked for none.
        recorded_at: When the first answer was given, by the service's own clock (RFC 3339, UTC).
        variables: Values that a test needs again in replay, such as the id of the user it acted for.
    """

    format: str | None = FORMAT
    origin: str | None = None
    api_version: str | None = None
    recorded_at: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cassette:
    """Interactions in the order of the calls, with a header."""

    interactions: tuple[Interaction, ...] = ()
    header: Header = field(default_factory=Header)

    @property
    def ours(self) -> bool:
        """Whether this recorder wrote it, so that it is matched strictly."""
        return self.header.format is not None

"""What is judged, and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acs_chat_testkit.http import Request, Response


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its response.

    Args:
        request: As it went on the wire.
        response: As it came from the wire; None where the connection failed.
    """

    request: Request
    response: Response | None = None


class Tier(StrEnum):
    """How much a violation weighs: an error breaks somebody, a warning may, an information is something new."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where an exchange breaks the contract.

    Args:
        check: The stable id of the broken rule, such as ``"response.missing-field"``.
        tier: How much it weighs.
        where: The place: ``"query"``, ``"header"``, ``"body"`` and a JSON pointer (RFC 6901) below it, or ``""``.
        message: One sentence that names no value of a message, a name or an id.
        operation: The operation's id; None where none could be told.
    """

    check: str
    tier: Tier
    where: str
    message: str
    operation: str | None = None

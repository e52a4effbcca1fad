"""From an answer of the service to the exception that says what went wrong.

The service has used several envelopes: ``Error`` and ``CommunicationError`` (seen in recordings), ``ChatError``
(previews), ``error`` (documented), none at all, and often an empty body; proxies in between send HTML.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

if TYPE_CHECKING:
    from ._chat_thread_client import ChatThreadClient
    from .aio import ChatThreadClient as AsyncChatThreadClient

UNREADABLE = (ValueError, LookupError, RecursionError, zlib.error)
"""What reading a body may raise: it is no JSON, or its charset, its nesting or its coding is beyond us."""
_ENVELOPES = ("error", "communicationerror", "chaterror")
_LEVELS = 16  # of details that are read, far more than any service has
_BY_STATUS: dict[int, Any] = {401: ClientAuthenticationError, 404: ResourceNotFoundError, 409: ResourceExistsError}


class CommunicationError(NamedTuple):
    """What the service says about one failure.

    Attributes:
        code: Such as ``NotFound``, or the number of a status as text.
        message: A sentence; some errors have none.
        target: What it is about, such as the id of a participant.
        details: Errors below this one.
    """

    code: str | None = None
    message: str | None = None
    target: str | None = None
    details: tuple[CommunicationError, ...] = ()

    @classmethod
    def read(cls, value: Any) -> CommunicationError | None:
        """Reads an error item in any case; None for what is none."""
        return _item(value, _LEVELS)

    def __str__(self) -> str:
        shown = [f"({self.code})" if self.code else "", self.message or "", f"[{self.target}]" if self.target else ""]
        return " ".join(part for part in shown if part)


def _item(value: Any, levels: int) -> CommunicationError | None:
    if not isinstance(value, Mapping):
        return None
    members = {str(key).lower(): member for key, member in value.items()}
    if members.get("code") is None and members.get("message") is None:
        return None
    details = members.get("details") if levels else None
    inner = (_item(detail, levels - 1) for detail in (details if isinstance(details, list) else ()))
    code, message, target = (_text(members.get(name)) for name in ("code", "message", "target"))
    return CommunicationError(code, message, target, tuple(error for error in inner if error))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


class CommunicationErrorResponse(NamedTuple):
    """An error as the body of an answer: the ``model`` of an HttpResponseError.

    Attributes:
        error: The error.
    """

    error: CommunicationError


class PartialFailureError(HttpResponseError):
    """The request succeeded, but not for every participant.

    Args:
        invalid_participants: Why each of the others was left out; the target is the participant's id.
        response: The answer.
        thread_client: At create: the client of the thread, which exists.
    """

    def __init__(
        self,
        invalid_participants: list[CommunicationError],
        response: Any = None,
        thread_client: ChatThreadClient | AsyncChatThreadClient | None = None,
    ) -> None:
        thread = f" The thread {thread_client.thread_id} exists." if thread_client else ""
        reasons = "; ".join(str(error) for error in invalid_participants)
        super().__init__(f"{len(invalid_participants)} participants were not added: {reasons}.{thread}", response)
        self.error = None
        self.invalid_participants = invalid_participants
        self.thread_client = thread_client

    def __reduce__(self) -> Any:  # made anew from its message alone, as exceptions are, a copy would tell nonsense
        return type(self), (self.invalid_participants, self.response, self.thread_client), vars(self)


def failure(response: Any, error_map: Mapping[int, Any]) -> Exception:
    """The exception for an answer that is no success.

    Args:
        response: The HTTP response.
        error_map: Classes by status that come before azure-core's usual ones.
    """
    kind = (_BY_STATUS | dict(error_map)).get(response.status_code, HttpResponseError)
    if not (isinstance(kind, type) and issubclass(kind, HttpResponseError)):
        made: Exception = kind(response=response)
        return made
    error = _parse(response)
    model = None if error is None else CommunicationErrorResponse(error)
    # azure-core's own format reads one of the envelopes only, and details without an end
    return kind(response=response, model=model, error_format=lambda _body: error)


def _parse(response: Any) -> CommunicationError | None:
    try:
        return _read(json.loads(response.text()))
    except (TypeError, *UNREADABLE):
        return None


def _read(body: Any) -> CommunicationError | None:
    if not isinstance(body, Mapping):
        return None
    inner = (value for key, value in body.items() if str(key).lower() in _ENVELOPES)
    return CommunicationError.read(next(inner, body))


def invalid_participants(data: Any) -> list[CommunicationError]:
    """The participants that create or add left out, at the top level (2021 and later) or under ``errors`` (2020)."""
    if not isinstance(data, Mapping):
        return []
    errors = data.get("errors")
    items = data.get("invalidParticipants") or (
        errors.get("invalidParticipants") if isinstance(errors, Mapping) else None
    )
    read = (CommunicationError.read(item) for item in (items if isinstance(items, list) else ()))
    return [error or CommunicationError() for error in read]

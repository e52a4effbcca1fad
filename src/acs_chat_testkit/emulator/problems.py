"""What a handler raises to refuse a request."""

from __future__ import annotations


class Problem(Exception):
    """A refusal, before a version's envelope is put around it.

    Args:
        status: The status code, 4xx.
        code: The error code in the envelope.
        message: The text in the envelope; None leaves the key out, as the service does in some cases.
    """

    def __init__(self, status: int, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str | None = None) -> Problem:
    """400: the request cannot be understood."""
    return Problem(400, "BadRequest", message)


def forbidden(message: str = "The initiator does not have the permission for this operation.") -> Problem:
    """403: understood, and not for this caller."""
    return Problem(403, "Forbidden", message)


def not_found(message: str | None = None) -> Problem:
    """404: there is no such thing."""
    return Problem(404, "NotFound", message)


def unauthorized() -> Problem:
    """401: the service answers it with an empty body."""
    return Problem(401, "Unauthorized")

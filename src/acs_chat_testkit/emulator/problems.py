"""What a handler raises to refuse a request."""

from __future__ import annotations


class Problem(Exception):
    """A refusal, before a version's envelope is put around it.

    Args:
        fact: The behaviour that it is, an id of facts.toml.
        status: The status code, 4xx.
        code: The error code in the envelope.
        message: The text in the envelope; None leaves the key out, as the service does in some cases.
        allow: The methods in the Allow header, which 405 must have (RFC 9110, section 15.5.6).
    """

    def __init__(self, fact: str, status: int, code: str, message: str | None = None, allow: str | None = None) -> None:
        super().__init__(code)
        self.fact = fact
        self.status = status
        self.code = code
        self.message = message
        self.allow = allow


def bad_request(fact: str, message: str | None = None) -> Problem:
    """400: the request cannot be understood."""
    return Problem(fact, 400, "BadRequest", message)


def unauthorized(fact: str = "request.token") -> Problem:
    """401: nobody known calls."""
    return Problem(fact, 401, "Denied", "Denied by the resource provider.")


def forbidden(fact: str, message: str = "The initiator does not have the permission for this operation.") -> Problem:
    """403: understood, and not for this caller."""
    return Problem(fact, 403, "Forbidden", message)


def not_found(fact: str, message: str | None = None) -> Problem:
    """404: there is no such thing."""
    return Problem(fact, 404, "NotFound", message)

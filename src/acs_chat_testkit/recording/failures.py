"""How a connection failed: what the operating system says below the errors of all clients, and says again in replay."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from http.client import BadStatusLine, RemoteDisconnected

Failures = Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], str]]
"""What is recorded by the class of the error that a client raises; the first one that fits is taken."""
BELOW: Failures = (
    (RemoteDisconnected, "disconnected"),
    (BadStatusLine, "no http"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "reset"),
    (socket.gaierror, "no address"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
)
"""The same for what lies below an error of a client."""
ROUGH = ("refused", "reset", "tls")
"""The words that stand for more than one of those, where a client has but one error for them."""


def word(error: BaseException, failures: Failures, before: BaseException | None = None) -> str | None:
    """What is recorded of an error; None where it says nothing of the connection.

    Args:
        error: As a client raised it.
        failures: The words for the errors of this client.
        before: What was being handled when the client was called, which is no part of its error.
    """
    found = _first(error, failures)
    if found not in ROUGH:
        return found
    return next((exact for each in _down(error, before) if (exact := _first(each, BELOW))), found)


def _first(error: BaseException, failures: Failures) -> str | None:
    return next((word for kinds, word in failures if isinstance(error, kinds)), None)


def _down(error: BaseException, before: BaseException | None) -> Iterator[BaseException]:
    each: BaseException | None = error
    while each is not None and each is not before:
        yield each
        each = each.__cause__ or each.__context__


def cause(kind: str | None) -> Exception:
    """What lay below the error of a client, as the operating system or Python's own modules raised it."""
    return _CAUSES.get(kind or "", _CAUSES["reset"])()


def _numbered(error: type[OSError], number: int) -> Callable[[], OSError]:
    return lambda: error(number, f"{os.strerror(number)} (recorded)")


def _of_tls(error: type[ssl.SSLError], reason: str, text: str) -> Callable[[], ssl.SSLError]:
    def made() -> ssl.SSLError:
        failure = error(ssl.SSL_ERROR_SSL, f"[SSL: {reason}] {text} (recorded)")
        failure.reason = reason
        return failure

    return made


def _silence() -> TimeoutError:
    return TimeoutError("timed out (recorded)")


_CAUSES: dict[str, Callable[[], Exception]] = {
    "disconnected": lambda: RemoteDisconnected("Remote end closed connection without response (recorded)"),
    "no http": lambda: BadStatusLine("a line that is no HTTP (recorded)"),
    "refused": _numbered(ConnectionRefusedError, errno.ECONNREFUSED),
    "reset": _numbered(ConnectionResetError, errno.ECONNRESET),
    "no address": lambda: socket.gaierror(socket.EAI_NONAME, "Name or service not known (recorded)"),
    "certificate": _of_tls(ssl.SSLCertVerificationError, "CERTIFICATE_VERIFY_FAILED", "certificate verify failed"),
    "tls": _of_tls(ssl.SSLError, "NOT_KEPT", "no connection"),
    **dict.fromkeys(("connect timeout", "read timeout", "stalled", "timeout"), _silence),
}

"""The door of http.client, and of urllib and all others that use its connections.

While a cassette is open, a connection gets a file to write its request into; who is to answer is decided when the
answer is asked for, and only then, if at all, does it connect.
"""

from __future__ import annotations

import functools
import io
import socket
import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPSConnection, IncompleteRead, RemoteDisconnected
from types import ModuleType
from typing import Any

from acs_chat_testkit.http import Headers, Response
from acs_chat_testkit.recording import active
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.take import Failures

FAILURES: Failures = (
    (TimeoutError, "read timeout"),
    ((ConnectionRefusedError, socket.gaierror), "refused"),
    (ssl.SSLError, "tls"),
    (RemoteDisconnected, "disconnected"),
    ((OSError, HTTPException), "reset"),
)
_ERRORS: dict[str, type[Exception]] = {
    "read timeout": TimeoutError,
    "stalled": TimeoutError,
    "connect timeout": TimeoutError,
    "refused": ConnectionRefusedError,
    "tls": ssl.SSLError,
    "disconnected": RemoteDisconnected,
    "cut off": IncompleteRead,
}


def install(module: ModuleType) -> None:
    """Puts the door in."""
    plain, secure = module.HTTPConnection, module.HTTPSConnection
    plain.putrequest = _wait(plain.putrequest)
    plain.connect = wait_to_connect(plain.connect)
    secure.connect = wait_to_connect(secure.connect)
    plain.getresponse = _door(plain.getresponse)


class _Waiting:
    """In the place of a connection's socket: takes the request, and knows the real socket where there is one."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.real: Any = None
        self.written = io.BytesIO()
        self.answer = b""

    def sendall(self, data: Any) -> None:
        """Keeps what the connection sends."""
        self.written.write(data)

    def makefile(self, *_: object) -> io.BytesIO:
        """The recorded answer."""
        return io.BytesIO(self.answer)

    def settimeout(self, timeout: float | None) -> None:
        """As a socket does."""
        if self.real is not None:
            self.real.settimeout(timeout)

    def close(self) -> None:
        """Closes the real socket, if there is one."""
        if self.real is not None:
            self.real.close()

    def take(self) -> bytes:
        """What was written since the last time."""
        data, self.written = self.written.getvalue(), io.BytesIO()
        return data


def _wait(putrequest: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(putrequest)
    def through(connection: Any, *args: Any, **kwargs: Any) -> None:
        if not isinstance(connection.sock, _Waiting) and active.current() is not None:
            waiting = _Waiting(connection)
            waiting.real, connection.sock = connection.sock, waiting
        putrequest(connection, *args, **kwargs)

    return through


def wait_to_connect(connect: Callable[..., None]) -> Callable[..., None]:
    """A `connect` that waits until it is known who answers."""

    @functools.wraps(connect)
    def through(connection: Any) -> None:
        if active.current() is None:
            connect(connection)
        else:
            connection.sock = _Waiting(connection)

    return through


def _door(getresponse: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(getresponse)
    def through(connection: Any) -> Any:
        __tracebackhide__ = True
        waiting = connection.sock
        if not isinstance(waiting, _Waiting):
            return getresponse(connection)
        data = waiting.take()
        recorder = active.current()
        if recorder is None:
            return _live(getresponse, connection, waiting, data)
        sent = wire.read_request(data, _origin(connection))
        played = recorder.play(sent)
        if played is not None:
            if played.response is None:
                raise _ERRORS.get(played.error or "", ConnectionResetError)(f"a recorded failure: {played.error}")
            waiting.answer = wire.raw(played.response, played.pieces, sent.method)
            return getresponse(connection)
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            response = _live(getresponse, connection, waiting, data)
        head = Response(response.status, Headers(response.getheaders()), b"", response.reason)
        if response.fp is None:
            take.keep(head)
        else:
            response.fp = wire.Tap(response, take, head)
        return response

    return through


def _live(getresponse: Callable[..., Any], connection: Any, waiting: _Waiting, data: bytes) -> Any:
    """Sends what was written and reads the answer; the connection can go on afterwards."""
    connection.sock = waiting.real
    with active.outside():
        if connection.sock is None:
            connection.connect()
        connection.sock.sendall(data)
        response = getresponse(connection)
    waiting.real = connection.sock
    if connection.sock is not None:
        connection.sock = waiting
    return response


def _origin(connection: Any) -> str:
    scheme = "https" if isinstance(connection, HTTPSConnection) else "http"
    name, port = connection._tunnel_host or connection.host, connection._tunnel_port or connection.port
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}" if port == connection.default_port else f"{scheme}://{host}:{port}"

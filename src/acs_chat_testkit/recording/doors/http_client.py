"""The door of http.client, and of urllib and all others that use its connections.

While a cassette is open, a connection gets a file to write its request into; who is to answer is decided when that is
written (by `request`, or before the answer is read), and only then, if at all, does it connect. So what fails before
there is a connection fails where it does without a recorder, and urllib makes a `URLError` of it.
"""

from __future__ import annotations

import functools
import io
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection, RemoteDisconnected
from types import ModuleType
from typing import Any

from acs_chat_testkit.http import Headers, Response
from acs_chat_testkit.recording import active, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.failures import Failures
from acs_chat_testkit.recording.take import Take

FAILURES: Failures = (
    (TimeoutError, "read timeout"),
    (ssl.SSLError, "tls"),
    (RemoteDisconnected, "disconnected"),
    ((OSError, HTTPException), "reset"),
)
UNSENT: Failures = (
    (TimeoutError, "connect timeout"),
    (socket.gaierror, "no address"),
    (ConnectionRefusedError, "refused"),
    *FAILURES,
)
"""How a request may fail before there is an answer to wait for."""
_UNSENT = ("connect timeout", "no address", "refused", "certificate", "tls")


def install(module: ModuleType) -> None:
    """Puts the door in, and lets connections that only replay share what they trust."""
    plain, secure = module.HTTPConnection, module.HTTPSConnection
    secure.__init__ = _sharing_trust(secure.__init__)
    plain.putrequest = _wait(plain.putrequest)
    plain.connect = wait_to_connect(plain.connect)
    secure.connect = wait_to_connect(secure.connect)
    plain.request = _ask(plain.request)
    plain.getresponse = _door(plain.getresponse)


@dataclass(slots=True)
class _Turn:
    """A request whose answer was not read yet.

    Attributes:
        method: Of the request.
        played: What a recording answers; None where it went out.
        take: Where the answer belongs; None where no recorder is open.
    """

    method: str = ""
    played: Interaction | None = None
    take: Take | None = None

    @contextmanager
    def live(self, failures: Failures) -> Iterator[None]:
        """The connection works in the block; how it fails is recorded."""
        with active.outside(), nullcontext() if self.take is None else self.take.failing(failures):
            yield


class _Waiting:
    """In the place of a connection's socket: takes the request, and knows the real socket where there is one."""

    def __init__(self) -> None:
        self.real: Any = None
        self.settings: list[tuple[str, tuple[Any, ...]]] = []
        self.written = io.BytesIO()
        self.answer: io.BufferedIOBase = io.BytesIO()
        self.turn: _Turn | None = None

    def sendall(self, data: Any) -> None:
        """Keeps what the connection sends."""
        self.written.write(data)

    def makefile(self, *_: object) -> io.BufferedIOBase:
        """The recorded answer."""
        return self.answer

    def settimeout(self, timeout: float | None) -> None:
        """As a socket does."""
        self._set("settimeout", timeout)

    def setsockopt(self, *option: Any) -> None:
        """As a socket does."""
        self._set("setsockopt", *option)

    def _set(self, setting: str, *values: Any) -> None:
        """Sets it at the real socket, now or as soon as there is one."""
        if self.real is None:
            self.settings.append((setting, values))
        else:
            getattr(self.real, setting)(*values)

    def close(self) -> None:
        """Closes the real socket, if there is one."""
        if self.real is not None:
            self.real.close()

    def take(self) -> bytes:
        """What was written since the last time."""
        data, self.written = self.written.getvalue(), io.BytesIO()
        return data


def _sharing_trust(init: Callable[..., None]) -> Callable[..., None]:
    """To read all certificate authorities, as each connection does, takes 15 ms and more."""

    @functools.wraps(init)
    def through(connection: Any, *args: Any, **options: Any) -> None:
        # A class of somebody else may change what it takes for its own.
        if type(connection) is HTTPSConnection and len(args) <= 2 and _by_default(options) and active.alone():
            files = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
            options["context"] = _trust(ssl._create_default_https_context, *files)
        init(connection, *args, **options)

    return through


def _by_default(options: dict[str, Any]) -> bool:
    return all(options.get(name) is None for name in ("context", "check_hostname", "key_file", "cert_file"))


@functools.lru_cache(maxsize=8)
def _trust(*_made_of: object) -> ssl.SSLContext:
    """What http.client trusts by default."""
    with active.outside():
        context: ssl.SSLContext = HTTPSConnection("nowhere")._context  # type: ignore[attr-defined]
    return context


def _wait(putrequest: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(putrequest)
    def through(connection: Any, *args: Any, **kwargs: Any) -> None:
        if not isinstance(connection.sock, _Waiting) and active.beneath() is not None:
            waiting = _Waiting()
            waiting.real, connection.sock = connection.sock, waiting
        putrequest(connection, *args, **kwargs)

    return through


def wait_to_connect(connect: Callable[..., None]) -> Callable[..., None]:
    """A `connect` that waits until it is known who answers."""

    @functools.wraps(connect)
    def through(connection: Any) -> None:
        if active.beneath() is None:
            connect(connection)
        else:
            connection.sock = _Waiting()

    return through


def _ask(request: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(request)
    def through(connection: Any, *args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        request(connection, *args, **kwargs)
        if isinstance(connection.sock, _Waiting):
            _decide(connection, connection.sock)

    return through


def _decide(connection: Any, waiting: _Waiting) -> _Turn:
    """Asks who answers what was written, and sends it where no recording does.

    Raises:
        OSError: There is no connection, or there was none when this was recorded.
    """
    __tracebackhide__ = True
    data = waiting.take()
    recorder = active.beneath()
    turn = _Turn()
    if recorder is not None:
        sent = wire.read_request(data, _origin(connection))
        turn.method, turn.played = sent.method, recorder.play(sent)
        if turn.played is None:
            turn.take = recorder.take(sent)
        elif turn.played.error in _UNSENT:
            raise failures.cause(turn.played.error)
    if turn.played is None:
        with turn.live(UNSENT):
            _send(connection, waiting, data)
    waiting.turn = turn
    return turn


def _send(connection: Any, waiting: _Waiting, data: bytes) -> None:
    connection.sock = waiting.real
    if connection.sock is None:
        connection.connect()
        for setting, values in waiting.settings:
            getattr(connection.sock, setting)(*values)
    connection.sock.sendall(data)
    waiting.real, connection.sock = connection.sock, waiting


def _door(getresponse: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(getresponse)
    def through(connection: Any) -> Any:
        __tracebackhide__ = True
        waiting = connection.sock
        if not isinstance(waiting, _Waiting):
            return getresponse(connection)
        turn, waiting.turn = waiting.turn or _decide(connection, waiting), None
        if turn.played is not None:
            try:
                waiting.answer = wire.file(turn.played, turn.method)
            except ConnectionError:
                connection.close()  # as http.client does, so that the next request gets another one
                raise
            return getresponse(connection)
        with turn.live(FAILURES):
            response = _received(getresponse, connection, waiting)
        if turn.take is not None:
            _tap(response, turn.take)
        return response

    return through


def _received(getresponse: Callable[..., Any], connection: Any, waiting: _Waiting) -> Any:
    """The answer to what was sent; the connection can go on afterwards."""
    connection.sock = waiting.real
    response = getresponse(connection)
    waiting.real = connection.sock
    if connection.sock is not None:
        connection.sock = waiting
    return response


def _tap(response: Any, take: Take) -> None:
    """Hands the response in as it is read."""
    head = Response(response.status, Headers(response.getheaders()), b"", response.reason)
    if response.fp is None:
        take.keep(head)
    else:
        response.fp = wire.Tap(response, take, head)


def _origin(connection: Any) -> str:
    scheme = "https" if isinstance(connection, HTTPSConnection) else "http"
    name, port = connection._tunnel_host or connection.host, connection._tunnel_port or connection.port
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}" if port == connection.default_port else f"{scheme}://{host}:{port}"

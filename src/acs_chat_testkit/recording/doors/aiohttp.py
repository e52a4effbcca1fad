"""The door of aiohttp, and of azure-core's AioHttpTransport: the connector, below all that a session does.

In replay the connector gives a connection on which the recorded answer has already arrived; so redirects, cookies,
content codings and streams are aiohttp's own work, as they are live.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable
from contextlib import nullcontext, suppress
from types import ModuleType
from typing import Any

from aiohttp import client_exceptions as errors
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import BaseConnector, Connection
from aiohttp.streams import StreamReader

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import active, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.failures import Failures
from acs_chat_testkit.recording.take import Take

FAILURES: Failures = (
    (errors.ConnectionTimeoutError, "connect timeout"),
    (errors.SocketTimeoutError, "read timeout"),
    ((TimeoutError, asyncio.CancelledError), "timeout"),
    (errors.ClientSSLError, "tls"),
    (errors.ClientProxyConnectionError, "proxy"),
    (errors.ClientConnectorDNSError, "no address"),
    (errors.ClientConnectorError, "refused"),
    (errors.ServerDisconnectedError, "disconnected"),
    (errors.ClientResponseError, "no http"),
    ((errors.ClientError, OSError), "reset"),
)
CONNECTING: Failures = ((TimeoutError, "connect timeout"), *FAILURES)
"""How it may fail before the request is sent; the session gives its time-outs a name only afterwards."""
STALLS: Failures = ((errors.SocketTimeoutError, "stalled"), (TimeoutError, "timeout"))
"""How the rest of an answer may fail to come; a task that is cancelled has had enough of it."""
_TRUST = "_trust_env"
_TAKE = "_acs_chat_testkit_take"
_BREAK = "_acs_chat_testkit_break"
"""Where a connection keeps how the body of its answer fails."""


def install(module: ModuleType) -> None:
    """Puts the doors in, where a request gets its connection and where its answer starts; and what replay needs not."""
    BaseConnector.connect = _connect(BaseConnector.connect)  # type: ignore[method-assign]
    module.ClientResponse.start = _start(module.ClientResponse.start)
    module.ClientResponse.__aexit__ = _leave(module.ClientResponse.__aexit__)
    module.ClientSession.trust_env = property(lambda session: vars(session)[_TRUST])
    keep = property(_looking, lambda session, trust: vars(session).update({_TRUST: trust}))
    setattr(module.ClientSession, _TRUST, keep)


def _looking(session: Any) -> Any:
    """Whether a session looks for proxies and passwords, each in a thread, which takes longer than all of a replay."""
    return vars(session)[_TRUST] and (not active.alone() or _passwords())


def _passwords() -> bool:
    """Whether there may be some for a host: they belong to what is sent, so a suite may compare them."""
    return "NETRC" in os.environ or any(
        os.path.exists(os.path.expanduser(f"~/{name}")) for name in (".netrc", "_netrc")
    )


def _connect(connect: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(connect)
    async def through(connector: Any, request: Any, traces: Any, timeout: Any) -> Any:
        __tracebackhide__ = True
        recorder = active.beneath()
        if recorder is None:
            return await connect(connector, request, traces, timeout)
        headers = Headers((str(name), value) for name, value in request.headers.items())
        sent = Request(request.method, str(request.url), headers, await _body(request))
        played = recorder.play(sent)
        if played is not None:
            return _connection(connector, request, played)
        take = recorder.take(sent)
        with active.outside(), take.failing(CONNECTING):
            connection = await connect(connector, request, traces, timeout)
        setattr(connection, _TAKE, take)
        return connection

    return through


async def _body(request: Any) -> bytes:
    """The body, read without taking it away from the connection."""
    body = request.body
    if isinstance(body, bytes):
        return body
    data: bytes = await body.as_bytes()
    return data


def _connection(connector: Any, request: Any, played: Interaction) -> Connection:
    """A connection on which the answer has arrived, or on which waiting for it fails; it is not used again.

    Raises:
        aiohttp.ClientError: The recorded connection failed.
    """
    error = None if played.response is not None else _failure(played.error, request)
    if isinstance(error, (errors.ClientConnectorError, errors.ConnectionTimeoutError)):
        raise error
    loop = asyncio.get_running_loop()
    protocol = ResponseHandler(loop)
    protocol.connection_made(_Transport())
    protocol.force_close()
    connection = Connection(connector, request.connection_key, protocol, loop)
    if played.response is not None:
        protocol.data_received(wire.raw(played.response, played.pieces, request.method))
    elif played.error in wire.HALVES:
        protocol.data_received(wire.HALVES[played.error])
        setattr(connection, _BREAK, error)
    elif error is not None:
        protocol.set_exception(error)
    return connection


class _Transport(asyncio.Transport):
    """Takes what is written and sends nothing."""

    def write(self, data: Any) -> None:
        """The request is known already."""

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """There is nothing to close."""

    abort = close


_BY_TEXT: dict[str | None, Callable[[str], Exception]] = {
    "connect timeout": errors.ConnectionTimeoutError,
    "read timeout": errors.SocketTimeoutError,
    "stalled": errors.SocketTimeoutError,
    "timeout": TimeoutError,
    "disconnected": errors.ServerDisconnectedError,
    "cut off": errors.ClientPayloadError,
    "unfinished": errors.ClientPayloadError,
    "no chunk": errors.ClientPayloadError,
}
_BY_KEY: dict[str | None, Callable[[Any, Any], Exception]] = {
    "no address": errors.ClientConnectorDNSError,
    "refused": errors.ClientConnectorError,
    "certificate": errors.ClientConnectorCertificateError,
    "tls": errors.ClientConnectorSSLError,
    "proxy": errors.ClientProxyConnectionError,
}


def _failure(kind: str | None, request: Any) -> Exception:
    below = failures.cause(kind)
    if kind in _BY_KEY:
        error = _BY_KEY[kind](request.connection_key, below)
    elif kind in _BY_TEXT:
        error = _BY_TEXT[kind](f"a recorded failure: {kind}")
    elif kind == "no http":
        error = errors.ClientResponseError(request.request_info, (), status=400, message=str(below))
    else:
        error = errors.ClientOSError(*below.args)
    error.__cause__ = below
    return error


def _start(start: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(start)
    async def through(response: Any, connection: Any) -> Any:
        take: Take | None = getattr(connection, _TAKE, None)
        if take is None:
            await start(response, connection)
            if hasattr(connection, _BREAK):
                response.content.set_exception(getattr(connection, _BREAK))
            return response
        session = response._session  # where all has arrived, there is none any more
        with take.failing(FAILURES):
            await start(response, connection)
        _tap(response, take, take.keep_opened if session.auto_decompress else take.keep)
        if response.status >= 400:
            # `raise_for_status` gives up what is on its way, and what that is differs in every run.
            if session.raise_for_status is True:
                _unseen(response.content)
            with take.failing(FAILURES):
                await _all_of(response, functools.partial(_arrived, response.content))
        return response

    return through


def _leave(leave: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(leave)
    async def through(response: Any, kind: Any, error: BaseException | None, trace: Any) -> None:
        if id(response.content) in _TAPPED and not isinstance(error, asyncio.CancelledError):
            _unseen(response.content)
            await _all_of(response, functools.partial(_read_on, response.content))
        await leave(response, kind, error, trace)

    return through


def _unseen(content: StreamReader) -> None:
    """Nobody sees how the rest fails to come."""
    tapped = _TAPPED.get(id(content))
    if tapped is not None:
        _TAPPED[id(content)] = (*tapped[:2], None)


async def _all_of(response: Any, arrival: Callable[[], Any]) -> None:
    """Waits a little for the rest of an answer, where it is known how much there is."""
    length = int(response.headers.get("content-length", 0))
    if wire.rest(_fields(response), length, 0):
        with suppress(errors.ClientError, TimeoutError, RuntimeError):
            async with asyncio.timeout(wire.PATIENCE):
                await arrival()


async def _arrived(content: StreamReader) -> None:
    """All is there for the client, who has read nothing yet: else aiohttp would stop at what it thinks is enough."""
    if id(content) in _TAPPED:
        content._high_water = wire.LARGEST_REST
        content._protocol.resume_reading()
    await content.wait_eof()


async def _read_on(content: StreamReader) -> None:
    while not content.is_eof():
        await content.readany()


def _tap(response: Any, take: Take, keep: Callable[..., None]) -> None:
    """Hands the response in as it arrives."""
    headers = _fields(response)
    # As the fields: what was on the wire, one letter a byte.
    reason = (response.reason or "").encode("utf-8", "surrogateescape").decode("latin-1")
    head = Response(response.status, headers, b"", reason)
    content = response.content
    if content.exception() is not None:
        take.fail("cut off")
        return
    if type(content) is not StreamReader or (content.is_eof() and not content._buffer):
        take.keep(head)
        return
    arrived = [bytes(piece) for piece in content._buffer]

    def finish() -> None:
        sizes = tuple(map(len, arrived)) if wire.is_stream(headers) else ()
        keep(Response(head.status, head.headers, b"".join(arrived), head.reason), sizes)

    take.later(finish)
    if content.is_eof():
        take.finish()
        return
    _TAPPED[id(content)] = (arrived, take, () if wire.is_stream(headers) else STALLS)
    content.__class__ = _Tapped


def _fields(response: Any) -> Headers:
    return Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)


_TAPPED: dict[int, tuple[list[bytes], Take, Failures | None]] = {}
"""What has arrived on a stream, for which request, and which failures are recorded; None: nobody reads any more."""


class _Tapped(StreamReader):
    """A stream that keeps a copy of what arrives; aiohttp's streams have no room for more attributes."""

    __slots__ = ()

    async def _wait(self, *args: Any) -> None:
        """The client waits for the next piece."""
        tapped = _TAPPED.get(id(self))
        with nullcontext() if tapped is None or tapped[2] is None else tapped[1].failing(tapped[2]):
            await super()._wait(*args)

    def feed_data(self, data: bytes, *args: Any) -> Any:
        """A piece has arrived."""
        _TAPPED[id(self)][0].append(bytes(data))
        return super().feed_data(data, *args)

    def feed_eof(self) -> None:
        """All has arrived."""
        super().feed_eof()
        self._finish()

    def set_exception(self, exc: Any, *args: Any) -> None:
        """The connection broke, or the client reads no further."""
        super().set_exception(exc, *args)
        self._finish(broken=isinstance(exc, errors.ClientPayloadError))

    def _finish(self, *, broken: bool = False) -> None:
        tapped = _TAPPED.pop(id(self), None)
        if tapped is not None and broken and tapped[2] is not None:
            tapped[1].fail("cut off")
        elif tapped is not None:
            tapped[1].finish()

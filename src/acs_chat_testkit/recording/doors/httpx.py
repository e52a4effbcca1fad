"""The door of httpx: its transports' `handle_request`, below redirects, cookies and authentication."""

from __future__ import annotations

import functools
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

import anyio
import httpx

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import active, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.failures import Failures
from acs_chat_testkit.recording.take import Take

FAILURES: Failures = (
    ((httpx.ConnectTimeout, httpx.PoolTimeout), "connect timeout"),
    (httpx.TimeoutException, "read timeout"),
    (httpx.ConnectError, "refused"),
    (httpx.ProxyError, "proxy"),
    (httpx.RemoteProtocolError, "disconnected"),
    (httpx.TransportError, "reset"),
)
BREAKS: Failures = ((httpx.RemoteProtocolError, "cut off"), (httpx.NetworkError, "reset"))
"""How a stream may fail: silence is no failure of what has come of it, and for some clients its end."""
HALVES: Failures = ((httpx.TimeoutException, "stalled"), *BREAKS, *FAILURES)
"""How any other body may."""
_ERRORS: dict[str, type[httpx.TransportError]] = {
    "connect timeout": httpx.ConnectTimeout,
    "read timeout": httpx.ReadTimeout,
    "stalled": httpx.ReadTimeout,
    "no address": httpx.ConnectError,
    "refused": httpx.ConnectError,
    "certificate": httpx.ConnectError,
    "tls": httpx.ConnectError,
    "proxy": httpx.ProxyError,
    "disconnected": httpx.RemoteProtocolError,
    "cut off": httpx.RemoteProtocolError,
    "unfinished": httpx.RemoteProtocolError,
    "no chunk": httpx.RemoteProtocolError,
}


def install(module: ModuleType) -> None:
    """Puts the doors in, sync and async, and lets transports that only replay share what they trust."""
    plain, other = module.HTTPTransport, module.AsyncHTTPTransport
    plain.handle_request = _door(plain.handle_request)
    other.handle_async_request = _async_door(other.handle_async_request)
    for transport in (plain, other):
        transport.__init__ = _sharing_trust(transport.__init__)


def _door(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    def through(transport: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        recorder = active.beneath()
        if recorder is None:
            return handle(transport, request)  # type: ignore[no-any-return]
        sent = _request(request, request.read())
        played = recorder.play(sent)
        if played is not None:
            return _answer(played, request)
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            return _tapped(handle(transport, request), request, take)

    return through


def _async_door(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    async def through(transport: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        recorder = active.beneath()
        if recorder is None:
            return await handle(transport, request)  # type: ignore[no-any-return]
        sent = _request(request, await request.aread())
        played = recorder.play(sent)
        if played is not None:
            return _answer(played, request)
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            return _tapped(await handle(transport, request), request, take)

    return through


def _sharing_trust(init: Callable[..., None]) -> Callable[..., None]:
    """To read all certificate authorities, as httpx does for each transport, takes 20 ms and more."""

    @functools.wraps(init)
    def through(transport: Any, *args: Any, **options: Any) -> None:
        if not args and options.get("verify", True) is True and not options.get("cert") and active.alone():
            files = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
            options["verify"] = _trust(options.get("trust_env", True), options.get("http2", False), *files)
        init(transport, *args, **options)

    return through


@functools.lru_cache(maxsize=8)
def _trust(trust_env: bool, _http2: bool, *_files: str | None) -> ssl.SSLContext:
    """What httpx trusts by default; for HTTP/2 apart, since a connection sets what it can speak before it begins."""
    return httpx.create_ssl_context(trust_env=trust_env)


def _request(request: httpx.Request, body: bytes) -> Request:
    return Request(request.method, str(request.url), _fields(request.headers), body)


def _fields(headers: httpx.Headers) -> Headers:
    return Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)


def _answer(played: Interaction, request: httpx.Request) -> httpx.Response:
    """The recorded response.

    Raises:
        httpx.TransportError: The recorded connection failed.
    """
    response = played.response
    if response is None:
        below = failures.cause(played.error)
        error = _ERRORS.get(played.error or "", httpx.ReadError)(str(below))
        error.__cause__ = below
        if played.error not in wire.HALVES:
            raise error
        return httpx.Response(200, stream=_Pieces((), error))
    extensions = {"http_version": b"HTTP/1.1", "reason_phrase": response.reason.encode("ascii", "replace")}
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers.fields]
    stream = _Pieces(wire.split(response.body, played.pieces))
    return httpx.Response(response.status, headers=headers, stream=stream, extensions=extensions)


class _Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in the pieces that it was recorded in, and the error that it ends with."""

    def __init__(self, pieces: Sequence[bytes], error: httpx.TransportError | None = None) -> None:
        self._pieces = pieces
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._error is not None:
            raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _tapped(response: httpx.Response, request: httpx.Request, take: Take) -> httpx.Response:
    response.stream = _Tap(response, request, take)
    return response


class _Tap(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Passes a body on as it arrives, and keeps a copy."""

    def __init__(self, response: httpx.Response, request: httpx.Request, take: Take) -> None:
        self._inner: Any = response.stream
        self._pieces: Any = None
        length = response.headers.get("content-length", "")
        self._length = int(length) if length.isdecimal() else 0
        self._extensions = request.extensions
        self._head = Response(response.status_code, _fields(response.headers), b"", response.reason_phrase)
        self._read: list[bytes] = []
        self._failures = BREAKS if wire.is_stream(self._head.headers) else HALVES
        self._take = take
        take.later(self._finish)

    def __iter__(self) -> Iterator[bytes]:
        self._pieces = iter(self._inner)
        with self._take.failing(self._failures):
            for piece in self._pieces:
                self._read.append(piece)
                yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._pieces = aiter(self._inner)
        with self._take.failing(self._failures):
            async for piece in self._pieces:
                self._read.append(piece)
                yield piece

    def close(self) -> None:
        """The response was read to its end, or given up."""
        try:
            if not getattr(self._pieces, "gi_running", False):
                self._read_on()
        finally:
            self._inner.close()
            self._take.finish()

    def _read_on(self) -> None:
        end = time.monotonic() + wire.PATIENCE
        with suppress(httpx.HTTPError), _impatient(self._extensions):
            # Only what is started now knows of it, and goes on where the one before has stopped.
            pieces = iter(self._inner)
            while self._left and time.monotonic() < end and (piece := next(pieces, b"")):
                self._read.append(piece)

    async def aclose(self) -> None:
        """The response was read to its end, or given up."""
        try:
            if not getattr(self._pieces, "ag_running", False):
                await self._aread_on()
        finally:
            await self._inner.aclose()
            self._take.finish()

    async def _aread_on(self) -> None:
        with suppress(httpx.HTTPError), anyio.move_on_after(wire.PATIENCE):
            pieces = self._pieces or aiter(self._inner)
            while self._left and (piece := await anext(pieces, b"")):
                self._read.append(piece)

    @property
    def _left(self) -> int:
        """How much of what the client leaves unread is to be read for the recording."""
        return 0 if self._take.complete else wire.rest(self._head.headers, self._length, sum(map(len, self._read)))

    def _finish(self) -> None:
        head = self._head
        sizes = tuple(map(len, self._read)) if wire.is_stream(head.headers) else ()
        self._take.keep(Response(head.status, head.headers, b"".join(self._read), head.reason), sizes)


@contextmanager
def _impatient(extensions: dict[str, Any]) -> Iterator[None]:
    """What starts to be read for a request in this block waits for no piece longer than for the recording."""
    before = extensions.get("timeout", {})
    extensions["timeout"] = {**before, "read": wire.PATIENCE}
    try:
        yield
    finally:
        extensions["timeout"] = before

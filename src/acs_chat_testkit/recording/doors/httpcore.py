"""The door of httpcore, and of httpx and all others that use its pools: `ConnectionPool.handle_request`.

It lies below all that answers a request of httpx in a service's place: transports, and the patches of respx.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from http.client import responses
from types import FunctionType, ModuleType
from typing import Any

import httpcore

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import active, clock, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.failures import Failures
from acs_chat_testkit.recording.matchers import PORTS
from acs_chat_testkit.recording.take import Take

FAILURES: Failures = (
    ((httpcore.ConnectTimeout, httpcore.PoolTimeout), "connect timeout"),
    (httpcore.TimeoutException, "read timeout"),
    (httpcore.ConnectError, "refused"),
    (httpcore.ProxyError, "proxy"),
    (httpcore.RemoteProtocolError, "disconnected"),
    ((httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol), "reset"),
)
BREAKS: Failures = ((httpcore.RemoteProtocolError, "cut off"), (httpcore.NetworkError, "reset"))
"""How a stream may fail: silence is no failure of what has come of it, and for some clients its end."""
HALVES: Failures = ((httpcore.TimeoutException, "stalled"), *BREAKS, *FAILURES)
"""How any other body may."""
_ERRORS: dict[str, type[Exception]] = {
    "connect timeout": httpcore.ConnectTimeout,
    "read timeout": httpcore.ReadTimeout,
    "stalled": httpcore.ReadTimeout,
    "no address": httpcore.ConnectError,
    "refused": httpcore.ConnectError,
    "certificate": httpcore.ConnectError,
    "tls": httpcore.ConnectError,
    "proxy": httpcore.ProxyError,
    "disconnected": httpcore.RemoteProtocolError,
    "cut off": httpcore.RemoteProtocolError,
    "unfinished": httpcore.RemoteProtocolError,
    "no chunk": httpcore.RemoteProtocolError,
}
_ANY = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def install(_module: ModuleType) -> None:
    """Puts the doors in, sync and async."""
    for owner, name, door in _places():
        setattr(owner, name, door(getattr(owner, name)))


def stand() -> None:
    """Puts in again what a mock has taken out with it, which had begun before: there is no other door below."""
    for owner, name, door in _places():
        bare = getattr(owner, name)
        # What stands over httpcore's own, be it ours or another's, is of another module, whatever it says of itself.
        if type(bare) is FunctionType and bare.__globals__["__name__"].startswith("httpcore."):
            setattr(owner, name, door(bare))


def _places() -> tuple[tuple[type, str, Callable[..., Any]], ...]:
    return (
        (httpcore.ConnectionPool, "handle_request", _door),
        (httpcore.AsyncConnectionPool, "handle_async_request", _async_door),
    )


def _door(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    def through(pool: Any, request: httpcore.Request) -> httpcore.Response:
        __tracebackhide__ = True
        recorder = active.beneath()
        if recorder is None:
            return handle(pool, request)  # type: ignore[no-any-return]
        stream: Any = request.stream
        sent = _request(request, b"".join(stream))
        played = recorder.play(sent)
        if played is not None:
            return _answer(played)
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            return _tapped(handle(pool, request), request, take)

    return through


def _async_door(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    async def through(pool: Any, request: httpcore.Request) -> httpcore.Response:
        __tracebackhide__ = True
        recorder = active.beneath()
        if recorder is None:
            return await handle(pool, request)  # type: ignore[no-any-return]
        stream: Any = request.stream
        sent = _request(request, b"".join([piece async for piece in stream]))
        played = recorder.play(sent)
        if played is not None:
            return _answer(played)
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            return _tapped(await handle(pool, request), request, take)

    return through


def _request(request: httpcore.Request, body: bytes) -> Request:
    """The request as it is recorded; its body can be sent afterwards."""
    request.stream = _Pieces((body,))
    told, extensions = wire.address.get()
    # What is sent may come of requests of its own, which are none of httpx's.
    url = told if extensions is request.extensions else _address(request.url)
    return Request(request.method.decode(), url, _fields(request.headers), body)


def _address(url: httpcore.URL) -> str:
    scheme, name, target = (part.decode("latin-1") for part in (url.scheme, url.host, url.target))
    host = f"[{name}]" if ":" in name else name
    port = "" if url.port in (None, PORTS.get(scheme)) else f":{url.port}"
    return f"{scheme}://{host}{port}{target}"


def _fields(headers: Sequence[tuple[bytes, bytes]]) -> Headers:
    return Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _answer(played: Interaction) -> httpcore.Response:
    """The recorded response.

    Raises:
        Exception: The recorded connection failed, by the error that httpcore has for that.
    """
    response = played.response
    if response is None:
        below = failures.cause(played.error)
        error = _ERRORS.get(played.error or "", httpcore.ReadError)(str(below))
        # As a pool leaves it, which raises its errors from None.
        error.__context__, error.__suppress_context__ = below, True
        if played.error not in wire.HALVES:
            raise error
        return httpcore.Response(200, content=_Pieces((), error))
    extensions = {"http_version": b"HTTP/1.1", "reason_phrase": response.reason.encode("ascii", "replace")}
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers.fields]
    stream = _Pieces(wire.split(response.body, played.pieces))
    return httpcore.Response(response.status, headers=headers, content=stream, extensions=extensions)


class _Pieces:
    """A body in the pieces that it was recorded in, and the error that it ends with."""

    def __init__(self, pieces: Sequence[bytes], error: Exception | None = None) -> None:
        self._pieces = pieces
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._error is not None:
            raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _tapped(response: httpcore.Response, request: httpcore.Request, take: Take) -> httpcore.Response:
    response.stream = _Tap(response, request, take)
    return response


class _Tap:
    """Passes a body on as it arrives, and keeps a copy."""

    def __init__(self, response: httpcore.Response, request: httpcore.Request, take: Take) -> None:
        self._inner: Any = response.stream
        self._pieces: Any = None
        fields = _fields(response.headers)
        length = fields.get("content-length", "")
        self._length = int(length) if length.isdecimal() else 0
        self._extensions = request.extensions
        self._head = Response(response.status, fields, b"", _reason(response))
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
        end = clock.now() + int(wire.PATIENCE * clock.SECOND)
        with suppress(*_ANY), _impatient(self._extensions):
            # Only what is started now knows of it, and goes on where the one before has stopped.
            pieces = iter(self._inner)
            while self._left and clock.now() < end and (piece := next(pieces, b"")):
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
        import anyio

        with suppress(*_ANY), anyio.move_on_after(wire.PATIENCE):
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


def _reason(response: httpcore.Response) -> str:
    """HTTP/2 sends none."""
    said = response.extensions.get("reason_phrase")
    return responses.get(response.status, "") if said is None else said.decode("ascii", "ignore")


@contextmanager
def _impatient(extensions: MutableMapping[str, Any]) -> Iterator[None]:
    """What starts to be read for a request in this block waits for no piece longer than for the recording."""
    before = extensions.get("timeout", {})
    extensions["timeout"] = {**before, "read": wire.PATIENCE}
    try:
        yield
    finally:
        extensions["timeout"] = before

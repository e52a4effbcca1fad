"""The door of urllib3, and of botocore and all others that use its pools: `HTTPConnectionPool._make_request`.

It lies below urllib3's own retries and redirects, so they work in replay as they do live.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Generator
from http.client import HTTPException
from types import FunctionType, ModuleType
from typing import Any

from urllib3 import connectionpool, exceptions
from urllib3._collections import HTTPHeaderDict
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import active, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.failures import Failures
from acs_chat_testkit.recording.take import Take

_TUNNEL = "_acs_chat_testkit_tunnel"
"""Where a connection keeps what would lead it through a proxy."""


def install(module: ModuleType) -> None:
    """Puts the door in, and lets retries in replay not sleep, and no connection reach its proxy."""
    module.HTTPConnectionPool._make_request = _door(module.HTTPConnectionPool._make_request)
    module.HTTPSConnectionPool._prepare_proxy = _wait_for_tunnel(module.HTTPSConnectionPool._prepare_proxy)
    Retry.sleep = active.unless_replaying(Retry.sleep)  # type: ignore[method-assign]


def covered() -> bool:
    """Whether somebody answers, or looks on, where a pool sends its requests: they belong to the door below it then."""
    pool = connectionpool.HTTPSConnectionPool  # which is one of the others, too
    return not (_is_of(pool.urlopen, vars(connectionpool)) and _is_of(pool._make_request, globals()))


def _is_of(function: Any, module: dict[str, Any]) -> bool:
    return type(function) is FunctionType and function.__globals__ is module


def _door(make_request: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make_request)
    def through(pool: Any, conn: Any, method: str, url: str, body: Any = None, headers: Any = None, **rest: Any) -> Any:
        __tracebackhide__ = True
        recorder, tunnel = active.current(), vars(conn).pop(_TUNNEL, None)
        if recorder is None:
            conn = _real(conn) if active.let_out() else conn
            return make_request(pool, conn, method, url, body, headers, **rest)
        body = None if body is None else wire.drain(body)
        sent = Request(method, address(pool, url), wire.fields((headers or {}).items()), body or b"")
        played = recorder.play(sent)
        if played is not None:
            response = answer(played, method, rest.get("preload_content", True), rest.get("decode_content", True))
            # In this order: retries that were redirected know the address better.
            response._request_url, response.retries = url, rest.get("retries")
            response._connection, response._pool = rest.get("response_conn"), pool
            return response
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            if tunnel is not None:
                _lead(tunnel, conn, take)
            options = rest | {"preload_content": False}
            response = make_request(pool, _real(conn), method, url, body, headers, **options)
            tap(response, take)
            if rest.get("preload_content", True):
                response.read(decode_content=rest.get("decode_content", True), cache_content=True)
        return response

    return through


def _lead(tunnel: Callable[[Any], None], conn: Any, take: Take) -> None:
    try:
        tunnel(conn)
    except OSError as error:
        # So http.client says that a proxy leads no further; all else has a class of its own.
        if type(error) is OSError:
            take.fail("proxy")
        raise


def _real(conn: Any) -> Any:
    """The connection itself, where a cassette of vcrpy around ours has put one of its own in front."""
    return vars(conn).get("real_connection", conn)


def _wait_for_tunnel(prepare: Callable[..., None]) -> Callable[..., None]:
    """The way through a proxy begins when it is known that the request goes out."""

    @functools.wraps(prepare)
    def through(pool: Any, conn: Any) -> None:
        if active.current() is None:
            prepare(pool, conn)
        else:
            setattr(conn, _TUNNEL, functools.partial(prepare, pool))

    return through


def address(pool: Any, target: str) -> str:
    """The absolute address of a request that a pool sends."""
    if "://" in target:
        return target
    host = f"[{pool.host}]" if ":" in pool.host else pool.host
    port = "" if pool.port in (None, {"http": 80, "https": 443}[pool.scheme]) else f":{pool.port}"
    return f"{pool.scheme}://{host}{port}{target}"


def tap(response: Any, take: Take) -> None:
    """Hands the response in as it is read."""
    head = Response(response.status, Headers(response.headers.items()), b"", response.reason or "")
    original = response._original_response
    if original is None or original.fp is None:
        take.keep(head)
        return
    original.fp = wire.Tap(original, take, head)


def answer(interaction: Interaction, method: str, preload: bool, decode: bool, pooled: bool = True) -> Any:
    """The recorded response as urllib3 gives it; one that belongs to no pool holds an answer below it only for cookies.

    Raises:
        urllib3.exceptions.HTTPError: The recorded connection failed.
    """
    response = interaction.response
    if response is None and interaction.error not in wire.HALVES:
        raise failure(interaction.error)
    original: Any = None
    body: Any = None
    if response is None or interaction.pieces:
        original = body = wire.canned(interaction, method)
        response = response or Response(original.status, Headers(original.getheaders()), b"", original.reason)
    else:
        body = _Body(response.body)
        if pooled or "set-cookie" in response.headers:
            original = _Original(response)
    headers = HTTPHeaderDict()
    for name, value in response.headers.fields:
        headers.add(name, value)
    given = _Answer(
        body=body,
        headers=headers,
        status=response.status,
        reason=response.reason,
        version=11,
        request_method=method,
        original_response=original,
        enforce_content_length=interaction.response is None,
        preload_content=preload,
        decode_content=decode,
    )
    given.version_string = "HTTP/1.1"
    return given


class _Body(io.BytesIO):
    """A body that is closed for urllib3 when all of it was read, as that of a connection."""

    def isclosed(self) -> bool:
        return self.closed or self.tell() == len(self.getvalue())


class _Answer(HTTPResponse):
    """An answer that can be read by its chunks, also where it was recorded in one piece and nothing of them is left."""

    def read_chunked(self, amt: int | None = None, decode_content: bool | None = None) -> Generator[bytes, None, None]:
        """As live, where it fails if there are none."""
        if not self.chunked or self.supports_chunked_reads():
            return super().read_chunked(amt, decode_content)
        return self.stream(amt, decode_content) if amt != 0 else (_ for _ in ())

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes, None, None]:
        """As live, where a body in chunks is opened only if that is asked for."""
        return super().stream(amt, bool(decode_content) if self.chunked else decode_content)


class _Original:
    """What requests reads cookies from, and what tells urllib3 that the connection can go back to its pool."""

    def __init__(self, response: Response) -> None:
        self._cookies = response.headers.get_all("set-cookie")
        self.msg = self

    def get_all(self, name: str, default: Any = None) -> Any:
        return self._cookies if name.lower() == "set-cookie" else default

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """There is nothing to close."""


NOWHERE: Any = "a recording"
"""Stands in errors where live a pool or a connection stands."""
FAILURES: Failures = (
    (exceptions.NameResolutionError, "no address"),
    (exceptions.NewConnectionError, "refused"),
    (exceptions.ConnectTimeoutError, "connect timeout"),
    (exceptions.ReadTimeoutError, "read timeout"),
    (exceptions.SSLError, "tls"),
    (exceptions.ProxyError, "proxy"),
    ((exceptions.ProtocolError, HTTPException, OSError), "reset"),
)


def failure(kind: str | None) -> Exception:
    """The error that urllib3 raises for a recorded failure."""
    below = failures.cause(kind)
    error = _error(kind, below)
    error.__cause__ = below
    return error


def _error(kind: str | None, below: Exception) -> Exception:
    match kind:
        case "connect timeout":
            return exceptions.ConnectTimeoutError(f"Connection timed out: {below}")
        case "read timeout":
            return exceptions.ReadTimeoutError(NOWHERE, NOWHERE, f"Read timed out: {below}")
        case "no address":
            return exceptions.NameResolutionError("its host", NOWHERE, below)  # type: ignore[arg-type]
        case "refused":
            return exceptions.NewConnectionError(NOWHERE, f"Failed to establish a new connection: {below}")
        case "certificate" | "tls":
            return exceptions.SSLError(below)
        case "proxy":
            return exceptions.ProxyError("Unable to connect to proxy", below)
    return exceptions.ProtocolError("Connection aborted.", below)

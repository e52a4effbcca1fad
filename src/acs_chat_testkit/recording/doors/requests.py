"""The door of requests, and of azure-core's RequestsTransport: `HTTPAdapter.send`.

It spares what urllib3 does between there and its own door, and is passed by where that matters to somebody.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from requests import exceptions, utils
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError
from urllib3.util.retry import Retry

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import active
from acs_chat_testkit.recording.doors import urllib3, wire
from acs_chat_testkit.recording.failures import Failures

FAILURES: Failures = (
    (exceptions.ConnectTimeout, "connect timeout"),
    (exceptions.ReadTimeout, "read timeout"),
    (exceptions.SSLError, "tls"),
    (exceptions.ProxyError, "proxy"),
    ((exceptions.ConnectionError, exceptions.ChunkedEncodingError), "reset"),
    *urllib3.FAILURES,
)
_CONNECTING = ("connect timeout", "no address", "refused", "certificate", "tls", "proxy")
"""What urllib3 tries again, so that it raises what counts the tries."""
_OVER_A_SOCKET = "http+"
"""How addresses start that name a socket of this machine, such as Docker's: what is asked there is done here."""
_ERRORS = {
    "connect timeout": exceptions.ConnectTimeout,
    "read timeout": exceptions.ReadTimeout,
    "certificate": exceptions.SSLError,
    "tls": exceptions.SSLError,
    "proxy": exceptions.ProxyError,
}


def install(module: ModuleType) -> None:
    """Puts the door in, and lets no request that a cassette answers look for a proxy."""
    module.HTTPAdapter.send = _door(module.HTTPAdapter.send)
    utils.should_bypass_proxies = _unless_alone(utils.should_bypass_proxies)


def _door(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    def through(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        recorder = active.current()
        if (request.url or "").startswith(_OVER_A_SOCKET):
            with active.outside():
                return send(adapter, request, *args, **kwargs)
        if recorder is None or _tries_again(_retries(adapter)) or urllib3.covered():
            return send(adapter, request, *args, **kwargs)
        sent = _request(request)
        played = recorder.play(sent)
        if played is not None:
            if played.response is None and played.error not in wire.HALVES:
                raise _failure(played.error, adapter, request)
            raw = urllib3.answer(played, sent.method, preload=False, decode=False, pooled=False)
            return adapter.build_response(request, raw)
        take = recorder.take(sent)
        with active.outside(), take.failing(FAILURES):
            response = send(adapter, request, *args, **kwargs)
            urllib3.tap(response.raw, take)
        return response

    return through


def _retries(adapter: Any) -> Retry:
    """What urllib3 makes of the retries of an adapter, on which somebody may have set a number."""
    return Retry.from_int(adapter.max_retries)


def _tries_again(retries: Retry) -> bool:
    """Whether urllib3 decides what becomes of an answer; each try then goes through its door."""
    return bool(retries.total or retries.total is None or retries.status_forcelist)


def _unless_alone(bypassed: Callable[..., bool]) -> Callable[..., bool]:
    """Reading the environment for proxies takes requests longer than all of a replay takes us."""

    @functools.wraps(bypassed)
    def through(*args: Any, **kwargs: Any) -> bool:
        return active.alone() or bypassed(*args, **kwargs)

    return through


def _request(prepared: Any) -> Request:
    body = prepared.body
    if not isinstance(body, (bytes, str, type(None))):
        prepared.body = wire.drain(body)
    return Request(
        prepared.method or "GET", prepared.url or "", wire.fields(prepared.headers.items()), wire.drain(prepared.body)
    )


def _failure(kind: str | None, adapter: Any, request: Any) -> Exception:
    """The error that requests raises for a recorded failure."""
    cause = urllib3.failure(kind)
    tries = _retries(adapter).total
    # Without retries, urllib3's own errors of connecting come through as they are.
    if tries is False and isinstance(cause, ConnectTimeoutError):
        return cause
    if tries is not False and kind in _CONNECTING:
        cause = MaxRetryError(urllib3.NOWHERE, request.url, cause)
    return _ERRORS.get(kind or "", exceptions.ConnectionError)(cause, request=request)

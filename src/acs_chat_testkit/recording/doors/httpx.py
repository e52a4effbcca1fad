"""Beside httpx, whose requests come in at the door of httpcore: how they write their address, and whom they trust."""

from __future__ import annotations

import functools
import os
import ssl
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx

from acs_chat_testkit.recording import active
from acs_chat_testkit.recording.doors import wire


def install(module: ModuleType) -> None:
    """Lets transports tell the address as their client writes it, and share what they trust where they only replay."""
    plain, other = module.HTTPTransport, module.AsyncHTTPTransport
    plain.handle_request = _telling(plain.handle_request)
    other.handle_async_request = _async_telling(other.handle_async_request)
    for transport in (plain, other):
        transport.__init__ = _sharing_trust(transport.__init__)


def _telling(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    def through(transport: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        before = wire.address.get()
        wire.address.set((str(request.url), request.extensions))
        try:
            return handle(transport, request)  # type: ignore[no-any-return]
        finally:
            wire.address.set(before)

    return through


def _async_telling(handle: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(handle)
    async def through(transport: Any, request: httpx.Request) -> httpx.Response:
        __tracebackhide__ = True
        before = wire.address.get()
        wire.address.set((str(request.url), request.extensions))
        try:
            return await handle(transport, request)  # type: ignore[no-any-return]
        finally:
            wire.address.set(before)

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

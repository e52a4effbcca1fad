"""uvloop: its connections, datagrams and look-ups are libuv's."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

from acs_chat_testkit.recording import guard

Method = Callable[..., Any]


def install(module: ModuleType) -> None:
    """Lets every loop ask."""
    loop = module.Loop
    loop.create_connection = _connecting(loop.create_connection)
    loop.create_unix_connection = _connecting_here(loop.create_unix_connection)
    loop.create_datagram_endpoint = _sending(loop.create_datagram_endpoint)
    loop.getaddrinfo = _looking_up(loop.getaddrinfo)
    loop.getnameinfo = _naming(loop.getnameinfo)


def _connecting(method: Method) -> Method:
    @functools.wraps(method)
    async def through(self: Any, factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
        if host is not None:
            guard.look_up(str(host))
            guard.check(str(host))
        return await method(self, factory, host, port, **more)

    return through


def _connecting_here(method: Method) -> Method:
    @functools.wraps(method)
    async def through(self: Any, factory: Any, path: Any = None, **more: Any) -> Any:
        if path is not None:
            guard.check(os.fspath(path), here=True)
        return await method(self, factory, path, **more)

    return through


def _sending(method: Method) -> Method:
    @functools.wraps(method)
    async def through(
        self: Any, factory: Any, local_addr: Any = None, remote_addr: Any = None, *, sock: Any = None, **more: Any
    ) -> Any:
        if remote_addr is not None:
            guard.check(str(remote_addr[0]))
        elif not _stays_here(local_addr if sock is None else sock.getsockname()):
            guard.check("*")
        return await method(self, factory, local_addr, remote_addr, sock=sock, **more)

    return through


def _stays_here(local: Any) -> bool:
    """Whether what is bound to an address reaches this machine alone; anything else may send to anywhere, unseen."""
    if not isinstance(local, tuple):
        return isinstance(local, (str, bytes))
    host = str(local[0])
    return guard.is_loopback(host) and host not in ("", "0.0.0.0", "::")


def _looking_up(method: Method) -> Method:
    @functools.wraps(method)
    async def through(self: Any, host: Any, port: Any, **more: Any) -> Any:
        guard.look_up(None if host is None else host.decode() if isinstance(host, bytes) else str(host))
        return await method(self, host, port, **more)

    return through


def _naming(method: Method) -> Method:
    @functools.wraps(method)
    async def through(self: Any, address: Any, flags: int = 0) -> Any:
        if not guard.is_loopback(str(address[0])):
            guard.check(str(address[0]))
        return await method(self, address, flags)

    return through

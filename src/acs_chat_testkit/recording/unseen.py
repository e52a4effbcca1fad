"""Clients that do not go through Python's socket module: each is told to ask the guard first.

What is left (a program that is no Python, a C extension with sockets of its own that is not named here) goes out
unseen; the documentation lists it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from acs_chat_testkit.recording import guard
from acs_chat_testkit.recording.imports import when_imported


def install() -> None:
    """Guards the clients that are imported, and the others as soon as they are."""
    when_imported("pycurl", _pycurl)
    when_imported("uvloop", _uvloop)


def _pycurl(module: Any) -> None:
    class Curl(module.Curl):  # type: ignore[misc]
        """Asks the guard before it performs."""

        def setopt(self, option: int, value: Any) -> None:
            if option == module.URL:
                self.address = value.decode() if isinstance(value, bytes) else value
            super().setopt(option, value)

        def perform(self) -> Any:
            _check_url(self.address)
            return super().perform()

        def perform_rb(self) -> Any:
            _check_url(self.address)
            return super().perform_rb()

        def perform_rs(self) -> Any:
            _check_url(self.address)
            return super().perform_rs()

    class CurlMulti(module.CurlMulti):  # type: ignore[misc]
        """Asks the guard before it takes a transfer."""

        def add_handle(self, curl: Any) -> Any:
            _check_url(curl.address)
            return super().add_handle(curl)

    module.Curl, module.CurlMulti = Curl, CurlMulti


def _check_url(url: str) -> None:
    host = urlsplit(url if "://" in url else f"http://{url}").hostname or ""
    guard.check(host, "a connection to")


def _uvloop(module: Any) -> None:
    loop = module.Loop
    connect, datagram, names = loop.create_connection, loop.create_datagram_endpoint, loop.getaddrinfo

    async def create_connection(self: Any, factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
        if host is not None:
            guard.look_up(str(host))
            guard.check(str(host), "a connection to")
        return await connect(self, factory, host, port, **more)

    async def create_datagram_endpoint(
        self: Any, factory: Any, local: Any = None, remote: Any = None, **more: Any
    ) -> Any:
        remote = more.pop("remote_addr", remote)
        if remote is not None:
            guard.check(str(remote[0]), "a datagram to")
        return await datagram(self, factory, more.pop("local_addr", local), remote, **more)

    async def getaddrinfo(self: Any, host: Any, port: Any, **more: Any) -> Any:
        guard.look_up(None if host is None else host.decode() if isinstance(host, bytes) else str(host))
        return await names(self, host, port, **more)

    loop.create_connection, loop.create_datagram_endpoint = create_connection, create_datagram_endpoint
    loop.getaddrinfo = getaddrinfo

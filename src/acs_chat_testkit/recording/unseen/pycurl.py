"""libcurl: a handle asks for the name in its address, and for each socket: redirects and proxies lead elsewhere."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pycurl

from acs_chat_testkit.errors import NetworkBlocked
from acs_chat_testkit.recording import guard


def install(module: ModuleType) -> None:
    """Puts classes that ask in the place of pycurl's own."""
    module.Curl, module.CurlMulti = Curl, CurlMulti  # type: ignore[attr-defined]


class Curl(pycurl.Curl):  # type: ignore[misc]
    """A handle that asks before it performs, and whenever it opens a socket."""

    def __init__(self) -> None:
        super().__init__()
        self._begin()

    def _begin(self) -> None:
        self.address = ""
        self.opener: Callable[[int, Any], Any] | None = None
        self.refused: NetworkBlocked | None = None
        super().setopt(pycurl.OPENSOCKETFUNCTION, _opening(weakref.ref(self)))

    def reset(self) -> None:
        """As a new handle."""
        super().reset()
        self._begin()

    def setopt(self, option: int, value: Any) -> None:
        """Keeps the address, and how the program itself wants sockets to be opened."""
        if option == pycurl.OPENSOCKETFUNCTION:
            self.opener = value
            return
        if option == pycurl.URL:
            self.address = value.decode() if isinstance(value, bytes) else value
        super().setopt(option, value)

    def unsetopt(self, option: int) -> None:
        """Sockets are opened as ever; the guard is still asked."""
        if option == pycurl.OPENSOCKETFUNCTION:
            self.opener = None
        else:
            super().unsetopt(option)

    def perform(self) -> Any:
        """Asks first."""
        return self._asked(super().perform)

    def perform_rb(self) -> Any:
        """Asks first."""
        return self._asked(super().perform_rb)

    def perform_rs(self) -> Any:
        """Asks first."""
        return self._asked(super().perform_rs)

    def _asked(self, perform: Callable[[], Any]) -> Any:
        _check_url(self.address)
        self.refused = None
        try:
            return perform()
        except pycurl.error:
            if self.refused is not None:
                raise self.refused from None
            raise


class CurlMulti(pycurl.CurlMulti):  # type: ignore[misc]
    """Asks before it takes a transfer."""

    def add_handle(self, curl: Any) -> Any:
        """Asks first."""
        _check_url(getattr(curl, "address", ""))
        return super().add_handle(curl)


class _Socket(socket.socket):
    """One that may be left: pycurl keeps a copy of it, and versions before 7.46 take no number instead."""

    def __del__(self) -> None:
        self.close()


def _opening(curl: Callable[[], Curl | None]) -> Callable[[int, Any], Any]:
    """How a handle opens its sockets; libcurl wants no errors from it, so the handle keeps what the guard says."""

    def opening(purpose: int, address: Any) -> Any:
        handle = curl()
        try:
            guard.check_peer(address.family, address.addr)
        except NetworkBlocked as error:
            if handle is not None:
                handle.refused = error
            return pycurl.SOCKET_BAD
        if handle is not None and handle.opener is not None:
            return handle.opener(purpose, address)
        return _Socket(address.family, address.socktype, address.protocol)

    return opening


def _check_url(url: str) -> None:
    """Asks about the name in an address; connections to this machine are asked about where they are opened."""
    host = urlsplit(url if "://" in url else f"http://{url}").hostname or ""
    if not guard.is_loopback(host):
        guard.check(host)

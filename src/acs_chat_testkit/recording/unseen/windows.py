"""The event loop of Windows: it connects and sends by calls of the system itself, which Python does not tell of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from acs_chat_testkit.recording import guard


def install(module: ModuleType) -> None:
    """Lets every loop ask."""
    proactor = module.IocpProactor
    proactor.connect = _connecting(proactor.connect)
    proactor.sendto = _sending(proactor.sendto)


def _connecting(connect: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(connect)
    def through(self: Any, conn: Any, address: Any) -> Any:
        guard.check_peer(conn.family, address)
        return connect(self, conn, address)

    return through


def _sending(sendto: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(sendto)
    def through(self: Any, conn: Any, buf: Any, flags: int = 0, addr: Any = None) -> Any:
        if addr is not None:
            guard.check_peer(conn.family, addr)
        return sendto(self, conn, buf, flags, addr)

    return through

"""The guard: while replaying, no connection leaves the process, whatever client tries.

It is an audit hook (PEP 578), so it sees every connection, look-up and datagram that goes through Python's socket
module without patching anything. Such a hook can not be taken out again; it is installed when the guard is first
raised, and a state decides what it does.
"""

from __future__ import annotations

import ipaddress
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from acs_chat_testkit.errors import NetworkBlocked
from acs_chat_testkit.recording.counts import Counts

_lock = threading.Lock()
_installed = False
_raised: tuple[Guard, ...] = ()


class Guard:
    """Refuses connections while it is raised.

    Args:
        counts: Where refused connections and passed loopback connections are counted.
        loopback: Whether connections to this machine pass; they are counted.
    """

    def __init__(self, counts: Counts, *, loopback: bool = True) -> None:
        self._counts = counts
        self._loopback = loopback

    def check(self, host: str, what: str) -> None:
        """Lets a connection pass, or refuses it.

        Raises:
            NetworkBlocked: The host is not this machine.
        """
        __tracebackhide__ = True
        if is_loopback(host) and self._loopback:
            self._counts.add("loopback")
            return
        self._counts.add("blocked")
        raise NetworkBlocked(
            f"{what} {host!r} was refused: recorded tests must not touch the network; "
            "record the request (--record-mode=once) or answer it on this machine"
        )


@contextmanager
def raised(guard: Guard) -> Iterator[None]:
    """The guard is on for the whole process, all threads included, until the block ends."""
    raise_guard(guard)
    try:
        yield
    finally:
        lower_guard(guard)


def raise_guard(guard: Guard) -> None:
    """Puts the guard on."""
    global _installed, _raised
    with _lock:
        if not _installed:
            sys.addaudithook(_hook)
            _installed = True
        _raised = (*_raised, guard)


def lower_guard(guard: Guard) -> None:
    """Takes the guard off."""
    global _raised
    with _lock:
        _raised = tuple(each for each in _raised if each is not guard)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: a loopback address, or a name that is reserved for it (RFC 6761)."""
    if host.lower().rstrip(".") in ("localhost", "") or host.lower().endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _hook(event: str, args: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    if _raised and event in _EVENTS:
        found = _EVENTS[event](args)
        if found is not None:
            try:
                for guard in _raised:
                    guard.check(*found)
            except NetworkBlocked:
                # Callers close a socket only after an OSError, and would leave this one open.
                if event == "socket.connect":
                    args[0].close()
                raise


def _to_address(what: str) -> Callable[[tuple[Any, ...]], tuple[str, str] | None]:
    def read(args: tuple[Any, ...]) -> tuple[str, str] | None:
        address = args[1]
        return (_text(address[0]), what) if isinstance(address, tuple) else None

    return read


def _to_name(args: tuple[Any, ...]) -> tuple[str, str] | None:
    """Reading an address asks nobody, nor does the name of this machine."""
    if args[0] is None:
        return None
    host = _text(args[0])
    return None if is_loopback(host) or _is_address(host) else (host, "looking up")


def _to_owner(args: tuple[Any, ...]) -> tuple[str, str] | None:
    """Who has an address: a question to a name server, but for the addresses of this machine."""
    host = _text(args[0][0] if isinstance(args[0], tuple) else args[0])
    return None if is_loopback(host) else (host, "looking up")


def _text(host: Any) -> str:
    return host.decode("latin-1") if isinstance(host, bytes) else str(host)


_EVENTS: dict[str, Callable[[tuple[Any, ...]], tuple[str, str] | None]] = {
    "socket.connect": _to_address("a connection to"),
    "socket.sendto": _to_address("a datagram to"),
    "socket.sendmsg": _to_address("a datagram to"),
    "socket.getaddrinfo": _to_name,
    "socket.gethostbyname": _to_name,
    "socket.gethostbyaddr": _to_owner,
    "socket.getnameinfo": _to_owner,
}
"""What each audit event says: the host, and what was tried. Unix sockets have no host and pass."""

"""The guard: while replaying, no connection leaves the process, whatever client tries.

It listens to audit events, so it sees every connection, look-up and datagram that goes through Python's socket module
without patching anything. Clients that do not go through it are in `unseen`; `block` puts all of it together.
"""

from __future__ import annotations

import fnmatch
import functools
import ipaddress
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from acs_chat_testkit.errors import NetworkBlocked, UsageError
from acs_chat_testkit.recording import audit
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.lineage import Lineage

Host = str | re.Pattern[str]
_REGULAR = re.compile(r"[\\^$+|(){}]")
"""What is in no name of a host and in no pattern of names."""
_NAME = re.compile(r"[\w.-]+")
# Not every system has them.
_UNIX = getattr(socket, "AF_UNIX", None)
_KERNEL = getattr(socket, "AF_NETLINK", None)
_PAIR = getattr(getattr(socket, "_fallback_socketpair", socket.socketpair), "__code__", None)
"""Of what makes a pair where the system does not: on Windows, for every event loop."""

_lock = threading.Lock()
_raised: tuple[Guard, ...] = ()
_inherited: Lineage[Guard] = Lineage("acs_chat_testkit_guards")


class Guard:
    """Refuses connections while it is raised.

    Args:
        counts: Where refused connections and passed loopback connections are counted.
        loopback: Whether connections to this machine pass; they are counted.
        allowed: What passes, as `Allowed` takes it.
    """

    def __init__(self, counts: Counts, *, loopback: bool = True, allowed: Iterable[Host] = ()) -> None:
        self.loopback = loopback
        self.allowed = Allowed(allowed)
        self._counts = counts

    @property
    def settings(self) -> dict[str, Any]:
        """What makes a guard like this one, but for its counts."""
        return {"loopback": self.loopback, "allowed": self.allowed.entries}

    def check(self, raw: object, *, here: bool = False) -> None:
        """Lets a connection pass, or refuses it.

        Args:
            raw: The host, or the path of a Unix socket.
            here: Whether it is this machine, whatever it is called.

        Raises:
            NetworkBlocked: The host may not be reached.
        """
        __tracebackhide__ = True
        host = _text(raw)
        if self.allowed.passes(host):
            return
        if self.loopback and (here or is_loopback(host)):
            self._counts.add("loopback")
            return
        self._counts.add("blocked")
        raise NetworkBlocked(raw)


class Allowed:
    """The hosts that pass, compared as a whole: `a.example` does not admit `a.example.evil.example`.

    Args:
        entries: Names, addresses, networks (``10.0.0.0/8``); ``*`` in a name stands for any part of it. What no name
            can be (``.*``, ``a|b``) is a regular expression, and so is a compiled one.

    Raises:
        UsageError: A regular expression that is none.
    """

    def __init__(self, entries: Iterable[Host]) -> None:
        self.entries = [each if isinstance(each, str) else f"(?:{each.pattern})" for each in entries]
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._patterns: list[re.Pattern[str]] = []
        self._names: dict[str, set[str] | None] = {}
        for entry in self.entries:
            try:
                self._networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                self._patterns.append(_pattern(entry))
                if _NAME.fullmatch(entry):
                    self._names[entry.lower().rstrip(".")] = None
        if self._fits("localhost"):
            # Nobody is asked about looking it up.
            self._names["localhost"] = None

    def named(self, host: str) -> bool:
        """Whether a name or an address passes as it is, without a look-up."""
        if is_address(host):
            address = ipaddress.ip_address(host)
            if any(address in network for network in self._networks):
                return True
        return self._fits(host)

    def _fits(self, host: str) -> bool:
        return any(pattern.fullmatch(host.rstrip(".")) for pattern in self._patterns)

    def passes(self, host: str) -> bool:
        """Whether a name or an address passes, or an address of a name that does."""
        if self.named(host):
            if not is_address(host):
                self._names.setdefault(host.lower().rstrip("."), None)
            return True
        return is_address(host) and any(host in self._addresses(name) for name in list(self._names))

    def _addresses(self, name: str) -> set[str]:
        """The addresses of a name, asked for once: a client connects to one of them."""
        known = self._names[name]
        if known is None:
            try:
                known = {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
            except (OSError, UnicodeError):
                known = set()
            self._names[name] = known
        return known


def _pattern(entry: str) -> re.Pattern[str]:
    text = entry.rstrip(".")
    regular = text.startswith(".*") or _REGULAR.search(text) is not None
    try:
        return re.compile(text if regular else fnmatch.translate(text), re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"the allowed host {entry!r} is no regular expression: {error}") from None


class raised:
    """The guard is on until the block ends: for the whole process, and after it for threads started in the block.

    Args:
        guard: The guard.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def __enter__(self) -> None:
        put_on(self._guard)
        _inherited.add(self._guard)

    def __exit__(self, *_: object) -> None:
        take_off(self._guard)
        _inherited.remove(self._guard)


@functools.cache
def _listen() -> None:
    audit.listen(_EVENTS)


def put_on(guard: Guard) -> None:
    """The guard is on for the whole process."""
    global _raised
    _listen()
    with _lock:
        _raised = (*_raised, guard)


def take_off(guard: Guard) -> None:
    """The guard is off."""
    global _raised
    with _lock:
        _raised = tuple(each for each in _raised if each is not guard)


def take_off_all() -> None:
    """Every guard is off."""
    global _raised
    with _lock:
        _raised = ()


def in_force() -> tuple[Guard, ...]:
    """The guards that are asked here."""
    return _raised or _inherited.inherited()


def check(host: object, *, here: bool = False) -> None:
    """Asks every guard that is on here.

    Args:
        host: The host, or the path of a Unix socket.
        here: Whether it is this machine, whatever it is called.

    Raises:
        NetworkBlocked: The host may not be reached.
    """
    __tracebackhide__ = True
    for guard in in_force():
        guard.check(host, here=here)


def check_peer(family: int, address: object) -> None:
    """Asks about what a socket is to reach.

    Raises:
        NetworkBlocked: It may not be reached.
    """
    __tracebackhide__ = True
    if family == _UNIX:
        if not _is_fork_server(address):
            check(address, here=True)
    elif family == _KERNEL:
        check("", here=True)
    elif isinstance(address, tuple):
        check(address[0])


def _is_fork_server(address: object) -> bool:
    """Whether a Unix socket is where multiprocessing asks for its workers, which are told what is in force."""
    module = sys.modules.get("multiprocessing.forkserver")
    return module is not None and address == module._forkserver._forkserver_address


def look_up(host: str | None) -> None:
    """Asks the guards about a look-up; an address, or a name of this machine, asks nobody.

    Raises:
        NetworkBlocked: The name may not be looked up.
    """
    __tracebackhide__ = True
    if host is not None and not is_address(host) and not is_loopback(host):
        check(host)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: a loopback address, or a name that is reserved for it (RFC 6761)."""
    name = host.lower().rstrip(".")
    if name in ("localhost", "") or name.endswith(".localhost"):
        return True
    if not is_address(host):
        return False
    address = ipaddress.ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address.is_loopback or address.is_unspecified or (mapped is not None and mapped.is_loopback)


def is_address(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _on_connect(args: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    sock, address = args
    caller = sys._getframe(1).f_back
    if caller is not None and caller.f_code is _PAIR:
        return
    try:
        check_peer(sock.family, address)
    except NetworkBlocked:
        # Callers close a socket only after an OSError, and would leave this one open.
        sock.close()
        raise


def _on_send(args: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    sock, address = args
    # One that is connected was asked about before.
    if address is not None:
        check_peer(sock.family, address)


def _on_name(args: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    look_up(None if args[0] is None else _text(args[0]))


def _on_owner(args: tuple[Any, ...]) -> None:
    """Who has an address: a question to a name server, but for the addresses of this machine."""
    __tracebackhide__ = True
    host = _text(args[0][0] if isinstance(args[0], tuple) else args[0])
    if not is_loopback(host):
        check(host)


def _text(host: object) -> str:
    return host.decode("latin-1") if isinstance(host, bytes | bytearray) else str(host)


_EVENTS: dict[str, Callable[[tuple[Any, ...]], None]] = {
    "socket.connect": _on_connect,
    "socket.sendto": _on_send,
    "socket.sendmsg": _on_send,
    "socket.getaddrinfo": _on_name,
    "socket.gethostbyname": _on_name,
    "socket.gethostbyaddr": _on_owner,
    "socket.getnameinfo": _on_owner,
}

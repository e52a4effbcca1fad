"""The guard: replay means no network."""

from __future__ import annotations

import _thread
import pickle
import queue
import re
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable

import pytest
from tests.recording.service import Service

from acs_chat_testkit.errors import NetworkBlocked, UsageError
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Allowed, Guard, is_loopback, raised

ELSEWHERE = "192.0.2.1"
"""An address that is reserved for documentation (RFC 5737)."""


def connect() -> None:
    """Opens a connection."""
    with socket.socket() as sock:
        sock.settimeout(0.01)
        sock.connect((ELSEWHERE, 80))


def datagram() -> None:
    """Sends a datagram."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", (ELSEWHERE, 53))


def message() -> None:
    """Sends a datagram the other way."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendmsg([b"x"], [], 0, (ELSEWHERE, 53))


ATTEMPTS = {
    "connect": connect,
    "sendto": datagram,
    "sendmsg": message,
    "getaddrinfo": lambda: socket.getaddrinfo("name.example", 80),
    "gethostbyname": lambda: socket.gethostbyname("name.example"),
    "gethostbyaddr": lambda: socket.gethostbyaddr(ELSEWHERE),
    "getnameinfo": lambda: socket.getnameinfo((ELSEWHERE, 80), 0),
    "urlopen": lambda: urllib.request.urlopen(f"http://{ELSEWHERE}/"),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_every_way_out_is_refused_and_counted(attempt: object) -> None:
    """Connections, datagrams and look-ups are refused in one sentence."""
    counts = Counts()
    with raised(Guard(counts)), pytest.raises(NetworkBlocked, match=r"^Network is disabled for host '[^']*'$"):
        attempt()  # type: ignore[operator]
    assert counts["blocked"] == 1


def test_a_thread_is_refused_too() -> None:
    """The guard holds for the process, not for the thread that raised it."""
    counts = Counts()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            connect()
        except NetworkBlocked as error:
            errors.append(error)

    with raised(Guard(counts)):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(errors) == counts["blocked"] == 1


def test_loopback_passes_and_is_counted(service: Service) -> None:
    """Tools on this machine go on working, and the count says so."""
    counts = Counts()
    with raised(Guard(counts)):
        urllib.request.urlopen(f"{service.url}/a").close()
    assert counts["loopback"] > 0
    assert counts["blocked"] == 0


def test_a_full_block_refuses_loopback(service: Service) -> None:
    """Where the network is blocked by name, this machine is no exception."""
    counts = Counts()
    with raised(Guard(counts, loopback=False)), pytest.raises(NetworkBlocked):
        urllib.request.urlopen(f"{service.url}/a")
    assert service.hits == []


def unix(path: str) -> None:
    """Connects to a Unix socket."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)


def unix_datagram(path: str) -> None:
    """Sends a datagram to a Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", path)


@pytest.mark.parametrize("attempt", [unix, unix_datagram])
def test_a_full_block_refuses_unix_sockets_but_for_paths_that_it_names(attempt: Callable[[str], None]) -> None:
    """Whoever listens there may ask the network; a daemon for containers does."""
    counts = Counts()
    with raised(Guard(counts, loopback=False, allowed=["/nowhere/open*"])):
        with pytest.raises(NetworkBlocked, match=r"^Network is disabled for host '/nowhere/closed'$"):
            attempt("/nowhere/closed")
        with pytest.raises(FileNotFoundError):
            attempt("/nowhere/open.socket")
    with raised(Guard(counts)), pytest.raises(FileNotFoundError):
        attempt("/nowhere/closed")
    assert (counts["blocked"], counts["loopback"]) == (1, 1)


def test_sockets_of_the_kernel_are_this_machine_too() -> None:
    """They pass where this machine does, and no host that is allowed stands for them."""
    for loopback in (True, False):
        with (
            raised(Guard(Counts(), loopback=loopback, allowed=["0"])),
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as sock,
        ):
            if loopback:
                sock.connect((0, 0))
            else:
                with pytest.raises(NetworkBlocked, match=r"^Network is disabled for host ''$"):
                    sock.connect((0, 0))


def test_what_is_connected_is_not_asked_about_again() -> None:
    """A pair of sockets reaches nobody but itself, also under a full block."""
    with raised(Guard(Counts(), loopback=False)):
        one, other = socket.socketpair()
        with one, other:
            one.sendmsg([b"x"])
            assert other.recv(1) == b"x"


def test_a_pair_reaches_nobody_but_itself_also_where_python_connects_it() -> None:
    """As it does on Windows, for each event loop; since Python 3.13 it can be asked to elsewhere."""
    counts = Counts()
    with raised(Guard(counts, loopback=False)):
        for end in getattr(socket, "_fallback_socketpair", socket.socketpair)():
            end.close()
    assert counts["blocked"] == 0


def test_a_thread_that_does_nothing_but_connect_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No function of Python's calls `connect` there."""
    raised_there: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised_there.put(unraisable.exc_value))
    with raised(Guard(Counts())), socket.socket() as sock:
        _thread.start_new_thread(sock.connect, ((ELSEWHERE, 80),))
        assert isinstance(raised_there.get(timeout=10), NetworkBlocked)


def test_a_lowered_guard_does_nothing(service: Service) -> None:
    """After the block, connections are neither refused nor counted."""
    counts = Counts()
    with raised(Guard(counts)):
        pass
    urllib.request.urlopen(f"{service.url}/a").close()
    assert counts.as_dict() == dict.fromkeys(counts.as_dict(), 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST", "a.localhost", "::1%lo"])
def test_loopback_by_any_name(host: str) -> None:
    """All names and addresses of this machine are known (RFC 6761, RFC 5735)."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example", "localhost.example", "10.0.0.1", "::2", "notlocalhost", "127.0.0.1%a.example"]
)
def test_nothing_else_is_loopback(host: str) -> None:
    """Names that only look like this machine do not pass; behind an IPv4 address a zone makes a name of it."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("entry", "host", "passes"),
    [
        ("httpbin.*", "httpbin.org", True),
        ("httpbin.*", "httpbinevil.example", False),
        (r".*\.a\.example", "b.A.example", True),
        (r".*\.a\.example", "b.a.example.evil.example", False),
        (r".*\.a\.example", "bxa.example", False),
        ("a.example|b.example", "b.example", True),
        ("a.example|b.example", "xb.example", False),
        (re.compile("a.*"), "abc", True),
        (re.compile("a.*"), "xabc", False),
        (re.compile("a"), "abc", False),
    ],
)
def test_patterns_are_compared_as_a_whole(entry: str | re.Pattern[str], host: str, passes: bool) -> None:
    """A star stands for a part of a name, and what can be no name is a regular expression; neither admits more."""
    assert Allowed([entry]).passes(host) is passes


def test_a_broken_pattern_is_one_sentence() -> None:
    """It names the entry, and does not silently admit nobody."""
    with pytest.raises(UsageError, match=r"^the allowed host '\(a' is no regular expression: "):
        Allowed(["(a"])


def test_an_address_of_a_name_that_a_pattern_admits_passes() -> None:
    """A client looks the name up, and connects to an address that no pattern could know."""
    name = socket.gethostname()
    address = socket.gethostbyname(name)
    allowed = Allowed([f"{name[:-1]}*"])
    assert not allowed.passes(address)
    assert allowed.passes(name)
    assert allowed.passes(address)


@pytest.mark.parametrize("host", ["127.0.0.1", b"127.0.0.1", bytearray(b"127.0.0.1")])
def test_the_text_is_that_of_pytest_recording(host: object) -> None:
    """Suites compare it as a whole; it survives another process, and the advice is beside it."""
    error = pickle.loads(pickle.dumps(NetworkBlocked(host)))
    assert str(error) == f"Network is disabled for host {host!r}"
    assert "allowed_hosts=['127.0.0.1']" in error.advice

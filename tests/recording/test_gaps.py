"""What the guard can not cover, and what happens there; docs/recorder.md lists the same."""

from __future__ import annotations

import ctypes
import importlib
import inspect
import multiprocessing
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pycurl
import pytest
from tests.recording.service import Service

from acs_chat_testkit.errors import NetworkBlocked
from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Guard


def ask(sock: socket.socket) -> bytes:
    """Asks the service over a connection."""
    sock.sendall(b"GET /gap HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return sock.recv(1)


def connect(port: int) -> bytes:
    """Asks the service over a connection of its own."""
    with socket.create_connection(("127.0.0.1", int(port)), 5) as sock:
        return ask(sock)


SCRIPT = f"import socket, sys\n{inspect.getsource(ask)}{inspect.getsource(connect)}"


def python(*options: str, script: str = "connect(sys.argv[1])", **more: Any) -> subprocess.Popen[bytes]:
    """Starts a Python of its own."""
    *before, port = options
    return subprocess.Popen([sys.executable, *before, "-c", SCRIPT + script, port], stderr=subprocess.DEVNULL, **more)


@contextmanager
def program(port: int) -> Iterator[Callable[[], object]]:
    """The shell connects by itself."""
    line = r"exec 3<>/dev/tcp/127.0.0.1/$0; printf 'GET /gap HTTP/1.0\r\n\r\n' >&3; head -c 1 <&3"
    yield lambda: subprocess.run(["bash", "-c", line, str(port)], stdout=subprocess.DEVNULL)


@contextmanager
def isolated(port: int) -> Iterator[Callable[[], object]]:
    """-I, -E and -S leave out what would put the guard on."""
    yield lambda: [python(option, str(port)).wait() for option in ("-I", "-E", "-S")]


@contextmanager
def environment(port: int) -> Iterator[Callable[[], object]]:
    """It does not hear that the network is blocked."""
    yield lambda: python(str(port), env={}).wait()


@contextmanager
def worker(port: int) -> Iterator[Callable[[], object]]:
    """It is not told of what its parent does later."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(len, ("",))
        yield lambda: pool.apply(connect, (port,))


@contextmanager
def connection(port: int) -> Iterator[Callable[[], object]]:
    """Python tells of connecting, and not of sending."""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        yield lambda: ask(sock)


@contextmanager
def library(port: int) -> Iterator[Callable[[], object]]:
    """It calls the operating system by itself."""

    def call() -> bytes:
        libc = ctypes.CDLL(None)
        handle = libc.socket(int(socket.AF_INET), int(socket.SOCK_STREAM), 0)
        family = int(socket.AF_INET).to_bytes(2, sys.byteorder)
        libc.connect(handle, family + port.to_bytes(2, "big") + socket.inet_aton("127.0.0.1") + bytes(8), 16)
        with socket.socket(fileno=handle) as sock:
            return ask(sock)

    yield call


@contextmanager
def unix(port: int) -> Iterator[Callable[[], object]]:
    """It is this machine, and may pass on what it gets."""
    name = f"\0gap-{port}"
    relay = f"""
with socket.socket(socket.AF_UNIX) as listening:
    listening.bind({name!r})
    listening.listen()
    listening.settimeout(30)
    print(flush=True)
    with listening.accept()[0] as taken:
        taken.recv(9999)
        taken.sendall(connect(sys.argv[1]))
"""
    with python(str(port), script=relay, stdout=subprocess.PIPE) as process, socket.socket(socket.AF_UNIX) as sock:
        assert process.stdout is not None
        process.stdout.readline()

        def call() -> bytes:
            sock.connect(name)
            return ask(sock)

        yield call


@contextmanager
def interpreter(port: int) -> Iterator[Callable[[], object]]:
    """An audit hook belongs to the interpreter that put it in."""
    interpreters: Any = importlib.import_module(
        "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    )
    number = interpreters.create()
    try:
        yield lambda: interpreters.run_string(number, f"{SCRIPT}connect({port})")
    finally:
        interpreters.destroy(number)


@contextmanager
def by_name(port: int) -> Iterator[Callable[[], object]]:
    """Who has taken `Curl` out of the module before the first block keeps the class that asks nobody."""
    script = """
from pycurl import Curl, URL, WRITEFUNCTION
from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Guard
with blocked(Guard(Counts(), loopback=False)):
    curl = Curl()
    curl.setopt(URL, f"http://127.0.0.1:{sys.argv[1]}/gap")
    curl.setopt(WRITEFUNCTION, len)
    curl.perform()
"""
    yield lambda: python("-I", str(port), script=script).wait()


GAPS: dict[str, Callable[[int], Any]] = {
    "a program that is no Python": program,
    "a Python that is started with -I, -E or -S, or is older than 3.10": isolated,
    "a child whose environment was made anew": environment,
    "a process that was started before the network was blocked": worker,
    "a connection that was opened before the network was blocked": connection,
    "a C library with sockets of its own, other than pycurl and uvloop": library,
    "whoever listens on a Unix socket": unix,
    "an interpreter beside this one that was there before": interpreter,
    "`from pycurl import Curl` before the first block of the process": by_name,
}
"""What is not covered, in the words of the documentation. Each prepares, and then gives what it does in the block."""


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_what_the_guard_can_not_cover_goes_out(service: Service, gap: Callable[[int], Any]) -> None:
    """It reaches the service though the network is blocked, and no count tells of it."""
    counts, port, local = Counts(), int(service.url.rpartition(":")[2]), gap is unix
    with gap(port) as go, blocked(Guard(counts, loopback=local)):
        with pytest.raises(NetworkBlocked):
            socket.create_connection(("192.0.2.1", 80)) if local else connect(port)
        go()
    assert set(service.hits) == {("GET", "/gap")}
    assert counts["blocked"] == 1


def test_a_name_that_libcurl_is_led_to_is_looked_up(service: Service) -> None:
    """Of a redirect or a proxy, libcurl asks a name server by itself; the connection that would follow is refused."""
    counts = Counts()
    with blocked(Guard(counts)):
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, f"{service.url}/redirect?to=http://name.invalid/")
        curl.setopt(pycurl.FOLLOWLOCATION, True)
        curl.setopt(pycurl.TIMEOUT_MS, 500)
        with pytest.raises(pycurl.error) as error:
            curl.perform()
        curl.close()
    assert error.value.args[0] in (pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_OPERATION_TIMEDOUT)
    assert counts["blocked"] == 0


@pytest.mark.parametrize("call", [lambda sock, to: sock.connect(to), lambda sock, to: sock.sendto(b"", to)])
def test_a_name_that_is_given_to_a_socket_itself_is_looked_up(call: Callable[[socket.socket, object], object]) -> None:
    """Python tells of it only when it has an address; the connection or datagram that would follow is refused."""
    counts = Counts()
    with blocked(Guard(counts, loopback=False)), socket.socket(type=socket.SOCK_DGRAM) as sock:
        with pytest.raises(socket.gaierror):
            call(sock, ("name.invalid", 9))
        assert counts["blocked"] == 0
        with pytest.raises(NetworkBlocked):
            call(sock, ("localhost", 9))


def test_a_child_says_nothing_of_the_guard() -> None:
    """Whoever reads what a child prints finds what it would have printed anyway."""
    with blocked(Guard(Counts())):
        done = subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, check=True)
    assert (done.stdout.split(), done.stderr) == ([b"1"], b"")

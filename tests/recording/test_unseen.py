"""What the guard does where Python's socket module is not used, and in child processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import subprocess
import sys
import threading
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pycurl
import pytest
import uvloop
from tests.recording.service import Service

from acs_chat_testkit.errors import NetworkBlocked
from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Allowed, Guard

ELSEWHERE = "192.0.2.1"
CONNECT = f"import socket\nwith socket.socket() as s:\n    s.settimeout(0.01)\n    s.connect(('{ELSEWHERE}', 80))\n"


@pytest.mark.parametrize(
    "attempt",
    [
        lambda loop: loop.create_connection(asyncio.Protocol, ELSEWHERE, 80),
        lambda loop: loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(ELSEWHERE, 53)),
        lambda loop: loop.getaddrinfo("name.example", 80),
        lambda loop: loop.getnameinfo((ELSEWHERE, 80)),
    ],
)
@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_event_loops_are_refused(attempt: object, factory: object) -> None:
    """Asyncio goes through the socket module, uvloop does not; both are refused and counted."""
    counts = Counts()

    async def main() -> None:
        await attempt(asyncio.get_running_loop())  # type: ignore[operator]

    with (
        asyncio.Runner(loop_factory=factory) as runner,  # type: ignore[arg-type]
        blocked(Guard(counts)),
        pytest.raises(NetworkBlocked, match=r"192\.0\.2\.1|name\.example"),
    ):
        runner.run(main())
    assert counts["blocked"] == 1


WINDOWS = """
import asyncio, socket, sys
from unittest.mock import MagicMock
from acs_chat_testkit.errors import NetworkBlocked
from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Guard

sys.modules.update({name: MagicMock() for name in ("_overlapped", "_winapi", "msvcrt")})
sys.platform = "win32"
from asyncio.windows_events import IocpProactor, _overlapped

with blocked(Guard(Counts())), socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
    for host in ("127.0.0.1", "192.0.2.1"):
        for go in (
            lambda: IocpProactor.connect(MagicMock(), stream, (host, 80)),
            lambda: IocpProactor.connect(MagicMock(), datagram, (host, 80)),
            lambda: IocpProactor.sendto(MagicMock(), datagram, b"x", addr=(host, 80)),
        ):
            try:
                go()
            except NetworkBlocked:
                print("refused")
calls = _overlapped.Overlapped.return_value
print(calls.ConnectEx.call_count, _overlapped.WSAConnect.call_count, calls.WSASendTo.call_count)
"""


def test_the_event_loop_of_windows_is_refused() -> None:
    """Python's own source for it, on stand-ins for the calls of Windows: what is elsewhere does not come to them."""
    done = subprocess.run([sys.executable, "-c", WINDOWS], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == ["refused", "refused", "refused", "1", "1", "1"]


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_event_loops_reach_unix_sockets_unless_all_is_blocked(factory: object) -> None:
    """As with the socket module itself."""
    counts = Counts()

    async def main() -> None:
        await asyncio.get_running_loop().create_unix_connection(asyncio.Protocol, "/nowhere")

    with asyncio.Runner(loop_factory=factory) as runner:  # type: ignore[arg-type]
        with blocked(Guard(counts)), pytest.raises(FileNotFoundError):
            runner.run(main())
        with blocked(Guard(counts, loopback=False)), pytest.raises(NetworkBlocked):
            runner.run(main())
    assert (counts["loopback"], counts["blocked"]) == (1, 1)


@pytest.mark.parametrize("url", [f"http://{ELSEWHERE}/", f"{ELSEWHERE}:80/", f"http://user:word@{ELSEWHERE}/"])
def test_pycurl_is_refused(url: str) -> None:
    """A transfer does not start, alone or among others."""
    counts = Counts()
    with blocked(Guard(counts)):
        curl, many = pycurl.Curl(), pycurl.CurlMulti()
        curl.setopt(pycurl.URL, url)
        with pytest.raises(NetworkBlocked, match=r"\b192\.0\.2\.1"):
            curl.perform()
        with pytest.raises(NetworkBlocked, match=r"\b192\.0\.2\.1"):
            many.add_handle(curl)
    assert counts["blocked"] == 2


@pytest.mark.parametrize("local", [None, ("0.0.0.0", 0), ("127.0.0.1", 0)])
def test_uvloop_opens_no_socket_that_could_send_anywhere(local: tuple[str, int] | None) -> None:
    """What it sends to which address is not seen, so it may be bound to this machine alone."""
    counts = Counts()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        sending, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=local, family=0 if local else socket.AF_INET
        )
        sending.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, blocked(Guard(counts)):
        if local and local[0] == "127.0.0.1":
            runner.run(main())
        else:
            with pytest.raises(NetworkBlocked):
                runner.run(main())
    assert counts["blocked"] == (local is None or local[0] != "127.0.0.1")


@pytest.mark.parametrize("option", ["url", "redirect", "proxy", "connect to", "resolve"])
def test_pycurl_is_refused_wherever_it_is_led(service: Service, option: str) -> None:
    """A redirect, a proxy or a name that curl was told leads to another host than the address says."""
    counts, port = Counts(), service.url.rpartition(":")[2]
    with blocked(Guard(counts, allowed=["name.example"])):
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, f"{service.url}/a")
        match option:
            case "url":
                curl.setopt(pycurl.URL, f"http://{ELSEWHERE}/")
            case "redirect":
                curl.setopt(pycurl.URL, f"{service.url}/redirect?to=http://{ELSEWHERE}/")
                curl.setopt(pycurl.FOLLOWLOCATION, True)
            case "proxy":
                curl.setopt(pycurl.PROXY, f"http://{ELSEWHERE}:3128")
            case "connect to":
                curl.setopt(pycurl.CONNECT_TO, [f"127.0.0.1:{port}:{ELSEWHERE}:80"])
            case "resolve":
                curl.setopt(pycurl.URL, "http://name.example/")
                curl.setopt(pycurl.RESOLVE, [f"name.example:80:{ELSEWHERE}"])
        with pytest.raises(NetworkBlocked):
            curl.perform()
        curl.reset()
        curl.setopt(pycurl.URL, f"{service.url}/a")
        curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
        curl.perform()
        curl.close()
    assert counts["blocked"] == 1


def test_pycurl_reaches_this_machine(service: Service) -> None:
    """Outside of the block, and inside for this machine, it works as ever."""
    counts = Counts()
    with blocked(Guard(counts)):
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, f"{service.url}/a")
        curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
        curl.perform()
        curl.close()
    assert service.hits == [("GET", "/a")]
    assert counts["loopback"] == 1


def test_pycurl_opens_sockets_as_the_program_says_and_asks_before(service: Service) -> None:
    """What a program sets to open sockets is used inside of the block, but not for what is refused."""
    counts = Counts()
    opened: list[socket.socket] = []

    def opening(purpose: int, address: Any) -> socket.socket:
        opened.append(socket.socket(address.family, address.socktype, address.protocol))
        return opened[-1]

    curl = pycurl.Curl()
    curl.setopt(pycurl.OPENSOCKETFUNCTION, opening)
    curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    curl.setopt(pycurl.FRESH_CONNECT, True)
    with blocked(Guard(counts)):
        curl.setopt(pycurl.URL, f"{service.url}/a")
        curl.perform()
        curl.setopt(pycurl.PROXY, f"http://{ELSEWHERE}:3128")
        with pytest.raises(NetworkBlocked):
            curl.perform()
        curl.unsetopt(pycurl.PROXY)
        curl.unsetopt(pycurl.OPENSOCKETFUNCTION)
        curl.perform()
    curl.close()
    for each in opened:
        each.close()
    assert (len(opened), len(service.hits), counts["loopback"], counts["blocked"]) == (1, 2, 2, 1)


def test_pycurl_gives_what_it_gives_without_a_guard(service: Service) -> None:
    """The bytes or the text of an answer, for an address in bytes, too; and its own error where there is no address."""
    with blocked(Guard(Counts())):
        curl = pycurl.Curl()
        with pytest.raises(pycurl.error):
            curl.perform()
        curl.setopt(pycurl.URL, f"{service.url}/answer?hex=6f6e65&type=text/plain".encode())
        assert (curl.perform_rb(), curl.perform_rs()) == (b"one", "one")
        curl.close()


def test_pycurl_reads_files(tmp_path: Path) -> None:
    """An address without a host asks nobody."""
    counts = Counts()
    found: list[bytes] = []
    (tmp_path / "text").write_text("here", encoding="utf-8")
    with blocked(Guard(counts, loopback=False)):
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, f"file://{tmp_path}/text")
        curl.setopt(pycurl.WRITEFUNCTION, found.append)
        curl.perform()
        curl.close()
    assert (found, counts["blocked"]) == ([b"here"], 0)


@pytest.mark.parametrize("host", ["localhost", b"localhost", "127.0.0.1", None])
def test_uvloop_looks_up_this_machine(host: str | bytes | None) -> None:
    """And gives what it found."""

    async def main() -> tuple[Any, Any]:
        loop: Any = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, 80, family=socket.AF_INET, type=socket.SOCK_STREAM)
        return found[0][4], await loop.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)

    counts = Counts()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, blocked(Guard(counts)):
        assert runner.run(main()) == (("127.0.0.1", 80), ("127.0.0.1", "80"))
    assert (counts["loopback"], counts["blocked"]) == (0, 0)


def test_uvloop_reaches_this_machine(service: Service, tmp_path: Path) -> None:
    """By its address, over a socket that the program has opened, and between datagrams that stay here."""
    port = int(service.url.rpartition(":")[2])

    async def main() -> None:
        loop = asyncio.get_running_loop()
        connected = socket.create_connection(("127.0.0.1", port))
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.bind(("127.0.0.1", 0))
        bound.setblocking(False)
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        unix.bind(str(tmp_path / "here"))
        unix.setblocking(False)
        here, there = socket.socketpair()
        there.close()
        for opening in (
            loop.create_connection(asyncio.Protocol, "127.0.0.1", port),
            loop.create_connection(asyncio.Protocol, sock=connected),
            loop.create_unix_connection(asyncio.Protocol, sock=here),
            loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)),
            loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=bound),
            loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=unix),
        ):
            transport, _ = await opening
            transport.close()

    counts = Counts()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, blocked(Guard(counts)):
        runner.run(main())
    assert counts["blocked"] == 0


def test_a_child_python_is_refused() -> None:
    """A program that the test starts is blocked too, and not any longer than its parent."""
    with blocked(Guard(Counts())):
        child = subprocess.run([sys.executable, "-c", CONNECT], capture_output=True, text=True, encoding="utf-8")
    assert "NetworkBlocked: Network is disabled for host '192.0.2.1'" in child.stderr
    child = subprocess.run(
        [sys.executable, "-c", CONNECT.replace("    s.connect", "    s.connect_ex")], capture_output=True, text=True
    )
    assert child.returncode == 0, child.stderr


def test_a_client_that_the_guard_does_not_see_is_refused_in_a_child_too() -> None:
    """As in this process, before it has opened a socket."""
    script = f"import pycurl\nc = pycurl.Curl()\nc.setopt(c.TIMEOUT_MS, 500)\nc.setopt(c.URL, 'http://{ELSEWHERE}/')\n"
    with blocked(Guard(Counts())):
        child = subprocess.run([sys.executable, "-c", f"{script}c.perform()"], capture_output=True, text=True)
    assert f"NetworkBlocked: Network is disabled for host '{ELSEWHERE}'" in child.stderr


def test_a_child_python_of_a_bare_environment_is_refused(tmp_path: Path) -> None:
    """The guard needs nothing but Python, so it is on where this package and what it needs are not installed, too."""
    venv.create(tmp_path, symlinks=True)
    with blocked(Guard(Counts())):
        child = subprocess.run([tmp_path / "bin" / "python", "-c", CONNECT], capture_output=True, text=True)
    assert "NetworkBlocked: Network is disabled for host '192.0.2.1'" in child.stderr


def test_a_child_knows_what_is_allowed(service: Service) -> None:
    """It lets pass what its parent lets pass."""
    port = service.url.rpartition(":")[2]
    script = f"import socket\nsocket.create_connection(('127.0.0.1', {port})).close()\n"
    closed, named = Guard(Counts(), loopback=False), Guard(Counts(), loopback=False, allowed=["127.0.0.1"])
    for guard, allowed in ((Guard(Counts()), True), (closed, False), (named, True)):
        with blocked(guard):
            assert (subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0) == allowed


def _connect() -> None:
    exec(CONNECT)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_process_is_refused(method: str) -> None:
    """Forked, started anew, or by a server."""
    if method == "fork" and sys.version_info >= (3, 12):
        pytest.skip("forking this multi-threaded process warns since Python 3.12; spawn is tested")
    with blocked(Guard(Counts())):
        context: Any = multiprocessing.get_context(method)
        process = context.Process(target=_connect)
        process.start()
        process.join()
    assert process.exitcode == 1


def test_the_sitecustomize_of_the_environment_still_runs(tmp_path: Path) -> None:
    """Ours comes first and then makes room for the one that was there."""
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.mine = True\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        with blocked(Guard(Counts())):
            script = "import sys; assert mine; assert not any('child' in entry for entry in sys.path), sys.path"
            subprocess.run([sys.executable, "-c", script], check=True)


def test_a_thread_that_outlives_the_block_is_refused() -> None:
    """The guard holds on for the threads of the test that it was raised for."""
    counts, go, errors = Counts(), threading.Event(), []

    def late() -> None:
        go.wait(10)
        try:
            _connect()
        except NetworkBlocked as error:
            errors.append(error)

    with blocked(Guard(counts)):
        thread = threading.Thread(target=late)
        thread.start()
    go.set()
    thread.join()
    assert len(errors) == counts["blocked"] == 1


def test_work_that_outlives_the_block_is_refused_and_no_other() -> None:
    """In a pool that is older than the block and lives on; what it gets to do afterwards is no matter of the guard."""
    counts, go = Counts(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(go.wait, 10)
        with blocked(Guard(counts)):
            late = pool.submit(socket.gethostbyname, "name.invalid")
        later = pool.submit(socket.gethostbyname, "name.invalid")
        go.set()
        assert isinstance(late.exception(), NetworkBlocked)
        assert isinstance(later.exception(), socket.gaierror)
    assert counts["blocked"] == 1


@pytest.mark.parametrize(
    ("entries", "host", "passes"),
    [
        (["example.com"], "example.com", True),
        (["example.com"], "EXAMPLE.com.", True),
        (["example.com"], "example.com.evil.test", False),
        (["example.com"], "notexample.com", False),
        (["example.com"], "exampleXcom", False),
        (["*.example.com"], "a.example.com", True),
        (["*.example.com"], "example.com", False),
        (["192.0.2.1"], "192.0.2.1", True),
        (["192.0.2.1"], "192.0.2.10", False),
        (["192.0.2.0/24"], "192.0.2.77", True),
        (["192.0.2.0/24"], "192.0.3.1", False),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["[::1]"], "::1", True),
        (["127.0.0.*"], "127.0.0.9", True),
        (["localhost"], "127.0.0.1", True),
        ([], "192.0.2.1", False),
    ],
)
def test_hosts_are_allowed_as_a_whole(entries: list[str], host: str, passes: bool) -> None:
    """Names, addresses and networks; nothing that merely contains an entry."""
    assert Allowed(entries).passes(host) is passes

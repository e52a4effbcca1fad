"""What a client leaves unread of an answer is recorded, too."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import urllib3
from tests.recording.service import HALF, Service

from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.doors import wire

Glance = Callable[[str], bytes]


def by_requests(url: str) -> bytes:
    """Reads the head and one byte with requests."""
    with requests.get(url, stream=True, timeout=5) as answer:
        found: bytes = next(answer.iter_content(1))
        return found


def by_urllib3(url: str) -> bytes:
    """Reads the head with urllib3."""
    with urllib3.PoolManager() as pool:
        pool.request("GET", url, preload_content=False, timeout=5).close()
    return b""


def by_urllib(url: str) -> bytes:
    """Forgets the answer of urllib.request."""
    urllib.request.urlopen(url, timeout=5)
    return b""


def by_http_client(url: str) -> bytes:
    """Reads some bytes with http.client, whose connection is closed before."""
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=5)
    connection.request("GET", f"/{url.split('/', 3)[3]}")
    answer = connection.getresponse()
    found = answer.read(3)
    connection.close()
    return found


def by_httpx(url: str) -> bytes:
    """Reads the head with httpx, which would wait for ever."""
    with httpx.stream("GET", url, timeout=None):
        return b""


def by_httpx_in_part(url: str) -> bytes:
    """Reads the first piece with httpx, which would wait for ever."""
    with httpx.stream("GET", url, timeout=None) as answer:
        return next(answer.iter_bytes(1))


def by_httpx_async(url: str) -> bytes:
    """Reads the first piece with httpx on asyncio."""

    async def read() -> bytes:
        async with httpx.AsyncClient(timeout=None) as session, session.stream("GET", url) as answer:
            async for piece in answer.aiter_bytes(1):
                return piece
        return b""

    return asyncio.run(read())


def by_httpx_async_at_all(url: str) -> bytes:
    """Reads the head with httpx on asyncio."""

    async def read() -> bytes:
        async with httpx.AsyncClient(timeout=None) as session, session.stream("GET", url):
            return b""

    return asyncio.run(read())


def by_aiohttp(url: str) -> bytes:
    """Reads the head with aiohttp."""

    async def read() -> bytes:
        async with aiohttp.ClientSession() as session, session.get(url):
            return b""

    return asyncio.run(read())


def by_aiohttp_in_part(url: str) -> bytes:
    """Reads some bytes with aiohttp."""

    async def read() -> bytes:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.content.readexactly(3)

    return asyncio.run(read())


HEADS = [by_urllib3, by_urllib, by_httpx, by_httpx_async_at_all]
GLANCES = [*HEADS, by_requests, by_http_client, by_httpx_in_part, by_httpx_async, by_aiohttp, by_aiohttp_in_part]
glance = pytest.mark.parametrize("look", GLANCES, ids=[each.__name__ for each in GLANCES])


def recorded(tape: Path) -> bytes:
    """The body of the one answer."""
    (interaction,) = load(tape).interactions
    assert interaction.response is not None
    return interaction.response.body


@glance
def test_what_a_client_leaves_unread_is_recorded(service: Service, tape: Path, look: Glance) -> None:
    """So a replay answers a client that reads it all, and the one that does not, too."""
    with Recorder(tape, "once"):
        seen = look(f"{service.url}/large")
    assert recorded(tape) == 2 * HALF
    with Recorder(tape) as player:
        assert look(f"{service.url}/large") == seen
        player.playlist.rewind()
        assert requests.get(f"{service.url}/large", timeout=5).content == 2 * HALF


@glance
def test_nobody_waits_for_what_does_not_come(service: Service, tape: Path, look: Glance) -> None:
    """The service keeps the second half back until the client has closed the answer; what had come is recorded."""
    service.go_on.clear()  # for ten seconds at most
    with Recorder(tape, "once"):
        look(f"{service.url}/large")
        service.go_on.set()
    assert recorded(tape) == HALF


def _drip(server: socket.socket, ended: threading.Event) -> None:
    """Answers with a body that comes byte by byte for ten seconds, or until nobody reads it."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 501\r\n\r\nx")
        for _ in range(500):
            time.sleep(0.02)
            connection.sendall(b"x")
        ended.set()


@pytest.mark.parametrize("look", [by_urllib3, by_httpx], ids=["urllib3", "httpx"])
def test_patience_ends_though_a_test_has_stopped_the_clock(
    tape: Path, monkeypatch: pytest.MonkeyPatch, look: Glance
) -> None:
    """What comes too slowly is not waited for, whatever freezegun has done to the clocks of Python."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=(server, ended))
        thread.start()
        with Recorder(tape, "once"), monkeypatch.context() as patch:
            for name in ("time", "monotonic", "perf_counter"):
                patch.setattr(time, name, lambda: 0.0)
            look(f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert not ended.is_set()
        thread.join()


def test_the_next_request_waits_as_long_as_the_client_said(service: Service, tape: Path) -> None:
    """Only what is read for the recording alone is read with less patience."""
    service.go_on.clear()
    with Recorder(tape, "once"), httpx.Client(timeout=None) as session:
        request = session.build_request("GET", f"{service.url}/large")
        before = dict(request.extensions["timeout"])
        session.send(request, stream=True).close()
    assert request.extensions["timeout"] == before


def test_an_answer_may_be_closed_while_a_thread_reads_it(service: Service, tape: Path) -> None:
    """As without a recorder: the thread ends as it does there, and closing raises nothing."""
    service.go_on.clear()
    with Recorder(tape, "once"), httpx.Client(timeout=5) as session:
        answer = session.send(session.build_request("GET", f"{service.url}/large"), stream=True)
        pieces = answer.iter_raw()
        read = len(next(pieces))
        while read < len(HALF):
            read += len(next(pieces))
        waits = threading.Thread(target=_exhaust, args=(pieces,))
        waits.start()
        time.sleep(0.05)
        answer.close()
        service.go_on.set()
        waits.join()


def _exhaust(pieces: Iterator[bytes]) -> None:
    with suppress(httpx.HTTPError):
        list(pieces)


def test_an_answer_may_be_closed_while_a_task_reads_it(service: Service, tape: Path) -> None:
    """As without a recorder: the task gets an error of the connection, and closing raises nothing."""
    service.go_on.clear()

    async def read() -> BaseException | None:
        async with httpx.AsyncClient(timeout=5) as session:
            answer = await session.send(session.build_request("GET", f"{service.url}/large"), stream=True)
            waits = asyncio.create_task(answer.aread())
            while answer.num_bytes_downloaded < len(HALF):
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            await answer.aclose()
            (outcome,) = await asyncio.gather(waits, return_exceptions=True)
            assert not isinstance(outcome, bytes)
            return outcome

    with Recorder(tape, "once"):
        assert isinstance(asyncio.run(read()), httpx.ReadError)


def test_an_error_that_aiohttp_raises_is_read_on(service: Service, tape: Path) -> None:
    """`raise_for_status` drops the answer before its body has come: what is recorded does not depend on how soon."""
    service.go_on.clear()

    async def read() -> None:
        asyncio.get_running_loop().call_later(0.05, service.go_on.set)
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            with pytest.raises(aiohttp.ClientResponseError, match="404"):
                await session.get(f"{service.url}/late-error")

    with Recorder(tape, "once"):
        asyncio.run(read())
    assert recorded(tape) == b"not not "


def test_an_error_that_aiohttp_raises_is_whole_however_large(service: Service, tape: Path) -> None:
    """It stops at what nobody reads, so that half would be recorded, and after a wait at that."""

    async def read() -> None:
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            with pytest.raises(aiohttp.ClientResponseError, match="404"):
                await session.get(f"{service.url}/large?status=404%20No")

    with Recorder(tape, "once"):
        asyncio.run(read())
    assert recorded(tape) == 2 * HALF


def test_half_an_error_for_which_aiohttp_has_no_time_is_none(service: Service, tape: Path) -> None:
    """The client sees that its time is up, and not what had come by then."""
    service.go_on.clear()

    async def read() -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
            with pytest.raises(TimeoutError):
                await (await session.get(f"{service.url}/late-error")).read()

    for mode in ("once", "none"):
        with Recorder(tape, mode):
            asyncio.run(read())
            service.go_on.set()
            requests.get(f"{service.url}/a", timeout=5)


def test_an_error_that_aiohttp_raises_stays_one_where_it_is_cut_off(service: Service, tape: Path) -> None:
    """Its status was all that was seen, so the replay must not fail elsewhere, or not at all."""

    async def read() -> None:
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            with pytest.raises(aiohttp.ClientResponseError, match="500"):
                await session.get(f"{service.url}/half-error")

    for mode in ("once", "none"):
        with Recorder(tape, mode):
            asyncio.run(read())


@glance
def test_a_stream_is_not_read_on(service: Service, tape: Path, look: Glance) -> None:
    """Whoever closes a stream of events wants no more of them."""
    with Recorder(tape, "once"):
        look(f"{service.url}/large?type=text/event-stream")
    assert len(recorded(tape)) < 2 * len(HALF)


@pytest.mark.parametrize("path", ["/chunked-gzip", "/open-ended?text=abc"])
@pytest.mark.parametrize("look", HEADS, ids=[each.__name__ for each in HEADS])
def test_a_body_of_unknown_length_is_not_read_on(service: Service, tape: Path, look: Glance, path: str) -> None:
    """Nobody knows how much of it would come."""
    with Recorder(tape, "once"):
        look(f"{service.url}{path}")
    assert recorded(tape) == b""


def test_eight_megabytes_are_read_on_at_most() -> None:
    """Of what is left, however much was read; a body of which more is left stays as it was read."""
    most = 8 * 1024 * 1024
    assert [wire.rest(Headers(), most + more, read) for more, read in ((0, 0), (1, 1), (1, 0))] == [most, most, 0]

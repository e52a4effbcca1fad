"""Streams reach a client piece by piece, recorded and replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import urllib3
from tests.recording.service import Service

from acs_chat_testkit.recording import Recorder, load


@pytest.mark.parametrize("name", ["requests", "urllib3", "urllib", "http.client", "httpx", "httpx async", "aiohttp"])
def test_a_stream_is_not_held_back_while_recording(service: Service, tape: Path, name: str) -> None:
    """The first event arrives before the service sends the second; in replay the pieces are the same."""
    with Recorder(tape, "once"):
        live = pieces(name, service)
    assert service.hits == [("GET", "/stream")]
    assert live == [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"]
    with Recorder(tape):
        assert pieces(name, service) == live


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/one_chunk", "/one_chunk?gzip", "/binary"])
@pytest.mark.parametrize("most", [None, 0, 7, 1000])
@pytest.mark.parametrize("opened", [None, True, False])
@pytest.mark.parametrize("how", ["read_chunked", "stream"])
def test_urllib3_reads_the_chunks_of_an_answer_in_one_piece(
    service: Service, tape: Path, method: str, path: str, most: int | None, how: str, *, opened: bool | None
) -> None:
    """By its own methods for that, which give in replay what they give live; one fails where there are no chunks."""

    def chunks() -> bytes | str:
        with urllib3.PoolManager(headers={"Accept-Encoding": "gzip"}) as pool:
            answer = pool.request(method, service.url + path, preload_content=False, timeout=5)
            try:
                return b"".join(getattr(answer, how)(most, decode_content=opened))
            except urllib3.exceptions.ResponseNotChunked as error:
                return str(error)
            finally:
                answer.drain_conn()

    with Recorder(tape, "once"):
        live = chunks()
    with Recorder(tape):
        assert chunks() == live


def pieces(name: str, service: Service) -> list[bytes]:
    """The events of `/stream` as a client gets them; the service waits until the first one was seen."""
    service.go_on.clear()
    return STREAMS[name](f"{service.url}/stream", service.go_on.set)


def stream_requests(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with requests."""
    with requests.get(url, stream=True, timeout=5) as answer:
        return collect(answer.iter_content(None), seen)


def stream_urllib3(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with urllib3."""
    with urllib3.PoolManager() as pool:
        return collect(pool.request("GET", url, preload_content=False, timeout=5).stream(), seen)


def stream_urllib(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with urllib.request."""
    import urllib.request

    with urllib.request.urlopen(url, timeout=5) as answer:
        return collect(iter(lambda: answer.read1(1000), b""), seen)


def stream_http_client(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with http.client."""
    import http.client

    connection = http.client.HTTPConnection(url.split("/")[2], timeout=5)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    found = collect(iter(lambda: answer.read1(1000), b""), seen)
    connection.close()
    return found


def stream_httpx(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with httpx."""
    with httpx.stream("GET", url) as answer:
        return collect(answer.iter_raw(), seen)


def stream_httpx_async(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with httpx on asyncio."""

    async def read() -> list[bytes]:
        found = []
        async with httpx.AsyncClient() as session, session.stream("GET", url) as answer:
            async for piece in answer.aiter_raw():
                found.append(piece)
                seen()
        return found

    return asyncio.run(read())


def stream_aiohttp(url: str, seen: Callable[[], None]) -> list[bytes]:
    """Reads a stream with aiohttp."""

    async def read() -> list[bytes]:
        found = []
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            async for piece, _end in answer.content.iter_chunks():
                if piece:
                    found.append(piece)
                    seen()
        return found

    return asyncio.run(read())


STREAMS = {
    "requests": stream_requests,
    "urllib3": stream_urllib3,
    "urllib": stream_urllib,
    "http.client": stream_http_client,
    "httpx": stream_httpx,
    "httpx async": stream_httpx_async,
    "aiohttp": stream_aiohttp,
}


def collect(events: object, seen: Callable[[], None]) -> list[bytes]:
    """All pieces; says when one was seen."""
    found = []
    for piece in events:  # type: ignore[attr-defined]
        found.append(piece)
        seen()
    return found


@pytest.mark.parametrize("path", ["/stream", "/stream?gzip"])
def test_a_stream_that_nobody_reads_to_its_end(service: Service, tape: Path, path: str) -> None:
    """What was read before the client left is what is recorded, also of one that is packed."""
    service.go_on.clear()
    with Recorder(tape, "once"), requests.get(f"{service.url}{path}", stream=True, timeout=5) as answer:
        assert next(answer.iter_content(None)) == b"data: one\n\n"
    response = load(tape).interactions[0].response
    assert response is not None
    assert response.body == b"data: one\n\n"

"""What a client leaves unread of an answer is recorded, too."""

from __future__ import annotations

import asyncio
import http.client
import urllib.request
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import requests
import urllib3
from tests.recording.service import HALF, Service

from acs_chat_testkit.recording import Recorder, load

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
    """Reads the head with httpx."""
    with httpx.stream("GET", url, timeout=1):
        return b""


def by_httpx_in_part(url: str) -> bytes:
    """Reads the first piece with httpx."""
    with httpx.stream("GET", url, timeout=1) as answer:
        return next(answer.iter_bytes(1))


def by_httpx_async(url: str) -> bytes:
    """Reads the first piece with httpx on asyncio."""

    async def read() -> bytes:
        async with httpx.AsyncClient() as session, session.stream("GET", url) as answer:
            async for piece in answer.aiter_bytes(1):
                return piece
        return b""

    return asyncio.run(read())


GLANCES = [by_requests, by_urllib3, by_urllib, by_http_client, by_httpx, by_httpx_in_part, by_httpx_async]
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
    service.go_on.clear()
    with Recorder(tape, "once"):
        look(f"{service.url}/large")
        service.go_on.set()
    assert recorded(tape) == HALF


@glance
def test_a_stream_is_not_read_on(service: Service, tape: Path, look: Glance) -> None:
    """Whoever closes a stream of events wants no more of them."""
    with Recorder(tape, "once"):
        look(f"{service.url}/large?type=text/event-stream")
    assert len(recorded(tape)) < 2 * len(HALF)

"""What others put into a client, to answer in a service's place or to look on, goes before the cassette."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpcore
import httpx
import pytest
import requests
import urllib3.connectionpool
from tests.recording.clients import CLIENTS
from tests.recording.service import Service

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.hooks import Hooks

POOL = urllib3.connectionpool.HTTPConnectionPool
PLACES: list[tuple[str, type, str]] = [
    ("requests", requests.Session, "send"),
    ("requests", requests.adapters.HTTPAdapter, "send"),
    ("requests", POOL, "urlopen"),
    ("requests", POOL, "_make_request"),
    ("azure-core", POOL, "urlopen"),
    ("urllib3", POOL, "urlopen"),
    ("urllib3", POOL, "_make_request"),
    ("httpx", httpx.HTTPTransport, "handle_request"),
    ("httpx", httpcore.ConnectionPool, "handle_request"),
    ("httpx async", httpx.AsyncHTTPTransport, "handle_async_request"),
    ("httpx async", httpcore.AsyncConnectionPool, "handle_async_request"),
    ("aiohttp", aiohttp.ClientSession, "_request"),
]
"""A client, and where mocks and instruments take hold of it."""


class Mocked(Exception):
    """Stands for an answer, whatever kind of answer a client wants there."""


def mock(method: Callable[..., Any], seen: list[str]) -> Callable[..., Any]:
    """Answers each second call, and passes the others on."""

    def through(*args: Any, **options: Any) -> Any:
        seen.append("")
        if len(seen) % 2 == 0:
            raise Mocked
        return method(*args, **options)

    return through


@pytest.mark.parametrize(("client", "owner", "name"), PLACES, ids=lambda value: getattr(value, "__name__", value))
def test_what_stands_in_a_client_answers_before_the_cassette(
    service: Service, tape: Path, monkeypatch: pytest.MonkeyPatch, client: str, owner: type, name: str
) -> None:
    """What it answers is neither recorded nor missed, and what it passes on is recorded, replayed and seen by it."""
    for mode in ("once", "none"):
        seen: list[str] = []
        with monkeypatch.context() as patch, Recorder(tape, mode) as recorder:
            patch.setattr(owner, name, mock(getattr(owner, name), seen))
            assert CLIENTS[client]("GET", f"{service.url}/a", b"", []).status == 200
            with pytest.raises(Mocked):
                CLIENTS[client]("GET", "http://mocked.test/", b"", [])
            assert CLIENTS[client]("GET", f"{service.url}/b", b"", []).status == 200
        assert len(seen) == 3
        assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/a", f"{service.url}/b"]
        assert not recorder.counts["missed"]
    assert len(service.hits) == 2


def test_httpcore_is_recorded_by_itself(service: Service, tape: Path) -> None:
    """Its pools are recorded and replayed where nobody puts httpx above them; their failures, too."""

    async def fetch() -> tuple[int, bytes]:
        async with httpcore.AsyncConnectionPool() as pool:
            answer = await pool.request("POST", f"{service.url}/async?a=%2F", content=b"x")
            return answer.status, answer.content

    def both() -> list[object]:
        with httpcore.ConnectionPool() as pool:
            plain = pool.request("POST", f"{service.url}/plain", content=iter([b"x", b"y"]))
            with pytest.raises(httpcore.ConnectError) as refused:
                pool.request("GET", "http://127.0.0.1:9/")
        return [
            plain.status,
            plain.content,
            asyncio.run(fetch()),
            type(refused.value.__context__),
            refused.value.__cause__,
        ]

    with Recorder(tape, "once"):
        live = both()
    assert [(each.request.url, each.request.body) for each in load(tape).interactions] == [
        (f"{service.url}/plain", b"xy"),
        ("http://127.0.0.1:9/", b""),
        (f"{service.url}/async?a=%2F", b"x"),
    ]
    with Recorder(tape):
        assert both() == live
    assert len(service.hits) == 2


def test_what_is_sent_may_be_asked_of_httpcore(service: Service, tape: Path) -> None:
    """Each has its own address, also where one request of httpx is being made while httpcore makes another."""

    def body() -> Iterator[bytes]:
        yield httpcore.request("GET", f"{service.url}/inner").content

    with Recorder(tape, "once"):
        httpx.post(f"{service.url}/outer", content=body())
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/inner", f"{service.url}/outer"]


@pytest.mark.parametrize(
    "url", ["http://[::1]:9/a?b", "http://[::1]/", "https://some.test/a", "https://some.test:80/a"]
)
def test_the_parts_of_an_address_make_one_as_others_write_it(tape: Path, url: str) -> None:
    """Where httpcore knows but the parts, what is asked for is what httpx and requests would ask for."""

    def told(request: Request) -> Request:
        raise Mocked(request.url)

    for send in (httpx.get, requests.get, functools.partial(httpcore.request, "GET")):
        with Recorder(tape, "once", hooks=Hooks(request=told)), pytest.raises(Mocked) as asked:
            send(url)
        assert str(asked.value) == url


FIRST = """
import sys, unittest.mock
import httpcore, httpx
from acs_chat_testkit.recording import Recorder
url, tape = sys.argv[1:]
answer = httpcore.Response(299, content=b"")
with unittest.mock.patch.object(httpcore.ConnectionPool, "handle_request", return_value=answer):
    with Recorder(tape + ".first", "once") as first:
        assert httpx.get("http://mocked.test/").status_code == 299
for mode in ("once", "none"):
    with Recorder(tape, mode) as recorder:
        assert httpx.get(url).status_code == 200
    print(first.counts["live"], recorder.counts["recorded"], recorder.counts["replayed"])
"""


def test_a_mock_may_have_begun_before_the_first_recorder(service: Service, tape: Path) -> None:
    """It answers even so, and takes nothing of ours with it when it ends: replay would go out unseen."""
    said = subprocess.run(
        [sys.executable, "-c", FIRST, f"{service.url}/a", str(tape)], capture_output=True, text=True, check=False
    )
    assert (said.stdout.split("\n")[:2], said.stderr) == (["0 1 0", "0 0 1"], "")
    assert len(service.hits) == 1


LATE = """
import asyncio, sys, unittest.mock
import httpcore, httpx
url, tape = sys.argv[1:]
mocks = [
    unittest.mock.patch.object(httpcore.ConnectionPool, "handle_request"),
    unittest.mock.patch.object(httpcore.AsyncConnectionPool, "handle_async_request"),
]
for each in mocks:
    each.start()
from acs_chat_testkit.recording import Recorder
Recorder
for each in mocks:
    each.stop()

async def fetch():
    async with httpx.AsyncClient() as client:
        return await client.get(url)

for mode in ("once", "none"):
    with Recorder(tape, mode) as recorder:
        httpx.get(url), asyncio.run(fetch())
    print(recorder.counts["recorded"], recorder.counts["replayed"])
"""


def test_a_mock_may_have_begun_before_the_recorder_was_imported(service: Service, tape: Path) -> None:
    """Where it takes the door out with it that stands lowest, as respx would, the next recorder puts that in again."""
    said = subprocess.run(
        [sys.executable, "-c", LATE, f"{service.url}/a", str(tape)], capture_output=True, text=True, check=False
    )
    assert (said.stdout, said.stderr) == ("2 0\n0 2\n", "")
    assert len(service.hits) == 2


class OverASocket(requests.adapters.HTTPAdapter):
    """Reaches the service by an address that names none, as the client of Docker does."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._port = int(service.url.rpartition(":")[2])

    def get_connection_with_tls_context(
        self, *_args: Any, **_options: Any
    ) -> urllib3.connectionpool.HTTPConnectionPool:
        """The service, whatever the address."""
        return POOL("127.0.0.1", self._port)

    get_connection = get_connection_with_tls_context  # as requests before 2.32 calls it


@pytest.mark.parametrize("retries", [0, 2])
def test_what_is_asked_over_a_socket_is_done_in_replay_too(service: Service, tape: Path, retries: int) -> None:
    """A container that a fixture starts is there when it replays: such a request is neither recorded nor refused."""
    for mode in ("once", "none"):
        with Recorder(tape, mode) as recorder, requests.Session() as session:
            adapter = OverASocket(service)
            adapter.max_retries = urllib3.Retry(retries)
            session.mount("http+docker://", adapter)
            assert session.post("http+docker://localhost/containers", timeout=5).status_code == 200
            session.get(f"{service.url}/a", timeout=5)
        assert not recorder.counts["missed"]
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/a"]
    assert service.hits == [("POST", "/containers"), ("GET", "/a"), ("POST", "/containers")]


def test_a_request_may_be_given_up_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A coroutine that its loop has left is closed in whatever context finds it: this raises nothing of ours."""

    @types.coroutine
    def forever(*_: object) -> Iterator[None]:
        while True:
            yield

    monkeypatch.setattr(httpcore.AsyncConnectionPool, "handle_async_request", forever)
    request = httpx.AsyncHTTPTransport().handle_async_request(httpx.Request("GET", "http://mocked.test/"))
    contextvars.copy_context().run(request.send, None)
    request.close()


WALK = """
import importlib, sys
from acs_chat_testkit.recording import Recorder
name, client, url, tape = sys.argv[1:]
door = importlib.import_module("acs_chat_testkit.recording.doors." + name)
assert door is sys.modules[door.__name__], "there are two"
from tests.recording.clients import CLIENTS
with Recorder(tape, "once") as recorder:
    CLIENTS[client]("GET", url, b"", [])
print(recorder.counts["recorded"])
"""


@pytest.mark.parametrize("name", ["requests", "urllib3", "httpcore", "httpx", "aiohttp"])
def test_a_door_may_be_imported_before_its_client(service: Service, tape: Path, name: str) -> None:
    """Who walks through all modules does so, after the recorder; it is put in nevertheless, and once."""
    client = {"httpcore": "httpx async"}.get(name, name)
    said = subprocess.run(
        [sys.executable, "-c", WALK, name, client, service.url, str(tape)], capture_output=True, text=True, check=False
    )
    assert (said.stdout, said.stderr) == ("1\n", "")

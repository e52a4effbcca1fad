"""Proxies: they are looked for, and reached, only where a request may go out."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import AioHttpTransport, HttpRequest
from requests.adapters import HTTPAdapter
from tests.recording.service import Service, serving

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.hooks import Hooks

PROXY = "http://proxy.example:3128"


class Noting(HTTPAdapter):
    """Notes which proxies it is told, and goes without them."""

    def __init__(self, seen: list[Any]) -> None:
        super().__init__()
        self.seen = seen

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Sends directly."""
        self.seen.append(dict(kwargs.pop("proxies")))
        return super().send(request, *args, **kwargs)


class Canned(HTTPAdapter):
    """Answers by itself, past the recorder."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Nothing was found."""
        response = requests.Response()
        response.status_code, response.url = 404, request.url
        return response


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names a proxy for every address."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, PROXY)


def told(url: str, **options: Any) -> Any:
    """The proxies that an adapter is told for a request."""
    seen: list[Any] = []
    with requests.Session() as session:
        session.mount("http://", Noting(seen))
        session.get(url, timeout=10, **options)
    return seen


def test_only_a_replayed_request_looks_for_no_proxy(service: Service, tape: Path) -> None:
    """While recording the environment's proxy is found; in replay nobody looks, also on the way of a redirect."""
    with Recorder(tape, "once"):
        assert told(f"{service.url}/redirect") == [{"http": PROXY}] * 2
    with Recorder(tape):
        assert told(f"{service.url}/redirect") == [{}, {}]


def test_a_proxy_that_a_request_names_stays(service: Service, tape: Path) -> None:
    """What the application says itself is handed on in replay, too."""
    with Recorder(tape, "once"):
        told(service.url)
    with Recorder(tape):
        assert told(service.url, proxies={"http": PROXY}) == [{"http": PROXY}]


def test_what_the_suite_lets_out_finds_its_proxy(service: Service, tape: Path) -> None:
    """A request that is not recorded goes out while others are replayed, so its proxy is looked for."""

    def drop(request: Request) -> Request | None:
        return None if request.url.endswith("/dropped") else request

    with Recorder(tape, "once"):
        told(f"{service.url}/kept")
    with Recorder(tape, hooks=Hooks(request=drop)):
        assert told(f"{service.url}/dropped") == [{"http": PROXY}]


def test_a_thread_of_no_cassette_still_uses_an_adapter_of_its_own(service: Service, tape: Path) -> None:
    """To look for a proxy is not refused, and no miss is counted, where the request never comes to the recorder."""
    with Recorder(tape, "once"):
        told(service.url)
    ended, found = threading.Event(), []

    def late() -> None:
        ended.wait(10)
        with requests.Session() as session:
            session.mount("http://", Canned())
            found.append(session.get(service.url, timeout=10).status_code)

    with Recorder(tape) as recorder:
        told(service.url)
        thread = threading.Thread(target=late)
        thread.start()
    ended.set()
    thread.join(10)
    assert (found, recorder.counts["missed"]) == ([404], 0)


async def _trusting(url: str) -> None:
    """Asks with a session of aiohttp that trusts the environment."""
    async with aiohttp.ClientSession(trust_env=True) as session:
        assert session.trust_env
        async with session.get(url) as answer:
            await answer.read()


async def _by_azure(url: str) -> None:
    async with AioHttpTransport() as transport:
        await transport.send(HttpRequest("GET", url))


async def _taken(asking: Coroutine[Any, Any, None]) -> set[threading.Thread]:
    """The threads that were started meanwhile."""
    before = set(threading.enumerate())
    await asking
    return set(threading.enumerate()) - before


@pytest.mark.parametrize("send", [_trusting, _by_azure])
def test_aiohttp_in_replay_takes_no_thread_to_look_for_a_proxy(
    service: Service, tape: Path, send: Callable[[str], Coroutine[Any, Any, None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While recording the environment's proxy is found; in replay nobody looks."""
    with serving() as down, monkeypatch.context() as patch, Recorder(tape, "once"):
        requests.get(service.url, proxies={"http": ""}, timeout=5)
        patch.setenv("http_proxy", down.url)
        down.close()
        with pytest.raises((aiohttp.ClientProxyConnectionError, ServiceRequestError), match="Cannot connect"):
            asyncio.run(send(f"{service.url}/a"))
    with Recorder(tape):
        assert asyncio.run(_taken(send(service.url))) == set()


@pytest.mark.parametrize("name", ["NETRC", "HOME"])
def test_aiohttp_in_replay_finds_the_password_of_a_host(
    service: Service, tape: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to the request, which a suite may compare with its header fields."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password some-word\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    for each in ("http_proxy", "HTTP_PROXY", "NETRC"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, str(tmp_path / ".netrc" if name == "NETRC" else tmp_path))
    with Recorder(tape, "once"):
        asyncio.run(_trusting(service.url))
    assert "authorization" in load(tape).interactions[0].request.headers
    with Recorder(tape, match_on=["method", "uri", "headers"]):
        asyncio.run(_trusting(service.url))


def by_requests(url: str, proxy: str) -> object:
    """Sends a request with requests."""
    return requests.get(url, proxies={"http": proxy, "https": proxy}, timeout=5)


def by_urllib3(url: str, proxy: str) -> object:
    """Sends a request with urllib3."""
    with urllib3.ProxyManager(proxy) as pool:
        return pool.request("GET", url, retries=False, timeout=5)


def by_urllib(url: str, proxy: str) -> object:
    """Sends a request with urllib.request."""
    handler = urllib.request.ProxyHandler({"http": proxy, "https": proxy})
    return urllib.request.build_opener(handler).open(url, timeout=5)


def by_httpx(url: str, proxy: str) -> object:
    """Sends a request with httpx."""
    with httpx.Client(proxy=proxy) as session:
        return session.get(url)


def by_httpx_async(url: str, proxy: str) -> object:
    """Sends a request with httpx on asyncio."""

    async def send() -> object:
        async with httpx.AsyncClient(proxy=proxy) as session:
            return await session.get(url)

    return asyncio.run(send())


def by_aiohttp(url: str, proxy: str) -> object:
    """Sends a request with aiohttp."""

    async def send() -> object:
        async with aiohttp.ClientSession() as session:
            return await session.get(url, proxy=proxy)

    return asyncio.run(send())


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("send", [by_requests, by_urllib3, by_urllib, by_httpx, by_httpx_async, by_aiohttp])
def test_a_proxy_that_is_down_is_part_of_the_recording(
    service: Service, tape: Path, send: Callable[[str, str], object], scheme: str
) -> None:
    """With a recorder, and in replay, a client raises what it raises without one; in replay nobody asks the proxy."""
    with serving() as down:
        proxy = down.url
    url = f"{scheme}://chat.example/"

    def error() -> type[BaseException]:
        with pytest.raises(Exception) as caught:  # noqa: PT011
            send(url, proxy)
        return caught.type

    plain = error()
    for mode in ("once", "none"):
        with Recorder(tape, mode) as recorder:
            requests.get(service.url, proxies={"http": ""}, timeout=5)
            assert error() is plain
    assert recorder.counts["replayed"] == 2
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/", url]


@pytest.fixture
def relay() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that leads to whatever is asked for, and what it was asked."""
    asked: list[bytes] = []

    def pump(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client:
                    asked.append(client.recv(65536).split(b"\r\n")[0])
                    host, _, port = asked[-1].split()[1].decode().partition(":")
                    with socket.create_connection((host, int(port)), 5) as service:
                        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                        back = threading.Thread(target=pump, args=(service, client))
                        back.start()
                        pump(client, service)
                        back.join()

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_urllib3_goes_through_its_proxy_only_to_record(relay: tuple[str, list[bytes]], tape: Path) -> None:
    """It asks for the way to a service of TLS first; in replay it does not, and without a recorder it does."""
    proxy, asked = relay
    with Emulator() as emulator:
        url = f"{emulator.https_endpoint}/chat/threads?api-version=2024-03-07"
        for mode in ("once", "none"):
            with Recorder(tape, mode), urllib3.ProxyManager(proxy, ca_certs=str(emulator.ca_file)) as pool:
                assert [pool.request("GET", url, retries=False, timeout=5).status for _ in range(2)] == [401, 401]
        assert len(asked) == 1
        with urllib3.ProxyManager(proxy, ca_certs=str(emulator.ca_file)) as pool:
            assert pool.request("GET", url, retries=False, timeout=5).status == 401
    assert len(asked) == 2


def test_a_proxy_that_leads_no_further_is_one_in_replay_too(service: Service, tape: Path) -> None:
    """The error is that of a proxy, live and from the cassette, whatever lies above the pool of connections."""
    raised: list[type[object]] = []
    for mode in ("once", "none"):
        with Recorder(tape, mode), urllib3.ProxyManager(service.url, retries=False) as through:
            assert through.request("GET", f"{service.url}/a").status == 200
            with pytest.raises(urllib3.exceptions.HTTPError) as failed:
                through.request("GET", "https://far.test/")
            raised.append(failed.type)
    assert raised == [urllib3.exceptions.ProxyError] * 2

"""HTTP clients behind one face, so that a test can say what must hold for all of them."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
import urllib3
from azure.core.pipeline.transport import AioHttpTransport, HttpRequest, RequestsTransport

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client makes of a response."""

    status: int
    body: bytes
    headers: Fields = field(compare=False)

    def all(self, name: str) -> list[str]:
        """The values of a header field."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


Client = Callable[[str, str, bytes, Fields], Answer]
TIMEOUT = 5.0


def by_requests(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with requests."""
    with requests.Session() as session:
        answer = session.request(
            method, url, data=body or None, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False
        )
        return Answer(answer.status_code, answer.content, list(answer.raw.headers.items()))


def by_urllib3(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with urllib3."""
    with urllib3.PoolManager() as pool:
        fields = urllib3.HTTPHeaderDict(headers)
        answer = pool.request(
            method, url, body=body or None, headers=fields, timeout=TIMEOUT, redirect=False, retries=False
        )
        return Answer(answer.status, answer.data, list(answer.headers.items()))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """Follows nothing."""


def by_urllib(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with urllib.request."""
    request = urllib.request.Request(url, data=body or None, headers=dict(headers), method=method)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=TIMEOUT) as answer:
            return Answer(answer.status, answer.read(), answer.headers.items())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(), error.headers.items())


def by_http_client(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with http.client."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        connection.putrequest(method, target)
        for name, value in [*headers, *([("Content-Length", str(len(body)))] if body else [])]:
            connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), answer.getheaders())
    finally:
        connection.close()


def by_httpx(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with httpx."""
    with httpx.Client(timeout=TIMEOUT) as client:
        answer = client.request(method, url, content=body or None, headers=list(headers))
        return Answer(answer.status_code, answer.content, list(answer.headers.multi_items()))


def by_httpx_async(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with httpx on asyncio."""

    async def send() -> Answer:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            answer = await client.request(method, url, content=body or None, headers=list(headers))
            return Answer(answer.status_code, answer.content, list(answer.headers.multi_items()))

    return asyncio.run(send())


def by_aiohttp(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with aiohttp."""

    async def send() -> Answer:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, data=body or None, headers=list(headers), allow_redirects=False) as answer,
        ):
            return Answer(answer.status, await answer.read(), list(answer.headers.items()))

    return asyncio.run(send())


def by_azure(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with azure-core's transport on requests."""
    with RequestsTransport() as transport:
        request = HttpRequest(method, url, headers=dict(headers))
        request.data = body or None
        answer = transport.send(request, connection_timeout=TIMEOUT, read_timeout=TIMEOUT)
        return Answer(answer.status_code or 0, answer.body(), list(answer.headers.items()))


def by_azure_async(method: str, url: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Sends a request with azure-core's transport on aiohttp."""

    async def send() -> Answer:
        async with AioHttpTransport() as transport:
            request = HttpRequest(method, url, headers=dict(headers))
            request.data = body or None
            answer = await transport.send(request, connection_timeout=TIMEOUT, read_timeout=TIMEOUT)
            await answer.load_body()
            return Answer(answer.status_code or 0, answer.body(), list(answer.headers.items()))

    return asyncio.run(send())


CLIENTS: dict[str, Client] = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "urllib": by_urllib,
    "http.client": by_http_client,
    "httpx": by_httpx,
    "httpx async": by_httpx_async,
    "aiohttp": by_aiohttp,
    "azure-core": by_azure,
    "azure-core async": by_azure_async,
}

"""Every client is recorded and replayed as faithfully as it was live."""

from __future__ import annotations

import asyncio
import gzip
import io
import itertools
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from azure.core import AsyncPipelineClient, PipelineClient
from azure.core.pipeline.policies import AsyncRetryPolicy, RetryPolicy
from azure.core.rest import HttpRequest
from requests.adapters import HTTPAdapter
from tests.recording.clients import CLIENTS, Answer, Client
from tests.recording.service import CHUNKS, Service, serving

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.redaction.rules import VOLATILE_RESPONSE_HEADERS

client = pytest.mark.parametrize("send", CLIENTS.values(), ids=CLIENTS)
Send = Callable[..., Answer]

TRAFFIC: list[tuple[str, str, bytes]] = [
    ("GET", "/a?q=1&q=2", b""),
    ("POST", "/a", b'{"text": "h\xc3\xa9llo"}'),
    ("PUT", "/a", b"plain"),
    ("PATCH", "/a", bytes(range(256))),
    ("DELETE", "/a", b""),
    ("HEAD", "/a", b""),
    ("GET", "/empty?status=204", b""),
    ("GET", "/empty?status=304", b""),
    ("GET", "/fail?status=404", b""),
    ("GET", "/redirect?status=302", b""),
    ("GET", "/redirect?status=307", b""),
    ("GET", "/gzip", b""),
    ("GET", "/binary", b""),
    ("GET", "/latin1", b""),
    ("GET", "/twice", b""),
    ("GET", "/stream", b""),
    ("GET", "/open-ended", b""),
    ("GET", "/open-ended?text=until+it+closes", b""),
]


def opened(answer: Answer) -> Answer:
    """The answer with its content coding undone: http.client and azure-core's aiohttp hand out what is on the wire."""
    if answer.body[:2] == b"\x1f\x8b":
        return Answer(answer.status, gzip.decompress(answer.body), answer.headers)
    return answer


@client
def test_what_a_client_saw_live_it_sees_in_replay(service: Service, tape: Path, send: Client) -> None:
    """Methods, statuses, bodies of all kinds: equal, in call order, and nothing leaves the process."""
    with Recorder(tape, "once") as recorder:
        live = [send(method, service.url + path, body, []) for method, path, body in TRAFFIC]
    assert recorder.counts["recorded"] == len(TRAFFIC)
    hits = list(service.hits)
    assert [(method, path) for method, path, _ in TRAFFIC] == hits
    with Recorder(tape) as recorder:
        replayed = [send(method, service.url + path, body, []) for method, path, body in TRAFFIC]
    assert replayed == live
    assert service.hits == hits
    assert (recorder.counts["replayed"], recorder.counts["live"]) == (len(TRAFFIC), 0)


@client
def test_header_fields_are_as_they_were(service: Service, tape: Path, send: Client) -> None:
    """Latin-1, empty and repeated ones, the length of a HEAD, none of a 204; addresses that are no UTF-8."""
    traffic = [*TRAFFIC, ("GET", "/odd", b""), ("GET", "/caf%E9/%2F?x=%FF&y=%C3%A9", b""), ("OPTIONS", "/a", b"")]
    gone = VOLATILE_RESPONSE_HEADERS | {"set-cookie", "content-encoding", "content-length", "transfer-encoding"}

    def seen(method: str, path: str, body: bytes) -> list[tuple[str, str]]:
        kept = {"content-length"} if method == "HEAD" or path.startswith("/empty") else set()
        fields = [(name.lower(), value) for name, value in send(method, service.url + path, body, []).headers]
        return sorted(each for each in fields if each[0] not in gone - kept)

    with Recorder(tape, "once"):
        live = [seen(*each) for each in traffic]
    with Recorder(tape):
        assert [seen(*each) for each in traffic] == live


@client
def test_an_answer_may_have_no_reason(service: Service, tape: Path, send: Client) -> None:
    """As HTTP/2 has none: none is made up in the file."""
    for mode in ("once", "none"):
        with Recorder(tape, mode):
            assert send("GET", f"{service.url}/wordless", b"", []).status == 200
    (interaction,) = load(tape).interactions
    assert interaction.response is not None
    assert interaction.response.reason == ""


def test_httpx_makes_up_no_reason_in_replay(service: Service, tape: Path) -> None:
    """It does, where an answer says nothing of a reason at all."""
    for mode in ("once", "none"):
        with Recorder(tape, mode), httpx.Client() as session:
            assert session.get(f"{service.url}/wordless").reason_phrase == ""


@client
def test_a_reason_may_be_no_ascii(service: Service, tape: Path, send: Client) -> None:
    """What some clients make of it is no text that a file could hold."""
    for mode in ("once", "none"):
        with Recorder(tape, mode):
            assert send("GET", f"{service.url}/accented", b"", []).status == 200
    (interaction,) = load(tape).interactions
    assert interaction.response is not None
    assert interaction.response.reason in ("Tr\xe8s bien", "Trs bien")


def test_urllib3_tells_of_an_answer_what_it_tells_live(service: Service, tape: Path) -> None:
    """Its address, its version, and that it is closed when all of it was read, for which programs wait in a loop."""
    seen = []
    for mode in ("once", "none"):
        with Recorder(tape, mode), urllib3.PoolManager() as pool:
            answer = pool.request("GET", f"{service.url}/binary", preload_content=False)
            told = (answer.geturl(), answer.version, answer.version_string, answer.closed)
            seen.append((told, answer.read(3), answer.closed, answer.read(), answer.closed))
    assert seen[0] == seen[1]
    assert seen[0][-1]


@client
def test_recording_does_not_change_what_a_client_sees(service: Service, tape: Path, send: Client) -> None:
    """With and without a recorder, the client gets the same answers and the service the same requests."""
    without = [send(method, service.url + path, body, []) for method, path, body in TRAFFIC]
    plain, service.seen = service.seen, []
    with Recorder(tape, "once"):
        recorded = [send(method, service.url + path, body, []) for method, path, body in TRAFFIC]
    assert recorded == without
    assert [each["body"] for each in service.seen] == [each["body"] for each in plain]
    assert [names(each["headers"]) for each in service.seen] == [names(each["headers"]) for each in plain]


def names(headers: list[tuple[str, str]]) -> list[str]:
    """The names of header fields, each as often as it came."""
    return sorted(name.lower() for name, _ in headers)


@client
def test_any_client_replays_what_requests_recorded(service: Service, tape: Path, send: Client) -> None:
    """A recording does not belong to the client that made it."""
    with Recorder(tape, "once"):
        live = [CLIENTS["requests"](method, service.url + path, body, []) for method, path, body in TRAFFIC]
    with Recorder(tape):
        assert [send(method, service.url + path, body, []) for method, path, body in TRAFFIC] == live


@client
def test_requests_replays_what_any_client_recorded(service: Service, tape: Path, send: Client) -> None:
    """And the other way round."""
    with Recorder(tape, "once"):
        live = [opened(send(method, service.url + path, body, [])) for method, path, body in TRAFFIC]
    with Recorder(tape):
        again = [CLIENTS["requests"](method, service.url + path, body, []) for method, path, body in TRAFFIC]
    assert again == live


BODIES: dict[str, Callable[[bytes], Any]] = {
    "a file": io.BytesIO,
    "pieces": lambda data: iter([data[:2], data[2:]]),
    "what can be read": lambda data: SimpleNamespace(read=io.BytesIO(data).read),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [*itertools.product(["requests", "urllib3", "urllib"], BODIES), ("httpx", "a file"), ("httpx", "pieces")],
)
def test_a_body_may_be_a_file_or_come_in_pieces(service: Service, tape: Path, name: str, kind: str) -> None:
    """It reaches the service whole, is in the recording, and is compared in replay."""

    def put(data: bytes) -> None:
        CLIENTS[name]("PUT", f"{service.url}/a", BODIES[kind](data), [("Content-Length", str(len(data)))])

    with Recorder(tape, "once"):
        put(b"a body")
    with Recorder(tape):
        put(b"a body")
        with pytest.raises(UnrecordedRequest):
            put(b"others")
    (interaction,) = load(tape).interactions
    assert [each["body"] for each in service.seen] == [interaction.request.body] == [b"a body"]


def test_header_fields_in_bytes_are_texts(service: Service, tape: Path) -> None:
    """As botocore sends them through urllib3; what is secret in them is none the less."""
    fields: Any = {"Authorization": b"Bearer abc", "X-Amz-Acl": b"private"}
    for mode in ("once", "none"):
        with Recorder(tape, mode), urllib3.PoolManager() as pool:
            assert pool.request("GET", f"{service.url}/a", headers=fields, timeout=10).status == 200
    (interaction,) = load(tape).interactions
    assert (interaction.request.headers["authorization"], interaction.request.headers.get("x-amz-acl")) == (
        "Bearer -REDACTED-",
        "private",
    )
    assert len(service.hits) == 1


@client
def test_a_miss_is_refused_for_every_client(service: Service, tape: Path, send: Client) -> None:
    """The client raises our own error, not one of its own, and the service is not asked."""
    with Recorder(tape, "once"):
        send("GET", f"{service.url}/a", b"", [])
    with Recorder(tape), pytest.raises(UnrecordedRequest):
        send("GET", f"{service.url}/b", b"", [])
    assert service.hits == [("GET", "/a")]


@client
def test_duplicate_headers_of_an_answer_survive(service: Service, tape: Path, send: Client) -> None:
    """Both cookies of one answer are there again."""
    with Recorder(tape, "once"):
        send("GET", f"{service.url}/twice", b"", [])
    with Recorder(tape):
        answer = send("GET", f"{service.url}/twice", b"", [])
    assert ", ".join(answer.all("set-cookie")) == "a=-REDACTED-; Path=/, b=-REDACTED-; Path=/"


@pytest.mark.parametrize("name", ["urllib3", "http.client", "httpx", "httpx async", "aiohttp"])
def test_duplicate_headers_of_a_request_reach_the_service(service: Service, tape: Path, name: str) -> None:
    """A field that is sent twice arrives twice while recording, and is in the file twice."""
    with Recorder(tape, "once"):
        answer = CLIENTS[name]("GET", f"{service.url}/twice", b"", [("X-Twice", "1"), ("X-Twice", "2")])
    assert b"1" in answer.body
    assert b"2" in answer.body
    sent = load(tape).interactions[0].request.headers
    assert ", ".join(sent.get_all("x-twice")) == "1, 2"


@client
def test_ipv6(tape: Path, send: Client) -> None:
    """An address in brackets is recorded and replayed."""
    with serving(socket.AF_INET6) as service, Recorder(tape, "once"):
        live = send("GET", f"{service.url}/a", b"", [])
    with Recorder(tape):
        assert send("GET", f"{service.url}/a", b"", []) == live
    assert load(tape).interactions[0].request.url == f"{service.url}/a"


@pytest.mark.parametrize("name", sorted(CLIENTS.keys() - {"urllib3"}))
def test_what_came_of_a_stream_is_kept_when_it_falls_silent(
    service: Service, tape: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some clients read a stream until nothing has come for a while, and have used what came before."""
    monkeypatch.setattr("tests.recording.clients.TIMEOUT", 0.2)
    service.go_on.clear()
    with Recorder(tape, "once"), pytest.raises(Exception):  # noqa: B017, PT011
        CLIENTS[name]("GET", f"{service.url}/stream", b"", [])
    (interaction,) = load(tape).interactions
    assert interaction.response is not None
    assert interaction.response.body == CHUNKS[0]


@client
def test_an_answer_is_taken_when_its_client_has_it(service: Service, tape: Path, send: Client) -> None:
    """A process that is killed later leaves it behind."""
    with Recorder(tape, "once") as recorder:
        for path in ("/a", "/stream", "/empty"):
            send("GET", f"{service.url}{path}", b"", [])
        assert [take.complete for take in recorder.taken] == [True, True, True]


@pytest.mark.parametrize("path", ["/", "/longer"])
@client
def test_an_answer_that_was_edited_by_hand_is_given_whole(
    service: Service, tape: Path, send: Client, path: str
) -> None:
    """Nobody counts bytes in an editor, whatever length its fields still say."""
    with Recorder(tape, "once"):
        live = send("GET", f"{service.url}/short", b"", [])
    text = tape.read_text().replace('path": "/short', f'path": "{path}')
    tape.write_text(text)
    assert f"- '{len(live.body)}'" in text
    with Recorder(tape):
        edited = send("GET", f"{service.url}/short", b"", [])
    assert edited.body == live.body.replace(b"/short", path.encode())


def test_redirects_are_followed_from_the_recording(service: Service, tape: Path) -> None:
    """Each hop is an interaction of its own, for every client that follows them."""

    async def by_aiohttp() -> int:
        async with aiohttp.ClientSession() as session, session.get(f"{service.url}/redirect") as answer:
            await answer.read()
            return len(answer.history)

    def hops() -> list[int]:
        with urllib3.PoolManager() as pool:
            found = pool.request("GET", f"{service.url}/redirect", timeout=5)
        return [
            len(requests.get(f"{service.url}/redirect", timeout=5).history),
            len(httpx.get(f"{service.url}/redirect", follow_redirects=True).history),
            len(found.retries.history if found.retries else ()),
            asyncio.run(by_aiohttp()),
        ]

    with Recorder(tape, "once"):
        assert hops() == [1, 1, 1, 1]
    with Recorder(tape) as recorder:
        assert hops() == [1, 1, 1, 1]
    assert recorder.counts["replayed"] == 8


def test_an_answer_tells_where_it_came_from(service: Service, tape: Path) -> None:
    """Behind a redirect of urllib3, what its Location said."""

    def told() -> list[str | None]:
        with urllib3.PoolManager() as pool:
            urls = (f"{service.url}/redirect", f"{service.url}/redirect?status=307&to=there", f"{service.url}/a")
            return [pool.request("GET", url, timeout=5).geturl() for url in urls]

    with Recorder(tape, "once"):
        live = told()
    with Recorder(tape):
        assert told() == live


def test_a_session_has_its_cookies_in_replay(service: Service, tape: Path) -> None:
    """What a cookie jar took live it takes again."""

    async def by_aiohttp() -> list[str]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            await (await session.get(f"{service.url}/login?expires=Thu, 24 Nov 2099 00:00:00 GMT")).read()
            return [cookie.key for cookie in session.cookie_jar]

    def jars() -> list[list[str]]:
        session = requests.Session()
        session.get(f"{service.url}/login?expires=Thu, 24 Nov 2099 00:00:00 GMT", timeout=5)
        with httpx.Client() as other:
            other.get(f"{service.url}/login?expires=Thu, 24 Nov 2099 00:00:00 GMT")
            return [list(session.cookies.keys()), list(other.cookies.keys()), asyncio.run(by_aiohttp())]

    with Recorder(tape, "once"):
        live = jars()
    with Recorder(tape):
        assert jars() == live == [["session"]] * 3


def test_retries_do_not_sleep_in_replay(service: Service, tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry-After is 30 s; urllib3, requests on it and azure-core retry at once; `time.sleep` is never touched."""
    import time

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    def flaky() -> list[int]:
        retry = urllib3.Retry(3, status_forcelist=[503], backoff_factor=10)
        azure = PipelineClient[HttpRequest, Any](service.url, policies=[RetryPolicy()])
        with urllib3.PoolManager(retries=retry) as pool, requests.Session() as session, azure:
            session.mount("http://", HTTPAdapter(max_retries=retry))
            return [
                pool.request("GET", f"{service.url}/flaky").status,
                session.get(f"{service.url}/flaky", timeout=5).status_code,
                azure.send_request(HttpRequest("GET", f"{service.url}/flaky")).status_code,
            ]

    with Recorder(tape, "once"):
        assert flaky() == [200, 200, 200]
    assert slept == [30.0] * 6
    slept.clear()
    with Recorder(tape):
        assert flaky() == [200, 200, 200]
        time.sleep(1)
    assert slept == [1]
    assert len(load(tape).interactions) == 9


def test_async_retries_do_not_sleep_in_replay(service: Service, tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure-core's async transport retries at once, and `asyncio.sleep` itself is never touched."""
    slept: list[float] = []
    sleep, here = asyncio.sleep, threading.get_ident()

    async def noted(seconds: float, *_: object) -> None:
        if threading.get_ident() != here:  # a server that another test has left running
            return await sleep(seconds)
        slept.append(seconds)
        return await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)

    async def flaky() -> int:
        policies = [AsyncRetryPolicy()]
        async with AsyncPipelineClient[HttpRequest, Any](service.url, policies=policies) as azure:
            return int((await azure.send_request(HttpRequest("GET", f"{service.url}/flaky"))).status_code)

    with Recorder(tape, "once"):
        assert asyncio.run(flaky()) == 200
    assert [seconds for seconds in slept if seconds] == [30.0, 30.0]
    slept.clear()
    with Recorder(tape):
        assert asyncio.run(flaky()) == 200
        asyncio.run(asyncio.sleep(1))
    assert [seconds for seconds in slept if seconds] == [1]


def test_a_client_that_is_imported_later_has_its_door(service: Service, tape: Path, tmp_path: Path) -> None:
    """A client that the test imports while the cassette is open is recorded too."""
    import subprocess
    import sys

    script = f"""
from acs_chat_testkit.recording import Recorder
import sys
assert "httpx" not in sys.modules and "aiohttp" not in sys.modules and "requests" not in sys.modules
with Recorder({str(tape)!r}, "once") as recorder:
    import httpx, aiohttp, requests, urllib.request, asyncio
    httpx.get({service.url!r} + "/httpx")
    requests.get({service.url!r} + "/requests", timeout=5)
    async def main():
        async with aiohttp.ClientSession() as session, session.get({service.url!r} + "/aiohttp") as answer:
            await answer.read()
    asyncio.run(main())
assert recorder.counts["recorded"] == 3, recorder.counts.as_dict()
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
    assert [each.request.url.rpartition("/")[2] for each in load(tape).interactions] == ["httpx", "requests", "aiohttp"]

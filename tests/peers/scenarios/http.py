"""What a client sees: the same live, while recording and in replay."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from tests.peers.stage import Outcome, Stage, kind, scenario
from tests.recording.service import serving
from urllib3.util import Retry


@scenario(right={"live": [], "status": 200})
def ipv6(stage: Stage) -> Outcome:
    """A service on an IPv6 address is recorded and replayed."""
    with serving(socket.AF_INET6) as service:
        with stage.tool.use(stage.tape) as session:
            session.get(f"{service.url}/quiet")
        service.hits.clear()
        with stage.tool.use(stage.tape, "none") as session:
            try:
                status: object = session.get(f"{service.url}/quiet").status_code
            except Exception as error:
                status = type(error).__name__
        return {"live": [list(hit) for hit in service.hits], "status": status}


@scenario(right=["one", "two"])
def header_sent_twice(stage: Stage) -> Outcome:
    """A header that a client sends twice reaches the service twice while recording."""
    with stage.tool.use(stage.tape):
        connection = http.client.HTTPConnection(urlsplit(stage.url).netloc)
        connection.putrequest("GET", "/twice")
        connection.putheader("X-Twice", "one")
        connection.putheader("X-Twice", "two")
        connection.endheaders()
        connection.getresponse().read()
        connection.close()
    return [value for name, value in stage.service.seen[0]["headers"] if name == "X-Twice"]


@scenario(right={".yaml": True, ".json": True})
def binary(stage: Stage) -> Outcome:
    """Bytes that are no text survive, in whatever format the tool writes."""
    kept = {".yaml": True, ".json": True}
    for suffix in stage.tool.suffixes:
        path = stage.place / f"binary{suffix}"
        try:
            for mode in ("once", "none"):
                with stage.tool.use(path, mode) as session:
                    kept[suffix] = session.get(f"{stage.url}/binary").content == bytes(range(256))
        except Exception:
            kept[suffix] = False
    return kept


def _with_requests(url: str) -> bytes:
    return requests.get(url).content


def _with_httpx(url: str) -> bytes:
    import httpx

    return httpx.get(url).content


def _with_aiohttp(url: str) -> bytes:
    import aiohttp

    async def get() -> bytes:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.read()

    return asyncio.run(get())


CLIENTS: dict[str, Callable[[str], bytes]] = {
    "requests": _with_requests,
    "httpx": _with_httpx,
    "aiohttp": _with_aiohttp,
}


@scenario(right=[])
def gzip_of_another_client(stage: Stage) -> Outcome:
    """A compressed answer that one client recorded is the same for another one: the pairs for which it is not."""
    bad = []
    for recorder, record in CLIENTS.items():
        path = stage.place / f"{recorder}.yaml"
        with stage.tool.use(path):
            live = record(f"{stage.url}/gzip")
        for player, replay in CLIENTS.items():
            try:
                with stage.tool.use(path, "none"):
                    same = replay(f"{stage.url}/gzip") == live
            except Exception:
                same = False
            if not same:
                bad.append(f"{recorder} to {player}")
    return bad


@scenario(right={"204": "", "304": "", "HEAD": "", "302": "/landed", "307": "/landed", "cookies": ["a", "b"]})
def odd_answers(stage: Stage) -> Outcome:
    """Answers without a body, redirects and a header that comes twice replay as they were."""
    for mode in ("once", "none"):
        with stage.tool.use(stage.tape, mode) as session:
            seen: dict[str, object] = {
                status: session.get(f"{stage.url}/empty?status={status}").text for status in ("204", "304")
            }
            seen["HEAD"] = session.head(f"{stage.url}/head").text
            for status in ("302", "307"):
                seen[status] = session.post(f"{stage.url}/redirect?status={status}", data=b"x").json()["path"]
            session.cookies.clear()
            session.get(f"{stage.url}/twice")
            seen["cookies"] = sorted(session.cookies.keys())
    return seen


@scenario(right={"while recording": True, "in replay": 3})
def stream(stage: Stage) -> Outcome:
    """The first piece of a stream is there before the service sends the next, and a replay has the same pieces."""
    stage.service.go_on.clear()
    # A recorder that waits for the end would wait for ever.
    late = threading.Timer(5, stage.service.go_on.set)
    late.start()
    with stage.tool.use(stage.tape), requests.get(f"{stage.url}/stream", stream=True) as answer:
        pieces = answer.iter_content(None)
        next(pieces)
        early = not stage.service.go_on.is_set()
        late.cancel()
        stage.service.go_on.set()
        for _ in pieces:
            pass
    with stage.tool.use(stage.tape, "none"), requests.get(f"{stage.url}/stream", stream=True) as answer:
        return {"while recording": early, "in replay": len(list(answer.iter_content(None)))}


@scenario(right={"status": 200, "slept": 0})
def retries(stage: Stage) -> Outcome:
    """Waiting that a service asked for is not waited for in replay: the seconds that were slept."""
    for mode in ("once", "none"):
        with stage.tool.use(stage.tape, mode) as session, mock.patch("time.sleep") as sleep:
            session.mount("http://", HTTPAdapter(max_retries=Retry(total=5, status_forcelist=[503])))
            status = session.get(f"{stage.url}/flaky").status_code
    return {"status": status, "slept": sum(call.args[0] for call in sleep.call_args_list)}


@scenario(right=[])
def broken_connections(stage: Stage) -> Outcome:
    """A connection that was refused, reset or too slow ends the same way in replay: those that do not."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    targets = {
        "refused": f"http://127.0.0.1:{port}/",
        "reset": f"{stage.url}/reset",
        "timeout": f"{stage.url}/slow?seconds=0.5",
    }
    bad = []
    for name, url in targets.items():
        ended = []
        for mode in ("once", "none"):
            with _any_cassette(stage, name, mode):
                ended.append(kind(lambda url=url: requests.get(url, timeout=0.2)))  # type: ignore[misc]
        if ended[0] != ended[1]:
            bad.append(name)
    return bad


@contextmanager
def _any_cassette(stage: Stage, name: str, mode: str) -> Iterator[None]:
    """A recording that holds an answer, too: where nothing ever answered, there is nothing to keep."""
    with stage.tool.use(stage.place / f"{name}{stage.tool.suffixes[0]}", mode) as session:
        session.get(f"{stage.url}/quiet")
        yield


@scenario(right={"cookies": ["session"]})
def cookie_that_expires(stage: Stage) -> Outcome:
    """A cookie that was good when it was recorded is good in a replay a year later."""
    expires = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3600))
    with stage.tool.use(stage.tape) as session:
        session.get(f"{stage.url}/login?expires={expires}")
    later = time.time() + 365 * 86400
    with stage.tool.use(stage.tape, "none") as session, mock.patch("http.cookiejar.time.time", return_value=later):
        session.get(f"{stage.url}/login?expires={expires}")
        return {"cookies": session.cookies.keys()}


@scenario(right={"cookies": ["session"], "reason": "OK"})
def login(stage: Stage) -> Outcome:
    """A session is logged in in replay, and the phrase beside the status is there."""
    expires = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 86400))
    for mode in ("once", "none"):
        with stage.tool.use(stage.tape, mode) as session:
            reason = session.get(f"{stage.url}/login?expires={expires}").reason
            cookies = session.cookies.keys()
    return {"cookies": cookies, "reason": reason}


@scenario(right=True)
def bytes_of_json(stage: Stage) -> Outcome:
    """A JSON answer has the same bytes in replay, whatever its layout: hashes and signatures hold."""
    body = b'{"a":1,  "b":[ ]}'
    url = f"{stage.url}/answer?type=application/json&hex={body.hex()}"
    bodies = []
    for mode in ("once", "none"):
        with stage.tool.use(stage.tape, mode) as session:
            bodies.append(session.get(url).content)
    return bodies[0] == bodies[1]


def _in_mode_none(stage: Stage, call: Callable[[], object]) -> Outcome:
    """What arrives when this is called where a recording is replayed."""
    with stage.tool.use(stage.tape) as session:
        session.get(f"{stage.url}/quiet")
    stage.live()
    with stage.tool.use(stage.tape, "none"):
        kind(call)
    return {"live": stage.live()}


@scenario(right={"live": []})
def urllib_in_mode_none(stage: Stage) -> Outcome:
    """A request of urllib does not go live in mode none."""
    return _in_mode_none(stage, lambda: urllib.request.urlopen(f"{stage.url}/other").close())


@scenario(right={"live": []})
def another_session(stage: Stage) -> Outcome:
    """A request that another session makes in mode none does not go live."""
    return _in_mode_none(stage, lambda: requests.get(f"{stage.url}/quiet"))


@scenario(right={"written": False})
def block_that_fails(stage: Stage) -> Outcome:
    """A block that ends by an error writes nothing."""
    try:
        with stage.tool.use(stage.tape) as session:
            session.get(f"{stage.url}/quiet")
            raise AssertionError
    except AssertionError:
        pass
    return {"written": stage.tape.exists()}

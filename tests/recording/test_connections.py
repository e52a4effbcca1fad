"""Connections that fail, that were there before, that are shared: as they are without a recorder."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from pathlib import Path

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from tests.recording.clients import CLIENTS
from tests.recording.service import Service, serving

from acs_chat_testkit.recording import Recorder

client = pytest.mark.parametrize("send", CLIENTS.values(), ids=CLIENTS)


def test_an_adapter_of_requests_without_retries_raises_what_urllib3_raises(service: Service, tape: Path) -> None:
    """As azure-core has them: the error is not made one of requests, neither live nor in replay."""
    with serving() as down:
        url = down.url
    with requests.Session() as session:
        session.mount(url, HTTPAdapter(max_retries=urllib3.Retry(False)))
        for mode in ("once", "none"):
            with Recorder(tape, mode):
                session.get(service.url, timeout=5)
                with pytest.raises(urllib3.exceptions.NewConnectionError):
                    session.get(url, timeout=5)


@pytest.mark.parametrize("tries", [0, 2, None])
def test_an_adapter_of_requests_gives_up_in_replay_as_it_does_live(
    service: Service, tape: Path, tries: int | None
) -> None:
    """After as many tries, on a status or on a connection, each of which is an interaction."""
    with serving() as down:
        url = down.url
    retry = urllib3.Retry(tries, status=tries or 1, connect=tries or 1, status_forcelist=[404])
    for mode in ("once", "none"):
        with Recorder(tape, mode) as recorder, requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=retry))
            session.get(f"{service.url}/a", timeout=5)
            with pytest.raises(requests.exceptions.RetryError):
                session.get(f"{service.url}/empty?status=404", timeout=5)
            with pytest.raises(requests.exceptions.ConnectionError):
                session.get(url, timeout=5)
        assert recorder.counts["recorded" if mode == "once" else "replayed"] == {0: 3, 2: 7, None: 5}[tries]
    assert len(service.hits) == {0: 2, 2: 4, None: 3}[tries]


def test_an_adapter_of_requests_that_counts_connections_alone_tries_again_in_replay(
    service: Service, tape: Path
) -> None:
    """Each try is an interaction, and none is left over."""
    with serving() as down:
        url = down.url
    for mode in ("once", "none"):
        with Recorder(tape, mode) as recorder, requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=urllib3.Retry(None, connect=1)))
            session.get(f"{service.url}/a", timeout=5)
            with pytest.raises(requests.exceptions.ConnectionError):
                session.get(url, timeout=5)
        assert recorder.counts["recorded" if mode == "once" else "replayed"] == 3


@pytest.mark.parametrize("tries", [0, 2])
def test_an_adapter_of_requests_may_have_a_number_set_on_it(service: Service, tape: Path, tries: int) -> None:
    """Urllib3 takes it as so many tries, and so do recording and replay."""
    with serving() as down:
        url = down.url
    for mode in ("once", "none"):
        with Recorder(tape, mode) as recorder, requests.Session() as session:
            session.get_adapter(url).max_retries = tries  # type: ignore[attr-defined]
            session.get(f"{service.url}/a", timeout=5)
            with pytest.raises(requests.exceptions.ConnectionError, match="Max retries exceeded"):
                session.get(url, timeout=5)
        assert recorder.counts["recorded" if mode == "once" else "replayed"] == tries + 2


def test_a_connection_that_was_open_before_belongs_to_the_cassette(service: Service, tape: Path) -> None:
    """What http.client keeps alive is recorded, answered in replay, and goes on living after both."""
    connection = http.client.HTTPConnection(service.url[7:], timeout=5)

    def get(path: str) -> bytes:
        connection.request("GET", path)
        return connection.getresponse().read()

    get("/before")
    with Recorder(tape, "once"):
        live = get("/a")
    with Recorder(tape):
        assert get("/a") == live
    get("/after")
    connection.close()
    assert [target for _, target in service.hits] == ["/before", "/a", "/after"]


def test_a_time_that_is_set_on_a_socket_counts(service: Service, tape: Path) -> None:
    """Also on the one that http.client keeps alive while it is recorded."""
    with Recorder(tape, "once"), closing(http.client.HTTPConnection(service.url[7:], timeout=5)) as connection:
        connection.request("GET", "/a")
        connection.getresponse().read()
        connection.sock.settimeout(0.05)
        connection.request("GET", "/slow?seconds=0.2")
        with pytest.raises(TimeoutError):
            connection.getresponse()


def test_a_connection_may_be_set_up_before_it_is_used(service: Service, tape: Path) -> None:
    """What is set on the socket of http.client counts as soon as there is a real one, and is no error in replay."""
    for mode in ("once", "none"):
        with Recorder(tape, mode), closing(http.client.HTTPConnection(service.url[7:], timeout=5)) as connection:
            connection.connect()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.sock.settimeout(0.05)
            connection.request("GET", "/a")
            connection.getresponse().read()
            if mode == "once":
                real = connection.sock.real  # type: ignore[union-attr]
                assert real.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
                assert real.gettimeout() == 0.05


def test_a_connection_of_http_client_can_be_used_again_after_a_failure(service: Service, tape: Path) -> None:
    """It connects anew, as it does live."""

    def outcomes() -> list[object]:
        found: list[object] = []
        with closing(http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=5)) as connection:
            for path in ("/a", "/gone", "/b", "/reset", "/c"):
                try:
                    connection.request("GET", path)
                    found.append(connection.getresponse().read())
                except OSError as error:
                    found.append(type(error))
        return found

    live = outcomes()
    assert [type(each) for each in live] == [bytes, type, bytes, type, bytes]
    with Recorder(tape, "once"):
        assert outcomes() == live
    with Recorder(tape):
        assert outcomes() == live


def test_an_answer_of_http_client_can_be_looked_into(service: Service, tape: Path) -> None:
    """Its first bytes are seen and are still there to be read, live and in replay."""
    for mode in ("once", "none"):
        with Recorder(tape, mode), closing(http.client.HTTPConnection(service.url[7:], timeout=5)) as connection:
            connection.request("GET", "/a")
            answer = connection.getresponse()
            assert answer.peek(1)[:1] == answer.read()[:1] == b"{"


@pytest.mark.parametrize("mode", ["rewrite", "none"])
def test_a_pool_that_blocks_gets_its_connection_back(service: Service, tape: Path, mode: str) -> None:
    """A body that was read to its end frees the one connection of a pool, while recording and in replay."""
    with Recorder(tape, "once"), urllib3.PoolManager() as manager:
        for _ in range(3):
            manager.request("GET", f"{service.url}/a")
    with Recorder(tape, mode), urllib3.PoolManager(maxsize=1, block=True) as manager:
        for _ in range(3):
            answer = manager.request("GET", f"{service.url}/a", preload_content=False, pool_timeout=0.1)
            assert b"".join(answer.stream())

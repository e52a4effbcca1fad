"""What a web page, a careless client or an attacker cannot do."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import socket
import threading

import pytest
from tests.emulator.clients import Person

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.gate import LARGEST_BODY, Gate
from acs_chat_testkit.emulator.problems import Problem
from acs_chat_testkit.http import Headers, Request


def raw(emulator: Emulator, data: bytes) -> bytes:
    """The bytes that answer these bytes; the connection is closed then."""
    host, port = emulator.endpoint.removeprefix("http://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


@pytest.mark.parametrize("host", ["evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "localhost."])
def test_a_name_that_is_not_this_machines_is_refused(alice: Person, host: str) -> None:
    """A page that rebinds its own name to loopback is told apart by the Host header."""
    assert alice.call("GET", "/chat/threads", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:8", "chat.localhost"])
def test_this_machines_names_are_fine_and_stand_in_the_links(alice: Person, host: str) -> None:
    """Links and Location start with the scheme and host that the client used."""
    answer = alice.call("POST", "/chat/threads", {"topic": "T"}, headers={"Host": host})
    assert answer.headers["location"].startswith(f"http://{host}/chat/threads/19%3A")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1.evil.example"},
        {"Origin": "http://[oops"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_web_page_is_refused(alice: Person, headers: dict[str, str]) -> None:
    """Even with a good token, and nothing happens."""
    answer = alice.call("POST", "/chat/threads", {"topic": "T"}, headers=headers)
    assert answer.status_code == 403
    assert alice.get("/chat/threads") == {"value": []}


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1"])
def test_a_page_of_this_machine_may_call(alice: Person, origin: str) -> None:
    """A front end under development is no stranger."""
    assert alice.call("GET", "/chat/threads", headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize("lines", ["", "Host: localhost\r\nHost: localhost\r\n", "Host: \r\n", "Host: a/b\r\n",
    "Host: [\r\n", "Host: a b\r\n"])  # fmt: skip
def test_a_request_needs_one_valid_host(emulator: Emulator, lines: str) -> None:
    """None, two or a broken one: 400 in the envelope."""
    answer = raw(emulator, f"GET /chat/threads?api-version=2024-03-07 HTTP/1.1\r\n{lines}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"CommunicationError" in answer


def test_bodies_are_bounded(alice: Person) -> None:
    """One byte beyond the bound is 413, with or without a length said before; the connection stays usable."""
    thread = alice.create_thread()
    for body in (b"x" * (LARGEST_BODY + 1), iter([b"x" * 65536] * (LARGEST_BODY // 65536 + 1))):
        answer = alice.session.post(
            f"{alice.emulator.endpoint}{thread}/messages?api-version=2024-03-07",
            data=body,
            headers={"Authorization": f"Bearer {alice.token}"},
            timeout=10,
        )
        assert (answer.status_code, answer.json()["CommunicationError"]["Code"]) == (413, "RequestTooLarge")
        assert len(alice.get(f"{thread}/messages")["value"]) == 2


def test_an_endless_body_is_refused_before_its_end(emulator: Emulator) -> None:
    """The answer comes as soon as the bound is passed, while the client would still go on sending."""
    host, port = emulator.endpoint.removeprefix("http://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"POST /chat/threads HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(LARGEST_BODY // 65536 + 1):
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"GET /", b"x" * 65536),
        (b"GET / HTTP/1.1\r\nX-Endless: ", b"x" * 65536),
        (b"GET / HTTP/1.1\r\n", b"X-More: y\r\n" * 6000),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: y\r\n" * 6000),
    ],
    ids=["target", "header", "headers", "trailers"],
)
def test_an_endless_head_or_trailer_is_broken_off(emulator: Emulator, start: bytes, more: bytes) -> None:
    """The connection ends soon: nothing grows in memory until the client is tired."""
    host, port = emulator.endpoint.removeprefix("http://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(start)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(more * 1000)


def test_nothing_is_ever_decompressed(alice: Person) -> None:
    """A compressed body, a bomb or not, is 415."""
    answer = alice.session.post(
        f"{alice.emulator.endpoint}{alice.create_thread()}/messages?api-version=2024-03-07",
        data=gzip.compress(b"0" * 10_000_000),
        headers={"Authorization": f"Bearer {alice.token}", "Content-Encoding": "gzip"},
        timeout=10,
    )
    assert answer.status_code == 415


def test_targets_and_headers_are_bounded(alice: Person) -> None:
    """414 and 431."""
    assert alice.call("GET", "/chat/threads?startTime=" + "1" * 9000).status_code == 414
    assert alice.call("GET", "/chat/threads", headers={"X-Much": "x" * 33_000}).status_code == 431


@pytest.mark.parametrize("target", ["/../chat/threads", "/chat/./threads", "//chat/threads", "/chat%2Fthreads",
    "/chat/threads/..%2f..%2fetc%2fpasswd", "/chat/threads/%00", "*", "/chat/threads/19:a@thread.v2/", "/%2e%2e/x",
    "/chat/threads/19:a@thread.v2/messages/%2e%2e", "http://evil.example/x"])  # fmt: skip
def test_path_tricks_lead_nowhere(emulator: Emulator, target: str) -> None:
    """Always a 4xx in the envelope."""
    token = emulator.issue_token(emulator.create_user())
    head = f"GET {target}?api-version=2024-03-07 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    answer = raw(emulator, head.encode())
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 "))
    assert b"CommunicationError" in answer


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100,
        b"GET\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_400_without_a_trace(emulator: Emulator, data: bytes) -> None:
    """The server's own refusal, with no word about its insides."""
    answer = raw(emulator, data)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 "))
    assert b"Traceback" not in answer


def test_an_emulator_for_the_network_says_so_and_takes_other_names() -> None:
    """Listening beyond loopback is a decision; the Origin is checked all the same."""
    request = Request("GET", "http://emulator:80/", Headers({"host": "emulator:80"}))
    Gate("0.0.0.0").check(request)
    for loopback in ("127.0.0.1", "LOCALHOST"):
        with pytest.raises(Problem):
            Gate(loopback).check(request)
    with pytest.raises(Problem):
        Gate("0.0.0.0").check(
            Request("GET", request.url, Headers({**request.headers, "origin": "https://evil.example"}))
        )
    with Emulator("0.0.0.0") as emulator:
        assert emulator.beyond_loopback
        assert emulator.endpoint.startswith("http://127.0.0.1:")
        host, port = emulator.endpoint.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        connection.request("GET", "/testkit/health", headers={"Host": "emulator"})
        assert json.loads(connection.getresponse().read()) == {"status": "ok"}
        connection.close()


def test_no_log_has_a_secret(
    alice: Person, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither token nor text of a request is in any log record or on the terminal."""
    caplog.set_level(logging.DEBUG)
    thread = alice.create_thread()
    alice.send(thread, "a very private text")
    raw(alice.emulator, f"nonsense {alice.token}\r\n\r\n".encode())
    written = caplog.text + "".join(capfd.readouterr())
    assert alice.token not in written
    assert "a very private text" not in written


def test_a_broken_off_request_harms_nobody(alice: Person) -> None:
    """Half a body, and the client is gone: the next one is answered, and no thread is left behind."""
    before = threading.active_count()
    head = "POST /chat/threads?api-version=2024-03-07 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
    raw(alice.emulator, f"{head}Authorization: Bearer {alice.token}\r\n\r\n{{".encode())
    assert alice.get("/chat/threads") == {"value": []}
    assert threading.active_count() == before

"""What a failed connection raises: in replay the same as live, down to what the operating system said."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.recording.clients import CLIENTS, Client
from tests.recording.service import Service, serving

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import Cassette, Header, Interaction, Recorder, load
from acs_chat_testkit.recording.serializer import dump
from acs_chat_testkit.recording.take import Take

client = pytest.mark.parametrize("send", CLIENTS.values(), ids=CLIENTS)


@contextmanager
def busy() -> Iterator[str]:
    """A service that takes no more connections."""
    with ExitStack() as stack:
        host, port = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0)).getsockname()
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield f"http://{host}:{port}/"


@contextmanager
def down() -> Iterator[str]:
    """A service that has ended."""
    with serving() as service:
        url = service.url
    yield f"{url}/"


@contextmanager
def at(path: str) -> Iterator[str]:
    """A service that fails in this way."""
    with serving() as service:
        service.go_on.clear()
        yield service.url + path


@contextmanager
def untrusted() -> Iterator[str]:
    """A service whose certificate nobody vouches for."""
    with Emulator() as emulator:
        yield f"{emulator.https_endpoint}/"


@contextmanager
def plain() -> Iterator[str]:
    """A service that speaks no TLS."""
    with serving() as service:
        yield f"{service.url.replace('http:', 'https:')}/"


@contextmanager
def nameless() -> Iterator[str]:
    """A service whose name is unknown."""
    yield "http://name.invalid/"


FAILURES: dict[str, tuple[Callable[[], AbstractContextManager[str]], float, set[str]]] = {
    "refused": (down, 5.0, {"refused"}),
    "reset before the answer": (lambda: at("/reset"), 5.0, {"reset"}),
    "closed before the answer": (lambda: at("/gone"), 5.0, {"disconnected"}),
    "answered with no HTTP": (lambda: at("/garbled"), 5.0, {"no http", "disconnected"}),
    "closed in the body": (lambda: at("/broken?length=1"), 5.0, {"cut off"}),
    "closed between chunks": (lambda: at("/broken"), 5.0, {"cut off", "unfinished"}),
    "no chunk between chunks": (lambda: at("/broken?odd=1"), 5.0, {"cut off", "no chunk", "no http"}),
    "silent before the connection": (busy, 0.1, {"connect timeout", "timeout"}),
    "silent before the answer": (lambda: at("/waiting"), 0.1, {"read timeout", "timeout"}),
    "silent in the body": (lambda: at("/large"), 0.2, {"stalled", "timeout"}),
    "unknown host": (nameless, 5.0, {"no address"}),
    "untrusted certificate": (untrusted, 5.0, {"certificate"}),
    "no TLS": (plain, 5.0, {"tls"}),
}
"""Failures, with a time-out in seconds, and with the words that a recording may have for each."""


def said(error: BaseException) -> list[object]:
    """What a program can tell an error by: classes and numbers, its own and those of what it was made of."""
    found: list[object] = []
    each: BaseException | None = error
    while each is not None:
        found.append((type(each), getattr(each, "errno", None)))
        each = next(
            (
                inner
                for inner in (getattr(each, "reason", None), getattr(each, "inner_exception", None), *each.args[::-1])
                if isinstance(inner, Exception)
            ),
            None,
        )
    return found


@pytest.mark.parametrize("failure", FAILURES)
@client
def test_a_failure_is_replayed_as_it_was(
    service: Service, tape: Path, send: Client, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Class and number of an error, and of what it was made of, are those that the client raises without a recorder."""
    failing, seconds, words = FAILURES[failure]
    monkeypatch.setattr("tests.recording.clients.TIMEOUT", seconds)
    with failing() as url:

        def outcome() -> list[object]:
            with pytest.raises(Exception) as caught:  # noqa: PT011
                send("GET", url, b"", [])
            return said(caught.value)

        live = outcome()
        with Recorder(tape, "once") as recorder:
            send("GET", f"{service.url}/a", b"", [])
            assert outcome() == live
    with Recorder(tape) as player:
        send("GET", f"{service.url}/a", b"", [])
        assert outcome() == live
    assert player.counts["replayed"] == recorder.counts["recorded"] > 1
    failed = load(tape).interactions[1:]
    assert {each.error for each in failed} <= words
    assert {each.response for each in failed} == {None}


def test_what_a_program_is_handling_is_no_part_of_a_failure() -> None:
    """Who tries again because a connection was refused has a failure of another kind the second time."""
    take = Take(Request("GET", "http://service.example/"))
    try:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    except ConnectionRefusedError:
        with pytest.raises(OSError), take.failing([(OSError, "reset")]):  # noqa: PT011
            os.close(-1)
    assert take.error == "reset"


def test_a_connection_that_failed_gives_no_answer_to_read_later(tape: Path) -> None:
    """Whoever streams learns of it where the request is sent."""
    tape.parent.mkdir()
    failed = Interaction(Request("GET", "https://a.example/"), None, "refused")
    tape.write_text(dump(Cassette((failed,), Header())), encoding="utf-8")
    with Recorder(tape), httpx.Client() as client, pytest.raises(httpx.ConnectError):
        client.send(client.build_request("GET", "https://a.example/"), stream=True)

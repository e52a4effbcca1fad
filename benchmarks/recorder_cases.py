"""What is timed of a recorder: each case sets up and returns the call to time."""

from __future__ import annotations

import base64
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from benchmarks.recorder_peers import (
    GOT,
    HOST,
    Call,
    Canned,
    Exchange,
    Recorder,
    gets,
    guarded,
    installed,
    new_session,
    posts,
)

OPEN = ExitStack()
"""What stays open as long as the process lives."""


@dataclass
class Replay:
    """The next request of a cassette, over a session that stays.

    A large cassette starts in its middle, where a recorder that looks through all of it is neither at its best nor at
    its worst; one that is played to its end is opened again, which is not timed.
    """

    recorder: Recorder
    exchanges: Sequence[Exchange]
    body: bool
    _left: Iterator[Exchange] = field(default_factory=lambda: iter(()))
    _number: int = 0
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self._path = self.recorder.path("replay")
        self.recorder.write(self._path, self.exchanges)

    def prepare(self, number: int) -> None:
        """Opens the cassette where less than so many requests are left in it."""
        if self._number < number:
            self._open.close()
            self._session = new_session()
            self._open.enter_context(self.recorder.replay(self._path, self._session, body=self.body))
            start = len(self.exchanges) // 2 if len(self.exchanges) >= 1000 else 0
            self._left, self._number = iter(self.exchanges[start:]), len(self.exchanges) - start
        self._number -= number

    def __call__(self) -> object:
        """One request, and its answer read."""
        each = next(self._left)
        headers = {"Content-Type": "application/json"} if each.sent else None
        answer = self._session.request(each.method, each.url, data=each.sent or None, headers=headers)
        assert answer.status_code == 200
        return answer.content


def at_its_best() -> Call:
    """A request to a cassette that holds no other one."""
    recorder, session = installed(), new_session()
    path = recorder.path("best")
    exchanges = gets(1)
    recorder.write(path, exchanges)
    OPEN.enter_context(recorder.repeating(path))
    return lambda: session.get(exchanges[0].url).content


def missing(number: int) -> Call:
    """A request that a cassette does not hold, to the error that the client raises."""
    recorder, session = installed(), new_session()
    path = recorder.path("miss")
    recorder.write(path, gets(number))
    OPEN.enter_context(recorder.replay(path, session))

    def miss() -> None:
        with suppress(Exception):
            session.get(f"{HOST}/messages/{number // 2}?page=2")
            raise SystemExit("something answered")

    return miss


class FirstMiss:
    """The first request that a cassette with many bodies at one address does not hold, to the client's error."""

    def __init__(self, number: int) -> None:
        self._recorder, self._open = installed(), ExitStack()
        self._path = self._recorder.path("bodies")
        self._recorder.write(self._path, posts(number))

    def prepare(self, _number: int) -> None:
        """Opens the cassette anew."""
        self._open.close()
        self._session = new_session()
        self._open.enter_context(self._recorder.replay(self._path, self._session, body=True))

    def __call__(self) -> None:
        """One request, and its error."""
        with suppress(Exception):
            self._session.post(
                f"{HOST}/messages",
                b'{"content": "another", "type": "text"}',
                headers={"Content-Type": "application/json"},
            )
            raise SystemExit("something answered")


def opened(number: int) -> Call:
    """A large cassette, opened to replay it and closed."""
    recorder = installed()
    path = recorder.path("large")
    recorder.write(path, gets(number, 1300))

    def load() -> None:
        with recorder.replay(path, requests.Session()):
            pass

    return load


def written(number: int) -> Call:
    """From exchanges in hand to a cassette on disk."""
    recorder, exchanges = installed(), gets(number)
    return lambda: recorder.write(recorder.path("new"), exchanges)


class Closed:
    """A recording that is closed, and so written; what was recorded is not timed."""

    def __init__(self, number: int) -> None:
        self._recorder, self._exchanges = installed(), gets(number)

    def prepare(self, _number: int) -> None:
        """Records anew."""
        self._open = self._recorder.taken(self._recorder.path("closed"), self._exchanges)

    def __call__(self) -> None:
        """Closes it."""
        self._open.close()


class Sdk:
    """A message of our SDK over requests: replayed, or over an adapter that returns canned bytes."""

    THREAD = "19:00000000000000000000000000000001@thread.v2"
    MESSAGES = 2000
    ANSWER = b'{"id": "1"}'

    def __init__(self, *, canned: bool) -> None:
        self._canned = canned
        self._path = Path(tempfile.mkdtemp()) / "sdk.yaml"
        self._open = ExitStack()
        self._number = self._next = 0
        if not canned:
            self._record()

    def _record(self) -> None:
        """What the SDK sends, in a cassette."""
        from acs_chat_testkit.chat_profile import chat_profile
        from acs_chat_testkit.http import Headers, Request, Response
        from acs_chat_testkit.recording import Recorder as Ours
        from acs_chat_testkit.recording.active import outside

        with Ours(self._path, "rewrite", profile=chat_profile()) as recorder, outside():

            class Recording(Canned):
                def send(self, request: requests.PreparedRequest, *_: Any, **_options: Any) -> requests.Response:
                    headers = Headers((name, str(value)) for name, value in request.headers.items())
                    body = request.body.encode() if isinstance(request.body, str) else request.body
                    take = recorder.take(Request(str(request.method), str(request.url), headers, body or b""))
                    take.keep(Response(201, Headers(GOT), Sdk.ANSWER, "Created"))
                    return super().send(request)

            thread = self._client(Recording(self.ANSWER, 201))
            for number in range(self.MESSAGES):
                thread.send_message(f"hello {number}")

    def _client(self, adapter: HTTPAdapter | None) -> Any:
        from azure.core.pipeline.transport import RequestsTransport

        from acs_chat_testkit.chat_profile import ENDPOINT
        from azure.communication import chat

        session = new_session()
        if adapter is not None:
            session.mount("https://", adapter)
        transport = RequestsTransport(session=session, session_owner=False, use_env_settings=False)
        claims = base64.b64encode(json.dumps({"exp": int(time.time()) + 86400}).encode()).decode().rstrip("=")
        token = chat.CommunicationTokenRefreshOptions(f"eyJhbGciOiJub25lIn0.{claims}.c2ln")
        credential = chat.CommunicationTokenCredential(token)
        return chat.ChatThreadClient(ENDPOINT, credential, self.THREAD, transport=transport)

    def prepare(self, number: int) -> None:
        """Opens the cassette again where it does not hold so many more."""
        if self._number < number:
            self._open.close()
            if not self._canned:
                from acs_chat_testkit.chat_profile import chat_profile

                self._open.enter_context(guarded(self._path, profile=chat_profile()))
            self._thread = self._client(Canned(self.ANSWER, 201) if self._canned else None)
            self._number, self._next = self.MESSAGES, 0
        self._number -= number

    def __call__(self) -> object:
        """The next message."""
        self._next += 1
        return self._thread.send_message(f"hello {self._next - 1}")


SIZES = (100, 1000, 2500, 10000)
CASES: dict[str, Callable[[], Call]] = {
    **{f"get-{size}": partial(lambda size: Replay(installed(), gets(size), body=False), size) for size in SIZES},
    **{f"post-{size}": partial(lambda size: Replay(installed(), posts(size), body=True), size) for size in SIZES},
    "get-canned": lambda: Replay(Recorder(), gets(1000), body=False),
    "post-canned": lambda: Replay(Recorder(), posts(1000), body=True),
    "get-best": at_its_best,
    "miss-10000": partial(missing, 10000),
    "miss-bodies-10000": partial(FirstMiss, 10000),
    "open-3000": partial(opened, 3000),
    "open-6000": partial(opened, 6000),
    "record-1000": partial(written, 1000),
    "close-1000": lambda: Closed(1000),
    "store-1000": lambda: installed().stored(gets(1000)),
    "more-100": lambda: installed().one_more(gets(100)),
    "more-10000": lambda: installed().one_more(gets(10000)),
    "sdk-replayed": lambda: Sdk(canned=False),
    "sdk-canned": lambda: Sdk(canned=True),
}

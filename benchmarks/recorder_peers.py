"""The recorders that are timed: ours, vcrpy, betamax and cassetter, and an adapter that is none.

It needs the standard library, requests and the recorder alone, because each lives in an environment of its own. Every
recorder writes the cassettes that it replays itself, from one and the same exchanges and with its default settings;
ours redacts them, and its guard is on.
"""

from __future__ import annotations

import atexit
import importlib
import io
import itertools
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

HOST = "https://api.example"
JSON = "application/json; charset=utf-8"
SENT = {"User-Agent": "bench/1", "Accept-Encoding": "gzip, deflate", "Accept": "*/*", "Connection": "keep-alive"}
GOT = {
    "Content-Type": JSON,
    "Date": "Wed, 03 Feb 2021 04:05:06 GMT",
    "Server": "Kestrel",
    "api-supported-versions": "2021-03-07, 2024-03-07",
    "Strict-Transport-Security": "max-age=2592000",
    "MS-CV": "aaaaaaaaaaaaaaaaaaaaaa.0",
    "X-Processing-Time": "12ms",
}
WORDS = "some words in it, as people write them, "
Call = Callable[[], object]


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    method: str
    url: str
    sent: bytes
    got: bytes

    @property
    def request_headers(self) -> Mapping[str, str]:
        """The fields that requests would send."""
        return (
            {**SENT, "Content-Length": str(len(self.sent)), "Content-Type": "application/json"} if self.sent else SENT
        )


def message(number: int, size: int) -> bytes:
    """A chat message of about this many bytes, as the service writes it."""
    stamp = str(1612325106000 + number)
    text = f"message number {number} with " + WORDS * (size // len(WORDS) + 1)
    value = {
        "id": stamp,
        "type": "text",
        "sequenceId": str(number),
        "version": stamp,
        "content": {"message": text[: max(size - 200, 20)]},
        "senderDisplayName": f"Person {number % 40}",
        "createdOn": "2021-02-03T04:05:06Z",
    }
    return json.dumps(value).encode()


def gets(number: int, size: int = 500) -> list[Exchange]:
    """So many requests, each with an address of its own."""
    return [Exchange("GET", f"{HOST}/messages/{each}?page=1", b"", message(each, size)) for each in range(number)]


def posts(number: int, size: int = 500) -> list[Exchange]:
    """So many requests to one address, each with a body of its own."""
    bodies = [json.dumps({"content": f"text {each}", "type": "text"}).encode() for each in range(number)]
    return [Exchange("POST", f"{HOST}/messages", body, message(each, size)) for each, body in enumerate(bodies)]


def unseen() -> list[Exchange]:
    """Exchanges that no recording of these cases has seen: what was seen before is cheaper."""
    return gets(25_000)[20_000:]


class Recorder:
    """What a case needs of a recorder; this one is none: an adapter that returns canned bytes."""

    suffix = ".none"

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp())

    def path(self, name: str) -> Path:
        """The file of a cassette."""
        return self.home / f"{name}{self.suffix}"

    def write(self, path: Path, exchanges: Sequence[Exchange]) -> None:
        """Puts exchanges that are in hand into a file."""

    def replay(self, path: Path, session: requests.Session, *, body: bool = False) -> AbstractContextManager[Any]:
        """Answers a session from a cassette; `body` asks for bodies to be compared where that is no default."""
        session.mount("https://", Canned(message(1, 500)))
        return nullcontext()


class Canned(HTTPAdapter):
    """Returns the same bytes to every request."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        super().__init__()
        self._body, self._status = body, status

    def send(self, request: requests.PreparedRequest, *_: Any, **_options: Any) -> requests.Response:
        """The canned answer."""
        raw = HTTPResponse(io.BytesIO(self._body), GOT, self._status, reason="OK", preload_content=False)
        return self.build_response(request, raw)


class Ours(Recorder):
    """acs_chat_testkit."""

    suffix = ".yaml"

    def _values(self, each: Exchange) -> tuple[Any, Any]:
        from acs_chat_testkit.http import Headers, Request, Response

        request = Request(each.method, each.url, Headers(each.request_headers), each.sent)
        return request, Response(200, Headers(GOT), each.got, "OK")

    def _recorder(self, path: Path) -> Any:
        from acs_chat_testkit.recording import Recorder
        from acs_chat_testkit.recording.profile import Profile

        return Recorder(path, "rewrite", profile=Profile())  # rules of its own remember no text of another recording

    def write(self, path: Path, exchanges: Sequence[Exchange]) -> None:
        """As the recorder does: redacts, writes the journal, looks at it once more, and stores it."""
        self.taken(path, exchanges).close()

    def taken(self, path: Path, exchanges: Sequence[Exchange]) -> ExitStack:
        """A recording that is still open; it is written when it is closed."""
        path.unlink(missing_ok=True)  # one that says the same is not written again
        stack = ExitStack()
        recorder = stack.enter_context(self._recorder(path))
        for each in exchanges:
            request, response = self._values(each)
            recorder.take(request).keep(response)
        return stack

    def replay(self, path: Path, session: requests.Session, *, body: bool = False) -> AbstractContextManager[Any]:
        """Bodies are compared anyway."""
        return guarded(path)

    def stored(self, exchanges: Sequence[Exchange]) -> Call:
        """From redacted interactions in hand to the file."""
        from acs_chat_testkit.recording import serializer, store

        path = self.path("stored")
        self.write(path, exchanges)
        loaded = store.load(path)
        cassette = type(loaded)(tuple(loaded.interactions), loaded.header)
        return lambda: store.replace(path, serializer.dump(cassette))

    def one_more(self, exchanges: Sequence[Exchange]) -> Call:
        """One more into a recording that goes on."""
        recorder = self._recorder(self.path("more"))
        recorder.open()
        atexit.register(recorder.close, keep=False)

        def take(request: Any, response: Any) -> None:
            recorder.take(request).keep(response)

        for each in exchanges:
            take(*self._values(each))
        more = itertools.cycle(map(self._values, unseen()))
        return lambda: take(*next(more))


@contextmanager
def guarded(path: Path, **options: Any) -> Iterator[Any]:
    """Our recorder in replay, with the guard on."""
    from acs_chat_testkit.recording import Recorder
    from acs_chat_testkit.recording.block import blocked
    from acs_chat_testkit.recording.counts import Counts
    from acs_chat_testkit.recording.guard import Guard

    with Recorder(path, **options) as recorder, blocked(Guard(Counts())):
        yield recorder


class Vcrpy(Recorder):
    """vcrpy, alone or below pytest-recording and pytest-vcr."""

    suffix = ".yaml"

    def _vcr(self) -> Any:
        return importlib.import_module("vcr")

    def _append(self, cassette: Any, exchanges: Sequence[Exchange]) -> None:
        made = importlib.import_module("vcr.request").Request
        for each in exchanges:
            request = made(each.method, each.url, each.sent or None, dict(each.request_headers))
            headers = {name: [value] for name, value in GOT.items()}
            status = {"code": 200, "message": "OK"}
            cassette.append(request, {"status": status, "headers": headers, "body": {"string": each.got}})

    def write(self, path: Path, exchanges: Sequence[Exchange]) -> None:
        """By its own cassette."""
        self.taken(path, exchanges).close()

    def taken(self, path: Path, exchanges: Sequence[Exchange]) -> ExitStack:
        """A recording that is still open; it is written when it is closed."""
        path.unlink(missing_ok=True)
        stack = ExitStack()
        self._append(stack.enter_context(self._vcr().use_cassette(str(path))), exchanges)
        return stack

    def replay(self, path: Path, session: requests.Session, *, body: bool = False) -> AbstractContextManager[Any]:
        """Bodies are compared when asked for."""
        matchers = ["method", "scheme", "host", "port", "path", "query"] + ["body"] * body
        context: AbstractContextManager[Any] = self._vcr().use_cassette(
            str(path), record_mode="none", match_on=matchers
        )
        return context

    def repeating(self, path: Path) -> AbstractContextManager[Any]:
        """With its option for that."""
        context: AbstractContextManager[Any] = self._vcr().use_cassette(
            str(path), record_mode="none", allow_playback_repeats=True
        )
        return context

    def stored(self, exchanges: Sequence[Exchange]) -> Call:
        """From interactions in hand to the file."""
        path = self.path("stored")
        cassette = importlib.import_module("vcr.cassette").Cassette(str(path))
        self._append(cassette, exchanges)
        return lambda: cassette._save(force=True)

    def one_more(self, exchanges: Sequence[Exchange]) -> Call:
        """One more into a recording that goes on."""
        cassette = importlib.import_module("vcr.cassette").Cassette(str(self.path("more")))
        self._append(cassette, exchanges)
        more = itertools.cycle(unseen())
        return lambda: self._append(cassette, [next(more)])


class Betamax(Recorder):
    """betamax."""

    suffix = ".json"

    def write(self, path: Path, exchanges: Sequence[Exchange]) -> None:
        """In its layout."""

        def body(data: bytes) -> dict[str, str]:
            return {"encoding": "utf-8", "string": data.decode()}

        interactions = [
            {
                "recorded_at": "2021-02-03T04:05:06",
                "request": {
                    "body": body(each.sent),
                    "headers": {name: [value] for name, value in each.request_headers.items()},
                    "method": each.method,
                    "uri": each.url,
                },
                "response": {
                    "body": body(each.got),
                    "headers": {name: [value] for name, value in GOT.items()},
                    "status": {"code": 200, "message": "OK"},
                    "url": each.url,
                },
            }
            for each in exchanges
        ]
        path.write_text(json.dumps({"http_interactions": interactions, "recorded_with": "betamax/0.9.0"}), "utf-8")

    def replay(self, path: Path, session: requests.Session, *, body: bool = False) -> AbstractContextManager[Any]:
        """Bodies are compared when asked for."""
        made = importlib.import_module("betamax").Betamax(session, cassette_library_dir=str(path.parent))
        context: AbstractContextManager[Any] = made.use_cassette(
            path.stem, record="none", match_requests_on=["method", "uri"] + ["body"] * body
        )
        return context


class Cassetter(Recorder):
    """cassetter."""

    suffix = ".yaml"

    def write(self, path: Path, exchanges: Sequence[Exchange]) -> None:
        """By its own cassette."""
        path.unlink(missing_ok=True)
        core = importlib.import_module("cassetter._core")
        cassette = core.Cassette()
        for each in exchanges:
            sent = core.Body("json", json.loads(each.sent)) if each.sent else None
            headers = {name: [value] for name, value in each.request_headers.items()}
            request = core.HttpRequest(each.method, each.url, headers, sent)
            got = core.Body("json", json.loads(each.got))
            response = core.HttpResponse(200, {name: [value] for name, value in GOT.items()}, got)
            cassette.add_interaction(core.HttpInteraction(request, response, "2021-02-03T04:05:06Z"))
        cassette.save(str(path))

    def replay(self, path: Path, session: requests.Session, *, body: bool = False) -> AbstractContextManager[Any]:
        """Bodies are compared when asked for."""
        options: dict[str, Any] = {"match_on": ["method", "uri", "body"]} if body else {}
        context: AbstractContextManager[Any] = importlib.import_module("cassetter").use_cassette(
            str(path), record_mode="none", **options
        )
        return context


def installed() -> Any:
    """The recorder of this environment."""
    kinds = {"acs_chat_testkit": Ours, "betamax": Betamax, "cassetter": Cassetter, "vcr": Vcrpy}
    return next(kind for module, kind in kinds.items() if find_spec(module))()


def new_session() -> requests.Session:
    """A session that does not look proxies up in the environment: that costs more than the replay itself."""
    session = requests.Session()
    session.trust_env = False
    return session

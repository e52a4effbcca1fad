"""HTTP/1.1 as it is on the wire (RFC 9112): what the doors of http.client, urllib3 and requests share."""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import clock, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.failures import Failures
from acs_chat_testkit.recording.lineage import keep_from_threads
from acs_chat_testkit.recording.take import Take

FAILURES: Failures = ((TimeoutError, "stalled"), (OSError, "cut off"))
"""How the rest of an answer may fail to come."""

address: ContextVar[tuple[str, object]] = ContextVar("acs_chat_testkit_address", default=("", None))
"""The address as a client writes it, for a door below it that gets but its parts, and what it knows the request by."""
keep_from_threads(address, ("", None))

STREAMS = ("text/event-stream", "application/x-ndjson", "application/stream+json", "application/jsonl")
"""Media types whose pieces arrive over time, so that their sizes are kept."""

LARGEST_REST = 8 * 1024 * 1024
"""So many bytes that a client leaves unread are read for the recording, where it is known how many there are."""
PATIENCE = 1.0
"""Seconds that this may take, and that each piece of them may."""


def rest(headers: Headers, length: int, read: int) -> int:
    """How many bytes of a body are to be read for the recording alone, after its client has read some of it."""
    return length - read if 0 < length - read <= LARGEST_REST and not is_stream(headers) else 0


def is_stream(headers: Headers) -> bool:
    """Whether the pieces of a body mean something to its reader."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() in STREAMS


def fields(pairs: Iterable[tuple[Any, Any]]) -> Headers:
    """Header fields as a client has them; botocore has values in bytes."""
    return Headers([(_text(name), _text(value)) for name, value in pairs])


def _text(part: Any) -> str:
    if type(part) is str:
        return part
    return part.decode("latin-1") if isinstance(part, bytes) else str(part)


class Tap:
    """Stands in the place of a response's file and keeps a copy of all that is read, as it is read.

    Args:
        original: A response of http.client, of which nothing is read but its head.
        take: Where the response belongs.
        response: Its head; the body comes later.
    """

    def __init__(self, original: Any, take: Take, response: Response) -> None:
        self._file = original.fp
        self._take = take
        self._response = response
        self._chunked = bool(original.chunked)
        self._length = original.length or 0
        self._wire: list[bytes] = []
        self._ended = False
        # What has come of a stream is worth something, and for some clients silence is its end.
        self._failures = () if is_stream(response.headers) else FAILURES
        take.later(self._finish)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Tap:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, *args: Any) -> bytes:
        """As the file does."""
        data = self._keep(self._reading(self._file.read, *args))
        self._ended |= bool(args) and args[0] is not None and len(data) < args[0]
        return data

    def read1(self, *args: Any) -> bytes:
        """As the file does."""
        return self._some(self._reading(self._file.read1, *args))

    def readline(self, *args: Any) -> bytes:
        """As the file does."""
        return self._some(self._reading(self._file.readline, *args))

    def readinto(self, buffer: Any) -> int:
        """As the file does."""
        number: int = self._reading(self._file.readinto, buffer)
        self._some(bytes(memoryview(buffer)[:number]))
        return number

    def _reading(self, read: Callable[..., Any], *args: Any) -> Any:
        with self._take.failing(self._failures):
            return read(*args)

    def close(self) -> None:
        """The response was read to its end, or given up."""
        try:
            if not self._take.complete:
                self._read_on()
        finally:
            self._file.close()
            self._take.finish()

    def _read_on(self) -> None:
        """What the client leaves unread is in the recording, too, where it comes soon."""
        left = rest(self._response.headers, self._length, sum(map(len, self._wire)))
        end = clock.now() + int(PATIENCE * clock.SECOND)
        # Where there is no socket below, or it is broken, there is no more than what was read.
        with suppress(AttributeError, OSError, ValueError), _waiting(self._file.raw._sock, PATIENCE):
            while left and clock.now() < end:
                data = self._keep(self._file.read1(left))
                left = left - len(data) if data else 0

    def _keep(self, data: bytes) -> bytes:
        if data:
            self._wire.append(data)
        return data

    def _some(self, data: bytes) -> bytes:
        self._ended |= not data
        return self._keep(data)

    def _finish(self) -> None:
        head, wire = self._response, b"".join(self._wire)
        try:
            body, sizes = dechunk(wire) if self._chunked else (wire, tuple(map(len, self._wire)))
        except ValueError:
            self._take.fail("no chunk")
            return
        if self._ended and (self._chunked or len(body) < self._length):
            self._take.fail("unfinished" if self._chunked and wire.endswith(b"\r\n") else "cut off")
            return
        pieces = sizes if len(sizes) > 1 and (self._chunked or is_stream(head.headers)) else ()
        self._take.keep(Response(head.status, head.headers, body, head.reason), pieces)


@contextmanager
def _waiting(sock: Any, seconds: float) -> Iterator[None]:
    """A socket that waits no longer than so many seconds."""
    before = sock.gettimeout()
    sock.settimeout(seconds)
    try:
        yield
    finally:
        sock.settimeout(before)


def dechunk(wire: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The body in a chunked coding (RFC 9112, section 7.1) and the sizes of its chunks; what is cut off is left out.

    Raises:
        ValueError: The size of a chunk is no number.
    """
    pieces: list[bytes] = []
    place = 0
    while (end := wire.find(b"\r\n", place)) >= 0:
        size = int(wire[place:end].partition(b";")[0] or b"0", 16)
        piece = wire[end + 2 : end + 2 + size]
        if not piece:
            break
        pieces.append(piece)
        place = end + 2 + size + 2
    return b"".join(pieces), tuple(map(len, pieces))


def split(body: bytes, sizes: Iterable[int]) -> list[bytes]:
    """A body in pieces of these sizes; what is left over is the last piece."""
    pieces, place = [], 0
    for size in sizes:
        pieces.append(body[place : place + size])
        place += size
    return [piece for piece in (*pieces, body[place:]) if piece]


def canned(played: Interaction, method: str) -> http.client.HTTPResponse:
    """What was recorded as http.client reads it from a connection, in chunks where it was recorded in chunks."""
    answer = http.client.HTTPResponse(_Socket(file(played, method)), method=method)  # type: ignore[arg-type]
    answer.begin()
    return answer


def file(played: Interaction, method: str) -> io.BufferedReader:
    """What arrives on a connection in replay.

    Raises:
        Exception: It failed before an answer began.
    """
    if played.response is not None:
        return io.BufferedReader(io.BytesIO(raw(played.response, played.pieces, method)))
    if played.error not in HALVES:
        raise failures.cause(played.error)
    return io.BufferedReader(_Half(HALVES[played.error], silent=played.error == "stalled"))


HALVES = {
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
    "stalled": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
    "unfinished": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n?\r\n",
}
"""How an answer begins that fails in its body, of which nothing is kept, so that it can not pass for a whole one."""


class _Half(io.RawIOBase):
    """A connection that closes, or falls silent, after the head of an answer."""

    def __init__(self, head: bytes, *, silent: bool) -> None:
        self._head = io.BytesIO(head)
        self._silent = silent

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        number = self._head.readinto(buffer)
        if not number and self._silent:
            raise failures.cause("stalled")
        return number


def raw(response: Response, pieces: Sequence[int], method: str) -> bytes:
    """The bytes of a response."""
    bodiless = method == "HEAD" or response.status in (204, 304) or response.status < 200
    fields = response.headers.without("transfer-encoding") if not bodiless else response.headers
    body = response.body
    if not bodiless and (pieces or ("content-length" not in fields and "transfer-encoding" in response.headers)):
        fields = Headers((*fields.without("content-length").fields, ("Transfer-Encoding", "chunked")))
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in split(body, pieces)) + b"0\r\n\r\n"
    elif not bodiless:
        fields = Headers((*fields.without("content-length").fields, ("Content-Length", str(len(body)))))
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {value}" for name, value in fields.fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + (b"" if bodiless else body)


class _Socket:
    """All that http.client wants of a socket to read a response."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file

    def makefile(self, *_: object) -> io.BufferedIOBase:
        return self._file


def read_request(data: bytes, origin: str) -> Request:
    """The request in the bytes that a client wrote.

    Args:
        data: From the request line to the last byte of the body.
        origin: Scheme, host and port of the connection.
    """
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    headers = Headers((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body, _sizes = dechunk(body)
    return Request(method, target if "://" in target else origin + target, headers, body)


def drain(body: Any) -> bytes:
    """A body of any kind that clients take, read to its end."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    if hasattr(body, "read"):
        return drain(body.read())
    return b"".join(drain(piece) for piece in body)

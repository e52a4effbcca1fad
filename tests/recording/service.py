"""A small HTTP service on loopback that does what recorders get wrong."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HALF = bytes(range(256)) * 2048
"""Half of the body that `/large` answers with."""
CHUNKS = (b"data: one\n\n", b"data: two\n\n", b"data: three\n\n")


class Service:
    """A running service.

    Attributes:
        url: Where it listens, without a slash at the end.
        hits: Method and target of every request that arrived, in order of arrival.
        tokens: What `/tokens` answers, and the cookie that it sets.
        go_on: Set to let `/stream` send the chunks after the first one, and `/waiting` answer.
    """

    def __init__(self, family: socket.AddressFamily = socket.AF_INET) -> None:
        host = "::1" if family is socket.AF_INET6 else "127.0.0.1"
        server = type("Server", (ThreadingHTTPServer,), {"address_family": family, "request_queue_size": 128})
        self._server = server((host, 0), _Handler)
        self._server.service = self
        self.hits: list[tuple[str, str]] = []
        self.seen: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.calls: dict[str, int] = {}
        self.tokens: tuple[Any, str] = ({}, "")
        self.go_on = threading.Event()
        self.go_on.set()
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, name: str) -> int:
        """How often this was called, this call included."""
        with self.lock:
            self.calls[name] = self.calls.get(name, 0) + 1
            return self.calls[name]


@contextmanager
def serving(family: socket.AddressFamily = socket.AF_INET) -> Iterator[Service]:
    """A service as long as the block runs."""
    service = Service(family)
    try:
        yield service
    finally:
        service.go_on.set()
        service.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""

    def _any(self) -> None:
        service: Service = self.server.service  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with service.lock:
            service.hits.append((self.command, self.path))
            service.seen.append({"path": self.path, "headers": self.headers.items(), "body": body})
        url = urlsplit(self.path)
        handler = getattr(self, f"_{url.path.split('/')[1].replace('-', '_')}", self._echo)
        handler(service, body, parse_qs(url.query, keep_blank_values=True))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _any

    def _send(
        self, status: int = 200, body: bytes = b"", kind: str | None = "application/json", *more: tuple[str, str]
    ) -> None:
        head = [f"HTTP/1.1 {status} {self.responses[status][0]}"]
        fields = [*([("Content-Type", kind)] if kind else []), *more]
        if not any(name == "Date" for name, _ in more):
            fields.insert(0, ("Date", "Tue, 24 Nov 2026 00:00:00 GMT"))
        if status not in (204, 304):
            fields.append(("Content-Length", str(len(body))))
        head += [f"{name}: {value}" for name, value in fields]
        tail = b"" if self.command == "HEAD" else body
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + tail)

    def _json(self, value: Any, *more: tuple[str, str], status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json", *more)

    def _echo(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._json({"method": self.command, "path": self.path, "body": body.decode("latin-1")})

    def _poll(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        number = service.count("poll")
        self._json({"number": number, "status": "done" if number % 3 == 0 else "running"})

    def _dated(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        number = service.count("dated")
        self._json({}, ("Date", f"Tue, 24 Nov 2026 00:00:{number:02} GMT"), ("x-ms-request-id", f"{number:032x}"))

    def _waiting(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        service.go_on.wait(30)
        self._json({})

    def _quiet(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._json({})

    def _tokens(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._json(service.tokens[0], ("Set-Cookie", f"session={service.tokens[1]}; Path=/"))

    def _fail(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._json({"error": "no"}, status=int(query["status"][0]))

    def _answer(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """Answers with the body it got, under the type it is asked for, in hex: ?hex=...&type=..."""
        self._send(200, bytes.fromhex(query["hex"][0]), query["type"][0])

    def _gzip(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._send(
            200, gzip.compress(b'{"packed": true, "pad": "' + b"x" * 300 + b'"}', 6, mtime=0), "application/json",
            ("Content-Encoding", "gzip"),
        )  # fmt: skip

    def _cut_gzip(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """As of a service that fails while it packs: the length is right, the end of the stream is missing."""
        half = gzip.compress(bytes(range(32, 127)) * 3, 6, mtime=0)[: int(query["bytes"][0])]
        self._send(200, half, "text/plain", ("Content-Encoding", "gzip"))

    def _named(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._send(200, b"in no coding", "text/plain", ("Content-Encoding", query["coding"][0]))

    def _chunked_gzip(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        data = gzip.compress(b"x" * 300, 6, mtime=0)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.wfile.write(b"a\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (data[:10], len(data) - 10, data[10:]))

    def _one_chunk(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        data = gzip.compress(b"x" * 300, 6, mtime=0) if "gzip" in query else b"x" * 300
        coding = b"Content-Encoding: gzip\r\n" if "gzip" in query else b""
        chunk = b"" if self.command == "HEAD" else b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + coding + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)

    def _binary(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._send(200, bytes(range(256)), "application/octet-stream")

    def _latin1(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._send(200, "café £".encode("latin-1"), "text/plain; charset=iso-8859-1")

    def _twice(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        seen = self.headers.get_all("X-Twice") or []
        self._json({"seen": seen}, ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"))

    def _odd(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """Header fields that are no ASCII, empty, or come as often as the service likes."""
        fields = [("X-Latin", "caf\xe9"), ("X-Empty", ""), ("Link", "<a>"), ("Link", "<b>"), ("ETag", 'W/"1"')]
        self._send(200, b"", None, *fields, ("Content-Language", "de"))

    def _wordless(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self.wfile.write(b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n")

    def _accented(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self.wfile.write(b"HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 0\r\n\r\n")

    def _garbled(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """What is no HTTP."""
        self.wfile.write(b"SSH-2.0-x\r\n")
        self.close_connection = True

    def _open_ended(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """A body that ends with the connection."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + query.get("text", [""])[0].encode())
        self.close_connection = True

    def _redirect(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._send(int(query.get("status", ["302"])[0]), b"", None, ("Location", query.get("to", ["/landed"])[0]))

    def _empty(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._send(int(query.get("status", ["204"])[0]), b"", None)

    def _login(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        expires = query.get("expires", ["Wed, 25 Nov 2026 00:00:00 GMT"])[0]
        self._json({}, ("Set-Cookie", f"session=private; Path=/; Expires={expires}"))

    def _undated(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """A cookie of a service without a clock (RFC 9110, section 6.6.1)."""
        cookie = f"Set-Cookie: session=private; Expires={query['expires'][0]}\r\n"
        self.wfile.write(f"HTTP/1.1 200 OK\r\n{cookie}Content-Length: 0\r\n\r\n".encode())

    def _flaky(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        if service.count("flaky") % 3:
            self._json({}, ("Retry-After", "30"), status=503)
        else:
            self._json({"ok": True})

    def _stream(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        coding = b"Content-Encoding: gzip\r\n" if "gzip" in query else b""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        self.wfile.write(head + coding + b"\r\n")
        packer = zlib.compressobj(wbits=31)
        for plain in CHUNKS:
            chunk = packer.compress(plain) + packer.flush(zlib.Z_SYNC_FLUSH) if coding else plain
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
            service.go_on.wait(10)
        self.wfile.write(b"0\r\n\r\n")

    def _reset(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _gone(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self.close_connection = True

    def _broken(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """Ends the connection in the middle of an answer."""
        length = b"Content-Length: 100" if "length" in query else b"Transfer-Encoding: chunked"
        half = b"half of it" if "length" in query else b"a\r\nhalf of it\r\n"
        half += b"no size\r\n" if "odd" in query else b""
        # In one piece: some clients fail elsewhere where the head comes alone.
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + length + b"\r\n\r\n" + half)
        self.wfile.flush()
        self.close_connection = True

    def _large(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        """A body of a known length, whose second half comes when the service may go on."""
        status, kind = query.get("status", ["200 OK"])[0], query.get("type", ["application/octet-stream"])[0]
        self._in_halves(service, f"{status}\r\nContent-Type: {kind}", HALF)

    def _late_error(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self._in_halves(service, "404 Not Found", b"not ")

    def _half_error(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        self.wfile.write(b"HTTP/1.1 500 No\r\nContent-Length: 8\r\n\r\nnot ")
        self.close_connection = True

    def _in_halves(self, service: Service, head: str, half: bytes) -> None:
        self.wfile.write(f"HTTP/1.1 {head}\r\nContent-Length: {2 * len(half)}\r\n\r\n".encode() + half)
        service.go_on.wait(10)
        with suppress(OSError):
            self.wfile.write(half)

    def _slow(self, service: Service, body: bytes, query: dict[str, list[str]]) -> None:
        time.sleep(float(query["seconds"][0]))
        self._json({})

"""The server that a client under test talks to: it answers by a script and keeps what came in."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from acs_chat_testkit.http import Headers, Request, Response

UNEXPECTED = Response(418, Headers({"content-type": "application/json"}), b"{}")


class Listener:
    """Listens on a free port of the loopback address for as long as the context is open.

    Each request takes the next answer of the script; beyond its end comes status 418, which no client retries.
    """

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._lock = threading.Lock()
        self._script: deque[Response] = deque()
        self._seen: list[Request] = []
        self._times: list[float] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """The address of the server, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def elsewhere(self) -> str:
        """The same server under another name: another origin, whose requests are seen all the same."""
        return f"http://localhost:{self._server.server_port}"

    def expect(self, answers: Iterable[Response]) -> None:
        """Starts a new script and forgets what came in before."""
        with self._lock:
            self._script, self._seen, self._times = deque(answers), [], []

    def seen(self) -> list[Request]:
        """What came in since the script began, in this order; each url is the request target as sent."""
        with self._lock:
            return list(self._seen)

    def gaps(self) -> list[float]:
        """The seconds that each request came after the one before it; 0 for the first."""
        with self._lock:
            earlier = [*self._times[:1], *self._times]
            return [after - before for before, after in zip(earlier, self._times, strict=False)]

    def answer(self, request: Request) -> Response:
        """Keeps a request and takes the next answer."""
        with self._lock:
            self._seen.append(request)
            self._times.append(time.monotonic())
            return self._script.popleft() if self._script else UNEXPECTED


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _exchange(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            target = self.requestline.split(" ")[1]  # as sent; self.path has no more than one slash at its beginning
            response = listener.answer(Request(self.command, target, Headers(self.headers.items()), body))
            fields = list(response.headers.fields)
            if response.status != 204:
                fields.append(("content-length", str(len(response.body))))
            head = [f"HTTP/1.1 {response.status} -", *(f"{name}: {value}" for name, value in fields), "", ""]
            self.wfile.write("\r\n".join(head).encode("latin-1") + response.body)

        do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _exchange

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing: the runner judges."""

    return Handler

"""A real HTTP server on loopback that answers what a test tells it to and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from acs_chat_testkit.http import Headers


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: Headers
    body: bytes
    connection: tuple[str, int]

    @property
    def segments(self) -> list[str]:
        """The decoded segments of the path."""
        return [unquote(part) for part in urlsplit(self.target).path.split("/")[1:]]

    @property
    def query(self) -> dict[str, str]:
        """The decoded query."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the server says."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The bytes of the body: bytes as they are, anything else as JSON."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Server:
    """The server; a context manager.

    Args:
        answers: Given in turn, the last one again and again; or a function of the request.
    """

    def __init__(self, *answers: Answer | Callable[[Asked], Answer]) -> None:
        self.answers = list(answers) or [Answer(204)]
        self.asked: list[Asked] = []
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._httpd.daemon_threads = True
        self._thread = threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def endpoint(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._httpd.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> Answer:
        """The answer whose turn it is."""
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Answer) else answer(asked)

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # `self` is the handler below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = server.answer(
                    Asked(self.command, self.path, Headers(list(self.headers.items())), body, self.client_address)
                )
                content = answer.content()
                head = [f"HTTP/1.1 {answer.status} Said"]
                headers = {"Content-Length": str(len(content)), **answer.headers}
                if content:
                    headers.setdefault("Content-Type", "application/json; charset=utf-8")
                head += [f"{name}: {value}" for name, value in headers.items()]
                # one write: headers and body apart would wait for each other (Nagle, delayed ACK)
                self.wfile.write("\r\n".join([*head, "", ""]).encode() + content)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Stays quiet."""

        return Handler

"""The SDK side by side with azure-communication-chat: ``python -m benchmarks.bench_sdk``.

Needs the registry once, to make an environment for each peer below work/benchmarks.
"""

from __future__ import annotations

import os
import ssl
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import certifi
import trustme

from benchmarks.harness import Command, Comparison, Worker, compare, environment, growing, options, processor, publish

CASES = Path(__file__).with_name("sdk_cases.py")
CLOCK = "process_time"  # nothing here waits for anything but the server of the https calls
IMPORT = "from azure.communication.chat import ChatClient"
PEERS = {"1.0.0b4": "azure-communication-chat==1.0.0b4", "1.3.0": "azure-communication-chat==1.3.0"}


class Typing(BaseHTTPRequestHandler):
    """Answers every POST as the service answers typing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """One write: headers and body apart would wait for each other."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stays quiet."""


@contextmanager
def https_server() -> Iterator[Mapping[str, str]]:
    """A server with a certificate of its own authority, trusted beside the public ones: every client reads them all."""
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as home:
        bundle = Path(home) / "ca.pem"
        bundle.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Typing)
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            # by the environment: 1.0.0b4 hands no option on to the clients that it makes
            yield {"BENCH_HTTPS": f"https://localhost:{server.server_port}", "REQUESTS_CA_BUNDLE": str(bundle)}
        finally:
            server.shutdown()
            server.server_close()


@dataclass(frozen=True)
class Sdk:
    """The comparisons of the table, and how many turns each takes."""

    turns: int

    def against(self, name: str, case: str, peer: Path, *, number: int, goal: float | None = None) -> Comparison:
        """Our case against the same case of a peer."""
        with Worker(CASES, case, None, number, CLOCK) as ours, Worker(CASES, case, peer, number, CLOCK) as theirs:
            return compare(name, ours, theirs, turns=self.turns, goal=goal)

    def within(
        self,
        name: str,
        case: str,
        floor: str,
        python: Path | None = None,
        *,
        number: int,
        goal: float | None = None,
        clock: str = CLOCK,
    ) -> Comparison:
        """A case against another case of the same SDK."""
        with Worker(CASES, case, python, number, clock) as a, Worker(CASES, floor, python, number, clock) as b:
            return compare(name, a, b, turns=self.turns, goal=goal)

    def rows(self, b4: Path, released: Path) -> Iterator[Comparison]:
        """Every comparison of the table."""
        against, within = self.against, self.within
        yield against("page of 1,000 messages / 1.0.0b4", "page-text", b4, number=5, goal=1 / 20)
        yield within("page of 1,000 messages / json.loads, 2020 wire", "page-text", "loads-text", number=5, goal=1.5)
        yield within(
            "page of 1,000 messages / json.loads, 2024 wire", "page-objects", "loads-objects", number=5, goal=1.5
        )
        yield against("page of 1,000 messages / 1.3.0", "page-objects", released, number=5)
        yield against("1,000 participants to JSON / 1.0.0b4", "participants-text", b4, number=5, goal=1 / 10)
        yield against("1,000 participants to JSON / 1.3.0", "participants-objects", released, number=5)
        yield against("send_message, canned transport / 1.0.0b4", "send-canned", b4, number=200, goal=0.4)
        yield against("send_message, canned transport / 1.3.0", "send-canned", released, number=200)
        yield against("send_message, requests transport / 1.0.0b4", "send-requests", b4, number=100, goal=0.55)
        yield against("the same, environment off / 1.0.0b4", "send-requests-no-env", b4, number=100, goal=0.55)
        yield against("send_message, requests transport / 1.3.0", "send-requests", released, number=100)
        yield against("thread client from its chat client / 1.0.0b4", "derive", b4, number=200, goal=1 / 50)
        with https_server() as places:
            os.environ.update(places)
            first_call = partial(within, case="https-first-call", floor="https-kept", clock="perf_counter")
            yield first_call("its first https call / a kept client", number=20, goal=1.15)
            yield first_call("the same for 1.0.0b4", python=b4, number=5)
        ours, theirs = (Command([python, "-c", IMPORT], clock=processor) for python in (sys.executable, b4))
        yield compare("import ChatClient, whole process / 1.0.0b4", ours, theirs, turns=self.turns, goal=0.5)


def main() -> None:
    """Prints the table and keeps it."""
    turns = options("bench_sdk").turns
    peers = [environment(requirement, "azure-core==1.41.0", "requests") for requirement in PEERS.values()]
    publish("sdk", growing(Sdk(turns).rows(*peers)))


if __name__ == "__main__":
    main()

"""Records one chat story with each published recorder, in an environment of its own, against a service on loopback.

    python tests/recording/foreign/record.py HOME [DIRECTORY]

HOME keeps the environments. DIRECTORY gets the recordings; without it they replace the ones beside this file.
"""

from __future__ import annotations

import gzip
import json
import runpy
import subprocess
import sys
import threading
import venv
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
STORY = runpy.run_path(str(HERE / "story.py"))
BASE, THREAD, USER, VERSION = (str(STORY[name]) for name in ("BASE", "THREAD", "USER", "VERSION"))
JSON = "application/json; charset=utf-8"
LATER = "syncState=" + (b"\x3e\x39\x00\x00\x00" + THREAD.encode()).hex()


@dataclass(frozen=True)
class Peer:
    """A published recorder and the files that it writes."""

    name: str
    packages: tuple[str, ...]
    files: tuple[str, ...]

    def python(self, home: Path) -> Path:
        """The interpreter of its environment, which is made where it is missing."""
        place = home / self.name
        if not place.exists():
            venv.create(place, with_pip=True)
            subprocess.run([place / "bin" / "python", "-m", "pip", "install", "-q", *self.packages], check=True)
        return place / "bin" / "python"


PEERS = (
    Peer("vcrpy", ("vcrpy==9.4.2", "requests==2.34.2"), ("vcrpy.yaml", "vcrpy.json")),
    Peer("cassetter", ("cassetter==0.16.1", "requests==2.34.2"), ("cassetter.yaml",)),
    Peer("betamax", ("betamax==0.9.0", "requests==2.34.2"), ("betamax.json", "betamax-exact.json")),
)


class Service(BaseHTTPRequestHandler):
    """Answers the story; its clock stands still, so that recordings can be compared."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pages, bytes, a compressed answer, a refusal."""
        if self.path.startswith("/picture"):
            self._answer(200, bytes(range(256)), "image/png")
        elif self.path.startswith("/packed"):
            self._answer(200, gzip.compress(b'{"packed": true}', mtime=0), encoding="gzip")
        elif "/participants" in self.path:
            self._json(401, {"error": {"code": "Unauthorized", "message": "Authentication failed"}})
        else:
            self._page("syncState" not in self.path)

    def do_POST(self) -> None:
        """A token or a thread."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if "issueAccessToken" in self.path:
            self._json(200, {"token": STORY["token"](), "expiresOn": "2026-01-01T00:00:00Z"})
        else:
            self._json(201, {"chatThread": {"id": THREAD, "topic": "Grüße", "createdOn": "2026-01-01T00:00:00Z"}})

    def do_PATCH(self) -> None:
        """An answer without a body."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(204, b"")

    def _page(self, first: bool) -> None:
        message = {"id": "1767225600000", "type": "text", "senderCommunicationIdentifier": {"rawId": USER}}
        link = f"{BASE}/chat/threads/{THREAD}/messages?{LATER}&{VERSION}"
        self._json(200, {"value": [message], **({"nextLink": link} if first else {})})

    def _json(self, status: int, value: object) -> None:
        self._answer(status, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())

    def _answer(self, status: int, body: bytes, kind: str = JSON, encoding: str = "") -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "one=private-one; Path=/")
        self.send_header("Set-Cookie", "two=private-two; Path=/")
        self.send_header("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Is quiet."""


def main(home: Path, directory: Path) -> None:
    """Records with every peer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for peer in PEERS:
        for name in peer.files:
            file = directory / name
            file.unlink(missing_ok=True)
            told: list[str | Path] = [
                peer.python(home),
                HERE / "story.py",
                peer.name,
                file,
                str(server.server_address[1]),
            ]
            subprocess.run(told, check=True, timeout=120)
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else HERE)

"""Throws broken requests at an emulator's socket: no 5xx, no traceback, no secret in a log, and it stays up.

python tests/emulator/adversary/broken_requests.py [SECONDS]
"""

from __future__ import annotations

import io
import logging
import random
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable

from acs_chat_testkit.emulator import Emulator

THREAD = f"/chat/threads/19:{'a' * 32}@thread.v2"
REQUESTS = (
    ("POST", "/chat/threads", b'{"topic":"T"}'),
    ("GET", "/chat/threads", b""),
    ("GET", f"{THREAD}/messages", b""),
    ("PATCH", THREAD, b'{"topic":"x"}'),
    ("POST", "/identities", b"{}"),
    ("POST", "/testkit/faults", b'{"kind":"nothing"}'),
)
LINES = (
    *(b"Transfer-Encoding: chunked", b"Content-Length: 5", b"Content-Encoding: gzip", b"Expect: 100-continue"),
    *(b"Authorization: Bearer x", b"Host: evil.example", b"Origin: http://evil.example", b"x-testkit-facts: 1"),
    *(b"Connection: upgrade\r\nUpgrade: websocket", b"Upgrade: h2c", b"\xff\xfe: \xff", b"x-testkit-key: \xff"),
    *(b"repeatability-request-id: \xff", b"x-ms-client-request-id: \xff\r\nx-ms-return-client-request-id: true"),
    b"x-ms-date: \xff\r\nx-ms-content-sha256: \xff\r\n"
    b"Authorization: HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=AAAA",
)


def _bytes(rng: random.Random, most: int) -> bytes:
    return bytes(rng.randrange(256) for _ in range(rng.randint(1, most)))


def _line(data: bytearray, rng: random.Random) -> None:
    start = data.find(b"\r\n") + 2
    data[start:start] = rng.choice(LINES) + b"\r\n"


def _change(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] = rng.randrange(256)


def _cut(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    del data[start : start + rng.randint(1, 20)]


def _insert(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    data[start:start] = _bytes(rng, 8)


def _append(data: bytearray, rng: random.Random) -> None:
    data += _bytes(rng, 40)


CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_line, _line, _change, _cut, _insert, _append)


def broken(token: str, rng: random.Random) -> bytes:
    """A good request with up to three changes."""
    method, path, body = rng.choice(REQUESTS)
    head = f"{method} {path}?api-version=2024-03-07 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    data = bytearray(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    for _ in range(rng.randint(0, 3)):
        rng.choice(CHANGES)(data, rng)
    return bytes(data)


def answered(port: int, data: bytes) -> bytes:
    """Everything that comes back until the connection ends; a reset says nothing."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                answer += chunk
    except ConnectionError:
        pass
    return answer


def main(seconds: str = "40") -> int:
    """Prints how often each status came, and the first requests that broke something."""
    rng, statuses, found = random.Random(1), Counter[str](), list[bytes]()
    log = io.StringIO()
    logging.basicConfig(stream=log, level=logging.DEBUG)
    end = time.monotonic() + float(seconds)
    with Emulator(control=True) as emulator:
        port = int(emulator.endpoint.rsplit(":", 1)[1])
        while time.monotonic() < end:
            data = broken(emulator.token, rng)
            answer = answered(port, data)
            codes = re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)
            statuses.update(code.decode() for code in codes)
            if b"Traceback" in answer or any(code >= b"500" for code in codes):
                found.append(data)
        up = answered(port, b"GET /testkit/health HTTP/1.1\r\nHost: localhost\r\n\r\n").endswith(b'{"status": "ok"}')
        quiet = emulator.token not in log.getvalue() and "Traceback" not in log.getvalue()
    sys.stdout.write(f"{statuses.total()} answers, {dict(statuses)}; up: {up}; log without secrets: {quiet}\n")
    sys.stdout.writelines(f"broke it: {data!r}\n" for data in found[:3])
    return 0 if up and quiet and not found else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

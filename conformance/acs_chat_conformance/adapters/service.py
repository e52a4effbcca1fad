"""Serves: names a chat service, and for each question three new people who use it.

The service is that of ACS_CONNECTION_STRING, or else an emulator that is started for as long as this process lives.
Standard library only.
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any

PATIENCE = 30.0
IDENTITIES = "/identities?api-version=2023-10-01"


@cache
def connection() -> tuple[str, bytes]:
    """The endpoint and the access key."""
    text = os.environ.get("ACS_CONNECTION_STRING") or started()
    parts = dict(part.split("=", 1) for part in text.split(";") if part)
    return parts["endpoint"].rstrip("/"), base64.b64decode(parts["accesskey"])


def started() -> str:
    """The connection string of an emulator that was started, over plain http."""
    work = tempfile.mkdtemp(prefix="acs-chat-")
    ready = Path(work, "ready.json")
    process = subprocess.Popen(
        [sys.executable, "-m", "acs_chat_testkit.cli", "emulate", "--ready-file", str(ready)],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.terminate)
    until = time.monotonic() + PATIENCE
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the emulator did not start")
        time.sleep(0.05)
    values = json.loads(ready.read_text(encoding="utf-8"))
    text: str = values["connection_string"]
    return text.replace(values["https_endpoint"], values["endpoint"])


def person() -> dict[str, str]:
    """A new user with a token for chat; the request is signed with the access key."""
    endpoint, key = connection()
    body = b'{"createTokenWithScopes": ["chat"]}'
    date, host = formatdate(usegmt=True), endpoint.partition("//")[2]
    content = base64.b64encode(hashlib.sha256(body).digest()).decode()
    signed = f"POST\n{IDENTITIES}\n{date};{host};{content}".encode()
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    headers = {
        "Content-Type": "application/json",
        "x-ms-date": date,
        "x-ms-content-sha256": content,
        "Authorization": f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}",
    }
    request = urllib.request.Request(endpoint + IDENTITIES, body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        made = json.load(response)
    return {"id": made["identity"]["id"], "token": made["accessToken"]["token"]}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The endpoint, and the people by their names."""
    return {"value": {"endpoint": connection()[0], "people": {name: person() for name in ("ada", "ben", "eve")}}}


def main() -> None:
    """Answers one JSON line with one JSON line, until the input ends."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

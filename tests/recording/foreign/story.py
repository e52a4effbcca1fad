"""One chat story, told to the service by a published client; run by `record.py` in each recorder's own environment.

    python story.py RECORDER FILE PORT

Nothing of ours is imported here, and neither the recorder nor the client is patched but for the name of the service.
"""

from __future__ import annotations

import base64
import json
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import requests

HOST = "contoso.communication.azure.com"
BASE = f"http://{HOST}"
VERSION = "api-version=2024-03-07"
USER = "8:acs:5f0e0a4d-1d1c-4c5b-9e8f-0123456789ab_00000006-71c6-4c5b-8ef0-3a3a0d00abcd"
THREAD = "19:" + "uJ4-" * 10 + "abc1@thread.v2"


def token() -> str:
    """A token of the user that ran out on the first day of 2026."""
    parts = ({"alg": "RS256", "typ": "JWT"}, {"skypeid": USER[2:], "scp": 1792, "exp": 1767225600}, {"no": "signature"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)


def tell(session: Any, *, binary: bool) -> None:
    """A token, a thread, two pages, an edit without an answer, bytes where they can be kept, and a refusal."""
    made = session.post(f"{BASE}/identities/{USER}/:issueAccessToken?{VERSION}", json={"scopes": ["chat"]}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    threads = f"{BASE}/chat/threads"
    members = [{"communicationIdentifier": {"rawId": USER, "communicationUser": {"id": USER}}, "displayName": "Ada"}]
    session.post(
        f"{threads}?{VERSION}",
        headers={**headers, "repeatability-request-id": "4f0c2f5e-8a53-4a0c-bd5a-0f4c8f3b2a11"},
        json={"topic": "Grüße", "participants": members},
    )
    page = session.get(f"{threads}/{THREAD}/messages?maxPageSize=1&{VERSION}", headers=headers).json()
    session.get(page["nextLink"], headers=headers)
    session.patch(
        f"{threads}/{THREAD}?{VERSION}",
        headers={**headers, "Content-Type": "application/merge-patch+json"},
        data=json.dumps({"topic": "new"}),
    )
    if binary:
        session.get(f"{BASE}/picture?sig=c2lnbmF0dXJlIG9mIGEgU0FT", headers=headers)
        session.get(f"{BASE}/packed", headers=headers)
    session.get(f"{threads}/{THREAD}/participants?{VERSION}", headers={"Cookie": "session=private-cookie"})


def _reach(port: int) -> None:
    """The name of the service means this machine."""

    def look_up(host: str, _port: object, *_: object, **__: object) -> list[tuple[Any, ...]]:
        if host != HOST:
            raise OSError(f"the story calls {host}")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    socket.getaddrinfo = look_up  # type: ignore[assignment]


def _vcrpy(file: str) -> AbstractContextManager[Any]:
    import vcr

    return vcr.use_cassette(file, serializer="json" if file.endswith(".json") else "yaml")


def _cassetter(file: str) -> AbstractContextManager[Any]:
    import cassetter

    return cassetter.use_cassette(file, record_mode="once")


def _betamax(file: str) -> AbstractContextManager[Any]:
    import betamax

    directory, _, name = file.rpartition("/")
    return betamax.Betamax(SESSION, cassette_library_dir=directory).use_cassette(
        name.removesuffix(".json"),
        record="once",
        match_requests_on=["method", "uri", "body"],
        preserve_exact_body_bytes="exact" in name,
    )


SESSION = requests.Session()
RECORDERS: dict[str, Callable[[str], AbstractContextManager[Any]]] = {
    "vcrpy": _vcrpy,
    "betamax": _betamax,
    "cassetter": _cassetter,
}
TEXT_ONLY = ("vcrpy.json", "betamax.json")
"""Files whose writers lose bytes that are no text."""

if __name__ == "__main__":
    _reach(int(sys.argv[3]))
    with RECORDERS[sys.argv[1]](sys.argv[2]):
        tell(SESSION, binary=Path(sys.argv[2]).name not in TEXT_ONLY)

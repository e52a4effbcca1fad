"""The emulator and the contract, two descriptions of one service written apart, agree on a whole story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.emulator.clients import Offline, identifier, participant

from acs_chat_testkit.contract import Exchange, violations
from acs_chat_testkit.http import Headers, Request

PREVIEW3 = "2020-11-01-preview3"


class Judged:
    """A client whose every exchange is judged.

    Args:
        version: The api-version.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.offline = Offline()
        self.found: list[str] = []
        self.statuses: set[int] = set()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One exchange; the JSON of its response."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = [
            ("host", "localhost"),
            ("authorization", f"Bearer {self.offline.token}"),
            ("accept", "application/json"),
        ]
        content = b"" if body is None else json.dumps(body).encode()
        joint = "&" if "?" in path else "?"
        url = path if path.startswith("http") else f"http://localhost{path}{joint}api-version={self.version}"
        typed = [("content-type", kind)] if content else []
        request = Request(method, url, Headers([*headers, *typed]), content)
        response = self.offline.service.answer(request)
        self.statuses.add(response.status)
        self.found += [f"{method} {path}: {one}" for one in violations(Exchange(request, response))]
        return json.loads(response.body) if response.body else None

    def all(self, path: str) -> None:
        """Every page of a list."""
        page = self.call("GET", path)
        while page.get("nextLink"):
            page = self.call("GET", page["nextLink"])


@pytest.fixture(params=[PREVIEW3, "2024-03-07"])
def client(request: pytest.FixtureRequest) -> Iterator[Judged]:
    """A judged client of each api-version that has a contract."""
    judged = Judged(request.param)
    yield judged
    judged.offline.state.database.close()


def test_a_whole_story_keeps_the_contract(client: Judged) -> None:
    """Every operation, with system messages, an edit, a tombstone, paging and refused participants: no violation."""
    early = client.version == PREVIEW3
    bob = client.offline.service.create_user()
    guests = [{"id": one} if early else participant(one) for one in (bob, f"{bob[:-4]}0000")]
    thread = client.call("POST", "/chat/threads", {"topic": "T", "participants": guests})["chatThread"]["id"]
    path = f"/chat/threads/{thread}"
    client.call("PATCH", path, {"topic": "U"})
    sent = [client.call("POST", f"{path}/messages", {"content": "x", "type": "html"})["id"] for _ in range(3)]
    client.call("PATCH", f"{path}/messages/{sent[0]}", {"content": "y"})
    client.call("DELETE", f"{path}/messages/{sent[1]}")
    for message_id in sent:
        client.call("GET", f"{path}/messages/{message_id}")
    client.call("POST", f"{path}/typing")
    client.call("POST", f"{path}/readReceipts", {"chatMessageId": sent[0]})
    client.call("POST", f"{path}/participants/:add", {"participants": guests})
    for what in ("/messages", "/participants", "/readReceipts"):
        client.all(f"{path}{what}?maxPageSize=1")
    if early:
        client.call("DELETE", f"{path}/participants/{bob}")
    else:
        client.call("POST", f"{path}/participants/:remove", identifier(bob))
    client.call("GET", path)
    client.call("DELETE", path)
    client.call("GET", path)
    client.all("/chat/threads?maxPageSize=1")
    assert client.found == []
    assert client.statuses == {200, 201, 204, 404}

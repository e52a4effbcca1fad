"""A plain HTTP client of the emulator for the tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.clock import clock_from
from acs_chat_testkit.emulator.gate import Gate
from acs_chat_testkit.emulator.identity import Tokens
from acs_chat_testkit.emulator.service import Service
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.http import Headers, Request, Response

VERSION = "2024-03-07"


@dataclass
class Person:
    """A user of the emulator who speaks plain HTTP."""

    emulator: Emulator
    id: str
    token: str
    version: str = VERSION
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Sends one request; a path that starts with http is a link of the service."""
        url = path if path.startswith("http") else self.emulator.endpoint + path
        if not path.startswith("http"):
            url += f"{'&' if '?' in path else '?'}api-version={more.pop('version', self.version)}"
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.session.request(method, url, json=body, headers=headers, timeout=10, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of a GET that must succeed."""
        response = self.call("GET", path, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def create_thread(self, *others: Person, topic: str = "Lunch", **more: Any) -> str:
        """Makes a thread with others and gives its path."""
        people = [participant(one.id) for one in (self, *others)]
        response = self.call("POST", "/chat/threads", {"topic": topic, "participants": people}, **more)
        assert response.status_code == 201, response.text
        return f"/chat/threads/{response.json()['chatThread']['id']}"

    def send(self, thread: str, text: str = "hi") -> str:
        """Sends a message and gives its id."""
        response = self.call("POST", f"{thread}/messages", {"content": text})
        assert response.status_code == 201, response.text
        message_id: str = response.json()["id"]
        return message_id

    def pages(self, path: str) -> Iterator[list[Any]]:
        """The pages of a list, following its links."""
        link: str | None = path
        while link:
            page = self.get(link)
            yield page["value"]
            link = page.get("nextLink")


def identifier(user_id: str) -> dict[str, Any]:
    """The identifier object of a user."""
    return {"rawId": user_id, "communicationUser": {"id": user_id}}


def participant(user_id: str, **more: Any) -> dict[str, Any]:
    """A participant as the released versions write it."""
    return {"communicationIdentifier": identifier(user_id), **more}


def person(emulator: Emulator, **more: Any) -> Person:
    """A new user with a token."""
    user_id = emulator.create_user()
    return Person(emulator, user_id, emulator.issue_token(user_id), **more)


def sign(key: str, method: str, target: str, host: str, body: bytes, date: str = "x-ms-date") -> dict[str, str]:
    """The headers of a request signed with the key of the connection string."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    now = "Thu, 07 Mar 2024 12:00:00 GMT"
    text = f"{method}\n{target}\n{now};{host};{digest}"
    signature = base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), "sha256")).decode()
    return {
        date: now,
        "x-ms-content-sha256": digest,
        "Authorization": f"HMAC-SHA256 SignedHeaders={date};host;x-ms-content-sha256&Signature={signature}",
    }


@dataclass
class Offline:
    """A service without sockets, with one user; for tests that ask thousands of questions."""

    clock: str | None = "2024-03-07T12:00:00Z"

    def __post_init__(self) -> None:
        clock = clock_from(self.clock)
        self.state = State(None, 1, clock)
        self.service = Service(self.state, Tokens(self.state), Gate("127.0.0.1"))
        self.user = self.service.create_user()
        self.token = self.service.issue_token(self.user)

    def call(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
        token: str | None = None,
    ) -> Response:
        """The response to one request, with the user's token unless another one is given."""
        given = [("host", "localhost"), ("authorization", f"Bearer {self.token if token is None else token}"), *headers]
        return self.service.answer(Request(method, f"http://localhost{target}", Headers(given), body))

    def signed(self, method: str, target: str, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> Response:
        """The response to one request of the identity calls."""
        signature = sign(self.state.ids.access_key, method, target, "localhost", body)
        given = Headers([("host", "localhost"), *signature.items(), *headers])
        return self.service.answer(Request(method, f"http://localhost{target}", given, body))

    def json(self, method: str, target: str, body: object = None, **more: Any) -> Any:
        """The JSON of a call at the default api-version that must succeed."""
        joint = "&" if "?" in target else "?"
        content = b"" if body is None else json.dumps(body).encode()
        response = self.call(method, f"{target}{joint}api-version={VERSION}", content, **more)
        assert response.status < 300, response.body
        return json.loads(response.body) if response.body else None

    def snapshot(self) -> list[Any]:
        """All that is stored."""
        execute = self.state.database.connection.execute
        tables = [name for (name,) in execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return [execute(f"SELECT * FROM {table}").fetchall() for table in tables]

"""A plain HTTP client of the emulator for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from acs_chat_testkit.emulator import Emulator

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

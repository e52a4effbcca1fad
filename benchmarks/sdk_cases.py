"""What is timed of an SDK: ours, azure-communication-chat 1.0.0b4 or 1.3.0, whichever is installed.

Each case sets up and returns the call to time. It needs the standard library and the SDK alone, because it runs in
environments of their own; addresses and files come in environment variables.
"""

from __future__ import annotations

import base64
import io
import json
import os
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import requests
from azure.core.pipeline.transport import HttpRequest, HttpResponse, HttpTransport, RequestsTransport
from requests.adapters import BaseAdapter

import azure.communication.chat as sdk

Case = Callable[[], Callable[[], object]]

RELEASED = hasattr(sdk, "ChatThreadProperties")  # 1.3.0 has other names than the documented surface
HAS_WIRES = hasattr(sdk.ChatMessage, "deserialize")  # ours alone speaks two api-versions
ENDPOINT = "https://chat.communication.example"
THREAD = "19:0123456789abcdef0123456789abcdef@thread.v2"
START = datetime(2021, 2, 3, 4, 5, 6, tzinfo=timezone.utc)  # noqa: UP017  # 1.0.0b4 is timed on any Python
SIZE = 1000


def token() -> str:
    """An access token that every version takes: its text has no character that base64url writes another way."""
    claims = base64.b64encode(json.dumps({"exp": int(time.time()) + 86400}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.c2ln"


def credential() -> Any:
    """A credential."""
    if RELEASED:
        return sdk.CommunicationTokenCredential(token())  # type: ignore[arg-type]
    return sdk.CommunicationTokenCredential(sdk.CommunicationTokenRefreshOptions(token()))


def who(number: int) -> str:
    """The identifier of a user."""
    return f"8:acs:5d0e9a2c-1111-2222-3333-444455556666_00000006-1b2c-3d4e-5f60-7081920a{number:04d}"


def moment(number: int) -> str:
    """A timestamp as the service writes it."""
    return (START + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def message(number: int, objects: bool) -> dict[str, Any]:
    """A message as the service writes it, with identifiers as objects (2024-03-07) or as text (2020-11-01-preview3)."""
    stamp = str(1612325106000 + number)
    found: dict[str, Any] = {
        "id": stamp,
        "type": "text",
        "sequenceId": str(number),
        "version": stamp,
        "content": {"message": f"message number {number} with some words in it, as people write them"},
        "senderDisplayName": f"Person {number % 40}",
        "createdOn": moment(number),
    }
    if objects:
        found["content"]["attachments"] = []
        sender = who(number % 40)
        found["senderCommunicationIdentifier"] = {"rawId": sender, "communicationUser": {"id": sender}}
    else:
        found["senderId"] = who(number % 40)
    if number % 10 == 0:
        found["editedOn"] = moment(number + 60)
    if number % 20 == 0:
        found["deletedOn"] = moment(number + 120)
    return found


def page(objects: bool) -> bytes:
    """A page of messages."""
    return json.dumps({"value": [message(number, objects) for number in range(SIZE)]}).encode()


class Canned(HttpTransport):  # type: ignore[type-arg]
    """A transport that answers at once."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.content = status, body

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The answer."""
        response = HttpResponse(request, None)
        response.status_code, response.reason = self.status, "Said"
        response.headers, response.content_type = {"Content-Type": "application/json"}, "application/json"
        response.body = lambda: self.content  # type: ignore[method-assign]
        return response

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def __exit__(self, *args: object) -> None:
        """Nothing to close."""


class InProcess(BaseAdapter):
    """An adapter of requests that answers at once."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__()
        self.status, self.content = status, body

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """The answer."""
        response = requests.Response()
        response.status_code, response.reason, response.url = self.status, "Said", request.url or ""
        response.headers["Content-Type"] = "application/json"
        response.request, response.raw = request, io.BytesIO(self.content)
        return response

    def close(self) -> None:
        """Nothing to close."""


def thread_client(transport: Any, **options: Any) -> Any:
    """The client of one thread."""
    return sdk.ChatThreadClient(ENDPOINT, credential(), THREAD, transport=transport, **options)


def wire(objects: bool) -> dict[str, str]:
    """The option that chooses the api-version, where there is a choice."""
    return {"api_version": "2024-03-07" if objects else "2020-11-01-preview3"} if HAS_WIRES else {}


def read_all(messages: Iterable[Any]) -> None:
    """Reads every attribute of every message once."""
    for found in messages:
        found.id, found.type, found.sequence_id, found.version, found.sender_display_name  # noqa: B018
        found.created_on, found.deleted_on, found.edited_on  # noqa: B018
        content = found.content
        content.message, content.topic, content.participants, content.initiator  # noqa: B018
        sender = found.sender if RELEASED else found.sender_id
        sender.raw_id if RELEASED else sender.identifier  # noqa: B018


def list_messages(objects: bool) -> Callable[[], object]:
    """A page of messages, from the bytes of the answer to the last attribute."""
    client = thread_client(Canned(200, page(objects)), **wire(objects))
    return lambda: read_all(client.list_messages())


def loads(objects: bool) -> Callable[[], object]:
    """The floor: the same bytes by json.loads."""
    body = page(objects)
    return lambda: json.loads(body)


def participants(objects: bool) -> Callable[[], object]:
    """Many participants to JSON, by creating a thread with them."""
    made = sdk.ChatParticipant if RELEASED else sdk.ChatThreadParticipant  # type: ignore[attr-defined]
    key = "identifier" if RELEASED else "user"
    people = [
        made(
            **{key: sdk.CommunicationUserIdentifier(who(number))},
            display_name=f"Person {number}",
            share_history_time=START + timedelta(seconds=number),
        )
        for number in range(SIZE)
    ]
    thread = {"id": THREAD, "topic": "t", "createdOn": moment(0)}
    by = {"createdByCommunicationIdentifier": {"rawId": who(0), "communicationUser": {"id": who(0)}}}
    body = json.dumps({"chatThread": thread | (by if objects else {"createdBy": who(0)})}).encode()
    client: Any = sdk.ChatClient(ENDPOINT, credential(), transport=Canned(201, body), **wire(objects))
    if RELEASED:
        return lambda: client.create_chat_thread("t", thread_participants=people)
    return lambda: client.create_chat_thread("t", people)


def send_canned() -> Callable[[], object]:
    """send_message over a transport that answers at once."""
    client = thread_client(Canned(201, b'{"id": "1"}'))
    return lambda: client.send_message("hello")


def send_requests(*, env: bool = True) -> Callable[[], object]:
    """send_message over the requests transport that the SDK makes, with an adapter that answers at once."""
    client = sdk.ChatThreadClient(ENDPOINT, credential(), THREAD, use_env_settings=env)
    session = requests_session(client)
    session.mount("https://", InProcess(201, b'{"id": "1"}'))
    return lambda: client.send_message("hello")


def requests_session(client: Any) -> requests.Session:
    """The session of a client's own transport, which is somewhere below it."""
    found, seen = [client], set()
    while found:
        inner = found.pop()
        if isinstance(inner, RequestsTransport):
            inner.open()
            session: requests.Session = inner.session
            return session
        if id(inner) not in seen and hasattr(inner, "__dict__"):
            seen.add(id(inner))
            found.extend(vars(inner).values())
    raise LookupError("the client has no RequestsTransport")


def derive() -> Callable[[], object]:
    """A thread client from its chat client."""
    client = sdk.ChatClient(ENDPOINT, credential())
    return lambda: client.get_chat_thread_client(THREAD)


def https_first_call() -> Callable[[], object]:
    """The first call of a thread client that its chat client just made."""
    client = sdk.ChatClient(os.environ["BENCH_HTTPS"], credential())

    def call() -> None:
        thread: Any = client.get_chat_thread_client(THREAD)
        thread.send_typing_notification()

    return call


def https_kept() -> Callable[[], object]:
    """The same call of a client that is kept."""
    client: Any = sdk.ChatThreadClient(os.environ["BENCH_HTTPS"], credential(), THREAD)
    return lambda: client.send_typing_notification()


CASES: dict[str, Case] = {
    "loads-text": lambda: loads(False),
    "loads-objects": lambda: loads(True),
    "page-text": lambda: list_messages(False),
    "page-objects": lambda: list_messages(True),
    "participants-text": lambda: participants(False),
    "participants-objects": lambda: participants(True),
    "send-canned": send_canned,
    "send-requests": send_requests,
    "send-requests-no-env": lambda: send_requests(env=False),
    "derive": derive,
    "https-first-call": https_first_call,
    "https-kept": https_kept,
}

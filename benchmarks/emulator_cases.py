"""What `bench_emulator` times: calls of our SDK against servers in processes of their own."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.clock import Clock
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Participant, ThreadDraft
from azure.communication.chat import ChatClient, ChatThreadClient, CommunicationTokenCredential
from azure.communication.chat import CommunicationTokenRefreshOptions as RefreshOptions

BARE = """
import socket, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

async def constant(request):
    await request.body()
    return Response('{"id":"1700000000000"}', 201, media_type="application/json")

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
app = Starlette(routes=[Route("/chat/threads/{thread}/messages", constant, methods=["POST"])])
config = uvicorn.Config(app, http="httptools", loop="asyncio", log_level="critical", access_log=False)
uvicorn.Server(config).run(sockets=[listener])
"""


def started(*options: str | Path) -> Mapping[str, str]:
    """An emulator in a process of its own, and what its ready file says."""
    ready = Path(tempfile.mkdtemp()) / "ready.json"
    process = subprocess.Popen(
        [Path(sys.executable).with_name("acs-chat"), "emulate", "--ready-file", ready, *options],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.terminate)
    while not ready.exists():
        time.sleep(0.01)
    values: Mapping[str, str] = json.loads(ready.read_text("utf-8"))
    return values


def chat_client(endpoint: str, token: str) -> ChatClient:
    """Our SDK with this token."""
    return ChatClient(endpoint, CommunicationTokenCredential(RefreshOptions(token)))


def sender(thread: ChatThreadClient) -> Callable[[], object]:
    """One message."""
    return lambda: thread.send_message("hello")


def send_to_emulator(*options: str | Path) -> Callable[[], object]:
    """A message to the emulator."""
    values = started(*options)
    return sender(chat_client(values["endpoint"], values["token"]).create_chat_thread("T", []))


def send_to_file() -> Callable[[], object]:
    """A message to the emulator that keeps its state in a file."""
    return send_to_emulator("--data", Path(tempfile.mkdtemp()) / "chat.db")


def send_to_bare_route() -> Callable[[], object]:
    """The same request to a route that returns a constant."""
    process = subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    atexit.register(process.terminate)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with Emulator() as emulator:
        token = emulator.token
    return sender(chat_client(f"http://127.0.0.1:{port}", token).get_chat_thread_client("19:x@thread.v2"))


def page_of(length: int) -> Callable[[], object]:
    """The first page of 100 messages of a thread, and the one after it."""
    file = Path(tempfile.mkdtemp()) / "chat.db"
    state = State(file, None, Clock())
    with state.database.transaction():
        user = state.users.create()
        thread = state.threads.create(ThreadDraft("T"), user, [Participant(user)], None)
        for number in range(length):
            state.messages.send(thread, user, f"message {number}", "text", "", {})
    state.database.close()
    emulator = Emulator(data=file)
    emulator.__enter__()
    atexit.register(emulator.__exit__, None, None, None)
    client = chat_client(emulator.endpoint, emulator.issue_token(user)).get_chat_thread_client(thread.id)

    def two_pages() -> object:
        pages = client.list_messages(results_per_page=100).by_page()
        return [list(next(pages)) for _ in range(2)]

    return two_pages


def start() -> Callable[[], object]:
    """An emulator from nothing to its first token, and its end."""

    def run() -> object:
        with Emulator() as emulator:
            return emulator.token

    return run


CASES: dict[str, Callable[[], Callable[[], object]]] = {
    "send": send_to_emulator,
    "send-file": send_to_file,
    "send-bare": send_to_bare_route,
    "page-1000": lambda: page_of(1_000),
    "page-100000": lambda: page_of(100_000),
    "start": start,
}

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.sdk.flavours import Aio, Flavour, Sync
from tests.sdk.server import Answer, Server
from tests.sdk.tokens import make_token

from azure.communication.chat import CommunicationTokenCredential, CommunicationTokenRefreshOptions


@pytest.fixture
def credential() -> CommunicationTokenCredential:
    """A credential whose token is valid for an hour."""
    return CommunicationTokenCredential(CommunicationTokenRefreshOptions(make_token()))


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers that end with the test."""
    servers: list[Server] = []

    def start(*answers: Answer) -> Server:
        servers.append(Server(*answers).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture(params=[Sync, Aio], ids=["sync", "aio"])
def sdk(request: pytest.FixtureRequest) -> Iterator[Flavour]:
    """The clients, once sync and once async: every test that uses them runs for both."""
    with request.param() as flavour:
        yield flavour


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that transports were asked to sleep; nobody really sleeps."""
    from azure.core.pipeline.transport import AsyncHttpTransport, HttpTransport

    slept: list[float] = []

    async def nap(self: Any, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(HttpTransport, "sleep", lambda self, seconds: slept.append(seconds))
    monkeypatch.setattr(AsyncHttpTransport, "sleep", nap)
    return slept

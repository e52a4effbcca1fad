from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.sdk.server import Answer, Server

from azure.communication.chat import ChatThreadClient, CommunicationTokenCredential, CommunicationTokenRefreshOptions

THREAD = "19:abc@thread.v2"


def make_token(expires_in: float = 3600, **claims: Any) -> str:
    """An unsigned access token that expires so many seconds from now."""
    parts = ({"alg": "none", "typ": "JWT"}, {"exp": int(time.time() + expires_in), **claims})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2ln"])


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


@pytest.fixture
def thread_client(credential: CommunicationTokenCredential) -> Callable[..., ChatThreadClient]:
    """Makes clients of one thread on a server."""

    def make(server: Server, **options: Any) -> ChatThreadClient:
        return ChatThreadClient(server.endpoint, credential, THREAD, **options)

    return make

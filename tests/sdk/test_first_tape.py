"""Both clients, end to end over a real socket: the thin path that everything else widens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.sdk.server import Answer, Server

from azure.communication.chat import (
    ChatClient,
    ChatThreadParticipant,
    CommunicationTokenCredential,
    CommunicationUserIdentifier,
)

THREAD = {"id": "19:abc@thread.v2", "topic": "t", "createdOn": "2021-02-03T04:05:06Z"}


def test_a_thread_is_created_and_used(serve: Callable[..., Server], credential: CommunicationTokenCredential) -> None:
    """The client of a created thread must speak to that thread over the same connection."""
    server = serve(Answer(201, {"chatThread": THREAD}), Answer(201, {"id": "5"}))
    bob = ChatThreadParticipant(
        user=CommunicationUserIdentifier("8:acs:bob"),
        display_name="Bob",
        share_history_time=datetime(2021, 1, 1, tzinfo=UTC),
    )
    with ChatClient(server.endpoint, credential) as client:
        thread = client.create_chat_thread("t", [bob])
        assert thread.thread_id == THREAD["id"]
        assert thread.send_message("hi") == "5"
    create, send = server.asked
    assert create.json == {
        "topic": "t",
        "participants": [
            {
                "communicationIdentifier": {"rawId": "8:acs:bob", "communicationUser": {"id": "8:acs:bob"}},
                "displayName": "Bob",
                "shareHistoryTime": "2021-01-01T00:00:00.000Z",
            }
        ],
    }
    assert send.target == "/chat/threads/19%3Aabc%40thread.v2/messages?api-version=2024-03-07"
    assert send.json == {"content": "hi", "type": "text"}

"""Calls the clients of azure-communication-chat 1.3.0 as the documented surface of 2021 would be called.

Standard library and the implementation only: this file also runs by its path in an environment of its own.
"""

import asyncio
import inspect
import json
import operator
import sys
from datetime import datetime
from enum import Enum
from typing import Any

from azure.core import exceptions

import azure.communication.chat as chat

MODELS: dict[str, tuple[str, dict[str, str]]] = {
    "ChatThreadParticipant": ("ChatParticipant", {"user": "identifier"}),
    "CommunicationUserIdentifier": ("CommunicationUserIdentifier", {"identifier": "id"}),
}
"""The class and the names of today for those of 2021."""

TOLD: dict[str, dict[str, str]] = {
    "ChatMessage": {"sender_id": "sender"},
    "ChatParticipant": {"user": "identifier"},
    "ChatThreadItem": {},
    "ChatThreadProperties": {},
    "ChatMessageContent": {"initiator": "initiator.raw_id"},
    "ChatMessageReadReceipt": {},
    "CommunicationUserIdentifier": {"identifier": "raw_id"},
    "PhoneNumberIdentifier": {"identifier": "raw_id"},
    "MicrosoftTeamsUserIdentifier": {"identifier": "raw_id"},
    "UnknownIdentifier": {"identifier": "raw_id"},
    "HttpResponseError": {},
    "ODataV4Format": {},
}
OF_2021 = {
    "ChatParticipant": "ChatThreadParticipant",
    "ChatThreadItem": "ChatThreadInfo",
    "ChatThreadProperties": "ChatThread",
    "PhoneNumberIdentifier": "CommunicationUserIdentifier",
    "MicrosoftTeamsUserIdentifier": "CommunicationUserIdentifier",
    "UnknownIdentifier": "CommunicationUserIdentifier",
}
"""The classes of today by the names of 2021, where they differ."""


def value(node: Any) -> Any:
    """What a node of the question stands for."""
    if isinstance(node, list):
        return [value(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$dt" in node:
        return datetime.fromisoformat(node["$dt"])
    if "$cls" in node:
        return lambda response, result=None, headers=None: [node["$cls"], result]
    if "$errors" in node:
        return {int(status): getattr(exceptions, name) for status, name in node["$errors"].items()}
    if "$name" in node:
        return operator.attrgetter(node["$name"])(chat)
    if "$model" in node:
        name, renamed = MODELS[node["$model"]]
        fields = {renamed.get(key) or str(key): value(item) for key, item in node.items() if key != "$model"}
        return getattr(chat, name)(**fields)
    return {key: value(item) for key, item in node.items()}


def member(found: Any, path: str) -> Any:
    """An attribute of an attribute; None where one of them is not there."""
    for step in path.split("."):
        found = getattr(found, step, None)
    return found


def told(found: Any, attributes: dict[str, list[str]]) -> Any:
    """The data that says what a result is, under the names of 2021."""
    name = next((cls.__name__ for cls in type(found).__mro__ if cls.__name__ in TOLD), "")
    if name:
        documented = OF_2021.get(name, name)
        fields = {key: member(found, TOLD[name].get(key, key)) for key in attributes[documented]}
        return {"$model": documented} | {key: told(item, attributes) for key, item in fields.items()}
    if isinstance(found, datetime):
        return {"$dt": found.isoformat()}
    if isinstance(found, Enum):
        return found.value
    return [told(item, attributes) for item in found] if isinstance(found, (list, tuple)) else found


def client(home: Any, question: dict[str, Any]) -> Any:
    """The client that a question names; its token is refreshed to another one where the question has one."""
    given = question["credential"]

    def refreshed() -> Any:
        return home.CommunicationTokenCredential(given["refreshed"]).get_token()

    async def refreshed_async() -> Any:
        return await refreshed()

    refresher = {"token_refresher": refreshed if home is chat else refreshed_async} if "refreshed" in given else {}
    credential = home.CommunicationTokenCredential(given["token"], **refresher)
    options = value(question["options"])
    if question["do"] == "get_chat_thread":
        return home.ChatThreadClient(credential=credential, thread_id=question["kwargs"]["thread_id"], **options)
    return getattr(home, question["client"])(credential=credential, **options)


def called(made: Any, question: dict[str, Any]) -> Any:
    """The method of today that stands for the one of 2021, called."""
    do, given = question["do"], value(question["kwargs"])
    if do == "create_chat_thread":
        given["idempotency_token"] = given.pop("repeatability_request_id", None)
        given = {key: item for key, item in given.items() if item is not None or key != "idempotency_token"}
        return made.create_chat_thread(given.pop("topic"), **given)
    if do == "get_chat_thread":
        return made.get_properties(**{key: item for key, item in given.items() if key != "thread_id"})
    if do == "add_participant":
        return made.add_participants([given.pop("thread_participant")], **given)
    if do == "remove_participant":
        return made.remove_participant(given.pop("user"), **given)
    return getattr(made, do)(**given)


def documented(question: dict[str, Any], result: Any) -> Any:
    """What the method of 2021 returns for what the method of today does."""
    if question["do"] in {"create_chat_thread", "get_chat_thread_client"}:
        thread_id = member(result, "chat_thread.id") or member(result, "thread_id")
        return result if isinstance(result, list) else {"$model": "ChatThreadClient", "thread_id": thread_id}
    return getattr(result, "id", result) if question["do"] == "send_message" else result


def call(question: dict[str, Any]) -> Any:
    """Calls a method; a list is read to its end, page by page."""
    with client(chat, question) as made:
        result = called(made, question)
        return [list(page) for page in result.by_page()] if hasattr(result, "by_page") else result


async def call_async(question: dict[str, Any]) -> Any:
    """Calls a method of the async client in the same way."""
    import azure.communication.chat.aio as aio

    async with client(aio, question) as made:
        result = called(made, question)
        if hasattr(result, "by_page"):
            return [[item async for item in page] async for page in result.by_page()]
        return await result if inspect.isawaitable(result) else result


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Runs one question and tells what came of it."""
    try:
        found = asyncio.run(call_async(question)) if question["aio"] else call(question)
        return {"value": told(documented(question, found), question["attributes"])}
    except Exception as error:
        classes = [cls.__name__ for cls in type(error).__mro__]
        return {"error": {"classes": classes, "text": str(error), "told": told(error, question["attributes"])}}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=str), flush=True)  # noqa: T201

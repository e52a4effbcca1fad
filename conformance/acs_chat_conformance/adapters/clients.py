"""Calls the documented clients, sync or async, of whatever `azure.communication.chat` is installed."""

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


def value(node: Any) -> Any:
    """What a node of the question stands for."""
    if not isinstance(node, dict):
        return [value(item) for item in node] if isinstance(node, list) else node
    if "$dt" in node:
        return datetime.fromisoformat(node["$dt"])
    if "$cls" in node:
        return lambda response, result=None, headers=None: [node["$cls"], result]
    if "$errors" in node:
        return {int(status): getattr(exceptions, name) for status, name in node["$errors"].items()}
    if "$name" in node:
        return operator.attrgetter(node["$name"])(chat)
    fields = {key: value(item) for key, item in node.items() if key != "$model"}
    return getattr(chat, node["$model"])(**fields) if "$model" in node else fields


def told(found: Any, attributes: dict[str, list[str]]) -> Any:
    """The data that says what a result is: an object by its documented attributes."""
    name = next((cls.__name__ for cls in type(found).__mro__ if cls.__name__ in attributes), "")
    if name:
        return {"$model": name} | {key: told(getattr(found, key, None), attributes) for key in attributes[name]}
    if isinstance(found, datetime):
        return {"$dt": found.isoformat()}
    if isinstance(found, Enum):
        return found.value
    return [told(item, attributes) for item in found] if isinstance(found, (list, tuple)) else found


def client(home: Any, question: dict[str, Any]) -> Any:
    """The client that a question names; its token is refreshed to another one where the question has one."""
    given = question["credential"]
    refreshed = [chat.CommunicationTokenRefreshOptions(given[key]).get_token() for key in given if key == "refreshed"]
    refresher = {"token_refresher": lambda: refreshed[0]} if refreshed else {}
    credential = home.CommunicationTokenCredential(chat.CommunicationTokenRefreshOptions(given["token"], **refresher))
    return getattr(home, question["client"])(credential=credential, **value(question["options"]))


def call(question: dict[str, Any]) -> Any:
    """Calls a method; a list is read to its end, page by page."""
    with client(chat, question) as made:
        result = getattr(made, question["do"])(**value(question["kwargs"]))
        return [list(page) for page in result.by_page()] if hasattr(result, "by_page") else result


async def call_async(question: dict[str, Any]) -> Any:
    """Calls a method of the async client in the same way."""
    import azure.communication.chat.aio as aio

    async with client(aio, question) as made:
        result = getattr(made, question["do"])(**value(question["kwargs"]))
        if hasattr(result, "by_page"):
            return [[item async for item in page] async for page in result.by_page()]
        return await result if inspect.isawaitable(result) else result


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Runs one question and tells what came of it."""
    try:
        found = asyncio.run(call_async(question)) if question["aio"] else call(question)
        return {"value": told(found, question["attributes"])}
    except Exception as error:
        classes = [cls.__name__ for cls in type(error).__mro__]
        return {"error": {"classes": classes, "text": str(error), "told": told(error, question["attributes"])}}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=str), flush=True)  # noqa: T201

"""Drives the models of whatever `azure.communication.chat` is installed; a question is one call, written as data.

Standard library and the implementation only: this file also runs by its path in an environment of its own.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import inspect
import io
import json
import logging
import operator
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any
from xml.etree import ElementTree

import azure.communication.chat as chat

Node = Any

PATIENCE = 5.0
"""Seconds after which a call that waits for another one is given up."""


def at_once(target: Any, name: str, callers: int) -> Any:
    """What each of several callers of a method gets who come at the same time; an error stands in its place."""
    method = getattr(target, name)
    if inspect.iscoroutinefunction(method):
        return gathered(method, callers)
    outcomes: list[Any] = [TimeoutError()] * callers

    def ask(index: int) -> None:
        try:
            outcomes[index] = method()
        except Exception as error:
            outcomes[index] = error

    threads = [threading.Thread(target=ask, args=(index,), daemon=True) for index in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes


async def gathered(method: Callable[[], Any], callers: int) -> list[Any]:
    """The same for a method that is awaited."""
    calls = [asyncio.wait_for(method(), PATIENCE) for _ in range(callers)]
    return await asyncio.gather(*calls, return_exceptions=True)


OPERATORS: dict[str, Callable[..., Any]] = {
    "==": operator.eq,
    "at-once": at_once,
    "!=": operator.ne,
    "is": operator.is_,
    "caught": lambda target, name: caught(getattr(target, name)),
    "call": lambda function, *args: function(*args),
    "deepcopy": copy.deepcopy,
    "getattr": getattr,
    "getitem": operator.getitem,
    "hash": hash,
    "keys": list,
    "same-hash": lambda one, other: hash(one) == hash(other),
    "new": lambda cls, *args, **kwargs: cls(*args, **kwargs),
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "setitem": operator.setitem,
    "str": str,
    "xml": lambda element: ElementTree.tostring(element, encoding="unicode"),
}


def no_such_value(*_: Any) -> Any:
    """Fails the way that a callback's own bug would."""
    raise ValueError("of the callback")


CALLBACKS: dict[str, Callable[..., Any]] = {
    "upper": lambda name, desc, value: (name.upper(), value),
    "below-props": lambda name, desc, value: (["props", name], value),
    "same-path": lambda name, desc, value: (["a", "b"], value),
    "tuple-key": lambda name, desc, value: (("a", name), value),
    "bare-key": lambda name, desc, value: name,
    "no-path": lambda name, desc, value: ([], value),
    "other-topic": lambda name, desc, value: (name, "V" if name == "topic" else value),
    "no-topic": lambda name, desc, value: (name, None if name == "topic" else value),
    "arguments": lambda name, desc, value: (f"{name} {desc['key']} {desc['type']} {type(value).__name__}", value),
    "spoil-desc": lambda name, desc, value: (desc.pop("key") and name, value),
    "key-error": lambda name, desc, value: {}[name],
    "value-error": no_such_value,
    "extract-names": lambda name, desc, data: f"{name}!{desc['key']}!{desc['type']}",
    "extract-key-error": lambda name, desc, data: data["no such key"],
}


def caught(function: Callable[[], Any]) -> Any:
    """What a call raises; None where it does not."""
    try:
        found = function()
        if inspect.iscoroutine(found):
            asyncio.run(found)
    except Exception as error:
        return error
    return None


class Letter(StrEnum):
    """A text enumeration that no model knows."""

    A = "aa"


def helper(name: str) -> Any:
    """A documented key transformer or extractor, from wherever this implementation keeps it."""
    for home in ("azure.communication.chat.models", "msrest.serialization"):
        try:
            return getattr(importlib.import_module(home), name)
        except (ImportError, AttributeError):
            continue
    raise LookupError(name)


class Call:
    """Evaluates one question: the names that it binds live as long as it does."""

    def __init__(self, attributes: dict[str, list[str]]) -> None:
        self.attributes = attributes
        self.bound: dict[str, Any] = {}
        self.tags: dict[str, Callable[[Node], Any]] = {
            "$aio": lambda node: getattr(importlib.import_module("azure.communication.chat.aio"), node["$aio"]),
            "$bytes": lambda node: node["$bytes"].encode("latin-1"),
            "$callback": lambda node: CALLBACKS[node["$callback"]],
            "$class": lambda node: getattr(chat, node["$class"]),
            "$date": lambda node: date.fromisoformat(node["$date"]),
            "$do": lambda node: self.run(node | {"do": node["$do"]}),
            "$dt": lambda node: datetime.fromisoformat(node["$dt"]),
            "$helper": lambda node: helper(node["$helper"]),
            "$letter": lambda node: Letter(node["$letter"]),
            "$model": self.model,
            "$name": lambda node: operator.attrgetter(node["$name"])(chat),
            "$pairs": lambda node: {self.value(key): self.value(item) for key, item in node["$pairs"]},
            "$ref": lambda node: self.bound[node["$ref"]],
            "$refresher": self.refresher,
            "$stream": lambda node: io.BytesIO(node["$stream"].encode("latin-1")),
            "$subclass": self.subclass,
        }
        self.tellers: dict[type, Callable[[Any], Node]] = {
            datetime: lambda value: {"$dt": value.isoformat()},
            Enum: lambda value: {"$name": f"{type(value).__name__}.{value.name}"},
            bytes: lambda value: {"$bytes": value.decode("latin-1")},
            ElementTree.Element: lambda value: {"$xml": ElementTree.tostring(value, encoding="unicode")},
            Exception: self.told_error,
            tuple: lambda value: {"$tuple": [self.told(item) for item in value]},
            list: lambda value: [self.told(item) for item in value],
            dict: self.told_dict,
        }

    def run(self, node: Node) -> Any:
        """Calls what the node says."""
        for name, item in node.get("let", {}).items():
            self.bound[name] = self.value(item)
        target = self.value(node["on"])
        args = [self.value(item) for item in node.get("args", ())]
        kwargs = {name: self.value(item) for name, item in node.get("kwargs", {}).items()}
        call = OPERATORS.get(node["do"])
        found = call(target, *args, **kwargs) if call else getattr(target, node["do"])(*args, **kwargs)
        return asyncio.run(found) if inspect.iscoroutine(found) else found

    def value(self, node: Node) -> Any:
        """What a node of the question stands for."""
        if isinstance(node, list):
            return [self.value(item) for item in node]
        if not isinstance(node, dict):
            return node
        tag = next((key for key in node if key in self.tags), None)
        return self.tags[tag](node) if tag else {key: self.value(item) for key, item in node.items()}

    def named(self, node: Node) -> Any:
        """A class by its documented name, or one that was bound before."""
        return getattr(chat, node) if isinstance(node, str) else self.value(node)

    def model(self, node: Node) -> Any:
        """A model made by its constructor, with the attributes that are set or deleted afterwards."""
        given = {key: self.value(item) for key, item in node.items() if not key.startswith("$")}
        made = self.named(node["$model"])(**given)
        for name, item in node.get("$set", {}).items():
            setattr(made, name, self.value(item))
        for name in node.get("$unset", ()):
            delattr(made, name)
        return made

    def subclass(self, node: Node) -> type:
        """A new subclass, with attributes; where the class keeps its tables in a dict, with a dict of its own."""
        parent = self.named(node["$subclass"])
        own = (
            {"_attribute_map": dict(table)}
            if isinstance(table := getattr(parent, "_attribute_map", None), dict)
            else {}
        )
        return type(node.get("named", parent.__name__), (parent,), own | node.get("with", {}))

    def refresher(self, node: Node) -> Callable[[], Any]:
        """A token refresher, which may be async or slow: its first call gives what the first node stands for then."""
        nodes, seconds = iter(node["$refresher"]), node.get("slow", 0)

        def called() -> Any:
            time.sleep(seconds)
            return self.value(next(nodes))

        async def awaited() -> Any:
            await asyncio.sleep(seconds)
            return self.value(next(nodes))

        return awaited if node.get("async") else called

    def told(self, value: Any) -> Node:
        """The data that says what a value is: a documented object by its attributes, anything else by its type."""
        known = next((cls.__name__ for cls in type(value).__mro__ if cls.__name__ in self.attributes), None)
        if known:
            return self.told_object(value, self.attributes[known])
        tell = next((tell for kind, tell in self.tellers.items() if isinstance(value, kind)), told_plain)
        return tell(value)

    def told_dict(self, value: dict[Any, Any]) -> Node:
        """A mapping; as pairs where a key is no text."""
        pairs = [[self.told(key), self.told(item)] for key, item in value.items()]
        return dict(pairs) if all(isinstance(key, str) for key in value) else {"$pairs": pairs}

    def told_error(self, value: Exception) -> Node:
        """An error by its class, its text and, where it has them, the rule that was broken and where."""
        there = [name for name in ("rule", "target") if hasattr(value, name)]
        told = {name: self.told(getattr(value, name)) for name in there}
        return {"$error": type(value).__name__, "text": str(value)} | told

    def told_object(self, value: Any, attributes: list[str]) -> Node:
        """An object by its documented attributes, and by the additional properties that it has."""
        told = {name: self.told(getattr(value, name)) for name in attributes if hasattr(value, name)}
        if extra := getattr(value, "additional_properties", None):
            told["additional_properties"] = self.told(extra)
        return {"$model": type(value).__name__, **told}


def told_plain(value: Any) -> Node:
    """A value of JSON as it is; of anything else its type."""
    return value if isinstance(value, (str, int, float, type(None))) else {"$other": type(value).__name__}


class Warnings(logging.Handler):
    """Keeps the text of every warning that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one."""
        self.texts.append(record.getMessage())


@contextmanager
def surroundings(zone: str | None) -> Iterator[Warnings]:
    """Collects warnings and, where a question names a time zone, is in that zone."""
    warnings, before = Warnings(), os.environ.get("TZ")
    logging.getLogger().addHandler(warnings)
    if zone:
        set_zone(zone)
    try:
        yield warnings
    finally:
        logging.getLogger().removeHandler(warnings)
        if zone:
            set_zone(before)


def set_zone(zone: str | None) -> None:
    """Moves this process to a time zone; None is the machine's own."""
    os.environ.pop("TZ", None)
    if zone:
        os.environ["TZ"] = zone
    time.tzset()


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Runs one question and tells what came of it."""
    call = Call(question["attributes"])
    with surroundings(question.get("tz")) as warnings:
        try:
            outcome = {"value": call.told(call.run(question))}
        except Exception as error:
            outcome = {"error": {"classes": [cls.__name__ for cls in type(error).__mro__], "text": str(error)}}
    return outcome | {"logs": warnings.texts}


def main() -> None:
    """Answers one JSON line with one JSON line, until the input ends."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

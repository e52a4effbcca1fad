"""Compares what came of a question with what must follow. Types count: the text "5" is not the number 5."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from acs_chat_conformance.vectors import Expected, Step
from acs_chat_testkit.http import Request

Node = Any
ABSENT: Node = {"$absent": True}
"""Stands in a difference where there is nothing."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

KINDS = {
    "PartialFailureError": "partial-failure",
    "ClientAuthenticationError": "unauthorized",
    "ResourceNotFoundError": "not-found",
    "ResourceExistsError": "conflict",
    "DecodeError": "decode",
    "HttpResponseError": "http",
    "ServiceRequestError": "connection",
    "ServiceResponseError": "connection",
    "SerializationError": "serialization",
    "DeserializationError": "deserialization",
    "ValidationError": "validation",
    "TypeError": "type",
    "ValueError": "value",
    "AttributeError": "attribute",
}
"""The kind of an error by the name of its class, or of the nearest base that stands here."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the outcome is not what must follow.

    Args:
        at: A JSON pointer (RFC 6901) into value, error, logs or exchanges.
        wanted: What must be there.
        got: What is there.
    """

    at: str
    wanted: Node
    got: Node


def judge(expected: Expected, outcome: Mapping[str, Any], seen: list[Request]) -> list[Difference]:
    """Everything that is wrong with an outcome; an empty list is a pass.

    Args:
        expected: What must follow.
        outcome: What the adapter told.
        seen: The requests that came in.
    """
    found = [*_exchanges(expected.steps, seen), *_unequal(expected.steps, seen)]
    found += _error(expected.error, outcome) if expected.error else _value(expected, outcome)
    return [*found, *_logs(expected.logs, outcome.get("logs", []))]


def _logs(wanted: tuple[str, ...] | None, logs: list[str]) -> Iterator[Difference]:
    if wanted == () and logs:
        yield Difference("/logs", [], logs)
    for text in wanted or ():
        if not any(text in log for log in logs):
            yield Difference("/logs", text, logs)


def kind_of(error: Mapping[str, Any]) -> str:
    """The kind of an error that an adapter told; ``"crash"`` where no promised class is among its bases."""
    return next((KINDS[name] for name in error["classes"] if name in KINDS), "crash")


def _value(expected: Expected, outcome: Mapping[str, Any]) -> Iterator[Difference]:
    if "value" not in outcome:
        yield Difference("/value", expected.value, _unreturned(outcome))
        return
    got, at = outcome["value"], "/value"
    for step in expected.pick.split("/") if expected.pick else ():
        got, at = _member(got, step), f"{at}/{step}"
    yield from differences(expected.value, got, at)


def _member(value: Node, step: str) -> Node:
    if isinstance(value, list):
        return value[int(step)] if step.isdecimal() and int(step) < len(value) else ABSENT
    return value.get(step, ABSENT) if isinstance(value, dict) else ABSENT


def _unreturned(outcome: Mapping[str, Any]) -> Node:
    if "error" in outcome:
        error = outcome["error"]
        return {"$error": kind_of(error), "class": error["classes"][0], "text": error["text"]}
    return {key: outcome[key] for key in outcome if key != "logs"}


def _error(wanted: Mapping[str, Any], outcome: Mapping[str, Any]) -> Iterator[Difference]:
    if "error" not in outcome:
        yield Difference("/error", dict(wanted), outcome.get("value", _unreturned(outcome)))
        return
    error = outcome["error"]
    if kind_of(error) not in (wanted["kind"] if isinstance(wanted["kind"], list) else [wanted["kind"]]):
        yield Difference("/error/kind", wanted["kind"], _unreturned(outcome))
    for text in wanted.get("text", ()):
        if text not in error["text"]:
            yield Difference("/error/text", text, error["text"])
    told = error.get("told")
    if "told" in wanted:
        yield from differences(wanted["told"], told, "/error/told")


def _exchanges(wanted: tuple[Step, ...], seen: list[Request]) -> Iterator[Difference]:
    for index, (exchange, request) in enumerate(zip(wanted, seen, strict=False)):
        yield from request_differences(exchange.request, request, f"/exchanges/{index}/request")
    for index, exchange in enumerate(wanted[len(seen) :], len(seen)):
        line = f"{exchange.request['method']} {exchange.request['path']}"
        yield Difference(f"/exchanges/{index}/request", line, ABSENT)
    for index, request in enumerate(seen[len(wanted) :], len(wanted)):
        yield Difference(f"/exchanges/{index}/request", ABSENT, f"{request.method} {request.url}")


def _unequal(wanted: tuple[Step, ...], seen: list[Request]) -> Iterator[Difference]:
    """Headers that must have one value in all requests that name them with ``$same``, and do not."""
    first: dict[str, str] = {}
    for index, (exchange, request) in enumerate(zip(wanted, seen, strict=False)):
        for name, value in exchange.request.get("headers", {}).items():
            if isinstance(value, dict) and "$same" in value:
                got = request.headers.get(name, "")
                if first.setdefault(value["$same"], got) != got:
                    yield Difference(f"/exchanges/{index}/request/headers/{name}", first[value["$same"]], got)


def request_differences(wanted: Mapping[str, Any], got: Request, at: str) -> Iterator[Difference]:
    """Compares a request as the server saw it: method, path, query, the headers that are named, and the whole body."""
    path, _, query = got.url.partition("?")
    yield from differences(wanted["method"], got.method, f"{at}/method")
    if not _same_path(wanted["path"], path):
        yield Difference(f"{at}/path", wanted["path"], path)
    yield from _query(wanted.get("query", {}), query, f"{at}/query")
    for name, value in wanted.get("headers", {}).items():
        there: Node = got.headers.get(name, ABSENT)
        if value is None and there is not ABSENT:
            yield Difference(f"{at}/headers/{name}", ABSENT, there)
        elif value is not None:
            yield from differences(value, there, f"{at}/headers/{name}")
    yield from differences(wanted.get("body", ABSENT), _body(got.body), f"{at}/body")


def _same_path(wanted: str, got: str) -> bool:
    """Whether two paths name the same resource; a verb such as ``:add`` must stand there as it is."""
    pairs = wanted.split("/"), got.split("/")
    return len(pairs[0]) == len(pairs[1]) and all(
        mine == theirs if mine.startswith(":") else unquote(mine) == unquote(theirs)
        for mine, theirs in zip(*pairs, strict=True)
    )


def _query(wanted: Mapping[str, Any], query: str, at: str) -> Iterator[Difference]:
    pairs = parse_qsl(query, keep_blank_values=True)
    got: dict[str, list[str]] = {}
    for name, value in pairs:
        got.setdefault(name, []).append(value)
    for name in wanted.keys() | got.keys():
        values: Node = got.get(name, [ABSENT])
        value = wanted.get(name, ABSENT)
        text = str(value) if isinstance(value, int) else value
        yield from differences(text, values[0] if len(values) == 1 else values, f"{at}/{name}")


def _body(raw: bytes) -> Node:
    if not raw:
        return ABSENT
    try:
        return json.loads(raw)
    except ValueError:
        return {"$bytes": raw.decode("latin-1")}


def differences(wanted: Node, got: Node, at: str = "") -> Iterator[Difference]:
    """Every place where a value is not the wanted one.

    A wanted mapping may be a matcher: ``$match`` (a regular expression for the whole text), ``$uuid``, ``$any``,
    ``$ignore``, ``$size`` (of a list), ``$unordered`` or, for a header, ``$same``. Of a told object, one with
    ``$model``, what is not wanted by name must be None.
    """
    if isinstance(wanted, dict):
        tag = next((key for key in wanted if key in MATCHERS), None)
        if tag:
            if not MATCHERS[tag](wanted[tag], got):
                yield Difference(at, wanted, got)
        else:
            yield from _mapping(wanted, got, at)
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, pair in enumerate(zip(wanted, got, strict=True)):
            yield from differences(*pair, f"{at}/{index}")
    elif type(wanted) is not type(got) or wanted != got:
        yield Difference(at, wanted, got)


def _mapping(wanted: Mapping[str, Any], got: Node, at: str) -> Iterator[Difference]:
    if not isinstance(got, dict) or _tags(got) != _tags(wanted):
        yield Difference(at, wanted, got)
        return
    is_object = "$model" in got
    for key in [*wanted, *(key for key in got if key not in wanted)]:
        if key in wanted:
            yield from differences(wanted[key], got.get(key, ABSENT), f"{at}/{key}")
        elif not (is_object and (key == "$model" or got[key] is None)):
            yield Difference(f"{at}/{key}", ABSENT, got[key])


def _tags(node: Mapping[str, Any]) -> set[str]:
    """What marks a mapping as something else than a JSON object; a model may be wanted without its name."""
    return {key for key in node if key.startswith("$") and key != "$model"}


def _same_time(wanted: str, got: Node) -> bool:
    """Whether two times are the same instant with the same offset, or both have none."""
    try:
        mine, theirs = datetime.fromisoformat(wanted), datetime.fromisoformat(got["$dt"])
    except (LookupError, TypeError, ValueError):
        return False
    return mine.utcoffset() == theirs.utcoffset() and mine == theirs


def _same_set(wanted: list[Node], got: Node) -> bool:
    """Whether each wanted item is there once, in any order."""
    left = list(got) if isinstance(got, list) else []
    for item in wanted:
        match = next((one for one in left if not [*differences(item, one)]), None)
        if match is None:
            return False
        left.remove(match)
    return isinstance(got, list) and not left


MATCHERS: dict[str, Callable[[Any, Node], bool]] = {
    "$any": lambda _, got: got is not None and got != ABSENT,
    "$ignore": lambda _, got: True,
    "$dt": _same_time,
    "$size": lambda size, got: isinstance(got, list) and len(got) == size,
    "$same": lambda _, got: isinstance(got, str) and got != "",
    "$match": lambda pattern, got: isinstance(got, str) and re.fullmatch(pattern, got) is not None,
    "$unordered": _same_set,
    "$uuid": lambda _, got: isinstance(got, str) and UUID.fullmatch(got) is not None,
}

"""Compares two contracts: what breaks a client of the older one, what is new, and what makes no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from acs_chat_testkit.contract.reader import Body, Contract, Operation, Schema


class Weight(StrEnum):
    """What a change means for a client of the older contract."""

    BREAKING = "breaking"
    ADDITIVE = "additive"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Args:
        weight: What it means.
        operation: The operation's id.
        where: ``path``, ``status``, ``query/...``, ``request/...`` or ``response 200/...``.
        message: One sentence.
    """

    weight: Weight
    operation: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Field:
    """What a contract says about one place of a body."""

    type: str
    required: bool
    values: frozenset[str]


def compare(older: Contract, newer: Contract) -> list[Change]:
    """Every difference between two contracts, by operation."""
    changes: list[Change] = []
    for name in [*older.operations, *(name for name in newer.operations if name not in older.operations)]:
        old, new = older.operations.get(name), newer.operations.get(name)
        if old is None or new is None:
            weight, verb = (Weight.ADDITIVE, "is new") if old is None else (Weight.BREAKING, "is gone")
            changes.append(Change(weight, name, "", f"the operation {verb}"))
        else:
            found = [*_line(old, new), *_parameters(old, new), *_bodies(older, old, newer, new)]
            changes += [Change(weight, name, where, message) for weight, where, message in found]
    return changes


Found = Iterator[tuple[Weight, str, str]]


def _line(old: Operation, new: Operation) -> Found:
    if (old.method, old.path) != (new.method, new.path):
        yield Weight.BREAKING, "path", f"{old.method} {old.path} became {new.method} {new.path}"
    for status in sorted(old.answers.keys() | new.answers.keys()):
        if status not in new.answers:
            yield Weight.BREAKING if status < 300 else Weight.NEUTRAL, "status", f"{status} is gone"
        elif status not in old.answers:
            yield Weight.BREAKING if status < 300 else Weight.ADDITIVE, "status", f"{status} is new"


def _parameters(old: Operation, new: Operation) -> Found:
    for key in sorted(old.parameters.keys() | new.parameters.keys()):
        place, name = key
        mine, theirs = old.parameters.get(key), new.parameters.get(key)
        if place == "path":
            continue
        if theirs is None:
            yield Weight.BREAKING, f"{place}/{name}", "the parameter is gone"
        elif mine is None:
            weight = Weight.BREAKING if theirs.required else Weight.ADDITIVE
            yield weight, f"{place}/{name}", f"the parameter is new{' and required' if theirs.required else ''}"
        elif mine.required != theirs.required:
            weight = Weight.BREAKING if theirs.required else Weight.ADDITIVE
            yield weight, f"{place}/{name}", f"the parameter is {'now' if theirs.required else 'no longer'} required"


def _bodies(older: Contract, old: Operation, newer: Contract, new: Operation) -> Found:
    yield from _body("request", fields(older, old.body), fields(newer, new.body), sent=True)
    if old.body.content.keys() != new.body.content.keys():
        said = " or ".join(new.body.content) or "none"
        weight = Weight.BREAKING if new.body.required or not new.body.content else Weight.ADDITIVE
        yield weight, "request", f"the media type is now {said}"
    for status in sorted(old.answers.keys() & new.answers.keys()):
        mine, theirs = (fields(one, two.answers[status].body) for one, two in ((older, old), (newer, new)))
        yield from _body(f"response {status}", mine, theirs, sent=False)


def _body(side: str, old: Mapping[str, Field], new: Mapping[str, Field], *, sent: bool) -> Found:
    for place in [*old, *(place for place in new if place not in old)]:
        mine, theirs = old.get(place), new.get(place)
        where = f"{side}{place}"
        if theirs is None:
            yield Weight.BREAKING, where, "the field is gone"
        elif mine is None:
            breaks = sent and theirs.required
            yield Weight.BREAKING if breaks else Weight.ADDITIVE, where, f"the field is new{' and required' * breaks}"
        else:
            yield from _field(where, mine, theirs, sent=sent)


def _field(where: str, old: Field, new: Field, *, sent: bool) -> Found:
    if old.type != new.type:
        yield Weight.BREAKING, where, f"{old.type} became {new.type}"
    if old.required != new.required:
        breaks = new.required if sent else old.required
        said = "now" if new.required else "no longer"
        yield Weight.BREAKING if breaks else Weight.NEUTRAL, where, f"the field is {said} required"
    for value in sorted(old.values - new.values):
        yield Weight.BREAKING if sent else Weight.NEUTRAL, where, f"the value {value} is gone"
    for value in sorted(new.values - old.values):
        yield Weight.ADDITIVE, where, f"the value {value} is new"


def fields(contract: Contract, body: Body) -> dict[str, Field]:
    """Every place of a body that a contract names, as a path; an asterisk is any item of a list."""
    found: dict[str, Field] = {}
    for schema in body.content.values():
        _walk(contract, schema, "", True, found, ())
    return found


def _walk(
    contract: Contract, schema: Schema, place: str, required: bool, found: dict[str, Field], above: tuple[Any, ...]
) -> None:
    node = contract.resolve(schema)
    if any(node is one for one in above):
        return
    values = frozenset(map(str, node.get("enum", ())))
    found[place] = Field(str(node.get("type", "any")), required, values)
    inner = (*above, node)
    if "items" in node:
        _walk(contract, node["items"], f"{place}/*", True, found, inner)
    for name, child in node.get("properties", {}).items():
        _walk(contract, child, f"{place}/{name}", name in node.get("required", ()), found, inner)

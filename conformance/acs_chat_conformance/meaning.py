"""What a value of the wire is on the documented surface, and how the surface writes it again; from `surface.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from acs_chat_conformance.surface import surface
from acs_chat_testkit.contract import DEFAULT_VERSION

Node = Any
ENUMERATION = "ChatMessageType"
IDENTIFIER = "CommunicationUserIdentifier"


def said(kind: str, wire: Node, version: str, *, names: bool) -> Node:
    """What an adapter is told, or tells, for a value of the wire.

    Args:
        kind: The documented type, as `surface.yaml` names it.
        wire: The value as JSON has it.
        version: The api-version whose keys it has.
        names: Whether a member of the enumeration is said by its name; the clients are told its value.
    """
    if wire is None:
        return None
    if item := item_of(kind):
        return [said(item, one, version, names=names) for one in wire]
    if kind == "datetime":
        return {"$dt": wire}
    if kind == ENUMERATION:
        name = next((name for name, value in surface().models[kind]["values"].items() if value == wire), None)
        return {"$name": f"{kind}.{name}"} if names and name else wire
    if kind == IDENTIFIER:
        return {"$model": kind, "identifier": _raw_id(wire)}
    if kind not in surface().models:
        return _raw_id(wire)
    there = {
        name: said(one["type"], wire.get(key, one.get("default")), version, names=names)
        for name, key, one in attributes(kind, version)
    }
    return {"$model": kind} | {name: value for name, value in there.items() if value is not None}


def written(kind: str, wire: Node, version: str, to: str = DEFAULT_VERSION, *, readonly: bool = True) -> Node:
    """What the surface writes for what it read.

    Args:
        kind: The documented type.
        wire: The value that was read.
        version: The api-version whose keys it has.
        to: The api-version for which it is written.
        readonly: Whether what only the service fills is written too.
    """
    if item := item_of(kind):
        return [written(item, one, version, to, readonly=readonly) for one in wire]
    if kind == "datetime":
        return in_utc(wire)
    if kind not in surface().models:
        return wire
    if "schema" not in surface().models[kind]:
        return wire
    keys = {name: key for name, key, _ in attributes(kind, to)}
    return {
        keys[name]: written(one["type"], wire[key], version, to, readonly=readonly)
        for name, key, one in attributes(kind, version)
        if wire.get(key) not in (None, one.get("default")) and (readonly or not one.get("readonly"))
    }


def attributes(model: str, version: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The attributes of a model that have a key on the wire: name, key of an api-version, and the rest."""
    for name, one in surface().models[model]["attributes"].items():
        if "key" in one:
            yield name, one["key"] if version == DEFAULT_VERSION else one.get("preview3", one["key"]), one


def documented(model: str, wire: Mapping[str, Any], version: str) -> dict[str, Any]:
    """A body without what the documented model, or one inside it, has no attribute for."""
    kinds = {key: one["type"] for _, key, one in attributes(model, version)}
    return {key: _documented(kinds[key], value, version) for key, value in wire.items() if key in kinds}


def _documented(kind: str, wire: Node, version: str) -> Node:
    if item := item_of(kind):
        return [_documented(item, one, version) for one in wire]
    known = "schema" in surface().models.get(kind, ())
    return documented(kind, wire, version) if known else wire


def item_of(kind: str) -> str:
    """The type of the items of a list; empty for another type."""
    return kind.removeprefix("list[").removesuffix("]") if kind.startswith("list[") else ""


def in_utc(text: str) -> str:
    """A time as requests have it: in UTC, with three to six digits of a second."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    fraction = f"{moment.microsecond:06d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction[:3]}{fraction[3:].rstrip('0')}Z"


def _raw_id(wire: Node) -> Node:
    """The identifier that an object of the wire holds; what is no object is its own."""
    if not isinstance(wire, Mapping):
        return wire
    user = wire.get("communicationUser")
    return user["id"] if user else wire["rawId"]

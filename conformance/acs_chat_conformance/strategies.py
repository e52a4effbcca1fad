"""Hypothesis strategies for what a contract allows: bodies as a client may send them and as the service may answer."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from acs_chat_testkit.contract import Contract
from acs_chat_testkit.contract.reader import Schema

NASTY = ("19:meeting@thread.v2", "a/b", "?#%", "..", "{x}", "\N{GRINNING FACE}", " ", "\u2028")
"""Texts that have broken clients; they come up often."""


def bodies(contract: Contract, schema: Schema, *, users: bool = False) -> st.SearchStrategy[Any]:
    """Values that a schema of a contract allows, without properties that it does not name.

    Args:
        contract: Where its references lead.
        schema: What the values keep to.
        users: Whether every identifier is that of a user, which is written as it is read.
    """
    return _maker(contract, users).of(schema)


def times() -> st.SearchStrategy[str]:
    """RFC 3339 texts with zero to seven digits of a fraction, in UTC or with an offset."""
    moments = st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2100, 1, 1))
    fractions = st.one_of(st.just(""), st.integers(1, 9_999_999).map(lambda ticks: f".{ticks:07d}"), st.just(".5"))
    zones = st.sampled_from(["Z", "+00:00", "+02:00", "-05:30"])
    return st.builds(lambda at, part, zone: f"{at:%Y-%m-%dT%H:%M:%S}{part}{zone}", moments, fractions, zones)


def texts(least: int = 0) -> st.SearchStrategy[str]:
    """Any text, of up to twenty characters; the nasty ones often."""
    plain = st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=20)
    return st.one_of(st.sampled_from(NASTY), plain)


def segments() -> st.SearchStrategy[str]:
    """Ids that are one segment of a path; of dots alone no id can be sent."""
    return texts(1).filter(lambda text: text.strip("."))


def users_alone() -> st.SearchStrategy[dict[str, Any]]:
    """Identifier objects of users of a communication resource."""
    ids = texts(1).map(lambda text: f"8:acs:{text}")
    return ids.map(lambda one: {"rawId": one, "communicationUser": {"id": one}})


class _Maker:
    """Makes the strategy of each schema of a contract once; a schema may refer to itself."""

    def __init__(self, contract: Contract, users: bool) -> None:
        self._contract = contract
        self._users = users
        self._made: dict[int, tuple[Schema, st.SearchStrategy[Any]]] = {}

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        node = self._contract.resolve(schema)
        if id(node) not in self._made:  # the node is kept too, so that no other one gets its id
            self._made[id(node)] = node, st.deferred(lambda: self._make(node))
        return self._made[id(node)][1]

    def _make(self, node: Schema) -> st.SearchStrategy[Any]:
        if "enum" in node:
            return st.sampled_from(node["enum"])
        if node.get("format") == "date-time":
            return times()
        if node.get("format") == "uri":
            return st.just("https://chat.communication.example/file")
        if node.get("type") == "object":
            return self._object(node)
        if node.get("type") == "array":
            return st.lists(self.of(node["items"]) if "items" in node else st.just("x"), max_size=3)
        if node.get("type") == "boolean":
            return st.booleans()
        if node.get("type") == "integer":
            return st.integers(0, 1000)
        return _text(node)

    def _object(self, node: Schema) -> st.SearchStrategy[dict[str, Any]]:
        properties = {name: self.of(one) for name, one in node.get("properties", {}).items()}
        if self._users and "communicationUser" in properties:
            return users_alone()
        if isinstance(node.get("additionalProperties"), dict) and not properties:
            return st.dictionaries(st.text(max_size=5), self.of(node["additionalProperties"]), max_size=2)
        if node.get("maxProperties") == 1:
            return st.one_of([st.fixed_dictionaries({name: one}) for name, one in properties.items()])
        required = set(node.get("required", ()))
        members = {branch["required"][0] for branch in node.get("oneOf", ()) if "required" in branch}
        return st.one_of(
            [_members(properties, required | {chosen}, members - {chosen}) for chosen in sorted(members)]
            or [_members(properties, required, set())]
        ).map(_consistent)


_maker = lru_cache(maxsize=8)(_Maker)


def _members(
    properties: dict[str, st.SearchStrategy[Any]], required: set[str], never: set[str]
) -> st.SearchStrategy[dict[str, Any]]:
    there = {name: one for name, one in properties.items() if name in required}
    may_be = {name: one for name, one in properties.items() if name not in required | never}
    return st.fixed_dictionaries(there, optional=may_be)


def _consistent(made: dict[str, Any]) -> dict[str, Any]:
    """An object as a service sends it: the raw id of a user is the user's id."""
    return made | {"rawId": made["communicationUser"]["id"]} if "communicationUser" in made else made


def _text(node: Schema) -> st.SearchStrategy[str]:
    if "pattern" in node:
        if node["pattern"].startswith("^https"):
            return st.just("https://chat.communication.example/chat/threads?syncState=a")
        return st.from_regex(node["pattern"], fullmatch=True, alphabet=st.characters(max_codepoint=127))
    return texts(node.get("minLength", 0))

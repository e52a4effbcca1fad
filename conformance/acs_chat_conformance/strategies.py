"""Hypothesis strategies for what a contract allows: bodies as a client may send them and as the service may answer."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from acs_chat_testkit.contract import Contract
from acs_chat_testkit.contract.reader import Schema

NASTY = ("19:meeting@thread.v2", "a/b", "?#%", "..", "{x}", "\N{GRINNING FACE}", " ", "\u2028")
"""Texts that have broken clients; they come up often."""


def bodies(contract: Contract, schema: Schema) -> st.SearchStrategy[Any]:
    """Values that a schema of a contract allows, without properties that it does not name."""
    node = contract.resolve(schema)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node.get("format") == "date-time":
        return times()
    if node.get("format") == "uri":
        return st.just("https://chat.communication.example/file")
    if node.get("type") == "object":
        return _objects(contract, node)
    if node.get("type") == "array":
        return st.lists(bodies(contract, node["items"]) if "items" in node else st.just("x"), max_size=3)
    if node.get("type") == "boolean":
        return st.booleans()
    if node.get("type") == "integer":
        return st.integers(0, 1000)
    return _texts(node)


def times() -> st.SearchStrategy[str]:
    """RFC 3339 texts with zero to seven digits of a fraction, in UTC or with an offset."""
    moments = st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2100, 1, 1))
    fractions = st.one_of(st.just(""), st.integers(1, 9_999_999).map(lambda ticks: f".{ticks:07d}"), st.just(".5"))
    zones = st.sampled_from(["Z", "+00:00", "+02:00", "-05:30"])
    return st.builds(lambda at, part, zone: f"{at:%Y-%m-%dT%H:%M:%S}{part}{zone}", moments, fractions, zones)


def _texts(node: Schema) -> st.SearchStrategy[str]:
    if "pattern" in node:
        if node["pattern"].startswith("^https"):
            return st.just("https://chat.communication.example/chat/threads?syncState=a")
        return st.from_regex(node["pattern"], fullmatch=True, alphabet=st.characters(max_codepoint=127))
    least = node.get("minLength", 0)
    plain = st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=20)
    return st.one_of(st.sampled_from(NASTY), plain)


@st.composite
def _objects(draw: st.DrawFn, contract: Contract, node: Schema) -> dict[str, Any]:
    properties = dict(node.get("properties", {}))
    if isinstance(node.get("additionalProperties"), dict) and not properties:
        return draw(st.dictionaries(st.text(max_size=5), bodies(contract, node["additionalProperties"]), max_size=2))
    required = set(node.get("required", ()))
    if "oneOf" in node:
        members = [branch["required"][0] for branch in node["oneOf"] if "required" in branch]
        chosen = draw(st.sampled_from(members))
        required.add(chosen)
        properties = {name: one for name, one in properties.items() if name not in members or name == chosen}
    if node.get("maxProperties") == 1:
        chosen = draw(st.sampled_from(sorted(properties)))
        return {chosen: draw(bodies(contract, properties[chosen]))}
    return {
        name: draw(bodies(contract, one)) for name, one in properties.items() if name in required or draw(st.booleans())
    }

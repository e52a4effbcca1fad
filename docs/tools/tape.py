"""The cassette format as data: its keys, what stands in the place of secrets and ids, and the errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from acs_chat_testkit import chat_profile
from acs_chat_testkit import errors as home
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Cassette, Header, Interaction, layout, serializer
from acs_chat_testkit.recording.redaction import SECRET, TOKEN
from acs_chat_testkit.recording.redaction.heads import BOUNDARY

HEADERS = Headers({"Content-Type": "application/json"})
FULL = Cassette(
    (
        Interaction(
            Request("POST", "https://chat.communication.example/x", HEADERS, b'{"a":1}'),
            Response(200, HEADERS, b'{"a":1}', "OK"),
            pieces=(7,),
            coding="gzip",
            others={"NAME": "value"},
        ),
        Interaction(Request("GET", "https://chat.communication.example/x"), None, "reset"),
    ),
    Header(
        origin="live",
        api_version="2024-03-07",
        recorded_at="2026-01-01T00:00:00Z",
        variables={"NAME": "value"},
        metadata={"NAME": "value"},
    ),
)
"""A cassette that has every key."""


def key_paths() -> list[str]:
    """The path of every key; ``[]`` is any element of a list, capitals are any name."""
    return [*sorted(set(_keys(yaml.safe_load(serializer.dump(FULL)), ""))), f"layout = {' | '.join(layout.LAYOUTS)}"]


def _keys(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _keys(below, f"{path}.{'NAME' if path.endswith('.headers') else name}".lstrip("."))
    elif isinstance(value, list) and path != "interactions[].response.body.pieces":
        for below in value:
            yield from _keys(below, f"{path}[]")
    else:
        yield path


def tokens() -> Iterator[str]:
    """What the cassette says instead, by what it stands for."""
    yield f"secret: {SECRET}"
    yield f"token: {TOKEN}"
    yield f"endpoint: {chat_profile.ENDPOINT}"
    yield f"multipart boundary: {BOUNDARY}"
    profile = chat_profile.chat_profile(content="mask")
    for kind in profile.rules.kinds:
        yield f"{kind.name}: {kind.pattern}"
    for each in sorted(profile.rules.secret_headers):
        yield f"secret header: {each}"
    for rule in dict.fromkeys(rule.name for rule in profile.rules.texts):
        yield f"rule: {rule}"


def errors() -> list[str]:
    """The names of the error tree, as it is drawn at the top of its file."""
    return re.findall(r"(?m)^[│├└─ ]*([A-Z]\w+)", (home.__doc__ or "").partition("\n\n")[2])

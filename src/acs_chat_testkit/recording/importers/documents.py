"""Reading documents of other recorders: JSON and YAML, safely, with errors that name the file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.client import responses
from itertools import chain, repeat
from typing import Any

from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.codings import open_body
from acs_chat_testkit.recording.misfits import Place, check


def from_json(data: bytes, name: str) -> Any:
    """The document of a JSON text.

    Raises:
        BrokenCassette: It is no JSON, or a key comes twice.
    """
    try:
        return json.loads(data, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise BrokenCassette(f"{name}, line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise BrokenCassette(f"{name} can not be read as JSON: {serializer.without_secrets(str(error))}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping; a reviewer would read the first of two equal keys, and a loader the last."""
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the key {twice!r} comes twice")
    return mapping


def lines_of(data: bytes, start: bytes) -> list[int]:
    """The lines on which something starts that the writer of a JSON text begins a line with."""
    return [number for number, line in enumerate(data.split(b"\n"), 1) if line.lstrip().startswith(start)]


def collect(
    raw: Any,
    key: str,
    read: Callable[[dict[str, Any]], Interaction],
    places: Callable[[Any], Iterable[Place]],
    name: str,
    members: serializer.Members,
    *,
    lines: Sequence[int] = (),
    header: Header | None = None,
) -> Cassette:
    """The cassette of a document that has its interactions under a key.

    Args:
        raw: The document.
        key: Where its interactions are.
        read: Reads one of them.
        places: Where it looks.
        name: The file's name for errors.
        members: What is read of the document, or known to say nothing of a request or its answer.
        lines: On which lines they start; passed over where there are not as many.
        header: What the file says about itself.

    Raises:
        BrokenCassette: There is no such list, or one of them can not be read.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get(key), list):
        raise BrokenCassette(f"{name} has no list of {key}")
    interactions = []
    known = lines if len(lines) == len(raw[key]) else ()
    for number, (each, line) in enumerate(zip(raw[key], chain(known, repeat(0)), strict=False), 1):
        check(each, places, f"{name}: interaction {number}", line)
        interactions.append(replace(read(each), line=line))
    left = serializer.unread(raw, key, members)
    return Cassette(tuple(interactions), header or Header(format=None), left)


def interaction(request: Request, status: int, headers: Headers, body: bytes, reason: str | None = None) -> Interaction:
    """An interaction whose answer is as a client would have to get it: opened, and as long as it says."""
    headers, body = open_body(headers, body)
    if body and headers.get("content-length", str(len(body))) != str(len(body)):
        headers = Headers((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in headers.fields)
    return Interaction(
        request, Response(status, headers, body, responses.get(status, "") if reason is None else reason)
    )


def written(value: Any) -> bytes:
    """A JSON value as most services write it; its own bytes are lost where a recorder kept the value alone.

    Raises:
        ValueError: It is too large: aliases make that of a small file.
        TypeError: JSON can not hold it.
    """
    return serializer.written(value, encoder=_COMPACT)


_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def from_base64(text: str) -> bytes:
    """Bytes that a recorder wrote as base64.

    Raises:
        ValueError: They are none.
    """
    return base64.b64decode(text, validate=True)


def earliest(times: Iterable[Any]) -> str | None:
    """The first of some times (RFC 3339), in UTC; None where there is none."""
    known = sorted(time for time in map(_time, times) if time is not None)
    return known[0].strftime("%Y-%m-%dT%H:%M:%SZ") if known else None


def _time(text: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None

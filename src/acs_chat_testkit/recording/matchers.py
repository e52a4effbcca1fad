"""Matchers: each reads one aspect of a request, and equal aspects mean that a recording answers it.

A matcher gives a value and not a verdict, so the values of all matchers together are a key to look a request up by,
and a difference can be shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.http import Request

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a url as matchers compare them: decoded, so that `%3A` and `:` are one."""

    scheme: str
    host: str
    port: int | None
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def address(url: str) -> Address:
    """Reads a url (RFC 3986)."""
    parts = urlsplit(url)
    return Address(
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or PORTS.get(parts.scheme),
        tuple(unquote(segment) for segment in parts.path.split("/")) if parts.path != "" else ("", ""),
        tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))),
    )


def json_value(request: Request) -> Any:
    """The value of a JSON body, or the body itself where it is none."""
    if request.body[:1] in (b"{", b"[") or "json" in request.headers.get("content-type", ""):
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError):
            return request.body
    return request.body


def _body(request: Request) -> Hashable:
    value = json_value(request)
    return value if isinstance(value, bytes) else json.dumps(value, sort_keys=True)


MATCHERS: dict[str, Callable[[Request], Hashable]] = {
    "method": lambda request: request.method,
    "scheme": lambda request: address(request.url).scheme,
    "host": lambda request: address(request.url).host,
    "port": lambda request: address(request.url).port,
    "path": lambda request: address(request.url).path,
    "query": lambda request: address(request.url).query,
    "uri": lambda request: request.url,
    "body": _body,
    "raw_body": lambda request: request.body,
    "headers": lambda request: tuple(sorted((name, request.headers[name]) for name in request.headers)),
}
"""The aspects by name, in vcrpy's words; JSON bodies are compared as values."""

STRICT = ("method", "scheme", "host", "port", "path", "query", "body")
"""How a cassette of ours is matched."""

LIKE_VCRPY = ("method", "scheme", "host", "port", "path", "query")
"""How a cassette of another recorder is matched: the way vcrpy would."""


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The names, checked.

    Raises:
        UsageError: There is no such matcher.
    """
    for name in names:
        if name not in MATCHERS:
            raise UsageError(f"matcher {name!r} does not exist; match_on takes {', '.join(MATCHERS)}")
    return tuple(names)


def key(request: Request, names: Sequence[str]) -> tuple[Hashable, ...]:
    """What a request is looked up by."""
    return tuple([MATCHERS[name](request) for name in names])

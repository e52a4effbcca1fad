"""Matchers: each reads one aspect of a request, and equal aspects mean that a recording answers it.

A matcher gives a value and not a verdict, so the values of all matchers together are a key to look a request up by,
and a difference can be shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.http import Request

PORTS = {"http": 80, "https": 443}
_BYTES = "surrogateescape"
"""How bytes that are no UTF-8 stay apart from each other."""


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
    """Reads a url (RFC 3986); one that can not be read is all path."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Address("", "", None, (url,), ())
    return Address(
        parts.scheme,
        (parts.hostname or "").lower(),
        port or PORTS.get(parts.scheme),
        tuple(unquote(segment, errors=_BYTES) for segment in parts.path.split("/")) if parts.path else ("", ""),
        tuple(sorted(parse_qsl(parts.query, keep_blank_values=True, errors=_BYTES))),
    )


_ENCODED = r"%(?:2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-D])"
_WORD = rf"(?:[A-Za-z0-9_.~-]++|{_ENCODED})"
_PAIR = rf"{_WORD}++={_WORD}*+"
_PLAIN_URL = (
    r"https?://[a-z0-9.-]++(?!:80/|:443/)(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}))?"
    rf"/[A-Za-z0-9_.~/-]*+(?:{_ENCODED}[A-Za-z0-9_.~/-]*+)*+"
)
_URL = re.compile(rf"{_PLAIN_URL}(?:\?(?P<query>{_PAIR}(?:&{_PAIR})*+))?", re.ASCII)
_URLS = re.compile(rf"(?:{_PLAIN_URL}(?:\?{_PAIR})?\n)*+", re.ASCII)
"""Lines that are urls with one parameter at most, spelled as `canonical` would."""


def canonical(url: str) -> str:
    """One spelling for all urls that have the same address.

    Most urls are spelled that way already, and to see that is twenty times faster than to read them.
    """
    found = _URL.fullmatch(url)
    if found is None:
        return _spelled(address(url))
    query = found["query"]
    if query is None or "&" not in query:
        return url
    return url[: -len(query)] + "&".join(sorted(query.split("&")))


def filled(request: Request) -> Request:
    """The request without the parameters that have no value, which vcrpy does not read."""
    place, mark, query = request.url.partition("?")
    pairs = query.split("&")
    kept = [pair for pair in pairs if pair.partition("=")[2]]
    return request if not mark or kept == pairs else replace(request, url=f"{place}?{'&'.join(kept)}")


def _spelled(parts: Address) -> str:
    port = "" if parts.port == PORTS.get(parts.scheme) else f":{parts.port}"
    path = "/".join(map(_quoted, parts.path))
    query = "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in parts.query))
    # What stands in front of a path that belongs to no host is not taken for one.
    return f"{parts.scheme}://{parts.host or '?'}{port}{path}{'?' if query else ''}{query}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors=_BYTES)


def json_value(request: Request) -> Any:
    """The value of a JSON body, or the body itself where it is none."""
    if request.body[:1] in (b"{", b"[") or "json" in request.headers.get("content-type", ""):
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError):
            return request.body
    return request.body


_in_order = json.JSONEncoder(sort_keys=True).encode


_PLAIN = re.compile(r'"([\w .-]{4,})"', re.ASCII)


def words(request: Request) -> list[bytes]:
    """Texts that stand in every JSON body of the same value, in one spelling unless something is escaped there."""
    value = json_value(request)
    return [] if isinstance(value, bytes) else [text.encode() for text in _PLAIN.findall(_in_order(value))]


_FORM = re.compile(rb"[!-%'-<>-~]+=[!-%'-~]*(?:&[!-%'-<>-~]+=[!-%'-~]*)*")


def _body(request: Request) -> Hashable:
    """JSON by its value, a form by its fields, in whatever order they come; all else by its bytes.

    What a client declares decides little: urllib calls every body a form.
    """
    if not request.body:
        return b""
    value = json_value(request)
    if not isinstance(value, bytes):
        return _in_order(value).encode()
    fields = form_fields(request)
    return value if fields is None else urlencode(fields, encoding="latin-1").encode()


def form_fields(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form, by name; None where the body is none."""
    if "form-urlencoded" not in request.headers.get("content-type", "") or not _FORM.fullmatch(request.body):
        return None
    fields = parse_qsl(request.body.decode(), keep_blank_values=True, encoding="latin-1")
    return sorted(fields, key=itemgetter(0))


def form_as_value(request: Request) -> Request | None:
    """The same request with a form as a JSON object of its fields; None where it has none, or one field twice."""
    fields = form_fields(request) or []
    value = {name: text.encode("latin-1").decode(errors="replace") for name, text in fields}
    if not fields or len(value) < len(fields):
        return None
    return replace(request, headers=request.headers.without("content-type"), body=json.dumps(value).encode())


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


ADDRESS = frozenset(["scheme", "host", "port", "path", "query"])
_OF_HEAD = ADDRESS | {"method", "uri"}


@lru_cache(maxsize=64)
def of_head(names: tuple[str, ...]) -> Callable[[str, str], Hashable]:
    """Gives the part of the key that method and url decide, without the rest of a request."""
    wanted = set(names)
    whole = wanted >= ADDRESS
    others = [name for name in names if name in _OF_HEAD and not (whole and name in ADDRESS) and name != "method"]
    if whole and "method" in wanted and not others:
        return _method_and_address

    def key(method: str, url: str) -> Hashable:
        rest = [MATCHERS[name](Request(method, url)) for name in others]
        return (method if "method" in wanted else "", canonical(url) if whole else "", *rest)

    return key


def _method_and_address(method: str, url: str) -> Hashable:
    return method, canonical(url)


def of_heads(names: tuple[str, ...], heads: Sequence[tuple[str, str]]) -> Sequence[Hashable]:
    """What `of_head` gives for each of many methods and urls; one look tells whether they are their own keys."""
    key = of_head(names)
    if key is _method_and_address and _URLS.fullmatch("".join([f"{url}\n" for _, url in heads])):
        return heads
    return [key(*head) for head in heads]


@lru_cache(maxsize=64)
def of_rest(names: tuple[str, ...]) -> tuple[str, ...]:
    """The matchers that need more of a request than method and url."""
    return tuple(name for name in names if name not in _OF_HEAD)


def key(request: Request, names: Sequence[str]) -> tuple[Hashable, ...]:
    """The values of these matchers."""
    return tuple([MATCHERS[name](request) for name in names])

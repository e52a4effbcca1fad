"""The match report: why no recording answers a request, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording.matchers import MATCHERS, address, form_fields, json_value
from acs_chat_testkit.recording.playlist import Playlist

NEAREST = 3
"""So many recorded requests are shown."""
CANDIDATES = 12
"""So many are compared member by member: all of a large cassette would take seconds."""
LINES = 8
"""So many differences of each."""
_LONG = 120
"""So many characters of a value."""
_BEFORE = 20
"""So many characters of what two long values begin with."""


def explain(request: Request, playlist: Playlist) -> str:
    """The nearest recorded requests with every difference.

    Args:
        request: The request that nothing answers, redacted.
        playlist: What was recorded.
    """
    size = len(playlist)
    if not size:
        return "  the cassette holds no interactions"
    stored = {place: playlist.request(place) for place in playlist.near(request, CANDIDATES)}
    found = {place: differences(request, each, playlist.match_on) for place, each in stored.items()}
    # Another path is farther away than ten members of a body.
    nearest = sorted(stored, key=lambda place: (_far(request, stored[place], playlist.match_on), len(found[place])))
    lines = []
    for place in nearest[:NEAREST]:
        lines.append(f"  recorded {place + 1} of {size}: {line(stored[place])}")
        texts = found[place] or _equal(request, playlist, place)
        lines.extend(f"    {text}" for text in texts[:LINES])
        if len(texts) > LINES:
            lines.append(f"    and {len(texts) - LINES} more differences")
    return "\n".join(lines)


def _far(request: Request, recorded: Request, names: Sequence[str]) -> int:
    return sum(MATCHERS[name](request) != MATCHERS[name](recorded) for name in names)


def line(request: Request) -> str:
    """A request on one line."""
    return f"{request.method} {request.url}"


def inside(path: str | Path) -> str:
    """Of a cassette of vcrpy that is open inside the recorder."""
    return (
        f"\n  vcrpy's cassette {path} is open inside it: it has no answer either, or the request "
        "comes from a thread that was started outside its block"
    )


def _equal(request: Request, playlist: Playlist, place: int) -> list[str]:
    """Why an interaction without a difference does not answer."""
    if not playlist.holds(place, request):
        return ["equal, but a matcher of the suite does not take it"]
    return ["equal, but its answer was already given"] if playlist.played[place] else ["equal"]


def differences(request: Request, recorded: Request, names: Sequence[str]) -> list[str]:
    """Every aspect in which two requests differ, one line each."""
    found: list[str] = []
    for name in names:
        if MATCHERS[name](request) != MATCHERS[name](recorded):
            parts = _PARTS.get(name, _whole(name))(request, recorded)
            found.extend(f"{where}: {_both(a, b)}" for where, a, b in parts)
    return found


Parts = Iterator[tuple[str, Any, Any]]
"""Places that differ, with what was sent there and what is recorded."""


def _whole(name: str) -> Callable[[Request, Request], Parts]:
    def whole(request: Request, recorded: Request) -> Parts:
        yield name, MATCHERS[name](request), MATCHERS[name](recorded)

    return whole


def _path(request: Request, recorded: Request) -> Parts:
    yield "path", "/".join(address(request.url).path), "/".join(address(recorded.url).path)


def _query(request: Request, recorded: Request) -> Parts:
    return _pairs("query", address(request.url).query, address(recorded.url).query)


def _headers(request: Request, recorded: Request) -> Parts:
    sent, stored = ([(name, each.headers[name]) for name in each.headers] for each in (request, recorded))
    return _pairs("header", sent, stored)


def _body(request: Request, recorded: Request) -> Parts:
    sent, stored = form_fields(request), form_fields(recorded)
    if sent is not None and stored is not None:
        return _pairs("body", *([(name, _utf8(value)) for name, value in fields] for fields in (sent, stored)))
    return _values("body", _readable(json_value(request)), _readable(json_value(recorded)))


_PARTS = {"path": _path, "query": _query, "headers": _headers, "body": _body}


def _pairs(where: str, sent: Iterable[tuple[str, str]], stored: Iterable[tuple[str, str]]) -> Parts:
    """The names that have other values; one that comes several times has them all."""
    values: dict[str, tuple[list[str], list[str]]] = {}
    for side, pairs in enumerate((sent, stored)):
        for name, value in pairs:
            values.setdefault(name, ([], []))[side].append(value)
    for name, (a, b) in values.items():
        if a != b:
            yield f"{where} {name}", _one(a), _one(b)


def _one(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values or _ABSENT


def _utf8(text: str) -> str:
    """The text of a form's field, which is compared byte by byte."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return text


def _readable(value: Any) -> Any:
    """A body that is a text as one."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode() if value else _ABSENT
    except UnicodeDecodeError:
        return value


def _values(where: str, sent: Any, stored: Any) -> Parts:
    """The places at which two JSON values differ, as paths."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        for name in [*sent, *(name for name in stored if name not in sent)]:
            yield from _values(f"{where}.{name}", sent.get(name, _ABSENT), stored.get(name, _ABSENT))
    elif isinstance(sent, list) and isinstance(stored, list):
        for index, (a, b) in enumerate(zip_longest(sent, stored, fillvalue=_ABSENT)):
            yield from _values(f"{where}[{index}]", a, b)
    elif (type(sent), sent) != (type(stored), stored):  # in JSON, true is not 1, and 1 is not 1.0
        yield where, sent, stored


def beside(new: Iterable[Request], unasked: Iterable[Request]) -> list[str]:
    """What may grow with every run, such as a time in the query.

    Args:
        new: The requests that were recorded.
        unasked: The recorded ones that nothing asked for.
    """
    older = {_place(each) for each in unasked}
    growing = "; if query or body are other ones in every run, leave them out of match_on"
    return [
        f"{line(each)} was recorded beside one like it that nothing asked for{growing}"
        for each in new
        if _place(each) in older
    ]


def _place(request: Request) -> tuple[str, str]:
    return request.method, request.url.partition("?")[0]


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


_ABSENT = _Absent()


def _both(sent: Any, stored: Any) -> str:
    """Two values that differ, so that it can be seen where: long ones may begin alike."""
    texts = [repr(sent), repr(stored)]
    unlike = (place for place, (a, b) in enumerate(zip(*texts, strict=False)) if a != b)
    alike = next(unlike, min(map(len, texts)))
    start = max(0, alike - _BEFORE) if alike + _BEFORE > _LONG else 0
    return "sent {}, recorded {}".format(*[_short(text, start) for text in texts])


def _short(text: str, start: int) -> str:
    """A text from a place on, no longer than a line."""
    shown = text if not start else "…" + text[start:]
    return shown if len(shown) <= _LONG else shown[: _LONG - 1] + "…"

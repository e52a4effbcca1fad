"""The match report: why no recording answers a request, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording.matchers import MATCHERS, json_value
from acs_chat_testkit.recording.playlist import Playlist

NEAREST = 3
"""So many recorded requests are shown."""
CANDIDATES = 12
"""So many are compared member by member: all of a large cassette would take seconds."""
LINES = 8
"""So many differences of each."""
_LONG = 120


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
        texts = found[place] or _used(playlist.played[place])
        lines.extend(f"    {text}" for text in texts[:LINES])
        if len(texts) > LINES:
            lines.append(f"    and {len(texts) - LINES} more differences")
    return "\n".join(lines)


def _far(request: Request, recorded: Request, names: Sequence[str]) -> int:
    return sum(MATCHERS[name](request) != MATCHERS[name](recorded) for name in names)


def line(request: Request) -> str:
    """A request on one line."""
    return f"{request.method} {request.url}"


def _used(played: int) -> list[str]:
    return ["equal, but its answer was already given"] if played else ["equal"]


def differences(request: Request, recorded: Request, names: Sequence[str]) -> list[str]:
    """Every aspect in which two requests differ, one line each."""
    found: list[str] = []
    for name in names:
        sent, stored = MATCHERS[name](request), MATCHERS[name](recorded)
        if sent == stored:
            continue
        if name == "body":
            found.extend(
                f"body{where}: sent {_short(a)}, recorded {_short(b)}" for where, a, b in _bodies(request, recorded)
            )
        else:
            found.append(f"{name}: sent {_short(_plain(name, sent))}, recorded {_short(_plain(name, stored))}")
    return found


def _plain(name: str, value: Any) -> Any:
    if name == "path":
        return "/".join(value)
    if name == "query":
        return "&".join(f"{key}={text}" for key, text in value)
    return value


def _bodies(request: Request, recorded: Request) -> Iterator[tuple[str, Any, Any]]:
    yield from _values("", json_value(request), json_value(recorded))


def _values(where: str, sent: Any, stored: Any) -> Iterator[tuple[str, Any, Any]]:
    """The places at which two JSON values differ, as paths."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        for name in [*sent, *(name for name in stored if name not in sent)]:
            yield from _values(f"{where}.{name}", sent.get(name, _ABSENT), stored.get(name, _ABSENT))
    elif isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        for index, (a, b) in enumerate(zip(sent, stored, strict=True)):
            yield from _values(f"{where}[{index}]", a, b)
    elif (type(sent), sent) != (type(stored), stored):  # in JSON, true is not 1, and 1 is not 1.0
        yield where, sent, stored


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


_ABSENT = _Absent()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"

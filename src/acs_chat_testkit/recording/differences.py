"""Differences: what a new recording says otherwise than the old one, with what differs every time folded away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import parse_qsl

from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording.cassette import Cassette, Interaction

_ORIGIN = re.compile("^[^/]*//[^/]*")
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "<time>"),
    (re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "<guid>"),
    (re.compile(r"(?<=19:)[\w-]{16,}(?=(?:@|%40)thread)"), "<thread>"),
    (re.compile(r"(?<![\w-])[\w+/-]{32,}={0,2}(?![\w-])"), "<word>"),
    (re.compile(r"(?<!\d)1\d{12}(?!\d)"), "<id>"),
)
"""What differs in every recording: times, ids that are counted or drawn by lot, cursors."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one interaction.

    Args:
        old: The old one; None where the new one was added.
        new: The new one; None where the old one was removed.
        differences: Place, old value and new value, for each value that differs and is not folded.
        folded: How many more values differ as they do in every recording.
        at: The places of both in their recordings, from 0.
    """

    old: Interaction | None
    new: Interaction | None
    differences: tuple[tuple[str, str, str], ...] = ()
    folded: int = 0
    at: tuple[int | None, int | None] = (None, None)

    @property
    def same(self) -> bool:
        """Whether there is nothing to look at."""
        return self.old is not None and self.new is not None and not self.differences


def compare(old: Cassette, new: Cassette) -> list[Change]:
    """Every interaction of both, in order; those that ask for the same are put side by side."""
    before, after = old.interactions, new.interactions
    matcher = SequenceMatcher(None, [*map(_asked, before)], [*map(_asked, after)], autojunk=False)
    changes: list[Change] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            both = zip(range(a, b), range(c, d), strict=True)
            changes += [replace(_change(before[one], after[two]), at=(one, two)) for one, two in both]
        else:
            changes += [Change(before[one], None, at=(one, None)) for one in range(a, b)]
            changes += [Change(None, after[two], at=(None, two)) for two in range(c, d)]
    return changes


def folded(text: str) -> str:
    """A text with what differs in every recording replaced by its kind."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return text


def _asked(each: Interaction) -> tuple[str, str]:
    return each.request.method, folded(_ORIGIN.sub("", _split(each.request.url)[0]))


def _split(url: str) -> tuple[str, str]:
    """The url without its query, and the query; unlike Python's reader of urls it takes any text."""
    address, _, query = url.partition("#")[0].partition("?")
    return address, query


def _change(old: Interaction, new: Interaction) -> Change:
    before, after = dict(_values(old)), dict(_values(new))
    places = [*before, *(place for place in after if place not in before)]
    differing = [(place, before.get(place, "nothing"), after.get(place, "nothing")) for place in places]
    differing = [each for each in differing if each[1] != each[2]]
    shown = tuple(each for each in differing if folded(each[1]) != folded(each[2]))
    return Change(old, new, shown, len(differing) - len(shown))


def _values(each: Interaction) -> Iterator[tuple[str, str]]:
    """Every value of an interaction by its place."""
    request, response = each.request, each.response
    address, query = _split(request.url)
    yield "request url", address
    yield from ((f"request query {name}", value) for name, value in parse_qsl(query, keep_blank_values=True))
    yield from _message("request", request.headers, request.body)
    if response is None:
        yield "connection", str(each.error)
        return
    yield "response status", f"{response.status} {response.reason}".strip()
    yield from _message("response", response.headers.without("content-length"), response.body)


def _message(side: str, headers: Headers, body: bytes) -> Iterator[tuple[str, str]]:
    yield from ((f"{side} header {name}", headers[name]) for name in headers)
    try:
        yield from _leaves(f"{side} body $", json.loads(body))
    except (ValueError, RecursionError):
        if body:
            yield f"{side} body", repr(body.decode("utf-8", "backslashreplace"))


def _leaves(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(f"{place}.{name}", member)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(f"{place}[{index}]", item)
    else:
        yield place, json.dumps(value, ensure_ascii=False)

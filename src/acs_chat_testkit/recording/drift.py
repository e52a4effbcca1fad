"""Drift: where what a service answers today differs in form from what was recorded, and how much that matters."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import itemgetter
from typing import Any

from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import matchers, report
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.redaction import Kind

NOT_MADE = "was recorded and not made now"
Place = tuple[str | None, ...]
"""Where a value is in another: the names of members from the outermost on, None for the items of a list."""
Keyed = tuple[Hashable, Interaction]
"""An interaction behind what tells its request from others."""
Shape = dict[Place, set[str]]
"""The types that were found at each place of a JSON value; the items of a list are one place."""


class Tier(StrEnum):
    """How much a difference matters."""

    ERROR = "error"
    """Another status, media type or type of a value: code that reads the recorded form breaks."""
    WARN = "warn"
    """Something is gone, or null, or was not asked for: code may break."""
    INFO = "info"
    """Something is new: code that ignores what it does not know goes on working."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference.

    Args:
        tier: How much it matters.
        request: Method and address, redacted.
        place: Such as ``"status"`` or ``"body.value[].id"``.
        text: What was recorded and what it is now; names and types, never values.
    """

    tier: Tier
    request: str
    place: str
    text: str

    @property
    def unmade(self) -> bool:
        """Whether it is a recorded request that was not made."""
        return self.text == NOT_MADE

    def __str__(self) -> str:
        return f"{self.tier}: {self.request}: {self.place} {self.text}"


def compare(
    recorded: Sequence[Interaction],
    taken: Iterable[Interaction],
    match_on: Sequence[str],
    kinds: Sequence[Kind],
    optional: int = 0,
    *,
    repeats: bool = False,
) -> Iterator[Drift]:
    """What has drifted, in the order of the calls, then what was recorded and not asked for.

    Equal requests are paired by status where they can be, as nobody knows how often a service has to be asked until it
    is done.

    Args:
        recorded: The interactions of the cassette.
        taken: What the service answered now, redacted.
        match_on: The names of the matchers that tell which recorded request a new one is.
        kinds: The kinds of ids; one id is as good as another here, because each run makes new ones.
        optional: How many of the recorded ones, at the end, need not be asked for.
        repeats: Whether any number of equal requests is as good as the recorded one.
    """
    was = [(_key(each.request, match_on, kinds), each) for each in recorded]
    now = [(_key(each.request, match_on, kinds), each) for each in taken]
    partners = _partners(was, now, repeats)
    for number, (_, each) in enumerate(now):
        if number in partners:
            yield from _answers(report.line(each.request), recorded[partners[number]], each)
        else:
            yield Drift(Tier.WARN, report.line(each.request), "request", "is not in the cassette")
    asked, compared = {key for key, _ in now}, set(partners.values())
    for place, (key, each) in enumerate(was[: len(was) - optional]):
        if key not in asked or (place not in compared and not repeats):
            yield Drift(Tier.WARN, report.line(each.request), "request", NOT_MADE)


def _partners(was: Sequence[Keyed], now: Sequence[Keyed], repeats: bool) -> dict[int, int]:
    """What each new interaction is compared with: the place of an equal request, which is then its alone."""
    found: dict[int, int] = {}
    for sign in (_with_status, itemgetter(0)):
        gone = set() if repeats else set(found.values())
        waiting: dict[Hashable, deque[int]] = {}
        for place, each in enumerate(was):
            if place not in gone:
                waiting.setdefault(sign(each), deque()).append(place)
        for number, each in enumerate(now):
            same = waiting.get(sign(each))
            if number not in found and same:
                found[number] = same[0] if repeats else same.popleft()
    return found


def _with_status(each: Keyed) -> Hashable:
    response = each[1].response
    return each[0], response and response.status


def _key(request: Request, match_on: Sequence[str], kinds: Sequence[Kind]) -> Hashable:
    url, body = request.url, request.body.decode("latin-1")
    for kind in kinds:
        url, body = re.sub(kind.pattern, kind.name, url), re.sub(kind.pattern, kind.name, body)
    return matchers.key(replace(request, url=url, body=body.encode("latin-1")), match_on)


def _answers(line: str, before: Interaction, now: Interaction) -> Iterator[Drift]:
    was, is_ = before.response, now.response
    if was is None or is_ is None:
        if before.error != now.error:
            text = f"was {before.error or 'an answer'}, is {now.error or 'an answer'}"
            yield Drift(Tier.ERROR, line, "connection", text)
        return
    if was.status != is_.status:
        yield Drift(Tier.ERROR, line, "status", f"was {was.status}, is {is_.status}")
        return
    if _media_type(was) != _media_type(is_):
        text = f"was {_media_type(was) or 'absent'}, is {_media_type(is_) or 'absent'}"
        yield Drift(Tier.ERROR, line, "content-type", text)
        return
    for tier, place, text in _shapes(_shape(was), _shape(is_)):
        yield Drift(tier, line, f"body{_spelled(place)}", text)


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _shape(response: Response) -> Shape:
    """The form of a body that is JSON or is said to be; nothing of any other."""
    said = _media_type(response).endswith(("/json", "+json"))
    try:
        value = _value(response.body)
    except (ValueError, RecursionError):
        return {(): {"no JSON" if response.body else "nothing"}} if said else {}
    return shape(value) if said or isinstance(value, (dict, list)) else {}


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        # Whatever the charset is: names and types are told by signs that nearly all of them share.
        return json.loads(body.decode("latin-1"))


def shape(value: Any) -> Shape:
    """The form of a JSON value: each place in it with the types found there."""
    found: Shape = {}
    todo: list[tuple[Place, Any]] = [((), value)]
    while todo:
        place, each = todo.pop()
        found.setdefault(place, set()).add(_type(each))
        if isinstance(each, dict):
            todo += [((*place, name), member) for name, member in each.items()]
        elif isinstance(each, list):
            todo += [((*place, None), item) for item in each]
    return found


def _spelled(place: Place) -> str:
    """A place as people write it, such as ``.value[].id``."""
    return "".join("[]" if name is None else f".{name}" for name in place)


def _type(value: Any) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _shapes(was: Shape, is_: Shape) -> Iterator[tuple[Tier, Place, str]]:
    for place in [*was, *(place for place in is_ if place not in was)]:
        if place not in is_:
            if _known(place, is_):
                yield Tier.WARN, place, f"was {_words(was[place])}, is gone"
        elif place not in was:
            if _known(place, was):
                yield Tier.INFO, place, f"is new: {_words(is_[place])}"
        else:
            yield from _types(place, was[place], is_[place])


def _known(place: Place, other: Shape) -> bool:
    """Whether a place could have been in the other value: what it is in is there, and no list without items."""
    return place[-1:] != (None,) and place[:-1] in other


def _types(place: Place, was: set[str], is_: set[str]) -> Iterator[tuple[Tier, Place, str]]:
    null = {"null"}
    if was == null and is_ != null:
        yield Tier.INFO, place, f"was null, is {_words(is_)}"
    elif is_ - was - null:
        yield Tier.ERROR, place, f"was {_words(was)}, is {_words(is_)}"
    elif is_ - was:
        yield Tier.WARN, place, f"was {_words(was)}, is {_words(is_)}"


def _words(types: set[str]) -> str:
    return " or ".join(sorted(types))

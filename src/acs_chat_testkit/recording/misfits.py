"""Misfits: values of a file of which nothing can be made, as a hand may write them, and what to write there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.recording.layout import LAYOUTS
from acs_chat_testkit.recording.serializer import is_ours

_KINDS = {dict: "mapping", list: "list", str: "text", bytes: "text", int: "number", float: "number"}

_HALF = re.compile("[\ud800-\udfff]")

Place = tuple[str, Callable[[Any], bool], str]
"""Where a value stands, by the names that lead there; whether one fits; and what to write for one that does not."""


def misfit(raw: Any, places: Callable[[Any], Iterable[Place]]) -> tuple[str, str] | None:
    """The first value of an interaction that does not fit; it is not repeated, because it may be a secret.

    Args:
        raw: The interaction, as a loader made it.
        places: What is looked at, each behind that which holds it.

    Returns:
        What is wrong, and what to write instead; None where every value fits.
    """
    for place, fits, example in places(raw):
        value = _at(raw, place)
        if not fits(value):
            kind = f"nothing can be made of the {_KINDS.get(type(value), 'value')}{place and f' at {place}'}"
            return f"{place} is missing" if value is None and place else kind, f"write {example}"
    return None


def check(raw: Any, places: Callable[[Any], Iterable[Place]], what: str, line: int = 0) -> None:
    """Refuses what has something else than it must where it is read.

    Args:
        raw: Such as an interaction.
        places: Where it is read.
        what: The name of the file, and what of it this is.
        line: The line of the file on which it starts; 0 where that is not known.

    Raises:
        BrokenCassette: It has; the text names the place and what to write there.
    """
    wrong = misfit(raw, places)
    if wrong is not None:
        why, advice = wrong
        edited = BrokenCassette(f"{what} can not be read, because {why}{f', line {line}' if line else ''}")
        edited.advice = advice
        raise edited


def _at(raw: Any, place: str) -> Any:
    """The value at a place; None where there is none."""
    for name in place.split(".") if place else ():
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw


def fits(read: Callable[[Any], object]) -> Callable[[Any], bool]:
    """Whether a value can be read in some way."""

    def fit(value: Any) -> bool:
        try:
            read(value)
        except (AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError):
            return False
        return True

    return fit


def is_mapping(value: Any) -> bool:
    """Whether it has members."""
    return isinstance(value, dict)


def may_be_mapping(value: Any) -> bool:
    """Whether it has members, or is nothing."""
    return value is None or isinstance(value, dict)


def is_text(value: Any) -> bool:
    """Whether it can be written as a text."""
    return value is not None and may_be_text(value)


def may_be_text(value: Any) -> bool:
    """Whether it can be written as a text, or is nothing: half a character can not."""
    if isinstance(value, str):
        return _HALF.search(value) is None
    return not isinstance(value, (dict, list, set))


is_number = fits(int)
"""Whether it is a number, or the text of one."""


def may_be_fields(value: Any) -> bool:
    """Whether these are texts by name, or pairs as older recorders wrote them."""
    if isinstance(value, list):
        return all(isinstance(pair, list) and len(pair) == 2 and _are_texts(pair[1]) for pair in value)
    return value is None or (isinstance(value, dict) and all(map(_are_texts, value.values())))


def _are_texts(value: Any) -> bool:
    return all(map(may_be_text, value)) if isinstance(value, list) else may_be_text(value)


def _may_be_word(value: Any) -> bool:
    return value is None or (isinstance(value, str) and may_be_text(value))


def _may_be_variables(value: Any) -> bool:
    if not isinstance(value, dict):
        return value is None
    return all(isinstance(each, str) and may_be_text(each) for pair in value.items() for each in pair)


def _may_be_body(value: Any) -> bool:
    return not isinstance(value, (list, set))


def _may_be_numbers(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(is_number, value)))


def _may_be_layout(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value in LAYOUTS)


_FIELDS = "headers: {Accept: [text/plain]}"
_LAYOUT = f"one of {', '.join(LAYOUTS)}, or take the line out"
_INTERACTION: tuple[Place, ...] = (
    ("", is_mapping, "a request and its response"),
    ("request", is_mapping, "request: {method: GET, uri: 'https://example.org/', headers: {}, body: null}"),
    ("request.method", is_text, "method: GET"),
    ("request.uri", is_text, "uri: https://example.org/"),
    ("request.headers", may_be_fields, _FIELDS),
    ("request_layout", _may_be_layout, _LAYOUT),
    ("error", may_be_text, "error: reset"),
    ("response", may_be_mapping, "response: {status: {code: 200, message: OK}, headers: {}, body: {string: ''}}"),
)
_STATUS: tuple[Place, ...] = (
    ("response.status", is_mapping, "status: {code: 200, message: OK}"),
    ("response.status.code", is_number, "code: 200"),
    ("response.status.message", may_be_text, "message: OK"),
)
_CODE: tuple[Place, ...] = (("response.status_code", is_number, "status_code: 200"),)
"""What vcrpy once had in the place of the status of what httpx got."""
_ANSWER: tuple[Place, ...] = (
    ("response.headers", may_be_fields, _FIELDS),
    ("response.body", _may_be_body, "body: {string: text}"),
    ("response.body.string", may_be_text, "string: text"),
    ("response.body.layout", _may_be_layout, _LAYOUT),
    ("response.body.pieces", _may_be_numbers, "pieces: [4, 2], or take the line out"),
)


_HEADER: tuple[Place, ...] = (
    ("header.origin", _may_be_word, "origin: 'live', or take the line out"),
    ("header.api_version", _may_be_word, "api_version: '2024-03-07', or take the line out"),
    ("header.recorded_at", _may_be_word, "recorded_at: '2026-01-31T12:00:00Z', or take the line out"),
    ("header.variables", _may_be_variables, "variables: {name: 'text'}, or take the lines out"),
)


def of_header(raw: Any) -> Iterable[Place]:
    """What this recorder writes in front; nothing where another one wrote the file."""
    return _HEADER if is_ours(raw.get("header")) else ()


def of_version_1(raw: Any) -> Iterator[Place]:
    """What vcrpy and this recorder write."""
    yield from _INTERACTION
    response = raw.get("response")
    if response is not None:
        yield from _STATUS if "status" in response or "status_code" not in response else _CODE
        yield from _ANSWER

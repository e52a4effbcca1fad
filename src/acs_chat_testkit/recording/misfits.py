"""Misfits: values that somebody wrote into a cassette by hand and that can not be read, and what to write there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from acs_chat_testkit.recording.layout import LAYOUTS

_KINDS = {dict: "mapping", list: "list", str: "text", bytes: "text", int: "number", float: "number"}


def misfit(raw: Any) -> tuple[str, str] | None:
    """The first value of an interaction that does not fit; it is not repeated, because it may be a secret.

    Returns:
        What is wrong, and what to write instead; None where every value fits.
    """
    for place, fits, example in _places(raw):
        value = _at(raw, place)
        if not fits(value):
            kind = f"nothing can be made of the {_KINDS.get(type(value), 'value')}{place and f' at {place}'}"
            return f"{place} is missing" if value is None and place else kind, f"write {example}"
    return None


def _at(raw: Any, place: str) -> Any:
    """The value at a place; None where there is none."""
    for name in place.split(".") if place else ():
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _may_be_mapping(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_text(value: Any) -> bool:
    return value is not None and _may_be_text(value)


def _may_be_text(value: Any) -> bool:
    return not isinstance(value, (dict, list, set))


def _may_be_body(value: Any) -> bool:
    return not isinstance(value, (list, set))


def _is_number(value: Any) -> bool:
    try:
        int(value)
    except (OverflowError, TypeError, ValueError):
        return False
    return True


def _may_be_numbers(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(_is_number, value)))


def _may_be_layout(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value in LAYOUTS)


def _may_be_fields(value: Any) -> bool:
    """Whether these are texts by name, or pairs as older recorders wrote them."""
    if isinstance(value, list):
        return all(isinstance(pair, list) and len(pair) == 2 and _are_texts(pair[1]) for pair in value)
    return value is None or (isinstance(value, dict) and all(map(_are_texts, value.values())))


def _are_texts(value: Any) -> bool:
    return all(map(_may_be_text, value)) if isinstance(value, list) else _may_be_text(value)


_Place = tuple[str, Callable[[Any], bool], str]
_FIELDS = "headers: {Accept: [text/plain]}"
_LAYOUT = f"one of {', '.join(LAYOUTS)}, or take the line out"
_INTERACTION: tuple[_Place, ...] = (
    ("", _is_mapping, "a request and its response"),
    ("request", _is_mapping, "request: {method: GET, uri: 'https://example.org/', headers: {}, body: null}"),
    ("request.method", _is_text, "method: GET"),
    ("request.uri", _is_text, "uri: https://example.org/"),
    ("request.headers", _may_be_fields, _FIELDS),
    ("request_layout", _may_be_layout, _LAYOUT),
    ("error", _may_be_text, "error: reset"),
    ("response", _may_be_mapping, "response: {status: {code: 200, message: OK}, headers: {}, body: {string: ''}}"),
)
_STATUS: tuple[_Place, ...] = (
    ("response.status", _is_mapping, "status: {code: 200, message: OK}"),
    ("response.status.code", _is_number, "code: 200"),
    ("response.status.message", _may_be_text, "message: OK"),
)
_CODE: tuple[_Place, ...] = (("response.status_code", _is_number, "status_code: 200"),)
"""What vcrpy once had in the place of the status of what httpx got."""
_ANSWER: tuple[_Place, ...] = (
    ("response.headers", _may_be_fields, _FIELDS),
    ("response.body", _may_be_body, "body: {string: text}"),
    ("response.body.string", _may_be_text, "string: text"),
    ("response.body.layout", _may_be_layout, _LAYOUT),
    ("response.body.pieces", _may_be_numbers, "pieces: [4, 2], or take the line out"),
)


def _places(raw: Any) -> Iterator[_Place]:
    """What is looked at, each behind that which holds it."""
    yield from _INTERACTION
    response = raw.get("response")
    if response is not None:
        yield from _STATUS if "status" in response or "status_code" not in response else _CODE
        yield from _ANSWER

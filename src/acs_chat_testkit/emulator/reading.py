"""Reads what a client sent: JSON fields and query values, each with the refusal that names it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from acs_chat_testkit.emulator.clock import parse_instant, parse_start_time
from acs_chat_testkit.emulator.problems import bad_request

_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object of a request; every getter refuses a value of the wrong type with 400.

    A null counts as absent.
    """

    values: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """A string; None where it is absent."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise bad_request("request.field", f"The value of '{name}' must be a string.")
        return value

    def required_text(self, name: str) -> str:
        """A string that must be there and not be empty."""
        value = self.text(name)
        if not value:
            raise bad_request("request.field", f"The value of '{name}' is required.")
        return value

    def instant(self, name: str) -> int | None:
        """An RFC 3339 instant in milliseconds; None where it is absent."""
        text = self.text(name)
        if text is None:
            return None
        instant = parse_instant(text)
        if instant is None:
            raise bad_request("request.field", f"The value of '{name}' must be a date and time.")
        return instant

    def object(self, name: str) -> Fields | None:
        """A nested object; None where it is absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise bad_request("request.field", f"The value of '{name}' must be an object.")
        return Fields(value)

    def objects(self, name: str) -> list[Fields] | None:
        """A list of objects; None where it is absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request("request.field", f"The value of '{name}' must be a list of objects.")
        return [Fields(item) for item in value]

    def texts(self, name: str) -> list[str]:
        """A list of strings; empty where it is absent."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_request("request.field", f"The value of '{name}' must be a list of strings.")
        return value

    def text_map(self, name: str) -> dict[str, str]:
        """An object whose values are strings; empty where it is absent."""
        value = self.object(name)
        if value is None:
            return {}
        if not all(isinstance(item, str) for item in value.values.values()):
            raise bad_request("request.field", f"The values of '{name}' must be strings.")
        return dict(value.values)

    def integer(self, name: str) -> int | None:
        """An integer; None where it is absent."""
        value = self.values.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise bad_request("request.field", f"The value of '{name}' must be an integer.")
        return value


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a request, decoded; a name that comes twice is refused."""

    values: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """A value; None where it is absent."""
        return self.values.get(name)

    def page_size(self, default: int, largest: int) -> int:
        """The `maxPageSize`, 1 to `largest`."""
        return self._count("page.size", "maxPageSize", default, 1, largest)

    def skip(self) -> int:
        """How many items to leave out; 0 where it is absent."""
        return self._count("page.skip", "skip", 0, 0, _LARGEST)

    def _count(self, fact: str, name: str, default: int, smallest: int, largest: int) -> int:
        text = self.values.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 11 and smallest <= int(text) <= largest):
            raise bad_request(fact, f"The value of '{name}' must be an integer from {smallest} to {largest}.")
        return int(text)

    def start_time(self) -> int:
        """The `startTime` in milliseconds; 0 where it is absent."""
        text = self.values.get("startTime")
        if text is None:
            return 0
        instant = parse_start_time(text)
        if instant is None:
            raise bad_request("page.start", "The value of 'startTime' must be a date and time.")
        return instant


def read_query(raw: str) -> Query:
    """Decodes a query string.

    Raises:
        Problem: 400, a name comes twice.
    """
    values: dict[str, str] = {}
    for part in filter(None, raw.split("&")):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if name in values:
            raise bad_request("request.query", f"The query parameter '{name}' is given more than once.")
        values[name] = unquote_plus(value)
    return Query(values)


def read_object(body: bytes) -> Fields:
    """Reads a body that must be a JSON object; half a surrogate pair, which only an escape can bring, is none.

    Raises:
        Problem: 400, it is none.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_without_twins)
        if b"\\" in body:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise bad_request("request.body", "The request body is not valid JSON.") from None
    if not isinstance(value, dict):
        raise bad_request("request.body", "The request body must be a JSON object.")
    return Fields(value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key comes twice")
    return values

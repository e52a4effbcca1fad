"""Timestamps on the wire (RFC 3339, with what the service and its clients have been seen to send)."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

import msgspec

_encode = msgspec.json.encode
_LOGGER = logging.getLogger(__name__)
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):\d\d:\d\d"
    r"(?:\.\d{1,9})?"  # the service writes none to seven digits
    r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)


def read(value: Any) -> datetime:
    """Reads a timestamp: seconds are mandatory, up to nine fraction digits are cut to six, an offset is kept.

    Without an offset the result is naive. A datetime passes through.

    Raises:
        ValueError: The value is no such timestamp, or no point in time of the years 1 to 9999 in UTC.
    """
    if isinstance(value, str) and value[4::3] == "--T::Z" and (value[11] != "2" or value[12] < "4"):
        return datetime.fromisoformat(value)  # whole seconds in UTC, as the service writes them
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise ValueError(f"{value!r} is not an RFC 3339 timestamp such as 2021-02-03T04:05:06Z")
    moment = datetime.fromisoformat(value.upper())
    if moment.tzinfo is not None and moment.tzinfo is not UTC:
        _in_utc(moment)
    return moment


def write(value: Any) -> str:
    """Writes a datetime, or the text of one, in UTC with three to six fraction digits.

    A naive datetime is UTC whatever the machine's time zone is.

    Raises:
        ValueError: The value is no datetime or leaves the years 1 to 9999 in UTC.
    """
    moment = value if isinstance(value, datetime) else read(value)
    if moment.tzinfo is not UTC:
        moment = _in_utc(moment)
    if type(moment) is not datetime:  # of pandas, of freezegun, ...
        moment = datetime.combine(moment.date(), moment.timetz())
    text = _encode(moment).decode()  # quoted; datetime's own isoformat takes ten times as long
    return f"{text[1:24]}{text[24:27].rstrip('0')}Z" if moment.microsecond else f"{text[1:20]}.000Z"


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        _LOGGER.warning("Datetime with no tzinfo will be considered UTC.")
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} lies outside the years 1 to 9999 in UTC") from None

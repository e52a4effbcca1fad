"""Heads of messages: which fields stay, how they say to read a body, and what goes with another body."""

from __future__ import annotations

import re
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from acs_chat_testkit.http import Fields, Headers

_CHARSET = re.compile(r"(?i)charset=\"?([\w.:-]+)")
_BOUNDARY = re.compile(r"(?i)boundary=\"?([^\";,\s]+)\"?")
BOUNDARY = "part-of-a-recording"
"""The border between the parts of a multipart body; clients draw it by lot."""

_TELLING = frozenset(["content-type", "content-encoding"])


def without(headers: Headers, volatile: frozenset[str]) -> tuple[Headers, frozenset[str]]:
    """The fields that stay, with those that say how to read a body; and which of these are to be dropped afterwards."""
    late = volatile & _TELLING
    early = volatile - late if late else volatile
    fields = tuple([field for field in headers.fields if field[0].lower() not in early])
    return headers if len(fields) == len(headers.fields) else headers_of(fields), late


@lru_cache(maxsize=256)
def kind_of(content_type: str) -> tuple[str | None, str | None, str]:
    """The charset and the border of a body, where it has one, and whether it is called a form or a table."""
    charset, low = _CHARSET.search(content_type), content_type.lower()
    boundary = _BOUNDARY.search(content_type) if "multipart/" in low else None
    layout = "form" if "form-urlencoded" in low else "table" if "text/csv" in low or "tab-separated" in low else ""
    return charset and charset[1], boundary and boundary[1], layout


def of_other_body(headers: Headers, body: bytes) -> Headers:
    """The fields that go with another body.

    A digest would not fit it, so that clients refused it; and whoever guesses what was replaced could prove it by one.
    """
    fields = [field for field in headers.fields if not _DIGEST.fullmatch(field[0])]
    length = str(len(body))
    return Headers((name, length if name.lower() == "content-length" else value) for name, value in fields)


_DIGEST = re.compile(
    r"(?i)content-md5|(?:content-|repr-)?digest|x-ms-(?:content-crc64|blob-content-md5|content-sha256)"
    r"|x-amz-(?:checksum-\w+|content-sha256)|x-goog-hash|x-(?:bz-)?content-sha1"
)


@lru_cache(maxsize=256)
def headers_of(fields: Fields) -> Headers:
    """Most messages of a recording have the same fields."""
    return Headers(fields)


def one_boundary(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """The same border in every recording of a multipart body, in its head as in the body."""
    found = _BOUNDARY.search(headers.get("content-type", ""))
    if found is None or found[1] == BOUNDARY:
        return headers, body
    fields = (
        (name, _BOUNDARY.sub(f"boundary={BOUNDARY}", value) if name.lower() == "content-type" else value)
        for name, value in headers.fields
    )
    return Headers(fields), body.replace(f"--{found[1]}".encode(), f"--{BOUNDARY}".encode())


def date_of(headers: Headers, came: float | None) -> str | None:
    """The date of an answer: its own, or that of the second since 1970 in which it came."""
    return headers.get("date") or (None if came is None else formatdate(came, usegmt=True))


def without_expiry(cookie: str, date: str | None) -> str:
    """A cookie that was to expire later stays for the session, so that a recording does not rot with the clock."""
    found = re.search(r"(?i);\s*expires=([^;]+)", cookie)
    if found is None or date is None:
        return cookie
    try:
        later = parsedate_to_datetime(found[1]) > parsedate_to_datetime(date)
    except (OverflowError, TypeError, ValueError):
        return cookie
    return cookie[: found.start()] + cookie[found.end() :] if later else cookie

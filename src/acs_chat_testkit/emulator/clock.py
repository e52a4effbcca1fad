"""Time in the emulator: milliseconds since 1970, from the machine or from a logical clock."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache

from acs_chat_testkit.errors import EmulatorError

_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP])M ([+-]\d\d:\d\d)")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
LATEST = 221_845_392_000_000
"""The start of the year 9000: what follows from a time, such as an expiry, still has four digits."""


class Clock:
    """Gives the present and a stamp for each write.

    Args:
        start: Where a logical clock starts, in milliseconds since 1970; it moves by one millisecond a write.
            None takes the machine's time.
    """

    def __init__(self, start: int | None = None) -> None:
        self._start = start
        self._last = start or 0
        self._shift = 0

    def now(self) -> int:
        """The present in milliseconds; it never lies before a stamp already given."""
        if self._start is None:
            self._last = max(self._last, self._machine())
        return self._last

    def tick(self, after: int = 0) -> int:
        """A stamp for one write: later than every stamp before it, and than `after`."""
        self._last = max(self._last + 1, 0 if self._start is not None else self._machine())
        return max(self._last, after + 1)

    def jump(self, milliseconds: int) -> None:
        """Moves the clock.

        Raises:
            EmulatorError: It would leave the years 1970 to 8999.
        """
        moved = self.now() + milliseconds
        if not 0 <= moved <= LATEST:
            raise EmulatorError(f"the clock cannot jump by {milliseconds} ms, it must stay in the years 1970 to 8999")
        self._shift += milliseconds
        self._last = moved

    def restart(self) -> None:
        """Sets a logical clock to its start, and the machine's clock to the machine's time."""
        self._last = self._start or 0
        self._shift = 0

    def _machine(self) -> int:
        return time.time_ns() // 1_000_000 + self._shift


def parse_instant(text: str) -> int | None:
    """Milliseconds of an RFC 3339 instant; None where the text is none or lies before 1970."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return _milliseconds(datetime.fromisoformat(text.upper()))
    except ValueError:
        return None


def parse_start_time(text: str) -> int | None:
    """Like `parse_instant`; takes the US text that the service writes into its own links, too."""
    match = _US_DATE.fullmatch(text)
    if match is None:
        return parse_instant(text)
    month, day, year, hour, minute, second, half, offset = match.groups()
    if not 1 <= int(hour) <= 12:
        return None
    hours = int(hour) % 12 + (12 if half == "P" else 0)
    return parse_instant(f"{year}-{int(month):02}-{int(day):02}T{hours:02}:{minute}:{second}{offset}")


def clock_from(text: str | None) -> Clock:
    """The logical clock of an RFC 3339 time, or the machine's clock.

    Raises:
        EmulatorError: The text is no RFC 3339 time after 1970.
    """
    if text is None:
        return Clock()
    start = parse_instant(text)
    if start is None:
        raise EmulatorError(
            f"the clock's start {text!r} is no RFC 3339 time after 1970, give one such as 2024-03-07T12:00:00Z"
        )
    return Clock(start)


def whole_seconds(milliseconds: int) -> str:
    """The service's time text in chat bodies: cut to whole seconds."""
    return f"{_utc(milliseconds):%Y-%m-%dT%H:%M:%SZ}"


def us_date(milliseconds: int) -> str:
    """The time text that the service writes into the links of message lists."""
    at = _utc(milliseconds)
    half = "AM" if at.hour < 12 else "PM"
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {half} +00:00"


def http_date(milliseconds: int) -> str:
    """The form of a Date header (RFC 9110, section 5.6.7)."""
    return _http_date(milliseconds // 1000)


@lru_cache(maxsize=4)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def with_ticks(milliseconds: int, ticks: int) -> str:
    """The identity calls' time text: seven fraction digits without their trailing zeros, and an offset.

    Args:
        milliseconds: Since 1970.
        ticks: What follows the milliseconds, in units of 100 ns, 0 to 9999.
    """
    fraction = f"{milliseconds % 1000:03}{ticks:04}".rstrip("0") or "0"
    return f"{_utc(milliseconds):%Y-%m-%dT%H:%M:%S}.{fraction}+00:00"


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC)


def _milliseconds(at: datetime) -> int | None:
    value = int(at.timestamp() * 1000 + 0.5e-3)
    return value if 0 <= value <= LATEST else None

"""The recorder's own clock: a test may stop or set all that are asked by their common names, as freezegun does."""

from __future__ import annotations

import time

SECOND = 1_000_000_000


def now() -> int:
    """Nanoseconds of a clock that all processes of this machine share and that no test, and nobody else, sets back."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime_ns") else time.monotonic_ns()

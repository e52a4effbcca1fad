"""What a command ends with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes; that nothing was run outweighs something broken, and that a failure."""

    PASSED = 0
    FAILED = 1
    BROKEN = 2
    NOTHING_RUN = 3


def verdict(*, run: int, broken: int, failed: int) -> Exit:
    """The exit code for these counts."""
    if not run:
        return Exit.NOTHING_RUN
    return Exit.BROKEN if broken else Exit.FAILED if failed else Exit.PASSED

"""How many faults this suite finds, as `tox run -e conformance-score` measured it last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HOME = Path(__file__).with_name("scores.json")


def measured() -> dict[str, dict[str, Any]]:
    """The numbers, by what was changed."""
    found: dict[str, dict[str, Any]] = json.loads(HOME.read_text(encoding="utf-8"))["scores"]
    return found


def scores() -> dict[str, str]:
    """The numbers in words, by what was changed."""
    return {name: in_words(**score) for name, score in measured().items()}


def in_words(found: int, of: int, aside: int, crashed: int) -> str:
    """One score.

    Args:
        found: How many changes were found by what a check compares.
        of: How many there were.
        aside: How many more were not counted, because they change nothing that could be seen.
        crashed: How many of those not found made a call raise, hang or not start, which is no finding.
    """
    percent = int(1000 * found / of) / 10 if of else 0.0  # never rounded up
    more = f", {crashed} more only crash" if crashed else ""
    return f"{found} of {of} ({percent} %){more}" + (f", {aside} set aside" if aside else "")

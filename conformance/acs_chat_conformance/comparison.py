"""Compares two reports of the suite: what got worse, what got better, what came and what went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from acs_chat_conformance.results import Status
from acs_chat_testkit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Comparison:
    """The ids of the checks that differ between an older and a newer report.

    Args:
        regressions: They passed, and do not any more.
        fixes: They did not pass, and do now.
        added: Only the newer report has them.
        removed: Only the older report has them.
        changed: They passed in neither, but ended differently.
    """

    regressions: tuple[str, ...]
    fixes: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def compare(older: Mapping[str, str], newer: Mapping[str, str]) -> Comparison:
    """Compares how checks ended, by their ids."""
    both = [check for check in older if check in newer and older[check] != newer[check]]
    return Comparison(
        regressions=tuple(check for check in both if older[check] == Status.PASSED),
        fixes=tuple(check for check in both if newer[check] == Status.PASSED),
        added=tuple(check for check in newer if check not in older),
        removed=tuple(check for check in older if check not in newer),
        changed=tuple(check for check in both if Status.PASSED not in (older[check], newer[check])),
    )


def checks_of(path: Path) -> dict[str, str]:
    """How the checks of a JSON report ended.

    Raises:
        UsageError: The file is no report of this suite.
    """
    try:
        checks: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["checks"]
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise UsageError(f"{path} is no JSON report of acs-chat conformance: {broken!r:.80}") from broken
    return checks

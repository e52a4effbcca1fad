"""The rows of observations.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Observation:
    """One row.

    Args:
        number: Of the observation.
        holds: What must be.
        scenarios: What shows it, with the names of the tools on which it goes wrong.
        tests: The ids of tests that show it, too.
        note: What no scenario shows, and why.
    """

    number: int
    holds: str
    scenarios: Mapping[str, list[str]]
    tests: list[str]
    note: str


def observations() -> list[Observation]:
    """All rows."""
    rows = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return [
        Observation(number, row["holds"], row.get("scenarios", {}), row.get("tests", []), row.get("note", ""))
        for number, row in rows.items()
    ]

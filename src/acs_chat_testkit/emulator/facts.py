"""What the emulator does and what that rests on: the rows of facts.toml."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Mark = Literal["recorded", "swagger", "documentation", "guess"]
MARKS: tuple[Mark, ...] = ("recorded", "swagger", "documentation", "guess")


@dataclass(frozen=True, slots=True)
class Fact:
    """One behaviour of the emulator.

    Args:
        id: Its name in answers and lists.
        mark: What kind of evidence it rests on.
        what: The behaviour in one sentence.
        seen: Where the evidence is from; empty for a guess.
    """

    id: str
    mark: Mark
    what: str
    seen: str = ""


@cache
def facts() -> Mapping[str, Fact]:
    """All behaviours by id, in the order of the file; read when first asked for."""
    text = files(__package__).joinpath("facts.toml").read_text("utf-8")
    return {fact_id: Fact(fact_id, **row) for fact_id, row in tomllib.loads(text).items()}


def shares() -> dict[Mark, float]:
    """How much of the behaviours rests on each mark, as fractions of 1."""
    counts = Counter(fact.mark for fact in facts().values())
    return {mark: counts[mark] / len(facts()) for mark in MARKS}

"""docs/conformance.md: what it lists is what there is."""

import re
from pathlib import Path

import pytest

from acs_chat_conformance.implementation import names
from acs_chat_conformance.laws import LAWS
from acs_chat_conformance.requirements import frozen
from acs_chat_conformance.vectors import SERVICE_SETS, SETS, Level, load
from acs_chat_testkit.contract.judge import CHECKS, TIERS

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    text = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def test_every_check_of_an_exchange_is_listed_with_its_tier() -> None:
    """The table is the list of the judge, in its order."""
    listed = [(row[0].strip("`"), row[1], row[2]) for row in table("The checks of an exchange")]
    assert listed == [(check, str(TIERS.get(check, "error")), said) for check, said in CHECKS.items()]


def test_every_implementation_is_listed() -> None:
    """Each that is shipped has a row, and no row names another."""
    listed = {name for row in table("The implementations") for name in re.findall("`([^`]+)`", row[0])}
    assert listed == set(names())


@pytest.mark.parametrize("name", [*SETS, *SERVICE_SETS])
def test_every_set_is_listed_with_its_counts(name: str) -> None:
    """How many checks there are, and how many are required."""
    vectors = load(name).vectors
    (row,) = [row for row in table("The sets") if row[0] == f"`{name}`"]
    assert [int(cell) for cell in row[1:3]] == [len(vectors), len(frozen(name, vectors).checks)]


def test_every_level_is_explained() -> None:
    """The table has each, in the order of how binding it is."""
    assert [row[0].strip("`") for row in table("The levels")] == [str(level) for level in Level]


def test_every_law_is_listed() -> None:
    """With the kind of set and the sentence that reports have, in the order in which they are looked at."""
    listed = [(row[0].strip("`"), row[1], row[2]) for row in table("The laws")]
    assert listed == [(law.name, law.kind, law.says) for law in LAWS]

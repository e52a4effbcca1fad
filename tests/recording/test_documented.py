"""docs/recorder.md says what the code and its tests say."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import pytest
from tests.recording.hiding import ENCODINGS, PLACES
from tests.recording.test_gaps import GAPS
from tests.recording.test_guard import ATTEMPTS

from acs_chat_testkit import errors
from acs_chat_testkit.recording.doors import CLIENTS, wire
from acs_chat_testkit.recording.drift import Tier
from acs_chat_testkit.recording.failures import BELOW
from acs_chat_testkit.recording.hooks import Hooks
from acs_chat_testkit.recording.matchers import MATCHERS, STRICT
from acs_chat_testkit.recording.modes import Mode
from acs_chat_testkit.recording.redaction.rules import (
    SECRET_HEADERS,
    SECRETS,
    VOLATILE_REQUEST_HEADERS,
    VOLATILE_RESPONSE_HEADERS,
)

PAGE = (Path(__file__).parents[2] / "docs" / "recorder.md").read_text(encoding="utf-8")


def rows(head: str) -> list[str]:
    """The first cells of the table whose first line starts so."""
    table = PAGE.partition(f"\n| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [line.split("|")[1].strip() for line in table]
    return [cell[1:-1] if re.fullmatch("`[^`]+`", cell) else cell for cell in cells]


def words(before: str) -> set[str]:
    """What stands in code in the paragraph or point behind some words."""
    text = PAGE.partition(before)[2].lstrip("\n:. ")
    return set(re.findall(r"`([^`]+)`", re.split(r"\n\n|\n- ", text)[0]))


def failures() -> set[str]:
    """How a connection may fail, in the words of the doors."""
    for client in CLIENTS:
        with suppress(ModuleNotFoundError):
            importlib.import_module(client)  # which brings its door
    doors = {importlib.import_module(f"acs_chat_testkit.recording.{door}") for door in CLIENTS.values()}
    by_class = (*wire.FAILURES, *BELOW, *(row for door in doors for row in getattr(door, "FAILURES", ())))
    return {word for _, word in by_class} | set(wire.HALVES)


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("mode", list(Mode)),
        ("tier", list(Tier)),
        ("matcher", list(MATCHERS)),
        ("rule", {rule.name for rule in SECRETS}),
        ("hook", [field.name for field in fields(Hooks)]),
        ("failure", failures()),
        ("what | why", list(GAPS)),
        (
            "error",
            [
                name
                for name, kind in vars(errors).items()
                if isinstance(kind, type)
                and issubclass(kind, errors.CassetteError | errors.NetworkBlocked)
                and kind is not errors.CassetteError
            ],
        ),
    ],
)
def test_a_table_has_a_row_for_each(head: str, names: Iterable[str]) -> None:
    """None is missing and none is invented."""
    assert sorted(rows(head)) == sorted(names)


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ("is compared by ", STRICT),
        ("these header fields:\n", SECRET_HEADERS),
        ("- encodings: ", ENCODINGS),
        ("- places: ", PLACES),
        ("depends on it. From requests:\n", VOLATILE_REQUEST_HEADERS),
        ("From answers:\n", VOLATILE_RESPONSE_HEADERS),
        ("look-up leaves the process:\n", ATTEMPTS),
    ],
)
def test_a_list_names_each(before: str, names: Iterable[str]) -> None:
    """None is missing and none is invented."""
    assert words(before) - {"match_on"} == set(names)


def test_every_broken_file_has_the_advice_that_the_page_gives() -> None:
    """What is to be done is in the error itself."""
    for kind in (errors.BrokenCassette, errors.NotACassette):
        assert f"| {kind.advice} |" in PAGE

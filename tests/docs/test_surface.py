"""The public surface is a tested list: a change of it shows up in review."""

from collections.abc import Callable
from pathlib import Path

import pytest
from docs.tools import plugin, surface, tape


@pytest.mark.parametrize("path", surface.LISTS, ids=lambda path: path.name)
def test_the_committed_list_is_what_there_is(path: Path) -> None:
    """Whoever changes what users see changes the list in the same commit."""
    make: Callable[[], str] = surface.LISTS[path]
    assert path.read_text(encoding="utf-8") == make(), f"look at it and take it over with: {surface.COMMAND}"


def test_nothing_is_listed_by_address() -> None:
    """The lists are the same in every process."""
    assert " at 0x" not in surface.api()


def test_the_plugin_is_seen() -> None:
    """What pytest tells is read: an empty list would compare equal for ever."""
    assert "--record-mode" in {option.name for option in plugin.options()}
    assert "vcr" in {marker.signature.partition("(")[0] for marker in plugin.markers()}
    assert "chat_client" in {fixture.name for fixture in plugin.fixtures()}


def test_every_key_of_a_cassette_is_seen() -> None:
    """The cassette that stands for all has an answer, an error and a header."""
    assert {"header.format", "interactions[].error", "interactions[].response.body.coding"} <= set(tape.key_paths())
    assert "UnrecordedRequest" in tape.errors()

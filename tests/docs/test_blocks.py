"""Words are kept true by running them: every code block of every page."""

import re
from pathlib import Path

import pytest

from .blocks import blocks, name, pages
from .not_run import NOT_RUN, OF_OFFICIAL, SLOW
from .story import Story, follow

QUICK = [path for path in pages() if name(path) not in (*SLOW, OF_OFFICIAL)]


@pytest.mark.parametrize("path", QUICK, ids=name)
def test_a_page_can_be_followed(path: Path, tmp_path: Path) -> None:
    """Its files, its commands and its outputs are what they say, from top to bottom."""
    follow(path, Story(tmp_path))


def test_what_is_not_run_says_so() -> None:
    """The text in front of a block and the list here name the same blocks with the same reasons."""
    said = {block.key: block.why_not_run for path in pages() for block in blocks(path) if block.why_not_run}
    assert said == NOT_RUN


def test_no_block_is_overlooked() -> None:
    """Every fence that a page opens is one that was read; tabs and notes hide theirs from the reader of blocks."""
    for path in pages():
        fences = re.findall(r"(?m)^ *```", path.read_text(encoding="utf-8"))
        assert len(fences) == 2 * len(list(blocks(path))), name(path)


def test_slow_pages_are_there() -> None:
    """A page that was renamed does not drop out of the run."""
    assert {*SLOW, OF_OFFICIAL} <= set(map(name, pages()))

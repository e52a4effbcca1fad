"""Reads the code blocks of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOT_RUN = re.compile(r"(?:\*|<!-- )Not run by the tests: (?P<why>.+?)(?:\*| -->)", re.DOTALL)
_TITLE = re.compile(r"title=\"([^\"]+)\"")
_COMMENT = re.compile(r"(?:#|//) ([\w./-]+\.\w+)\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block.

    Args:
        page: Where it stands, below the root.
        line: Where it begins, from 1.
        language: What its fence says first.
        file: The file that it is, by its title or by a comment that is its first line; None where it is none.
        text: Its content.
        why_not_run: The reason that stands in front of it; None where the tests run it.
    """

    page: str
    line: int
    language: str
    file: str | None
    text: str
    why_not_run: str | None

    @property
    def key(self) -> tuple[str, str]:
        """Names it in lists: its page and its first line."""
        return self.page, self.text.partition("\n")[0]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page that users and contributors read."""
    found = [*ROOT.glob("*.md"), ROOT / "conformance" / "README.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path for path in found if path.name not in ("api.md", "CHANGELOG.md"))


def name(path: Path) -> str:
    """A page's name below the root."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    before = ""
    for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        if token.type in ("inline", "html_block"):
            before = token.content
        elif token.type == "fence" and token.map:
            language, _, more = token.info.strip().partition(" ")
            title = _TITLE.search(more) or _COMMENT.match(token.content)
            reason = NOT_RUN.fullmatch(before.strip())
            why = " ".join(reason["why"].split()) if reason else None
            yield Block(name(path), token.map[0] + 1, language, title and title[1], token.content, why)
            before = ""

"""What a run found, for readers of other kinds: one file a format, chosen by how the file's name ends."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from acs_chat_conformance.report import Report
from acs_chat_testkit.errors import UsageError

FORMATS = {".badge.json": "badge", ".json": "as_json", ".xml": "junit", ".md": "markdown", ".html": "html"}
"""The module of each ending; the first ending that fits decides."""


def write(report: Report, path: Path) -> None:
    """Writes a report in the format that the file's name asks for.

    Raises:
        UsageError: No format has that ending.
    """
    name = format_of(path)
    text: str = import_module(f"{__name__}.{name}").render(report)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def format_of(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        UsageError: No format has that ending.
    """
    found = next((module for ending, module in FORMATS.items() if path.name.endswith(ending)), None)
    if found is None:
        raise UsageError(f"no report is written as {path.name!r}; the name must end in {', '.join(FORMATS)}")
    return found

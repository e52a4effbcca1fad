"""What commands print: lines for people or JSON for machines, with all that comes from outside escaped."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any, NoReturn, Protocol, TypeVar

import click
from rich.console import Console
from rich.progress import track
from rich.text import Text

from acs_chat_testkit.printable import line

T = TypeVar("T")

FINDINGS = 1
"""The exit code when something was found; 0 says that nothing was, 2 that the command was used wrongly."""

COLUMNS = 80
"""How wide a terminal is that does not say it."""

STYLES = {
    "BROKEN": "bold red",
    "UNREAD": "bold red",
    "LEAK": "bold red",
    "ERROR": "bold red",
    "PERSONAL": "yellow",
    "WARN": "yellow",
    "CONTRACT": "cyan",
    "CONTENT": "cyan",
    "INFO": "cyan",
    "Next:": "bold",
    "-": "red",
    "+": "green",
}
"""Colors by the first word of a line."""

FORMAT = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)


class Report(Protocol):
    """What a command found."""

    def lines(self) -> Iterator[str]:
        """For people; a line each."""

    def as_json(self) -> dict[str, Any]:
        """For machines."""


class _Screen(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Lets the error go on, where rich's own would end with 1."""
        raise  # rich calls this where it has caught the error


def screen() -> Console:
    """What people see; a pipe that nobody reads any more is a BrokenPipeError."""
    console = _Screen(highlight=False)
    # On one without columns, as COLUMNS=0 says of it, rich prints nothing at all.
    console.width = console.width or COLUMNS
    return console


def show(report: Report, style: str) -> None:
    """Prints a report."""
    if style == "json":
        click.echo(json.dumps(report.as_json(), indent=2))
        return
    console = screen()
    for text in report.lines():
        shown = Text(line(text))
        word = text.split(maxsplit=1)[:1]
        if word:
            shown.stylize(STYLES.get(word[0], ""), 0, len(text) - len(text.lstrip()) + len(word[0]))
        console.print(shown, soft_wrap=True)


def following(items: Sequence[T], doing: str) -> Iterable[T]:
    """The items; a person at a terminal sees on stderr how far the work is."""
    if not sys.stderr.isatty():
        return items  # a disabled bar of an older rich would still print an empty line
    return track(items, line(doing), console=Console(stderr=True), transient=True)


def command(*words: str | PathLike[str]) -> str:
    """A command as it can be typed; a path is no option, however it starts."""
    return shlex.join(
        f"./{word}" if isinstance(word, PathLike) and str(word)[:1] == "-" else str(word) for word in words
    )


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tally(counts: Iterable[tuple[str, int]]) -> str:
    """Counts by name, the largest first, on one line."""
    return ", ".join(f"{number} {name}" for name, number in sorted(counts, key=lambda each: (-each[1], each[0])))

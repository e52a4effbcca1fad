"""`acs-chat cassettes show`: lists interactions, redacted whoever recorded them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.cli.cassettes.shelf import PATHS, Shelf, shelf
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, show
from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording import Interaction
from acs_chat_testkit.recording.editing import redacted
from acs_chat_testkit.recording.importers import Imported
from acs_chat_testkit.recording.redaction import Numbered, Pseudonyms, Redactor
from acs_chat_testkit.recording.redaction.pseudonyms import SHARED


class Listing:
    """The interactions of a shelf.

    Args:
        found: What lies there.
        full: Whether to show headers and bodies too.
    """

    def __init__(self, found: Shelf, full: bool) -> None:
        self._found = found
        self._full = full
        self._redactor = Redactor(chat_profile().rules, Numbered(Pseudonyms(), SHARED))

    def lines(self) -> Iterator[str]:
        """A line for each cassette and each interaction."""
        for each in self._found.cassettes:
            yield f"{each.path}: {_about(each)}"
            for number, interaction in enumerate(each.cassette.interactions, 1):
                yield from self._interaction(number, redacted(interaction, self._redactor))
        yield from self._found.broken_lines()

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        cassettes = [
            {
                "path": str(each.path),
                "format": each.recorder,
                "origin": each.cassette.header.origin,
                "api_version": each.cassette.header.api_version,
                "recorded_at": each.cassette.header.recorded_at,
                "interactions": [_values(redacted(one, self._redactor)) for one in each.cassette.interactions],
            }
            for each in self._found.cassettes
        ]
        return {"cassettes": cassettes, "broken": self._found.broken}

    def _interaction(self, number: int, each: Interaction) -> Iterator[str]:
        status = each.response.status if each.response is not None else each.error
        yield f"  {number:>3} {each.request.method:<6} {status} {each.request.url}"
        if self._full:
            yield from _message("> ", each.request.headers, each.request.body)
            if each.response is not None:
                yield from _message("< ", each.response.headers, each.response.body)


def _message(mark: str, headers: Headers, body: bytes) -> Iterable[str]:
    texts = [f"{name}: {value}" for name, value in headers.fields]
    if body:
        texts += ["", *body.decode("utf-8", "backslashreplace").splitlines()]
    return [f"      {mark}{text}" for text in texts]


def _values(each: Interaction) -> dict[str, Any]:
    return {
        "line": each.line,
        "method": each.request.method,
        "url": each.request.url,
        "status": None if each.response is None else each.response.status,
        "error": each.error,
    }


def _about(each: Imported) -> str:
    header = each.cassette.header
    said = [header.origin and f"origin {header.origin}", header.api_version, header.recorded_at]
    by = [] if each.cassette.ours and each.replays else [f"by {each.recorder}"]
    return ", ".join([counted(len(each.cassette.interactions), "interaction"), *by, *(one for one in said if one)])


@click.command()
@PATHS
@click.option("--full", is_flag=True, help="Show headers and bodies too.")
@FORMAT
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], full: bool, style: str) -> None:
    """List the interactions of each cassette below PATH; secrets and ids are replaced before they are shown.

    Exit code 1: a cassette can not be read.
    """
    found = shelf(paths)
    show(Listing(found, full), style)
    context.exit(FINDINGS if found.broken else 0)

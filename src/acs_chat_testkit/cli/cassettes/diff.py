"""`acs-chat cassettes diff`: what a new recording says otherwise than the old one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.cli.cassettes.earlier import AGAINST, FILES, Pair, pairs
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, show
from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.recording.differences import Change

LONGEST = 120


class Difference:
    """The changes between old and new recordings.

    Args:
        compared: The recordings, two by two.
        review: The command that decides on each change.
    """

    def __init__(self, compared: Sequence[Pair], review: str) -> None:
        self._changes = [(both.path, both.changes) for both in compared]
        self._review = review

    @property
    def exit_code(self) -> int:
        """1 where there is something to look at."""
        return FINDINGS if any(not each.same for each in self._all()) else 0

    def lines(self) -> Iterator[str]:
        """Each changed interaction with its differences, below its file where there are several; then the counts."""
        for path, changes in self._changes:
            if len(self._changes) > 1:
                yield f"{path}:"
            for number, each in enumerate(changes, 1):
                yield from described(number, each)
        every = self._all()
        same = sum(each.same for each in every)
        folded = counted(sum(each.folded for each in every), "volatile value")
        yield f"{counted(len(every), 'interaction')}: {same} the same, {folded} folded"
        if self.exit_code:
            yield f"Next: {self._review}"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "changes": [
                {"path": str(path), **_values(each)}
                for path, changes in self._changes
                for each in changes
                if not each.same
            ]
        }

    def _all(self) -> list[Change]:
        return [each for _, changes in self._changes for each in changes]


def described(number: int, change: Change) -> Iterator[str]:
    """The lines that tell a change; none where there is nothing to look at."""
    if change.same:
        return
    asked = change.new or change.old
    assert asked is not None
    mark = "+" if change.old is None else "-" if change.new is None else "~"
    yield f"{mark} {number} {asked.request.method} {asked.request.url}"
    for place, old, new in change.differences:
        yield f"    {place}: {_short(old)} -> {_short(new)}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _values(change: Change) -> dict[str, Any]:
    asked = change.new or change.old
    assert asked is not None
    return {
        "method": asked.request.method,
        "url": asked.request.url,
        "change": "added" if change.old is None else "removed" if change.new is None else "changed",
        "differences": [{"place": place, "old": old, "new": new} for place, old, new in change.differences],
        "folded": change.folded,
    }


def words(files: Sequence[Path], against: str) -> list[str | Path]:
    """The arguments of this command, for another one that takes the same."""
    return [*([f"--against={against}"] if against != "HEAD" else []), *files]


@click.command()
@FILES
@AGAINST
@FORMAT
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], against: str, style: str) -> None:
    """Compare two recordings of one test, interaction by interaction; without OLD, with what git has.

    Of a DIRECTORY, every recording below it is compared that git has and that is not the same any more.
    Times, counted ids and cursors differ in every recording; they are folded. Exit code 1: there is a difference.
    """
    review = typed("acs-chat", "cassettes", "review", *words(files, against))
    difference = Difference(pairs(files, against), review)
    show(difference, style)
    context.exit(difference.exit_code)

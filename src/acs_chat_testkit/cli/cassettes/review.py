"""`acs-chat cassettes review`: accepts or rejects a new recording, interaction by interaction."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from acs_chat_testkit.cli.cassettes.diff import described
from acs_chat_testkit.cli.cassettes.earlier import AGAINST, FILES, Pair, pairs
from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.cli.output import counted
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.printable import line
from acs_chat_testkit.recording import Interaction, store
from acs_chat_testkit.recording.differences import Change
from acs_chat_testkit.recording.migration import text_of

ACCEPT, REJECT, QUIT = "accept", "reject", "quit"
LETTERS = {each[0]: each for each in (ACCEPT, REJECT, QUIT)}


def _decisions(both: Pair, everything: str | None) -> Iterator[tuple[Change, str]]:
    """Each change with what was decided; nothing to look at is accepted."""
    for number, change in enumerate(both.changes, 1):
        if change.same:
            yield change, ACCEPT
            continue
        for text in described(number, change):
            click.echo(line(text))
        yield change, everything or _ask()


def _ask() -> str:
    try:
        letter = click.prompt("  accept, reject or quit", type=click.Choice(list(LETTERS)), show_choices=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo()
        raise UsageError("nobody answers; say --accept-all or --reject-all to be asked nothing") from None
    if letter == QUIT[0]:
        raise click.exceptions.Exit(0)
    return LETTERS[letter]


def _chosen(both: Pair, change: Change, decision: str) -> Interaction | None:
    recording, place = (both.new, change.at[1]) if decision == ACCEPT else (both.old, change.at[0])
    return None if place is None else recording.cassette.interactions[place]


def _old(both: Pair) -> str:
    """The old recording as it was, where a file of this name may hold it so."""
    alike = both.old.replays and both.old.path.suffix == both.path.suffix
    return both.old.text if alike else text_of(both.old.cassette, both.path)


def _mixed(both: Pair, decided: Iterable[tuple[Change, str]]) -> str:
    chosen = (_chosen(both, change, decision) for change, decision in decided)
    kept = tuple(each for each in chosen if each is not None)
    return text_of(replace(both.new.cassette, interactions=kept), both.path)


@click.command()
@FILES
@AGAINST
@click.option("--accept-all", "everything", flag_value=ACCEPT, help="Ask nothing: the new recording stays.")
@click.option("--reject-all", "everything", flag_value=REJECT, help="Ask nothing: the old recording comes back.")
def command(files: tuple[Path, ...], against: str, everything: str | None) -> None:
    """Decide on each difference of a new recording; without OLD, against what git has.

    Of a DIRECTORY, every recording below it comes in turn that git has and that is not the same any more. What is
    rejected is again as it was in OLD. NEW is written once, when all of it is decided; quit leaves it as it is, and
    those behind it.
    """
    compared = pairs(files, against)
    for both in compared:
        if not both.new.replays:
            advice = typed("acs-chat", "cassettes", "migrate", both.path)
            raise UsageError(f"{both.path} was written by {both.new.recorder}; before a review: {advice}")
    for both in compared:
        if len(compared) > 1:
            click.echo(line(f"{both.path}:"))
        _review(both, everything)


def _review(both: Pair, everything: str | None) -> None:
    decided = list(_decisions(both, everything))
    rejected = sum(decision == REJECT for _, decision in decided)
    if rejected:
        nothing_new = all(change.same or decision == REJECT for change, decision in decided)
        store.replace(both.path, _old(both) if nothing_new else _mixed(both, decided))
    accepted = len(decided) - rejected
    click.echo(line(f"{both.path}: {counted(accepted, 'interaction')} of the new recording, {rejected} rejected"))

"""`acs-chat live sweep`: removes what killed test runs left on the live resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from acs_chat_testkit import targets
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, following, show
from acs_chat_testkit.ledger import Ledger, left_over
from acs_chat_testkit.targets import CONNECTION_STRING, Target


class Swept:
    """What a sweep did.

    Attributes:
        gone: How many users and threads were removed.
        left: How many users of this resource could not be removed.
        trouble: Why not.
        elsewhere: How many users are left at other resources, by endpoint.
    """

    def __init__(self) -> None:
        self.gone: Counter[str] = Counter()
        self.left = 0
        self.trouble: str | None = None
        self.elsewhere: Counter[str] = Counter()

    @property
    def exit_code(self) -> int:
        """1 where something is left."""
        return FINDINGS if self.left or self.elsewhere else 0

    def lines(self) -> Iterator[str]:
        """What is gone, and what to do about the rest."""
        yield f"{counted(self.gone['user'], 'user')} and {counted(self.gone['thread'], 'thread')} deleted"
        if self.left:
            yield f"ERROR  {counted(self.left, 'user')} left: {self.trouble}"
        for endpoint, number in sorted(self.elsewhere.items()):
            yield f"WARN  {counted(number, 'user')} left at {endpoint}; set {CONNECTION_STRING} to it and sweep again"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "users": self.gone["user"],
            "threads": self.gone["thread"],
            "left": self.left,
            "trouble": self.trouble,
            "elsewhere": dict(self.elsewhere),
        }


@click.command()
@FORMAT
@click.pass_context
def command(context: click.Context, style: str) -> None:
    """Remove the users, tokens and threads that killed test runs of this machine left on the live resource.

    ACS_CHAT_CONNECTION_STRING names it. Runs that still go on keep theirs. Exit code 1: something is left.
    """
    endpoint, key = targets.resource("acs-chat live sweep")
    swept = Swept()
    for ledger in following(list(left_over()), "sweeping"):
        if ledger.endpoint == endpoint:
            _sweep(ledger, Target("live", endpoint, key, ledger=ledger), swept)
        elif ledger.users:
            swept.elsewhere[ledger.endpoint] += len(ledger.users)
        ledger.close()
    show(swept, style)
    context.exit(swept.exit_code)


def _sweep(ledger: Ledger, target: Target, swept: Swept) -> None:
    target.clear(ledger.users)
    swept.gone += ledger.gone
    swept.left += len(ledger.users)
    swept.trouble = ledger.trouble or swept.trouble

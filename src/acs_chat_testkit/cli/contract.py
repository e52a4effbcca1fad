"""`acs-chat contract`: shows what changed between two contracts."""

from __future__ import annotations

from pathlib import Path

import click

from acs_chat_testkit.printable import line


@click.group()
def command() -> None:
    """Compare what the service promises, version by version."""


@command.command()
@click.argument("older")
@click.argument("newer")
@click.pass_context
def diff(context: click.Context, older: str, newer: str) -> None:
    """Compare two contracts, each an api-version or a file; exit 1 where a change breaks clients of the older one."""
    from acs_chat_testkit.contract import load, read
    from acs_chat_testkit.contract.comparison import Weight, compare

    first, second = (read(Path(one)) if one.endswith((".yaml", ".yml")) else load(one) for one in (older, newer))
    changes = compare(first, second)
    for weight in Weight:
        mine = [change for change in changes if change.weight is weight]
        click.echo(f"{len(mine)} {weight}")
        for change in mine:
            click.echo(line(f"  {change.operation}  {change.where or '-'}: {change.message}"))
    context.exit(1 if any(change.weight is Weight.BREAKING for change in changes) else 0)

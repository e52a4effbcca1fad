"""`acs-chat cassettes`: shows and checks recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acs_chat_testkit.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from acs_chat_testkit.recording import Cassette

FINDINGS = 1
"""The exit code when something was found."""


@click.group()
def command() -> None:
    """Show, check and scan recordings."""


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def show(path: Path) -> None:
    """List the interactions of each cassette."""
    from acs_chat_testkit.recording import load

    for file in _cassettes(path):
        cassette = load(file)
        click.echo(f"{file}: {_about(cassette)}")
        for number, each in enumerate(cassette.interactions, 1):
            status = each.response.status if each.response is not None else "no answer"
            click.echo(f"  {number:>3} {each.request.method:<6} {status} {each.request.url}")


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def lint(path: Path) -> None:
    """Read every cassette; exit 1 where one is broken."""
    from acs_chat_testkit.recording import load

    broken = 0
    for file in _cassettes(path):
        try:
            load(file)
        except CassetteError as error:
            broken += 1
            click.echo(str(error))
    click.echo(f"{broken} broken")
    raise SystemExit(FINDINGS if broken else 0)


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def scan(path: Path) -> None:
    """Look for secrets and personal data; exit 1 where there is any."""
    from acs_chat_testkit.chat_profile import chat_profile
    from acs_chat_testkit.recording import leaks, load

    profile = chat_profile()
    found = 0
    for file in _cassettes(path):
        for leak in leaks(load(file), profile):
            found += 1
            click.echo(f"{file}: interaction {leak.number}, {leak.place}: {leak.kind}")
    click.echo(f"{found} findings; nothing was changed")
    raise SystemExit(FINDINGS if found else 0)


def _cassettes(path: Path) -> Iterator[Path]:
    """The cassette of a path, or all below a directory.

    Raises:
        UsageError: There is none.
    """
    if path.is_file():
        yield path
        return
    files = sorted(each for each in path.rglob("*.y*ml") if each.suffix in (".yaml", ".yml"))
    if not files:
        raise UsageError(f"there is no cassette below {path}")
    yield from files


def _about(cassette: Cassette) -> str:
    header = cassette.header
    said = [header.origin and f"origin {header.origin}", header.api_version, header.recorded_at]
    return ", ".join([f"{len(cassette.interactions)} interactions", *(each for each in said if each)])

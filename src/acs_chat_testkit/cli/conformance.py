"""`acs-chat conformance`: checks an implementation, or recordings, against the contract."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path

import click
from rich.console import Console

FILE = click.Path(dir_okay=False, path_type=Path)
REPORT = click.Path(exists=True, dir_okay=False, path_type=Path)
IMPL = click.option(
    "--impl", "name", default="ours", show_default=True, help="Which implementation; a file; exec:COMMAND."
)
PYTHON = click.option("--python", metavar="PATH", help="The interpreter of the implementation's environment.")


@click.group(invoke_without_command=True)
@IMPL
@PYTHON
@click.option("--set", "sets", multiple=True, help="Run this set only, such as wire/2024-03-07; may be repeated.")
@click.option("--only", metavar="PATTERN", help="Run only the checks whose id matches, such as '*#serialize.*'.")
@click.option(
    "--report", "reports", type=FILE, multiple=True, help="Write .json, .xml (JUnit), .md, .html, .badge.json."
)
@click.pass_context
def command(
    context: click.Context,
    name: str,
    python: str | None,
    sets: tuple[str, ...],
    only: str | None,
    reports: tuple[Path, ...],
) -> None:
    """Check models and operations of an implementation.

    Exit code 0: all passed; 1: a check failed; 2: a check cannot be used; 3: nothing was run.
    """
    if context.invoked_subcommand:
        return
    from acs_chat_conformance import check, terminal
    from acs_chat_conformance.reports import format_of, write

    for path in reports:
        format_of(path)
    wanted = None if only is None else lambda vector: vector.id == only or fnmatchcase(vector.id, only)
    found = check(name, wanted, python=python, sets=sets)
    terminal.show(Console(highlight=False), found)
    for path in reports:
        write(found, path)
    context.exit(found.exit_code)


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--report", type=FILE, help="Write the result as JSON.")
@click.option("--require-live", metavar="PERCENT", type=float, default=0.0, help="Fail below this live share.")
@click.option(
    "--fail-under",
    metavar="[NAME=]PERCENT",
    multiple=True,
    help="Fail below this share of the contract's fields, or operations, statuses, request-fields, response-fields.",
)
@click.pass_context
def cassettes(
    context: click.Context, path: Path, report: Path | None, require_live: float, fail_under: tuple[str, ...]
) -> None:
    """Judge every recorded interaction below PATH.

    Exit code 0: no errors; 1: an interaction breaks the contract, or a share is too small; 2: a file is no cassette;
    3: nothing was judged.
    """
    from acs_chat_conformance import terminal
    from acs_chat_conformance.recorded import judge_cassettes

    least = dict(map(_gate, fail_under))
    recorded = judge_cassettes(path)
    terminal.show_recorded(Console(highlight=False), recorded)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(recorded.as_json(), indent=2) + "\n", encoding="utf-8")
    short = recorded.short_of(require_live=require_live, least=least)
    for text in short:
        click.echo(text)
    context.exit(recorded.exit_code or bool(short))


def _gate(text: str) -> tuple[str, float]:
    """A name of `coverage.GATES` with its least share; the fields where none is named."""
    from acs_chat_conformance.coverage import GATES

    before, _, percent = text.rpartition("=")
    name = before.replace("-", " ") or "fields"
    try:
        least = float(percent)
    except ValueError:
        least = -1.0
    if name not in GATES or not 0 <= least <= 100:
        names = ", ".join(gate.replace(" ", "-") for gate in GATES)
        raise click.BadParameter(f"{text!r} is no [NAME=]PERCENT with a name of {names}", param_hint="--fail-under")
    return name, least


@command.command()
@IMPL
@PYTHON
def deviations(name: str, python: str | None) -> None:
    """Print the failures that are not known yet, as entries for the implementation's file."""
    from acs_chat_conformance import check
    from acs_chat_conformance.deviations import listing

    click.echo(listing(check(name, python=python).results))


@command.command()
@click.argument("older", type=REPORT)
@click.argument("newer", type=REPORT)
@click.pass_context
def diff(context: click.Context, older: Path, newer: Path) -> None:
    """Compare two JSON reports; exit 1 where a check that passed does not any more."""
    from acs_chat_conformance.comparison import checks_of, compare

    found = compare(checks_of(older), checks_of(newer))
    for name in ("regressions", "changed", "fixes", "added", "removed"):
        checks = getattr(found, name)
        click.echo(f"{len(checks)} {name}")
        for check in checks:
            click.echo(f"  {check}")
    context.exit(1 if found.regressions else 0)

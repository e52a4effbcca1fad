"""`acs-chat conformance`: checks an implementation, or recordings, against the contract."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acs_chat_testkit.cli.output import screen
from acs_chat_testkit.printable import line

if TYPE_CHECKING:
    from acs_chat_conformance import Report

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
REPORT = click.Path(exists=True, dir_okay=False, path_type=Path)
IMPL = click.option(
    "--impl", "name", default="ours", show_default=True, help="Which implementation; a file; exec:COMMAND."
)
REPORTS = click.option(
    "--report", "reports", type=FILE, multiple=True, help="Write .json, .xml (JUnit), .md, .html, .badge.json."
)
PYTHON = click.option("--python", metavar="PATH", help="The interpreter of the implementation's environment.")


@click.group(invoke_without_command=True)
@IMPL
@PYTHON
@click.option("--set", "sets", multiple=True, help="Run this set only, such as wire/2024-03-07; may be repeated.")
@click.option("--only", metavar="PATTERN", help="Run only the checks whose id matches, such as '*#serialize.*'.")
@click.option("--vectors", "home", type=FOLDER, help="Run the sets of this folder instead, such as counterexamples.")
@REPORTS
@click.pass_context
def command(
    context: click.Context,
    name: str,
    python: str | None,
    sets: tuple[str, ...],
    only: str | None,
    home: Path | None,
    reports: tuple[Path, ...],
) -> None:
    """Check models and operations of an implementation.

    Exit code 0: all passed; 1: a check failed; 2: a check cannot be used; 3: nothing was run.
    """
    if context.invoked_subcommand:
        return
    from acs_chat_conformance import check

    wanted = None if only is None else lambda vector: vector.id == only or fnmatchcase(vector.id, only)
    _report(context, lambda: check(name, wanted, python=python, sets=sets, home=home), reports)


def _report(context: click.Context, run: Callable[[], Report], reports: tuple[Path, ...]) -> None:
    """Runs, shows, writes and exits; a report that cannot be written is refused first."""
    from acs_chat_conformance import terminal
    from acs_chat_conformance.reports import format_of, write

    for path in reports:
        format_of(path)
    found = run()
    terminal.show(screen(), found)
    for path in reports:
        write(found, path)
    context.exit(found.exit_code)


def _seed(context: click.Context, option: click.Parameter, text: str) -> int:
    """The number that a text names; one that nobody chose for ``random``."""
    if text == "random":
        return secrets.randbelow(2**32)
    if not (text.isascii() and text.isdecimal()):
        raise click.BadParameter(f"{text!r} is neither a whole number from 0 nor the word random")
    return int(text)


@command.command()
@IMPL
@PYTHON
@click.option("--against", metavar="NAME", help="What this implementation does is what must follow.")
@click.option("--against-python", metavar="PATH", help="The interpreter of its environment.")
@click.option(
    "--seed",
    metavar="NUMBER|random",
    callback=_seed,
    default="0",
    show_default=True,
    help="The same seed draws the same examples.",
)
@click.option("--examples", type=click.IntRange(1), default=20, show_default=True, help="Of each law and subject.")
@click.option("--only", metavar="PATTERN", help="Run only the laws whose id matches, such as '*/send_message#*'.")
@click.option(
    "--counterexamples",
    "home",
    type=click.Path(file_okay=False, path_type=Path),
    default="counterexamples",
    show_default=True,
    help="Where the smallest example that breaks a law is written, as a vector file.",
)
@REPORTS
@click.pass_context
def properties(context: click.Context, /, reports: tuple[Path, ...], **options: Any) -> None:
    """Look for arguments and answers that break a law.

    The examples are drawn from the contract. Exit codes as those of `acs-chat conformance`.
    """
    from acs_chat_conformance.properties import Plan, check_laws

    plan = Plan(**options)
    click.echo(f"seed {plan.seed}; the same examples again: {plan.again}")
    _report(context, lambda: check_laws(plan), reports)


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

    Exit code 0: no errors; 1: an interaction breaks the contract, or a share is too small; 2: a file can not be
    read; 3: nothing was judged.
    """
    from acs_chat_conformance import terminal
    from acs_chat_conformance.recorded import judge_cassettes

    least = dict(map(_gate, fail_under))
    recorded = judge_cassettes(path)
    terminal.show_recorded(screen(), recorded)
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
            click.echo(line(f"  {check}"))
    context.exit(1 if found.regressions else 0)

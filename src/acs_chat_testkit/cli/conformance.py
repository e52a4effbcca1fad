"""`acs-chat conformance`: checks an implementation, or recordings, against the contract."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click
from rich.console import Console

REPORT = click.Path(dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.option("--impl", "name", default="ours", show_default=True, help="The implementation to check.")
@click.option("--only", metavar="PATTERN", help="Run only the checks whose id matches, such as '*#serialize.*'.")
@click.option("--report", type=REPORT, help="Write the result as JSON.")
@click.pass_context
def command(context: click.Context, name: str, only: str | None, report: Path | None) -> None:
    """Check models and operations of an implementation.

    Exit code 0: all passed; 1: a check failed; 2: a check cannot be used; 3: nothing was run.
    """
    if context.invoked_subcommand:
        return
    from acs_chat_conformance import check, terminal

    found = check(name, lambda vector: only is None or vector.id == only or fnmatchcase(vector.id, only))
    terminal.show(Console(highlight=False), found)
    _write(report, found.as_json())
    context.exit(found.exit_code)


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--report", type=REPORT, help="Write the result as JSON.")
@click.pass_context
def cassettes(context: click.Context, path: Path, report: Path | None) -> None:
    """Judge every recorded interaction below PATH.

    Exit code 0: no errors; 1: an interaction breaks the contract; 2: a file is no cassette; 3: nothing was judged.
    """
    from acs_chat_conformance import terminal
    from acs_chat_conformance.recorded import judge_cassettes

    recorded = judge_cassettes(path)
    terminal.show_recorded(Console(highlight=False), recorded)
    _write(report, recorded.as_json())
    context.exit(recorded.exit_code)


def _write(path: Path | None, data: dict[str, Any]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")

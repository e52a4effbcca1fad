"""A group of commands that knows each by name and imports it when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from acs_chat_testkit.errors import MissingExtra, TestkitError
from acs_chat_testkit.printable import block

INTERRUPTED = 130
"""The exit code of what a person stopped, as a shell has it: 128 and the number of the signal."""
NOBODY_READS = 141
"""The exit code where the reader of a pipe has gone, as a shell has it; click's own is 1, which says something else."""
Rows = Mapping[str, tuple[str, str]]
"""Each command with the extra it needs and its line in the help; its code is the module of that name."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called.

    Args:
        package: Where the modules are.
        rows: The commands.
        **more: What a click group takes.
    """

    def __init__(self, package: str, rows: Rows, **more: Any) -> None:
        super().__init__(**more)
        self._package = package
        self._rows = rows

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted(self._rows)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands from the table, so that help works without any extra."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._rows[name][1]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; `MissingExtra` where what it needs is not installed."""
        if cmd_name not in self._rows:
            return None
        try:
            module = importlib.import_module(f"{self._package}.{cmd_name}")
        except ModuleNotFoundError as missing:
            self._lacks(cmd_name, missing)
        command: click.Command = module.command
        return command

    def _lacks(self, name: str, missing: ModuleNotFoundError) -> NoReturn:
        """Tells the extra of a command that a module of others is missing for."""
        if (missing.name or "").split(".")[0] in {"acs_chat_testkit", "acs_chat_conformance"}:
            raise missing
        raise MissingExtra(f"'{name}'", self._rows[name][0], missing.name) from missing

    def _run(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as missing:  # commands import what they need when they run
            self._lacks(str(ctx.invoked_subcommand), missing)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; an error of ours, or of a file, is one sentence and exit code 2, an interruption is 130."""
        try:
            return self._run(ctx)
        except TestkitError as error:
            click.echo(f"acs-chat: {block(error)}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            # Whoever read has enough, as `head` has. What is still in the buffer goes nowhere, or Python complains.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(NOBODY_READS)
        except OSError as error:
            what = error.filename or "a file or a connection"
            click.echo(f"acs-chat: {block(f'{what}: {error.strerror or error}')}", err=True)
            ctx.exit(2)
        except (KeyboardInterrupt, click.Abort):
            # click's own code for it is 1, which says here that something was found.
            click.echo("acs-chat: interrupted", err=True)
            ctx.exit(INTERRUPTED)

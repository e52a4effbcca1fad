"""The command line as data: every command of `acs-chat` with its options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc

import click

from acs_chat_testkit.cli.app import app


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or an option.

    Args:
        name: As it is typed.
        default: Without it; empty where there is none.
        help: What it does.
        argument: Whether it is typed without a name.
    """

    name: str
    default: str
    help: str
    argument: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Args:
        name: With what stands in front of it, such as ``"acs-chat cassettes scan"``.
        help: What it does, and its exit codes.
        parameters: What it takes.
    """

    name: str
    help: str
    parameters: tuple[Parameter, ...]

    def lines(self) -> Iterator[str]:
        """The command and its options, one line each."""
        yield " ".join([self.name, *(each.name for each in self.parameters if each.argument)])
        for each in self.parameters:
            if not each.argument:
                yield f"    {each.name}" + (f"  (default: {each.default})" if each.default else "")


def all_of_them() -> Iterator[Command]:
    """Every command that does something by itself."""
    yield from _below(app, click.Context(app, info_name="acs-chat"))


def _below(command: click.Command, context: click.Context) -> Iterator[Command]:
    if not isinstance(command, click.Group) or command.invoke_without_command:
        parameters = tuple(
            _parameter(each, context) for each in command.get_params(context) if "--help" not in each.opts
        )
        yield Command(context.command_path, cleandoc(command.help or ""), parameters)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _below(found, click.Context(found, parent=context, info_name=name))


def _parameter(each: click.Parameter, context: click.Context) -> Parameter:
    if isinstance(each, click.Argument):
        return Parameter(each.make_metavar(context), "", "", argument=True)
    assert isinstance(each, click.Option)
    names = ", ".join([*each.opts, *each.secondary_opts])
    shown = names if each.is_flag else f"{names} {each.make_metavar(context)}"
    plain = each.default if isinstance(each.default, (str, int, float)) and not each.is_flag else ""
    return Parameter(shown, str(plain), each.help or "", argument=False)

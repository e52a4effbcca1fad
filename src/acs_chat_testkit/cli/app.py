"""The command group: knows each command by name and imports it when it is called."""

from __future__ import annotations

import importlib

import click

from acs_chat_testkit.errors import MissingExtra, TestkitError

COMMANDS = {
    "cassettes": ("recording", "Show, check and scan recordings."),
    "conformance": ("conformance", "Check an implementation, or recordings, against the contract."),
    "contract": ("conformance", "Compare what the service promises, version by version."),
    "doctor": ("recording", "Say what is installed here, what answers, and what is wrong."),
    "emulate": ("emulator", "Run the local chat service."),
}
"""Each command with the extra it needs and its line in the help; its code is the module of that name here."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands from the table, so that help works without any extra."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; `MissingExtra` where what it needs is not installed."""
        if cmd_name not in COMMANDS:
            return None
        extra, _ = COMMANDS[cmd_name]
        try:
            module = importlib.import_module(f"{__package__}.{cmd_name}")
        except ModuleNotFoundError as missing:
            if (missing.name or "").split(".")[0] in {"acs_chat_testkit", "acs_chat_conformance"}:
                raise
            raise MissingExtra(f"'{cmd_name}'", extra, missing.name) from missing
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command and shows an error of ours as its one sentence, with exit code 2."""
        try:
            return super().invoke(ctx)
        except TestkitError as error:
            click.echo(f"acs-chat: {error}", err=True)
            ctx.exit(2)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="acs-chat-testkit", prog_name="acs-chat")
def app() -> None:
    """Record, replay and check code that talks to Azure Communication Services Chat."""

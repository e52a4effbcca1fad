"""The command group: knows each command by name and imports it when it is called."""

from __future__ import annotations

import click

from acs_chat_testkit.cli.lazy import LazyGroup, Rows

COMMANDS: Rows = {
    "cassettes": ("recording", "Show, check, clean and move recordings."),
    "conformance": ("conformance", "Check an implementation, or recordings, against the contract."),
    "contract": ("conformance", "Compare what the service promises, version by version."),
    "doctor": ("recording", "Say what is installed here, what answers, and what is wrong."),
    "emulate": ("emulator", "Run the local chat service."),
    "live": ("recording", "Look after the live resource that tests run on."),
}
"""Each command with the extra it needs and its line in the help; its code is the module of that name here."""

app = LazyGroup(
    "acs_chat_testkit.cli",
    COMMANDS,
    name="acs-chat",
    help="Record, replay and check code that talks to Azure Communication Services Chat.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(package_name="acs-chat-testkit", prog_name="acs-chat")(app)

"""`acs-chat cassettes report`: one file a command."""

from __future__ import annotations

from acs_chat_testkit.cli.lazy import LazyGroup, Rows

COMMANDS: Rows = {
    "merge": ("recording", "Judge the shards of a run as one run."),
}
"""Each command with the extra it needs and its line in the help."""

command = LazyGroup(__name__, COMMANDS, name="report", help="Work with what pytest --cassette-report has written.")

"""`acs-chat live`: one file a command."""

from __future__ import annotations

from acs_chat_testkit.cli.lazy import LazyGroup, Rows

COMMANDS: Rows = {
    "sweep": ("recording", "Remove what killed test runs left on the live resource."),
}
"""Each command with the extra it needs and its line in the help."""

command = LazyGroup(__name__, COMMANDS, name="live", help="Look after the live resource that tests run on.")

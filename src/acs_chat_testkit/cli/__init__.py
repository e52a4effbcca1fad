"""`acs-chat`: the command line. One file a command, imported when it is called."""

from __future__ import annotations

import io
import sys

from acs_chat_testkit.errors import MissingExtra


def main() -> None:
    """Runs the command line; without click it says in one sentence what to install, with exit code 2."""
    try:
        from acs_chat_testkit.cli.app import app
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] in {"click", "rich"}:
            sys.stderr.write(f"acs-chat: {MissingExtra('the command line', 'all', missing.name)}\n")
            sys.exit(2)
        raise
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file may have a name that the encoding of a terminal or a pipe does not know.
        sys.stdout.reconfigure(errors="backslashreplace")
    app()

"""`acs-chat cassettes`: one file a command."""

from __future__ import annotations

from acs_chat_testkit.cli.lazy import LazyGroup, Rows

COMMANDS: Rows = {
    "diff": ("recording", "Compare a new recording with the old one; what always differs is folded."),
    "migrate": ("recording", "Move cassettes of any recorder over; --strict, --redact, --dry-run."),
    "lint": ("recording", "Check format, contract and leaks; for continuous integration."),
    "orphans": ("recording", "List cassettes that no test has."),
    "prune": ("recording", "Remove cassettes that no test has; --dry-run."),
    "rename": ("recording", "Give a cassette another name, or a directory of them."),
    "report": ("recording", "Judge the shards of a run as one run."),
    "review": ("recording", "Accept or reject a new recording, interaction by interaction."),
    "scan": ("recording", "Look for secrets, personal data and drift in any recorder's cassettes."),
    "show": ("recording", "List the interactions of each cassette."),
    "stats": ("recording", "Count what there is: operations, versions, origins, ages, sizes."),
}
"""Each command with the extra it needs and its line in the help."""

command = LazyGroup(__name__, COMMANDS, name="cassettes", help="Show, check, clean and move recordings.")

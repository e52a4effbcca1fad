"""`acs-chat cassettes lint`: format, contract and leaks, a line for each finding; for continuous integration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.cli.cassettes.judging import NOT_JUDGED, judge
from acs_chat_testkit.cli.cassettes.shelf import PATHS, TEXTS, Shelf, shelf
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, following, show
from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.recording import Interaction, serializer
from acs_chat_testkit.recording.importers import Imported
from acs_chat_testkit.recording.leakage import leaks, suspects
from acs_chat_testkit.recording.profile import Profile

TIERS = ("error", "warn", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the result.

    Args:
        place: File and line.
        tier: How much it weighs; errors make the command fail.
        check: What was broken, such as ``"leak"``.
        message: One sentence without any secret.
    """

    place: str
    tier: str
    check: str
    message: str


class Lint:
    """What is wrong on a shelf.

    Args:
        found: What lies there.
        profile: What must not be in a cassette.
        redact: The command that says how leaks would be mended.
    """

    def __init__(self, found: Shelf, profile: Profile, redact: str) -> None:
        self._shelf = found
        self._redact = redact
        recorded = judge(found)
        self._judged = recorded is not None
        self.findings = [Finding("", "error", "format.broken", sentence) for sentence in found.broken]
        for each in following(found.cassettes, "checking"):
            self.findings.extend(_format(each))
            self.findings.extend(_secrets(each, profile))
        for one in [] if recorded is None else recorded.findings:
            told = one.violation
            where = f"{told.operation or '-'} {told.where}".strip()
            self.findings.append(Finding(one.place, told.tier, told.check, f"{where}: {told.message}"))

    @property
    def exit_code(self) -> int:
        """1 where there is an error; warnings and information are no failure."""
        return FINDINGS if any(each.tier == "error" for each in self.findings) else 0

    def lines(self) -> Iterator[str]:
        """A line for each finding, then the counts."""
        for each in self.findings:
            place = f"{each.place}: " if each.place else ""
            yield f"{each.tier.upper()}  {place}{each.check}: {each.message}"
        tiers = Counter(each.tier for each in self.findings)
        cassettes = counted(len(self._shelf.cassettes) + len(self._shelf.broken), "cassette")
        yield f"{cassettes}, {counted(self._shelf.interactions, 'interaction')}: " + ", ".join(
            f"{tiers[tier]} {tier}" for tier in TIERS
        )
        if not self._judged:
            yield f"the contract was {NOT_JUDGED}"
        if any(each.check.startswith("leak.") and each.tier == "error" for each in self.findings):
            yield f"Next: {self._redact}"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "cassettes": len(self._shelf.cassettes),
            "interactions": self._shelf.interactions,
            "contract": self._judged,
            "findings": [asdict(each) for each in self.findings],
        }


def _format(each: Imported) -> Iterator[Finding]:
    """Where a file is not as this recorder would have written it."""
    if not each.cassette.ours or not each.replays:
        how = "matched as vcrpy would" if each.replays else "migrate it before it is replayed"
        yield Finding(f"{each.path}:1", "info", "format.foreign", f"written by {each.recorder}; {how}")
        return
    if each.path.suffix != ".json" and serializer.dump(each.cassette) != each.text:
        message = "not laid out as this recorder writes it; it was edited by hand"
        yield Finding(f"{each.path}:1", "warn", "format.layout", message)
    for number, one in enumerate(each.cassette.interactions, 1):
        if _too_short_or_long(one):
            place = f"{each.path}:{one.line}"
            yield Finding(place, "warn", "format.length", f"interaction {number}: Content-Length is not the body's")


def _too_short_or_long(each: Interaction) -> bool:
    response = each.response
    if response is None or not response.body:
        return False
    return response.headers.get("content-length", str(len(response.body))) != str(len(response.body))


def _secrets(each: Imported, profile: Profile) -> Iterator[Finding]:
    found = list(leaks(each.cassette, profile, each.text))
    known = {(leak.number, leak.place) for leak in found}
    for leak in found:
        yield Finding(_place(each.path, leak.line), "error", f"leak.{leak.weight}", str(leak))
    for suspect in suspects(each.cassette):
        if (suspect.number, suspect.place) not in known:
            yield Finding(_place(each.path, suspect.line), "warn", "leak.suspect", str(suspect))


def _place(path: Path, line: int) -> str:
    return f"{path}:{line}" if line else str(path)


@click.command()
@PATHS
@TEXTS
@FORMAT
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], content: str, style: str) -> None:
    """Check the cassettes below PATH: format, contract and leaks.

    Exit code 1: there is an error.
    """
    masked = [f"--content={content}"] if content != "keep" else []
    redact = typed("acs-chat", "cassettes", "migrate", "--redact", *masked, "--dry-run", *paths)
    lint = Lint(shelf(paths), chat_profile(content=content), redact)
    show(lint, style)
    context.exit(lint.exit_code)

"""`acs-chat cassettes migrate`: moves any recorder's cassettes over, redacted and strict where asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.chat_profile import CONTENT, chat_profile
from acs_chat_testkit.cli.cassettes.shelf import PATHS, Shelf, shelf
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, following, show, tally
from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording import store
from acs_chat_testkit.recording.importers import Imported
from acs_chat_testkit.recording.migration import Migrated, Migration

SHOWN = 10
"""So many members of a file are named that were dropped; a program reads all of them."""


class Moved:
    """What became of a shelf.

    Args:
        found: What lay there.
        outcomes: What became of each file.
        again: The command that does it, or the next one.
        dry: Whether nothing was written.
        strict: Whether it is a finding that a member of a file was dropped.
    """

    def __init__(
        self, found: Shelf, outcomes: Sequence[tuple[Imported, Migrated]], again: str, *, dry: bool, strict: bool
    ) -> None:
        self._found = found
        self._outcomes = outcomes
        self._again = again
        self._dry = dry
        self._strict = strict

    @property
    def _rewritten(self) -> list[tuple[Imported, Migrated]]:
        return [(old, new) for old, new in self._outcomes if new.text is not None]

    @property
    def _kept(self) -> list[tuple[Imported, Migrated]]:
        return [(old, new) for old, new in self._outcomes if new.reason is not None]

    @property
    def _dropped(self) -> list[tuple[Imported, Migrated]]:
        return [(old, new) for old, new in self._outcomes if new.dropped]

    @property
    def exit_code(self) -> int:
        """1 where something is left to be done."""
        left = self._found.broken or self._kept or (self._dry and self._rewritten) or (self._strict and self._dropped)
        return FINDINGS if left else 0

    def lines(self) -> Iterator[str]:
        """A line for each file that changes or stays behind, then the counts and what to run next."""
        for old, new in self._rewritten:
            to = "" if new.path == old.path else f" -> {new.path}"
            yield f"  {'would rewrite' if self._dry else 'rewritten'}  {old.path}{to} (by {old.recorder})"
        for old, new in self._kept:
            yield f"  {'kept' if new.text is None else 'not strict'}  {old.path}: {new.reason}"
        for old, new in self._dropped:
            most = Counter(new.dropped).most_common(SHOWN)
            told = tally(most) + (f" and {len(new.dropped) - SHOWN} others" if len(new.dropped) > SHOWN else "")
            done = "would drop" if self._dry else "dropped"
            yield f"  {done}  {old.path}: {told}; no recorder that is known here reads that"
        yield from self._found.broken_lines()
        hits = sum((new.redactions for _, new in self._rewritten), Counter[str]())
        same = len(self._outcomes) - len(self._rewritten)
        yield (
            f"{counted(len(self._rewritten), 'cassette')} {'to rewrite' if self._dry else 'rewritten'}, {same} as they "
            f"were; replaced: {tally(hits.items()) or 'nothing'}"
        )
        if self._dry:
            yield "Nothing was changed."
        if self._rewritten:
            yield f"Next: {self._again}"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "dry_run": self._dry,
            "broken": self._found.broken,
            "cassettes": [
                {
                    "path": str(old.path),
                    "to": str(new.path),
                    "recorder": old.recorder,
                    "rewritten": new.text is not None,
                    "reason": new.reason,
                    "redactions": dict(new.redactions),
                    "dropped": dict(new.dropped),
                }
                for old, new in self._outcomes
            ],
        }


def _migrated(found: Shelf, migration: Migration) -> list[tuple[Imported, Migrated]]:
    for each in found.cassettes:
        migration.reserve(each.text)
    return [(each, migration.migrate(each)) for each in following(found.cassettes, "migrating")]


def _written(outcomes: Sequence[tuple[Imported, Migrated]]) -> list[tuple[Imported, Migrated]]:
    """What has become of each file: some may lie where nothing can be written."""
    return [(old, _put(old.path, new)) for old, new in following(outcomes, "writing")]


def _put(old: Path, new: Migrated) -> Migrated:
    try:
        if new.text is not None:
            store.replace(new.path, new.text)
            if new.path != old:
                old.unlink(missing_ok=True)
    except OSError as error:
        return replace(new, text=None, reason=f"it can not be replaced ({error.strerror})", dropped={})
    return new


@click.command()
@PATHS
@click.option("--strict", is_flag=True, help="Match them with their bodies, as cassettes of this recorder.")
@click.option("--redact", is_flag=True, help="Replace secrets and ids, the same id by the same everywhere.")
@click.option(
    "--content",
    type=click.Choice(CONTENT),
    default="keep",
    show_default=True,
    help="What becomes of texts; mask needs --redact.",
)
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be done, and change nothing.")
@FORMAT
@click.pass_context
def command(
    context: click.Context, paths: tuple[Path, ...], strict: bool, redact: bool, content: str, dry: bool, style: str
) -> None:
    """Move the cassettes below PATH to vcrpy's YAML, which this recorder and plain vcrpy replay.

    JSON of betamax and Azure's test proxy becomes a .yaml file of the same name, and the JSON file goes; JSON of vcrpy
    stays JSON. Give the whole suite at once, so that an id becomes the same pseudonym in all of it.

    Exit code 1: something is kept as it was, or would be changed; with --strict also a member of a file that was
    dropped, because nothing that replays a cassette reads it.
    """
    if content == "mask" and not redact:
        raise UsageError("texts are masked where ids are replaced: give --redact, too")
    found = shelf(paths)
    migration = Migration(chat_profile(content=content), strict=strict, redact=redact)
    chosen = [
        *(["--strict"] if strict else []),
        *(["--redact"] if redact else []),
        *([f"--content={content}"] if content != "keep" else []),
    ]
    again = ["migrate", *chosen] if dry else ["lint"]
    # Only when all is decided: a suite that is moved in halves has two pseudonyms for one id.
    outcomes = _migrated(found, migration)
    if not dry:
        outcomes = _written(outcomes)
        places = {old.path: new.path for old, new in outcomes if new.text is not None}
        paths = tuple(places.get(path, path) for path in paths)
    moved = Moved(found, outcomes, typed("acs-chat", "cassettes", *again, *paths), dry=dry, strict=strict)
    show(moved, style)
    context.exit(moved.exit_code)

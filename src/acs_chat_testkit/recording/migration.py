"""Migration: what any recorder wrote becomes a cassette that this one replays, redacted and strict where asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from acs_chat_testkit.recording import editing, serializer
from acs_chat_testkit.recording.cassette import FORMAT, Cassette, Header, Interaction
from acs_chat_testkit.recording.cleaning import Cleaning
from acs_chat_testkit.recording.importers import SUFFIXES, Imported
from acs_chat_testkit.recording.leakage import leaks
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Pseudonyms, Redactor
from acs_chat_testkit.recording.redaction.placeholders import OTHERS, SECRET


@dataclass(frozen=True, slots=True)
class Migrated:
    """What becomes of one file.

    Args:
        path: Where the cassette is to lie.
        text: What is to be written; None where nothing is.
        reason: Why the file is kept as it is, or why it is not strict; None where all was done that was asked.
        redactions: How often each rule found something.
        dropped: Members of the file that its new text lacks, such as ``"request.proxy"``, and how often each was there.
    """

    path: Path
    text: str | None
    reason: str | None
    redactions: Counter[str]
    dropped: Mapping[str, int] = field(default_factory=dict)


class Migration:
    """Moves the cassettes of one suite; an id is the same in all of them.

    Args:
        profile: What is known about the service.
        strict: Whether cassettes are to be matched as ours are: with their bodies.
        redact: Whether to replace what must not be written.
    """

    def __init__(self, profile: Profile, *, strict: bool, redact: bool) -> None:
        self._profile = profile
        self._strict = strict
        self._redact = redact
        self._pseudonyms = Pseudonyms()
        self._made: dict[Path, Path] = {}

    def reserve(self, text: str) -> None:
        """Gives no id a pseudonym that a text holds already; to be called for all before the first is migrated."""
        for kind in self._profile.rules.kinds:
            self._pseudonyms.reserve(kind, text)

    def migrate(self, imported: Imported) -> Migrated:
        """What becomes of a file; nothing is written."""
        path = imported.path
        if path.suffix == ".gz":
            path = path.with_suffix("")
            path = path if path.suffix in SUFFIXES else path.with_name(f"{path.name}.yaml")
        if path.suffix == ".json" and not imported.format.replays:
            path = path.with_suffix(".yaml")
        source = self._made.setdefault(path.resolve(), imported.path.resolve())
        if path != imported.path and (path.exists() or source != imported.path.resolve()):
            return Migrated(path, None, f"{path.name} is there already", Counter())
        cleaning = Cleaning(self._profile, self._pseudonyms, path)
        redactor = cleaning.redactor()
        header, reason = self._header(imported.cassette)
        cassette = replace(imported.cassette, header=header)
        if self._redact:
            cassette = _redacted(cassette, redactor)
            more = cleaning.knowing_more(serializer.dump(cassette))
            cassette = cassette if more is None else _redacted(cassette, more)
            left = next(leaks(cassette, self._profile), None)
            if left is not None:
                return Migrated(path, None, f"it would still hold a secret ({left})", Counter())
        if imported.replays and cassette == imported.cassette:
            return Migrated(path, None, reason, Counter())
        return Migrated(path, text_of(cassette, path), reason, redactor.hits, imported.cassette.unread)

    def _header(self, cassette: Cassette) -> tuple[Header, str | None]:
        """The header, and why it does not make the cassette strict though that was asked."""
        if cassette.ours or not self._strict:
            return cassette.header, None
        scrubbed = next(_scrubbed(cassette.interactions), None)
        if scrubbed is not None:
            return cassette.header, f"{scrubbed} was scrubbed by another recorder, so no request is equal to it"
        return _made(cassette, self._profile), None


def text_of(cassette: Cassette, path: Path) -> str:
    """The text of a cassette in a file; vcrpy's JSON, where a suite with ``serializer="json"`` looks for that."""
    text = serializer.dump(cassette)
    if path.suffix != ".json":
        return text
    return json.dumps(serializer.document_of(text.encode(), "the cassette")[0], indent=4) + "\n"


def _made(cassette: Cassette, profile: Profile) -> Header:
    """The header of a cassette that had none; what answered is not known."""
    versions = (profile.api_version(each.request) for each in cassette.interactions)
    dates = (each.response.headers.get("date", "") for each in cassette.interactions if each.response is not None)
    return replace(
        cassette.header,
        format=FORMAT,
        api_version=next((version for version in versions if version), None),
        recorded_at=cassette.header.recorded_at or next(filter(None, map(editing.time_of, dates)), None),
    )


def _redacted(cassette: Cassette, redactor: Redactor) -> Cassette:
    interactions = cassette.interactions
    # Twice: an id that stands alone is known only after it came with its kind, which may be later.
    for _ in range(2):
        interactions = tuple(editing.redacted(each, redactor) for each in interactions)
    variables = {name: redactor.text(value) for name, value in cassette.header.variables.items()}
    metadata = editing.plain(cassette.header.metadata, redactor)
    return Cassette(interactions, replace(cassette.header, variables=variables, metadata=metadata))


def _scrubbed(interactions: Sequence[Interaction]) -> Iterator[str]:
    """The places of request bodies where another recorder put a word."""
    for number, each in enumerate(interactions, 1):
        try:
            value = json.loads(each.request.body)
        except ValueError:
            continue
        for path in _words(value, "$"):
            yield f"the body of interaction {number} ({each.request.method}) at {path}"


def _words(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and value != SECRET and OTHERS.fullmatch(value):
        yield path
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _words(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _words(item, f"{path}[{index}]")

"""`acs-chat cassettes scan`: what any recorder's cassettes give away, and where they drift from the contract."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.cli.cassettes.judging import NOT_JUDGED, judge
from acs_chat_testkit.cli.cassettes.shelf import PATHS, TEXTS, Shelf, shelf
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, following, show, tally
from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.recording.importers import Imported
from acs_chat_testkit.recording.leakage import Leak, Weight, leaks
from acs_chat_testkit.recording.redaction.tokens import Claims

FOREVER = float("inf")
BY_NAME = frozenset(["secret", "header"])
"""The kinds of leaks that are told by what a value is called alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """A leak, and the file that has it."""

    path: Path
    leak: Leak

    @property
    def place(self) -> str:
        """File and line; the number of the interaction where the format has no lines."""
        return f"{self.path}:{self.leak.line}" if self.leak.line else f"{self.path}, interaction {self.leak.number}"


class Scan:
    """What was found on a shelf.

    Args:
        paths: What was asked for.
        found: What lies there.
        content: What is to happen to what people wrote.
        now: Seconds since 1970; how long a token lives depends on it.
    """

    def __init__(self, paths: Iterable[Path], found: Shelf, content: str, now: float) -> None:
        self._paths = tuple(paths)
        self._shelf = found
        self._content = content
        self._now = now
        self._found = list(_search(found))
        self._recorded = judge(found)

    @property
    def exit_code(self) -> int:
        """1 where anything was found that is to be done something about."""
        return FINDINGS if self._not_read or self._to_redact or self._violations else 0

    @property
    def _unread(self) -> list[Imported]:
        return [each for each in self._shelf.cassettes if each.cassette.unread]

    @property
    def _not_read(self) -> bool:
        return bool(self._shelf.broken or self._unread)

    @property
    def _to_redact(self) -> list[Found]:
        return [*self._of(Weight.SECRET), *self._of(Weight.PERSONAL), *(self._texts if self._content == "mask" else [])]

    @property
    def _texts(self) -> list[Found]:
        return self._of(Weight.CONTENT)

    @property
    def _violations(self) -> list[Any]:
        return self._recorded.findings if self._recorded is not None else []

    def _of(self, weight: Weight) -> list[Found]:
        return [each for each in self._found if each.leak.weight is weight]

    def lines(self) -> Iterator[str]:
        """The counts, each leak with its place, and the one command to run next."""
        versions = Counter(version for each in self._shelf.cassettes for version in _versions(each.cassette))
        said = f", api-version {', '.join(f'{name} ({count})' for name, count in versions.most_common())}"
        yield (
            f"{counted(len(self._shelf.cassettes), 'cassette')}, {counted(self._shelf.interactions, 'interaction')}"
            f"{said if versions else ''}"
        )
        yield from self._shelf.broken_lines()
        for each in self._unread:
            yield f"UNREAD  {each.path}: {tally(each.cassette.unread.items())}; no recorder that is known here has that"
        yield from self._leaks()
        yield from self._people("PERSONAL", self._of(Weight.PERSONAL))
        kept = "" if self._content == "mask" else "; kept as it was written unless you ask for --content=mask"
        yield from self._people("CONTENT", self._texts, kept, each=self._content == "mask")
        yield from self._drift()
        yield from self._next()

    def _leaks(self) -> Iterator[str]:
        secrets = self._of(Weight.SECRET)
        if secrets:
            yield f"LEAK {len(secrets)}"
        elif self._shelf.cassettes:
            yield f"no secrets found{' in what could be read' if self._not_read else ''}"
        for each in secrets:
            yield f"  {each.place}  {each.leak.place}: {_described(each.leak, self._now)}"
        yield from self._revoke(secrets)

    def _revoke(self, secrets: list[Found]) -> Iterator[str]:
        """What to do about secrets that still let somebody in."""
        tokens = {each.leak.token for each in secrets if each.leak.token is not None}
        alive = sorted(token.subject or "somebody" for token in tokens if token.expires > self._now)
        if alive:
            yield f"  revoke the tokens of {', '.join(alive)}: CommunicationIdentityClient.revoke_tokens(user)"
        if any(each.leak.kind in BY_NAME for each in secrets):
            yield "  is one of them called a secret and none? replace it, too: what was recorded still replays"
        if any(each.leak.kind == "key" for each in secrets):
            yield "  an access key never expires and mints any user: az communication regenerate-key"

    def _people(self, word: str, found: list[Found], note: str = "", *, each: bool = True) -> Iterator[str]:
        """The counts by kind, and for each file where the first one is."""
        if not found:
            return
        yield f"{word} {len(found)}: {tally(Counter(one.leak.kind for one in found).items())}{note}"
        first = {one.path: one for one in reversed(found)}
        for path in first if each else ():
            kinds = Counter(one.leak.kind for one in found if one.path == path)
            yield f"  {first[path].place}  {tally(kinds.items())}"

    def _drift(self) -> Iterator[str]:
        if self._recorded is None:
            yield f"CONTRACT {NOT_JUDGED}"
        elif self._violations:
            yield f"CONTRACT {len(self._violations)}: {tally((tier, n) for tier, n in self._recorded.tiers.items())}"
        for one in self._violations:
            told = one.violation
            yield f"  {one.place}  {told.operation or '-'}: {told.message} {told.where} ({told.tier})"

    def _next(self) -> Iterator[str]:
        yield "Nothing was changed."
        mask = ["--content=mask"] if self._content == "mask" else []
        if self._to_redact:
            yield f"Next: {typed('acs-chat', 'cassettes', 'migrate', '--redact', *mask, '--dry-run', *self._paths)}"
        elif self._violations:
            yield f"Next: {typed('acs-chat', 'conformance', 'cassettes', self._paths[0])}"

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "cassettes": len(self._shelf.cassettes),
            "interactions": self._shelf.interactions,
            "broken": self._shelf.broken,
            "unread": {str(each.path): dict(each.cassette.unread) for each in self._unread},
            "findings": [_values(each) for each in self._found],
            "contract": None if self._recorded is None else self._recorded.as_json(),
        }


def _search(found: Shelf) -> Iterator[Found]:
    profile = chat_profile(content="mask")
    for each in following(found.cassettes, "scanning"):
        yield from (Found(each.path, leak) for leak in leaks(each.cassette, profile, each.text))


def _versions(cassette: Any) -> Iterator[str]:
    profile = chat_profile()
    for each in cassette.interactions:
        version = profile.api_version(each.request)
        if version:
            yield version


def _described(leak: Leak, now: float) -> str:
    if leak.token is None:
        return leak.kind
    whose = f" of {leak.token.subject}" if leak.token.subject else ""
    return f"{leak.kind}{whose}, {_life(leak.token, now)}"


def _life(token: Claims, now: float) -> str:
    """How long a token still lets somebody in."""
    left = token.expires - now
    if left <= 0:
        return "expired"
    if token.expires == FOREVER:
        return "alive for ever: it has no expiry"
    if left < 3600:
        return f"alive for {max(1, round(left / 60))} min"
    return f"alive for {round(left / 3600)} h" if left < 48 * 3600 else f"alive for {round(left / 86400)} days"


def _values(each: Found) -> dict[str, Any]:
    leak, token = each.leak, each.leak.token
    expires = None if token is None or token.expires == FOREVER else token.expires
    return {
        "path": str(each.path),
        "line": leak.line,
        "interaction": leak.number,
        "place": leak.place,
        "kind": leak.kind,
        "weight": leak.weight,
        "token": None if token is None else {"subject": token.subject, "expires": expires},
    }


@click.command()
@PATHS
@TEXTS
@FORMAT
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], content: str, style: str) -> None:
    """Look for secrets, personal data and contract drift in what any recorder left below PATH.

    Nothing is changed, and no plugin has to be. Exit code 1: something was found, or could not be looked at.
    """
    scan = Scan(paths, shelf(paths), content, time.time())
    show(scan, style)
    context.exit(scan.exit_code)

"""Pseudonyms: an id becomes another id of the same kind, and the same one wherever it comes again."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

SHARED = "00000000"
"""The tag of pseudonyms that all cassettes share."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of id.

    Args:
        name: Such as ``"user"``.
        pattern: The form of its pseudonyms, with the groups ``tag`` and ``number``; no real id has it.
        make: Writes the pseudonym from the tag, the number (from 1) and the id that it replaces.
        shared: Whether all cassettes share one row of numbers, as the resource that every test uses. Otherwise the
            tag of the cassette where the id first came is part of its pseudonym, so that recording one test again
            gives the same pseudonyms as recording all.
    """

    name: str
    pattern: str
    make: Callable[[str, int, str], str]
    shared: bool = False


class Pseudonyms:
    """Gives each id its pseudonym; one of these serves a whole run, so that an id is the same in all its cassettes.

    The numbers are counted, not computed from the id: a hash of a phone number could be searched for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[tuple[str, str], str] = {}
        self._counted: dict[tuple[str, str], int] = {}

    def copy(self) -> Pseudonyms:
        """The same pseudonyms; what the copy gives from now on is known to itself alone."""
        copy = Pseudonyms()
        with self._lock:
            copy._given, copy._counted = dict(self._given), dict(self._counted)
        return copy

    def known(self, kind: Kind, raw: str) -> str | None:
        """The pseudonym of an id that has one."""
        return self._given.get((kind.name, raw))

    def of(self, kind: Kind, raw: str, tag: str) -> str:
        """The pseudonym of an id; a new one where the id was not seen yet."""
        with self._lock:
            known = self._given.get((kind.name, raw))
            if known is not None:
                return known
            tag = SHARED if kind.shared else tag
            number = self._counted[kind.name, tag] = self._counted.get((kind.name, tag), 0) + 1
            made = self._given[kind.name, raw] = kind.make(tag, number, raw)
            return made

    def bind(self, kind: Kind, raw: str, pseudonym: str) -> None:
        """An id that a test brings along is the one that was recorded under this pseudonym."""
        with self._lock:
            self._given.setdefault((kind.name, raw), pseudonym)

    def reserve(self, kind: Kind, text: str) -> None:
        """Gives none of the pseudonyms that a text holds to another id."""
        with self._lock:
            for match in re.finditer(kind.pattern, text):
                row = (kind.name, SHARED if kind.shared else match["tag"])
                self._counted[row] = max(self._counted.get(row, 0), int(match["number"]))

    def renumber(self, kind: Kind, tag: str, text: str) -> None:
        """Gives new pseudonyms in the place of those of this tag that a text, which another run wrote, holds too."""
        taken = {match[0] for match in re.finditer(kind.pattern, text)}
        self.reserve(kind, text)
        for (name, raw), given in list(self._given.items()):
            if name == kind.name and not kind.shared and given in taken and tag in given:
                del self._given[name, raw]
                self.of(kind, raw, tag)


class Naming:
    """How a redactor asks for pseudonyms; this one gives none.

    Called with a kind and an id it gives what is to stand for the id.
    """

    def __call__(self, kind: Kind, raw: str) -> str:
        """What stands for an id."""
        return self.known(kind, raw) or raw

    def known(self, kind: Kind, raw: str) -> str | None:
        """What stands for an id that has a pseudonym already."""
        return None


AS_IT_IS = Naming()


class Known(Naming):
    """Gives the pseudonyms that are known already; other ids stay, and are remembered.

    Attributes:
        strangers: The ids that have no pseudonym, with their kinds.
    """

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self.strangers: dict[str, Kind] = {}

    def __call__(self, kind: Kind, raw: str) -> str:
        """The pseudonym, or the id."""
        known = self.known(kind, raw)
        if known is None:
            self.strangers[raw] = kind
        return known or raw

    def known(self, kind: Kind, raw: str) -> str | None:
        """The pseudonym of an id that has one."""
        return self._pseudonyms.known(kind, raw)


class Numbered(Naming):
    """Gives every id a pseudonym, with the tag of one cassette."""

    def __init__(self, pseudonyms: Pseudonyms, tag: str) -> None:
        self._pseudonyms = pseudonyms
        self._tag = tag

    def __call__(self, kind: Kind, raw: str) -> str:
        """The pseudonym; a new one where there is none yet."""
        return self._pseudonyms.of(kind, raw, self._tag)

    def known(self, kind: Kind, raw: str) -> str | None:
        """The pseudonym of an id that has one."""
        return self._pseudonyms.known(kind, raw)


def tag_of(cassette: str) -> str:
    """Eight hex digits that stand for a cassette's name in the pseudonyms that it was the first to give."""
    return hashlib.sha256(cassette.encode(errors="surrogateescape")).hexdigest()[:8]

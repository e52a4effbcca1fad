"""Texts in which rules find nothing, remembered: most texts of a run come again and again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

ROOM = 16 * 1024 * 1024
"""So many characters are remembered, then all is forgotten and remembered anew."""
LONGEST = 16 * 1024
"""No text of more characters is, unless that is asked for."""


class Inert:
    """Texts in which no rule found anything, so that none ever will: rules are pure.

    A recording is redacted as it is taken, once more when all of it is known, and looked through before it is written;
    after the first time most of it is here.

    Several threads may use it. What a rule only looked at does not belong here, because another pseudonym may be
    known by the next time.

    Args:
        longest: No text of more characters is remembered.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._depths: dict[Hashable, int] = {}
        self._values: dict[int, object] = {}
        self._room = ROOM

    def knows(self, what: Hashable, depth: int) -> bool:
        """Whether nothing was found in it, however many encodings were opened up to this number."""
        return self._depths.get(what, -1) >= depth

    def known(self, texts: Iterable[str], depth: int) -> set[str]:
        """Those of several texts of which `knows` says so."""
        depths = self._depths
        return {text for text in texts if depths.get(text, -1) >= depth}

    def add(self, what: Hashable, depth: int, size: int) -> None:
        """Nothing was found in it, with so many encodings opened.

        Args:
            what: A text, a word or the fields of a header.
            depth: How many encodings were opened.
            size: How many characters it has.
        """
        if self._takes(size):
            self._depths[what] = depth

    def knows_very(self, value: object) -> bool:
        """Whether nothing was found in this very value; to compare it with others would take longer."""
        return self._values.get(id(value)) is value

    def add_very(self, value: object, size: int) -> None:
        """Nothing was found in a value of about so many characters."""
        if self._takes(size):
            self._values[id(value)] = value

    def _takes(self, size: int) -> bool:
        """Makes room for so many characters; says whether they are few enough."""
        if size > self._longest:
            return False
        self._room -= size
        if self._room < 0:
            self._depths, self._values, self._room = {}, {}, ROOM - size
        return True

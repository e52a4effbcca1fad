"""Texts in which rules find nothing, remembered: most texts of a run come again and again."""

from __future__ import annotations

MOST = 4096
"""So many texts are remembered."""
LONGEST = 256
"""No text of more characters is."""


class Inert:
    """Short texts in which no rule found anything, so that none ever will: rules are pure.

    Several threads may use it. What a rule only looked at does not belong here, because another pseudonym may be
    known by the next time.
    """

    def __init__(self) -> None:
        self._depths: dict[str, int] = {}

    def knows(self, text: str, depth: int) -> bool:
        """Whether nothing was found in a text, however many encodings were opened up to this number."""
        return self._depths.get(text, -1) >= depth

    def add(self, text: str, depth: int) -> None:
        """Nothing was found in a text, with so many encodings opened."""
        if len(text) <= LONGEST:
            if len(self._depths) >= MOST:
                self._depths = {}
            self._depths[text] = depth

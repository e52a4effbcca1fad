"""Texts in which rules find nothing, remembered: most texts of a run come again and again."""

from __future__ import annotations

from collections.abc import Hashable

from acs_chat_testkit.http import Request, Response

ROOM = 16 * 1024 * 1024
"""So many characters are remembered, then all is forgotten and remembered anew."""
HEAD = 256
"""So many a message has beside its body, give or take."""
LONGEST = 16 * 1024
"""No text of more characters is."""


class Inert:
    """Texts in which no rule found anything, so that none ever will: rules are pure.

    A recording is redacted as it is taken, once more when all of it is known, and looked through before it is written;
    after the first time most of it is here.

    Several threads may use it. What a rule only looked at does not belong here, because another pseudonym may be
    known by the next time.
    """

    def __init__(self) -> None:
        self._depths: dict[Hashable, int] = {}
        self._messages: dict[int, Request | Response] = {}
        self._room = ROOM

    def knows(self, what: Hashable, depth: int) -> bool:
        """Whether nothing was found in it, however many encodings were opened up to this number."""
        return self._depths.get(what, -1) >= depth

    def add(self, what: Hashable, depth: int, size: int) -> None:
        """Nothing was found in it, with so many encodings opened.

        Args:
            what: A text, a word or the fields of a header.
            depth: How many encodings were opened.
            size: How many characters it has.
        """
        if self._takes(size):
            self._depths[what] = depth

    def knows_message(self, message: Request | Response) -> bool:
        """Whether nothing was found in this very message; to compare it with others would take longer."""
        return self._messages.get(id(message)) is message

    def add_message(self, message: Request | Response) -> None:
        """Nothing was found in it."""
        if self._takes(HEAD + len(message.body)):
            self._messages[id(message)] = message

    def _takes(self, size: int) -> bool:
        """Makes room for so many characters; says whether they are few enough."""
        if size > LONGEST:
            return False
        self._room -= size
        if self._room < 0:
            self._depths, self._messages, self._room = {}, {}, ROOM - size
        return True

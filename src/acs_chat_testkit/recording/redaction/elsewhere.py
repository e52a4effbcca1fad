"""Secrets that were known by their names, and stand elsewhere without one: in a path, in a sentence, in an id."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from acs_chat_testkit.recording.redaction.rules import Rules, values

_DRAWN = re.compile(r"(?=[^\d]*\d)(?=[^a-zA-Z]*[a-zA-Z])[\w.~+/=-]{16,}", re.ASCII)
"""What nobody writes twice by accident; a weak password may be any word."""
_BETWEEN = re.compile(r"[\w.~+-]{16,}", re.ASCII)
_WORD = re.compile(r"[\w-]+", re.ASCII)
MANY = 100
"""So many secrets are looked for one by one; more only where a word of theirs is one of the text."""
TRIED = 10
"""So many words of a request that nothing answers are taken for a secret, one after the other."""


class Elsewhere:
    """Learns what a redactor replaces by its name; give it to the redactor as `found`."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._by_word: defaultdict[str, set[str]] = defaultdict(set)
        self._last: tuple[Rules, tuple[str, ...], Rules] | None = None

    def __call__(self, name: str, text: str) -> None:
        """A finding: of an authorization, what stands behind its scheme."""
        if name == "secret":
            for secret in filter(_DRAWN.fullmatch, text.split()):
                self._secrets.add(secret)
                self._by_word[max(_WORD.findall(secret), key=len)].add(secret)

    def likely(self, text: str) -> list[str]:
        """Words of a text that may be secrets, though nothing has said so yet."""
        return [word for word in dict.fromkeys(_BETWEEN.findall(text)) if _DRAWN.fullmatch(word)][:TRIED]

    def rules(self, rules: Rules, text: str) -> Rules | None:
        """Rules that replace also those of the secrets that are in a text; None where none is."""
        if not self._secrets:
            return None
        likely = tuple(self._secrets)  # another thread may learn one meanwhile
        if len(likely) > MANY:
            words = self._by_word.keys() & set(_WORD.findall(text))
            likely = tuple(secret for word in words for secret in tuple(self._by_word[word]))
        found = tuple(sorted(secret for secret in likely if secret in text))
        if not found:
            return None
        last = self._last
        if last is None or last[:2] != (rules, found):
            # The next text is likely to hold the same ones.
            last = self._last = rules, found, replace(rules, texts=(values("secret", found), *rules.texts))
        return last[2]

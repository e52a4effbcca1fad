"""Secrets that were known by their names, and stand elsewhere without one: in a path, in a sentence, in an id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from acs_chat_testkit.recording.redaction.rules import Rules, values

_DRAWN = re.compile(r"(?=[^\d]*\d)(?=[^a-zA-Z]*[a-zA-Z])[\w.~+/=-]{16,}", re.ASCII)
"""What nobody writes twice by accident; a weak password may be any word."""


_WORD = re.compile(r"[\w-]+", re.ASCII)
MANY = 100
"""So many secrets are looked for one by one; more only where a word of theirs is one of the text."""


class Elsewhere:
    """Learns what a redactor replaces by its name; give it to the redactor as `found`."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def __call__(self, name: str, text: str) -> None:
        """A finding: of an authorization, what stands behind its scheme."""
        if name == "secret":
            self._secrets.update(filter(_DRAWN.fullmatch, text.split()))

    def rules(self, rules: Rules, text: str) -> Rules | None:
        """Rules that replace also those of the secrets that are in a text; None where none is."""
        likely: Iterable[str] = self._secrets
        if len(self._secrets) > MANY:
            words = set(_WORD.findall(text))
            likely = [secret for secret in self._secrets if max(_WORD.findall(secret), key=len) in words]
        found = [secret for secret in likely if secret in text]
        return replace(rules, texts=(values("secret", found), *rules.texts)) if found else None

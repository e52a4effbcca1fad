"""The screen: what a text must hold for anything to be found in it, looked for before it is taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST_WORD = 16
"""A word of fewer characters is not read as base64 or hex: any name might be one."""

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_MAP = bytes(ord("a") if code in _LETTERS else ord(" ") for code in range(256))
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_BEHIND_NAMES = '=<"'
"""One of these stands in every text that gives a value a name: ``name=value``, XML and JSON."""
_LOWER = {"\u0130": "i", "\u0131": "i", "\u017f": "s"}
"""Letters that patterns take for one of ASCII when they ignore case, and `str.lower` does not."""


def has_word(data: bytes, length: int = SHORTEST_WORD) -> bool:
    """Whether so many characters stand in a row that base64, its form for urls, or hex are written in."""
    return b"a" * length in data.translate(_MAP)


def folded(text: str) -> str:
    """A text in lower case, so that it holds what a pattern finds that ignores case."""
    if not text.isascii():
        for odd, plain in _LOWER.items():
            text = text.replace(odd, plain)
    return text.lower()


class Screen:
    """Tells with one look that nothing can be found in a text; most texts are like that.

    Args:
        signs: In lower case and ASCII; one of them stands in every text that a rule changes, but where it is encoded
            or in a long word.
        names: One of these stands in every name that makes its value a secret.
    """

    def __init__(self, signs: Iterable[str], names: Iterable[str]) -> None:
        signs, names = tuple(signs), tuple(names)
        by_mark: dict[str, list[str]] = {mark: list(names) for mark in _BEHIND_NAMES}
        for sign in signs:
            by_mark.setdefault(next((char for char in sign if not char.isalnum()), ""), []).append(sign)
        self._by_mark = tuple((mark, tuple(_shortest(each))) for mark, each in by_mark.items())

    def passes(self, text: str) -> bool:
        """Whether nothing can be found in a text, neither as it is nor in what is encoded in it."""
        # In a long word and behind a percent sign anything may be hidden, and letters of JSON behind a backslash.
        if has_word(text.encode("ascii", "replace")) or ("\\" in text and '"' in text):
            return False
        if "%" in text and _ESCAPE.search(text):
            return False
        low = folded(text)
        for mark, signs in self._by_mark:  # noqa: SIM110 - a generator takes as long as the search
            # A mark is found much faster than a word.
            if mark in low and any(map(low.__contains__, signs)):
                return False
        return True


def _shortest(signs: list[str]) -> list[str]:
    """Without those that hold another one."""
    return [sign for sign in sorted(set(signs)) if not any(other in sign for other in signs if other != sign)]

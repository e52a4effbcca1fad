"""The screen: what a text must hold for anything to be found in it, looked for before it is taken apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

SHORTEST_WORD = 16
"""A word of fewer characters is not read as base64 or hex: any name might be one."""
WORD = "a" * SHORTEST_WORD
"""The shape of a text that has such a word."""
LONG_WORD = "a" * 20
"""The shape of one that has a word in which a token of a service may be: fewer texts have one."""

_FIELDS = ("authorization:", "cookie:", "key:", "token:", "secret:", "signature:")
"""How the name of a header field ends that stands in a text, at its start."""
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_MAP = bytes(ord("a") if code in _LETTERS else ord(".") if code == ord(".") else ord(" ") for code in range(256))
_WITHOUT_QUOTES = re.compile(r""":(?:'|(?<!":)[ "])""")
"""What stands between a value and a name that has other quotes than JSON has, or none, as in `name: "value"`."""
ENTITY = re.compile("&(?:amp;)*(?:quot|lt|apos|period|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
"""What names in a text that is itself a text of HTML or XML have around them, and any character by its number."""
_ESCAPE = re.compile("%(?:u[0-9a-fA-F]{2})?[0-9a-fA-F]{2}")
_JSON_ESCAPE = re.compile(r"""\\(?:["'\\/bfnrtux]|[0-3][0-7]{2})""")
_LOWER = {"\u0130": "i", "\u0131": "i", "\u017f": "s"}
"""Letters that patterns take for one of ASCII when they ignore case, and `str.lower` does not."""
BEYOND = re.compile(b"|".join(letter.encode() for letter in (*_LOWER, "\u212a")))
"""The letters that `folded` makes ASCII of, in UTF-8."""


def shape(text: str) -> str:
    """A text in which each of these characters is an ``a``, dots are dots, and all else is a blank."""
    return text.encode("ascii", "replace").translate(_MAP).decode("ascii")


def words(pattern: re.Pattern[str], text: str, form: str, length: int = SHORTEST_WORD) -> list[re.Match[str]]:
    """What a pattern finds in a text, which begins with so many characters of base64 or hex at least.

    Args:
        pattern: What a word is.
        text: Any text.
        form: Its `shape`, in which words are found much faster than by a pattern.
        length: How many of the characters a word has.
    """
    found, run = [], "a" * length
    place = form.find(run)
    while place >= 0 and (match := pattern.match(text, place)):
        found.append(match)
        place = form.find(run, match.end())
    return found


def folded(text: str) -> str:
    """A text in lower case, so that it holds what a pattern finds that ignores case."""
    if not text.isascii():
        for odd, plain in _LOWER.items():
            text = text.replace(odd, plain)
    return text.lower()


def one_of(signs: Sequence[str], text: str) -> bool:
    """Whether one of the signs stands in a text."""
    for sign in signs:  # noqa: SIM110 - a generator takes longer than all that it does here
        if sign in text:
            return True
    return False


class Screen:
    """Tells with one look that nothing can be found in a text as it stands; most texts are like that.

    Args:
        signs: By a shape and a mark, what is in lower case and ASCII; in every text that a rule changes there are such
            a shape, such a mark, and one of the signs that belong to them.
        names: One of these stands in every name that makes its value a secret.
        quoted: Says of a text without backslashes whether a name in quotes may have its value replaced.
    """

    def __init__(
        self, signs: Iterable[tuple[str, str, Iterable[str]]], names: Sequence[str], quoted: Callable[[str], bool]
    ) -> None:
        shapes: dict[str, dict[str, list[str]]] = {"": {"=": [*names], "<": [*names], "--": [*names], ":": [*_FIELDS]}}
        for form, mark, each in signs:
            marks = shapes.setdefault(form, {})
            for sign in each:
                marks.setdefault(mark or _mark(sign), []).append(sign)
        self._signs = [
            (form, mark, _shortest(signs)) for form, marks in shapes.items() for mark, signs in marks.items()
        ]
        self._names = _shortest([*names])
        self._quoted = quoted

    def passes(self, text: str) -> str | None:
        """The `shape` of a text in which nothing can be found as it stands, though long words may hide something.

        Returns:
            None where something may be found.
        """
        if _hides_characters(text):
            return None
        low, form = folded(text), shape(text)
        if self._has_sign(low, form) or self._names_a_value(low) or ('"' in text and self._quoted(text)):
            return None
        return form

    def _names_a_value(self, low: str) -> bool:
        return _WITHOUT_QUOTES.search(low) is not None and one_of(self._names, low)

    def _has_sign(self, low: str, form: str) -> bool:
        for place, (needed, mark, signs) in enumerate(self._signs):
            # A mark is found much faster than a word.
            if mark in low and needed in form and one_of(signs, low):
                # What stands in one text is likely to stand in the next one.
                self._signs = [self._signs[place], *self._signs[:place], *self._signs[place + 1 :]]
                return True
        return False


def _hides_characters(text: str) -> bool:
    """Whether anything may stand behind a percent sign or an ampersand, and letters of JSON behind a backslash."""
    return (
        ("%" in text and _ESCAPE.search(text) is not None)
        or ("&" in text and ENTITY.search(text) is not None)
        or ("\\" in text and _JSON_ESCAPE.search(text) is not None)
    )


def _mark(sign: str) -> str:
    """A character of a sign that most texts lack."""
    return "=" if "=" in sign else next((char for char in sign if not char.isalnum()), "")


def _shortest(signs: list[str]) -> list[str]:
    """Without those that hold another one."""
    return [sign for sign in sorted(set(signs)) if not any(other in sign for other in signs if other != sign)]

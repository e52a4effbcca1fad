"""Text from outside, as it may be shown: the one rim between what came over a wire and a terminal, a log or a page.

A body, a topic, a file name or a test's id may hold what a terminal obeys (ECMA-48), what a build log takes for a
command (`::error::`, `##vso[`), what turns the direction of writing, or what no XML document can hold. All of it is
shown as an escape. What is shown is stable: twice is the same as once.
"""

from __future__ import annotations

import re
from html import escape

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or turning the direction
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"  # no text at all, or tags that nobody sees
)
_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#)")


def line(text: object) -> str:
    """A text on one line, without anything that a terminal or a build log obeys."""
    shown = _UNPRINTABLE.sub(_escaped, str(text))
    return _COMMAND.sub(lambda found: f"{found[1]}\\x3a" if found[1] is not None else "\\x23", shown)


def block(text: object) -> str:
    """A text whose line feeds stay: each of its lines as `line` shows it."""
    return "\n".join(map(line, str(text).split("\n")))


def markup(text: object) -> str:
    """A text on one line for HTML and XML."""
    return escape(line(text))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

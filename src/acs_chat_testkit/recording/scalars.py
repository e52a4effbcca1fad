"""Writing YAML scalars: the plainest style that PyYAML reads back as the same string."""

from __future__ import annotations

import base64
import re
from functools import cache

# Texts, because compiling them takes a while, and who only replays writes no scalar.
_PLAIN = r"(?a)[A-Za-z/][\w./+=;%@~?&()$-]*(?:(?:[:,](?=[\w./+=;%@~?&()$-])|,? )[\w./+=;%@~?&()$-]+)*"
_RESOLVED = r"(?i:y|n|yes|no|true|false|on|off|null|~|\.inf|\.nan|=|<<)"
_ONE_LINE = r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
_LINES = r"[\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
_ESCAPED = r'["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
_compiled = cache(re.compile)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def inline(text: str) -> str:
    """A string on one line: plain where nothing in it means anything to YAML, else quoted."""
    if _compiled(_PLAIN).fullmatch(text) and not _compiled(_RESOLVED).fullmatch(text):
        return text
    if _compiled(_ONE_LINE).fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + re.sub(_ESCAPED, _escape, text) + '"'


def block(text: str, indent: str) -> str:
    """A string over several lines, each as it is; one line where a literal block could not hold it exactly.

    Args:
        text: Any string.
        indent: What the lines start with: two spaces more than the key's.
    """
    if len(text) < 100 and "\n" not in text:
        return inline(text)
    if not _compiled(_LINES).fullmatch(text) or not text.strip("\n"):
        return '"' + re.sub(_ESCAPED, _escape, text) + '"'
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    keep = "-" if ends == 0 else "" if ends == 1 else "+"
    hint = "2" if text[0] in " \t\n" else ""
    return f"|{hint}{keep}\n{_indented(body, indent)}" + "\n" * max(0, ends - 1)


def _indented(lines: str, indent: str) -> str:
    """Empty lines stay empty."""
    if lines[0] == "\n" or "\n\n" in lines:
        return "\n".join([indent + line if line else "" for line in lines.split("\n")])
    return indent + lines.replace("\n", f"\n{indent}")


def binary(data: bytes, indent: str) -> str:
    """Bytes that are no text, in lines of base64."""
    text = base64.encodebytes(data).decode("ascii").rstrip("\n")
    return "!!binary |\n" + "\n".join(indent + line for line in text.split("\n"))


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xD800 <= code < 0xE000:
        return "\\ufffd"  # half a character, which no YAML can hold
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

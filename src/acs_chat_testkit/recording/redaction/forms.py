"""Texts with named values: JSON, query strings and forms, multipart bodies, `name=value` and XML in any text.

Each function hands every value with its name to a callback and leaves all else as it is, to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise

_STRING = re.compile(r'("(?:[^"\\]|\\.)*")', re.DOTALL)
_END = re.compile(r"[{}]")
_NUMBER = re.compile(r"(?<=[\s:,[])-?\d[\d.eE+-]*(?=[\s,\]}]|$)")
_PAIR = re.compile(
    r'(?P<name>"(?:[^"\\\r\n]|\\.){1,100}")(?P<colon>\s*:\s*)(?P<value>"(?:[^"\\\r\n]|\\.)*)(?P<end>"|\\?\Z)'
)
_OPENING = re.compile(r"[{\[]")
_LINE = re.compile(r"[^\n]*\n?")
_LENIENT = json.JSONDecoder(strict=False)
_PARAMETER = re.compile(r"(?P<name>[^=&;?#\s]+)(?:=(?P<value>[^&;#\s]*))?")
_HEAD = re.compile(rb"(?P<head>(?:[^\r\n]+\r?\n)*)(?P<blank>\r?\n)")
_ASSIGNMENT = re.compile(r"(?<![\w.-])(?P<name>[A-Za-z][\w.-]{1,40}\]?)=(?P<value>[^=&;,\s\"'<>][^&;,\s\"'<>]*)")
_QUOTED = re.compile(
    r"(?<![\w.-])(?P<name>[A-Za-z][\w.-]{1,40})=(?P<quote>[\"'])(?P<value>(?:(?!(?P=quote))[^<>\r\n])+)(?P=quote)"
)
_ELEMENT = re.compile(
    r"<(?P<name>[A-Za-z][\w.:-]{1,60})(?:\s[^<>]*)?>(?:\s*<!\[CDATA\[)?"
    r"(?P<value>[^<>]+?|(?<=\[CDATA\[)(?:(?!\]\]>)[\s\S])+)(?:\]\]>\s*)?</(?P=name)>"
)


def json_members(text: str, clean: Callable[[str | None, str], str], hides: Callable[[str], bool]) -> str:
    """Cleans the texts in JSON, each under the name of the member that it belongs to.

    It goes over the tokens and builds no values: spacing, order, numbers, doubles and errors stay as they are.

    Args:
        text: JSON, or what looks like it.
        clean: Gets the member's name, None outside of members, and a text.
        hides: Says of a name that even a number under it is secret.
    """
    pieces = _STRING.split(text)
    name: str | None = None
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            if name is not None:
                end = _END.search(piece)
                if hides(name):
                    numbers = piece[: end.start()] if end else piece
                    for number in _NUMBER.findall(numbers):
                        if number != "0":
                            clean(name, number)
                    pieces[place] = _NUMBER.sub("0", numbers) + piece[len(numbers) :]
                name = None if end else name
        else:
            value, is_name = _value(piece), _is_name(pieces[place + 1])
            cleaned = clean(None if is_name else name, value)
            if cleaned != value:
                pieces[place] = json.dumps(cleaned, ensure_ascii=piece.isascii())
            name = value if is_name else name
    return "".join(pieces)


def json_behind(text: str, clean: Callable[[str], str]) -> str:
    """Cleans JSON that stands behind something else, at the end of a text or of any of its lines.

    So it does in the events of a stream, in lines of JSON, and behind what keeps scripts from reading it.
    """
    whole = _behind(text, clean)
    return "".join([_behind(line, clean) or line for line in _LINE.findall(text)]) if whole is None else whole


def _behind(text: str, clean: Callable[[str], str]) -> str | None:
    found = _OPENING.search(text)
    if found is None or not is_json(text[found.start() :]):
        return None
    return text[: found.start()] + clean(text[found.start() :])


def json_pairs(text: str, clean: Callable[[str | None, str], str]) -> str:
    """Cleans `"name": "value"` wherever a text has it, also behind a quote that stands alone, or cut off at the end."""

    def pair(match: re.Match[str]) -> str:
        value = _value(match["value"] + '"')
        cleaned = clean(_value(match["name"]), value)
        return (
            match[0] if cleaned == value else match["name"] + match["colon"] + json.dumps(cleaned)[:-1] + match["end"]
        )

    return _PAIR.sub(pair, text)


def is_json(text: str) -> bool:
    """Whether a text is one JSON value from its start to its end, so that nothing stands outside its strings."""
    try:
        _LENIENT.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def json_names(text: str) -> list[str]:
    """What has quotes around it and a colon behind it, in JSON or in any text without backslashes."""
    if "\\" in text:
        pieces = _STRING.split(text)
        return [_value(piece) for piece, behind in zip(pieces[1::2], pieces[2::2], strict=True) if _is_name(behind)]
    # A quote may stand alone, so that it is not known which of them begin a text.
    pieces = text.split('"')
    return [piece for piece, behind in pairwise(pieces) if behind.lstrip()[:1] == ":"]


def json_strings(text: str) -> list[str]:
    """The names and the texts in JSON."""
    return list(map(_value, _STRING.findall(text)))


def _is_name(behind: str) -> bool:
    """Whether a string is the name of a member, by what stands behind it."""
    return behind.lstrip()[:1] == ":"


def _value(token: str) -> str:
    """The value of a JSON string; a token that is none gives its own text."""
    if "\\" not in token:
        return token[1:-1]
    try:
        value: str = _LENIENT.decode(token)
    except ValueError:
        return token
    return value


def parameters(text: str, clean: Callable[[str | None, str], str]) -> str:
    """Cleans the values of a query string or a form (`application/x-www-form-urlencoded`).

    The names are cleaned too, under no name: a token that stands alone looks like one.
    """

    def parameter(match: re.Match[str]) -> str:
        name, value = match.groups()
        return clean(None, name) if value is None else f"{clean(None, name)}={clean(name, value)}"

    return _PARAMETER.sub(parameter, text)


def parts(data: bytes, boundary: str, clean: Callable[[bytes, bytes], tuple[bytes, bytes]]) -> bytes:
    """Cleans the parts of a multipart body (RFC 2046, section 5.1), each with its head; what is around them too.

    Args:
        data: The body.
        boundary: The border between its parts.
        clean: Gets the head of a part, empty where it has none, and its content.
    """
    border = rb"((?:^|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?:\r?\n|$))"
    pieces = re.split(border, data)
    for place in range(0, len(pieces), 2):
        found = _HEAD.match(pieces[place])
        head, blank = (found["head"], found["blank"]) if found else (b"", b"")
        head, content = clean(head, pieces[place][len(head) + len(blank) :])
        pieces[place] = head + blank + content
    return b"".join(pieces)


def assignments(text: str, clean: Callable[[str, str], str]) -> str:
    """Cleans `name=value`, `name="value"` and `<name>value</name>` wherever a text has them."""
    if "=" in text:
        text = _ASSIGNMENT.sub(lambda m: f"{m['name']}={clean(m['name'].rstrip(']'), m['value'])}", text)
        text = _QUOTED.sub(lambda m: f"{m['name']}={m['quote']}{clean(m['name'], m['value'])}{m['quote']}", text)
    if "</" in text:
        text = _ELEMENT.sub(_element(clean), text)
    return text


def _element(clean: Callable[[str, str], str]) -> Callable[[re.Match[str]], str]:
    def element(match: re.Match[str]) -> str:
        start, end = match.start("value") - match.start(), match.end("value") - match.start()
        return match[0][:start] + clean(match["name"].rpartition(":")[2], match["value"]) + match[0][end:]

    return element

"""Texts with named values: JSON, query strings and forms, multipart bodies.

Each function hands every value with its name to a callback and leaves all else as it is, to the byte.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence

from acs_chat_testkit.recording.redaction.assignments import FIELD

_STRING = re.compile(r'("(?:[^"\\]|\\.)*+")', re.DOTALL)
# Where the last string has no end, none of the quotes in it is looked at again.
_STRING_OR_REST = re.compile(_STRING.pattern[:-2] + r'(?:"|\\?\Z))', re.DOTALL)
# A quote may stand alone, so that it is not known which of them begin a text: each may.
_QUOTED_NAME = re.compile(r'"([^"]*+)(?="\s*+:)')
_CONTENT = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_TOKEN = re.compile(r"[{}\[\]]|(?<=[\s:,[])-?\d[\d.eE+-]*(?=[\s,\]}]|$)")
_BETWEEN = frozenset([":", ","])
_LABEL = frozenset(["name", "key", "header", "Name", "Key", "keyName"])
_VALUE = frozenset(["value", "values", "content", "text", "Value"])
"""Members that say in the same object what another one is called, and that one."""
JWK = "kty"
"""The member by which an object says that it is a JSON Web Key (RFC 7517)."""
GRANT = "grant_type"
"""The member by which an object says that it asks for a token of OAuth (RFC 6749)."""
SIGNS = frozenset([JWK, GRANT])
_PRIVATE = {
    **dict.fromkeys(["d", "p", "q", "dp", "dq", "qi", "k", "priv", "r", "t"], (JWK, "secret")),
    "code": (GRANT, "authorization_code"),
}
"""Members that such a one makes secret, and as what: of a key, the private ones (RFC 7518, section 6).

The last two of those are in `oth`, which has objects of their own.
"""
_BESIDE = _LABEL | _VALUE | _PRIVATE.keys() | SIGNS | {"id"}
IN_A_VAULT = re.compile(r"https://[\w-]+\.vault\.[\w.]+/(?:certificates|secrets)/", re.ASCII)
"""How the id of a secret begins, beside which that stands as a value; it is its address, too."""
_BAG = re.compile(r"(?i)(?:set-?)?cookies|secrets|passwords")
"""Under these names, an object has a secret under each name of its own."""
_PAIR = re.compile(
    r'(?P<name>"(?:[^"\\\r\n]|\\.){1,100}")(?P<colon>\s*:\s*)(?P<value>"(?:[^"\\\r\n]|\\.)*)(?P<end>"|\\?\Z)'
)
_OPENING = re.compile(r"[{\[]")
_FIRST = re.compile(r'[ \t\r\n]*"([\w-]+)"\s*,')
_LINE = re.compile(r"[^\n]*\n?")
_LENIENT = json.JSONDecoder(strict=False)
_PARAMETER = re.compile(r"(?P<name>[^=&;?#\s]+)(?:=(?P<value>[^&;#\s]*(?:;(?![^=&;#\s]+=)[^&;#\s]*)*))?")
_HEAD = re.compile(rb"(?P<head>(?:[^\r\n]+\r?\n)*)(?P<blank>\r?\n)")


def json_members(text: str, clean: Callable[[str | None, str], str], hides: Callable[[str], bool]) -> str:
    """Cleans the texts in JSON, each under the name of the member that it belongs to.

    It goes over the tokens and builds no values: spacing, order, numbers, doubles and errors stay as they are.

    Args:
        text: JSON, or what looks like it.
        clean: Gets the member's name, None outside of members, and a text.
        hides: Says of a name that even a number under it is secret.
    """
    pieces = _STRING_OR_REST.split(text)
    if len(pieces) > 1 and not _STRING.fullmatch(pieces[-2]):
        pieces[-3:] = ["".join(pieces[-3:])]
    return _Members(pieces, clean, hides).cleaned()


class _Object:
    """An object in JSON while it is gone over: the member that comes, and what the object itself stands under."""

    __slots__ = ("bag", "holder", "labels", "lists", "name", "private", "signs", "value")

    def __init__(self, holder: str | None = None, *, bag: bool = False) -> None:
        self.holder, self.bag = holder, bag
        self.name: str | None = None
        self.lists = 0
        self.labels: list[str] = []
        self.value: int | None = None
        self.signs: set[str] = set()
        self.private: list[tuple[int, str, str]] = []


class _Members:
    """Goes over the texts in JSON and what is between them."""

    def __init__(
        self, pieces: list[str], clean: Callable[[str | None, str], str], hides: Callable[[str], bool]
    ) -> None:
        self._pieces, self._clean, self._hides = pieces, clean, hides
        self._outer: list[_Object] = []
        self._here = _Object()

    def cleaned(self) -> str:
        for place, piece in enumerate(self._pieces):
            if place % 2 == 0:
                if piece.strip() not in _BETWEEN:
                    self._pieces[place] = _TOKEN.sub(self._token, piece)
            elif _is_name(self._pieces[place + 1]):
                self._here.name = self._text(place, None)
            else:
                value = self._text(place, self._listed(place) or self._name())
                if self._here.name in _BESIDE:
                    self._beside(place, value)
        return "".join(self._pieces)

    def _text(self, place: int, name: str | None) -> str:
        """Cleans a text; gives what it was."""
        piece = self._pieces[place]
        value = value_of(piece)
        cleaned = self._clean(name, value)
        if cleaned != value:
            # What JSON can not read, such as "\x22" of a script, is as it was written.
            raw = "\\" in piece and value == piece[1:-1]
            self._pieces[place] = f'"{cleaned}"' if raw else json.dumps(cleaned, ensure_ascii=piece.isascii())
        return value

    def _name(self) -> str | None:
        """What a text belongs to: the name of its member, or the secret name of the object that holds it."""
        name, holder = self._here.name, self._here.holder
        if name is None or holder is None or not self._hides(holder):
            return name
        return holder if self._here.bag or name in _VALUE else name

    def _listed(self, place: int) -> str | None:
        """The secret name that a list has before a text: of a header field, or an option of a command."""
        pieces, here = self._pieces, self._here
        if not here.lists or pieces[place - 1].strip() != ",":
            return None
        name = pieces[place - 2][1:-1]
        if name.startswith("--"):
            name = name[2:] if pieces[place][1:2] != "-" else ""
        elif not FIELD.fullmatch(name) or not (here.name == "rawHeaders" or self._is_pair(place)):
            return None
        return name if self._hides(name) else None

    def _is_pair(self, place: int) -> bool:
        """Whether a list in a list holds nothing but a text and the one before it."""
        before, behind = self._pieces[place - 3], self._pieces[place + 1]
        return self._here.lists > 1 and before.rstrip(" \t\r\n")[-1:] == "[" and behind.lstrip()[:1] == "]"

    def _beside(self, place: int, value: str) -> None:
        """Cleans the value that another member of the same object names, whichever of them comes first."""
        here = self._here
        if here.name in _VALUE:
            here.value = place
        elif here.name in _LABEL:
            here.labels.append(value)
        elif here.name in _PRIVATE:
            here.private.append((place, *_PRIVATE[here.name]))
        elif here.name in SIGNS:
            here.signs.add(here.name)
        elif IN_A_VAULT.match(value):
            here.labels.append("secret")
        label = None if here.value is None else next(filter(self._hides, here.labels), None)
        if label is not None and here.value is not None:
            self._text(here.value, label)

    def _token(self, match: re.Match[str]) -> str:
        token, here = match[0], self._here
        if token == "{":
            self._outer.append(here)
            bag = not here.lists and here.name is not None and _BAG.fullmatch(here.name) is not None
            self._here = _Object(here.name, bag=bag)
        elif token == "}":
            self._here = self._outer.pop() if self._outer else _Object()
            self._closed(here)
        elif token in "[]":
            here.lists = max(here.lists + (1 if token == "[" else -1), 0)
        else:
            return self._number(token)
        return token

    def _closed(self, done: _Object) -> None:
        """Cleans what is private in an object, whichever of its members says so."""
        if done.holder == "oth":
            self._here.private += done.private
        for place, sign, name in done.private:
            if sign in done.signs:
                self._text(place, name)

    def _number(self, token: str) -> str:
        """A number, 0 where it is secret; under the name of several things it says how many they are."""
        name = self._name()
        if token == "0" or name is None or not self._hides(name) or (name[-1:] in "sS" and not self._here.lists):
            return token
        return token if self._clean(name, token) == token else "0"


def json_texts(text: str, clean: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """Cleans all names and texts in JSON together, where it does not matter which name a text has."""
    pieces = _CONTENT.split(text) if "\\" in text else text.split('"')
    written = pieces[1::2]
    values = [value_of(f'"{each}"') if "\\" in each else each for each in written] if "\\" in text else written
    pieces[1::2] = [
        each if new == old else json.dumps(new, ensure_ascii=each.isascii())[1:-1]
        for each, old, new in zip(written, values, clean(values), strict=True)
    ]
    return '"'.join(pieces)


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
        value = value_of(match["value"] + '"')
        cleaned = clean(value_of(match["name"]), value)
        if cleaned == value:
            return match[0]
        return match["name"] + match["colon"] + json.dumps(cleaned)[:-1] + match["end"]

    return _PAIR.sub(pair, text)


def is_json(text: str) -> bool:
    """Whether a text is one JSON value from its start to its end, so that nothing stands outside its strings."""
    try:
        _LENIENT.decode(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def json_names(text: str) -> list[str]:
    """What has quotes around it and a colon behind it, in JSON or in any text without backslashes."""
    if "\\" in text:
        pieces = _STRING.split(text)
        return [value_of(piece) for piece, behind in zip(pieces[1::2], pieces[2::2], strict=True) if _is_name(behind)]
    return _QUOTED_NAME.findall(text)


def labels(text: str, names: Sequence[str], hides: Callable[[str], bool]) -> bool:
    """Whether a text of JSON with these names may say in one member that what stands in another one is secret."""
    if _VALUE.isdisjoint(names):
        return False
    if "id" in names and ".vault." in text:
        return True
    return not _LABEL.isdisjoint(names) and any(map(hides, json_strings(text) if "\\" in text else text.split('"')))


def lists(text: str, names: Sequence[str], hides: Callable[[str], bool]) -> bool:
    """Whether a list in a text of JSON with these names may say that its next text is secret, by a header field."""
    if "rawHeaders" in names:
        return any(map(hides, text.split('"')))
    # A pattern takes much longer to find where lists begin.
    place = text.find("[")
    while place >= 0:
        found = _FIRST.match(text, place + 1)
        if found is not None and hides(found[1]):
            return True
        place = text.find("[", place + 1)
    return False


def json_strings(text: str) -> list[str]:
    """The names and the texts in JSON."""
    return list(map(value_of, _STRING.findall(text)))


def _is_name(behind: str) -> bool:
    """Whether a string is the name of a member, by what stands behind it."""
    return behind.lstrip()[:1] == ":"


def value_of(token: str) -> str:
    """The value of a JSON string; a token that is none gives its own text."""
    if "\\" not in token:
        return token[1:-1]
    try:
        value: str = _LENIENT.decode(token)
    except ValueError:
        return token[1:-1]
    return value


def parameters(text: str, clean: Callable[[str | None, str], str]) -> str:
    """Cleans the values of a query string or a form (`application/x-www-form-urlencoded`).

    The names are cleaned too, under no name: a token that stands alone looks like one.
    """

    def parameter(match: re.Match[str]) -> str:
        name, value = match.groups()
        return clean(None, name) if value is None else f"{clean(None, name)}={clean(name, value)}"

    return _PARAMETER.sub(parameter, text)


def columns(text: str, clean: Callable[[str, str], str], hides: Callable[[str], bool]) -> str:
    """Cleans the cells of a table (RFC 4180) under the names at the heads of its columns.

    Args:
        text: The table; cells end at a comma, a semicolon or a tab, whichever there are most of in its head.
        clean: Gets the name of a column and the cell, without its quotes.
        hides: Says of a name whether its column is secret.
    """
    names: list[str] = []
    place, row = 0, 0

    def cell(match: re.Match[str]) -> str:
        nonlocal place, row
        value = match["quoted"] if match["quoted"] is not None else match["plain"]
        if row == 0:
            names.append(value.strip(_AROUND))
        cleaned = clean(names[place], value) if row and place < len(names) and value else value
        place, row = (0, row + 1) if "\n" in match["end"] else (place + 1, row)
        return match[0] if cleaned == value else match[0].replace(value, cleaned)

    head = text.partition("\n")[0]
    between = max(_CELLS, key=re.sub('"[^"]*"', "", head).count)
    return _CELLS[between].sub(cell, text) if any(hides(each.strip(_AROUND)) for each in head.split(between)) else text


_AROUND = f' "\r\ufeff{BOM_UTF8.decode("latin-1")}'
"""What may stand around the name of a column, such as the mark with which some tables begin."""
_CELLS = {
    end: re.compile(
        rf'(?<![^{end}\n])(?:"(?P<quoted>(?:[^"]|"")*+)"(?={end}|\r?\n|\Z)|(?P<plain>(?:[^{end}\r\n]|\r(?!\n))*+))'
        rf"(?P<end>{end}|\r?\n|\Z)"
    )
    for end in (",", ";", "\t")
}
"""A cell with what ends it, by that."""


def cells(text: str, clean: Callable[[str], str]) -> str:
    """Cleans the cells of a table that hold quotes, as JSON does, where each is written twice."""

    def cell(match: re.Match[str]) -> str:
        plain = match[1].replace('""', '"')
        cleaned = clean(plain) if len(plain) < len(match[1]) else plain
        return match[0] if cleaned == plain else '"' + cleaned.replace('"', '""') + '"'

    return _QUOTED_CELL.sub(cell, text) if '""' in text else text


_QUOTED_CELL = re.compile(r'(?<![^,;\t\n])"((?:[^"]|"")*+)"(?=[,;\t\r\n]|\Z)')


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

"""The scanner: reads what `serializer.dump` writes far faster than PyYAML, and each interaction only when asked for it.

It checks the whole file against the grammar when it opens it, so what it takes for the border of an interaction is
one to PyYAML too. Whatever the grammar does not know is left to PyYAML.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import grammar, layout
from acs_chat_testkit.recording.cassette import Interaction, Interactions
from acs_chat_testkit.recording.codings import open_body, taken_off

_ESCAPE = re.compile(r"\\(?:x(..)|u(....)|U(.{8})|(.))")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
LONGEST_KEY = 900
"""YAML wants a key to end within 1,024 characters."""
PIECE = 1 << 17
"""So many bytes are looked through at once."""


def scan(data: bytes, name: str) -> tuple[dict[str, Any], Interactions] | None:
    """The header and the interactions of a file.

    Args:
        data: The file's content.
        name: The file's name for errors.

    Returns:
        None where the file is not in our layout, whatever else it is.

    Raises:
        UnicodeDecodeError: The file is not UTF-8.
    """
    head = grammar.HEAD.match(data)
    if head is None or not data.endswith(b"\n" + grammar.TAIL) or not _printable(data):
        return None
    header, scanned = _header(head["entries"]), _interactions(data, name, head.end())
    if header is None or scanned is None or bool(scanned) == bool(head["empty"]):
        return None
    return header, scanned


def _interactions(data: bytes, name: str, start: int) -> Scanned | None:
    """The interactions from a place to the last line; None where that is not all there is."""
    starts, methods, urls = [start], [], []
    blocks: set[bytes | None] = {None}
    end = len(data) - len(grammar.TAIL)
    match = grammar.BORDERS.match
    while start < end:
        found = match(data, start, end)
        if found is None:
            return None
        method, url, sent, got = found.groups()
        methods.append(method)
        urls.append(url)
        blocks.add(sent)
        blocks.add(got)
        start = found.end()
        starts.append(start)
    if not all(_fit(block) for block in blocks if block is not None):
        return None
    return Scanned(data, name, starts, list(zip(_texts(methods), _texts(urls), strict=True)))


class Scanned(Interactions):
    """The interactions of a scanned file, each read whenever it is asked for.

    Args:
        data: The file's content.
        name: The file's name for errors.
        starts: Where each interaction starts, and where the last one ends.
        heads: Method and url of each request.
    """

    def __init__(self, data: bytes, name: str, starts: list[int], heads: list[tuple[str, str]]) -> None:
        self._data = data
        self._name = name
        self._starts = starts
        self._heads = heads
        # Several threads may count at once: by place, so that none of them counts twice.
        self._lines: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._heads)

    def heads(self) -> Iterator[tuple[str, str]]:
        """Method and url of each request."""
        return iter(self._heads)

    def may_send(self, words: Sequence[bytes]) -> bool:
        """Whether the words stand in the lines of bodies; always where those may be spelled in another way."""
        return self._sent is None or all(word in self._sent for word in words)

    @cached_property
    def _sent(self) -> bytes | None:
        """The lines of all bodies of requests; None where a text may be spelled in more than one way there."""
        starts = (self._data.find(b"\n    body: ", start) for start in self._starts[:-1])
        lines = b"".join([self._data[start : self._data.find(b"\n  response:", start)] for start in starts])
        return None if b"\\" in lines or b"!!binary" in lines else lines

    def read(self, index: int) -> Interaction:
        """One interaction.

        Raises:
            BrokenCassette: A body is not what the layout says.
        """
        found = grammar.INTERACTION.match(self._data, self._starts[index])
        assert found is not None
        (method, url), line = self._heads[index], self._line(index)
        try:
            sent = _body(found["sent"], 6, found["sent_layout"])
            request = Request(method, url, _fields(found["sent_fields"]), sent)
            if found["code"] is None:
                return Interaction(request, None, _text(found["error"]), (), line)
            given, came = _fields(found["got_fields"]), _body(found["got"], 8, found["got_layout"])
            fields, body = open_body(given, came)
        except (ValueError, RecursionError) as error:
            from acs_chat_testkit.recording.serializer import unreadable

            raise unreadable(self._name, index + 1, error, line) from error
        response = Response(int(found["code"]), fields, body, _text(found["message"]))
        pieces = found["pieces"]
        sizes = tuple(map(int, pieces.split(b", "))) if pieces else ()
        said = found["coding"].decode() if found["coding"] else None
        coding = taken_off(given, came, fields, request.headers) or said
        return Interaction(request, response, None, sizes, line, coding)

    def _line(self, index: int) -> int:
        """The line of the file on which an interaction starts, from 1."""
        for place in range(len(self._lines), index + 1):
            start, line = (self._starts[place - 1], self._lines[place - 1]) if place else (0, 1)
            self._lines[place] = line + self._data.count(b"\n", start, self._starts[place])
        return self._lines[index]


def _printable(data: bytes) -> bool:
    # By pieces, because a second text of this size would drive the memory of the first one out of the process.
    for start in range(0, len(data), PIECE):
        if data[start : start + PIECE].translate(None, grammar.PRINTABLE):
            return False
    return data.isascii() or grammar.UNPRINTABLE.search(data.decode()) is None


_WORDS = frozenset([b"format", b"origin", b"api_version", b"recorded_at"])


def _header(entries: bytes) -> dict[str, Any] | None:
    """The header as PyYAML gives it; None where it would refuse it, or it is not as it should be."""
    header: dict[str, Any] = {}
    found = grammar.ENTRIES.findall(entries)
    for key, value, mapping in found:
        if not mapping and key in _WORDS:
            header[key.decode()] = _text(value)
            continue
        if not mapping or key != b"variables":
            return None
        pairs = [(_text(name), _text(text)) for name, text in grammar.PAIRS.findall(mapping)]
        values = header[key.decode()] = dict(pairs)
        if len(values) < len(pairs) or any(len(name) > LONGEST_KEY for name in values):
            return None
    return header if len(header) == len(found) else None


@lru_cache(maxsize=1024)
def _fit(fields: bytes) -> bool:
    """Whether these are header fields, none twice and none with a name that YAML would not take for a key."""
    if grammar.FIELDS.fullmatch(fields) is None:
        return False
    keys = [_text(key) for key, _ in grammar.FIELD.findall(fields)]
    return len(set(keys)) == len(keys) and max(map(len, keys), default=0) <= LONGEST_KEY


@lru_cache(maxsize=1024)
def _fields(block: bytes) -> Headers:
    return Headers(
        (_text(key), _text(line[len("      - ") :]))
        for key, lines in grammar.FIELD.findall(block)
        for line in lines.splitlines()
    )


def _text(scalar: bytes) -> str:
    """The text of a scalar on one line."""
    text = scalar.decode()
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    return _ESCAPE.sub(_unescaped, text[1:-1]) if text[0] == '"' else text


def _texts(scalars: list[bytes]) -> list[str]:
    """The texts of many scalars; plain ones are decoded all at once."""
    together = b"\n".join(scalars)
    if b"'" in together or b'"' in together:
        return [_text(scalar) for scalar in scalars]
    return together.decode().split("\n")[: len(scalars)]


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    return chr(int(code, 16)) if code else _SHORT[match[4]]


def _body(scalar: bytes, indent: int, how: bytes | None) -> bytes:
    """The bytes of a body.

    Raises:
        ValueError: It is no JSON, though the layout says so.
    """
    if scalar == b"null\n":
        return b""
    if scalar[:1] == b"!":
        return base64.decodebytes(scalar.partition(b"\n")[2].replace(b" ", b""))
    body = _literal(scalar, indent) if scalar[:1] == b"|" else _text(scalar[:-1]).encode()
    return body if how is None else layout.restore(body, how.decode())


def _literal(scalar: bytes, indent: int) -> bytes:
    """The text of a literal block (YAML 1.1, section 9.3.2)."""
    marks, _, lines = scalar.partition(b"\n")
    blanks = b" " * indent
    text = lines.removeprefix(blanks).replace(b"\n" + blanks, b"\n")
    if marks.endswith(b"+"):
        return text
    return text.rstrip(b"\n") + (b"" if marks.endswith(b"-") else b"\n")

"""Looks through encodings: percent, base64, hex and compressed texts are opened, redacted inside, and closed again."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

BOUND = 64 * 1024 * 1024
"""Nothing compressed is opened further than this number of bytes."""

_BREAK = r"(?:\r?\n|(?:\\+r)?\\+n)"
_WORDS = re.compile(rf"(?<![\w+/-])[\w+/-]{{16,}}={{0,2}}(?:{_BREAK}[\w+/-]+={{0,2}})*", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_ESCAPED = re.compile(r"[^&=?/#;,\s\"'<>\\]*%[0-9a-fA-F]{2}[^&=?/#;,\s\"'<>\\]*")


def open_percent(text: str, redact: Callable[[str], str]) -> str:
    """A text in which every percent-encoded part (RFC 3986, section 2.1) is redacted from the inside."""

    def part(match: re.Match[str]) -> str:
        plain = unquote(match[0])
        clean = redact(plain)
        return match[0] if clean == plain else quote(clean, safe="")

    return _ESCAPED.sub(part, text) if "%" in text else text


def open_words(text: str, redact: Callable[[bytes], bytes]) -> str:
    """A text in which every base64 or hex word is redacted from the inside; a word without a finding stays as it is."""

    def word(match: re.Match[str]) -> str:
        whole = _word(match[0], redact)
        if whole is not None:
            return whole
        # A slash or a line break may belong to the word or stand between two.
        return "".join(_word(part, redact) or part for part in re.split(rf"(/|{_BREAK})", match[0]))

    return _WORDS.sub(word, text)


def _word(word: str, redact: Callable[[bytes], bytes]) -> str | None:
    """The word redacted from the inside; None where it has no meaning that can be told."""
    if len(word) < 16:
        return None
    for decode, encode in _codecs(word):
        try:
            data = decode(word)
        except ValueError:
            continue
        clean = redact(data)
        if clean != data:
            return encode(clean)
        if _means_something(data):
            return word
    return None


def _means_something(data: bytes) -> bool:
    """Whether bytes are a text or a compressed one, and not what comes out of a word that was read wrongly."""
    try:
        return data.decode().isprintable() or open_compressed(data) is not None
    except UnicodeDecodeError:
        return open_compressed(data) is not None


Codec = tuple[Callable[[str], bytes], Callable[[bytes], str]]


def _codecs(word: str) -> Iterator[Codec]:
    """How a word may be read, and how it is written again."""
    lines = re.split(_BREAK, word)
    bare = "".join(lines)
    if _HEX.fullmatch(bare):
        upper = any(char in "ABCDEF" for char in bare)
        yield (lambda _: bytes.fromhex(bare)), (lambda data: data.hex().upper() if upper else data.hex())
    url = "-" in bare or "_" in bare
    core, padded = bare.rstrip("="), len(bare) % 4 == 0

    def decode(_: str) -> bytes:
        return base64.b64decode(core + "=" * (-len(core) % 4), b"-_" if url else None, validate=True)

    def encode(data: bytes) -> str:
        text = (base64.urlsafe_b64encode(data) if url else base64.b64encode(data)).decode()
        text = text if padded else text.rstrip("=")
        return text if bare == word else _folded(text, len(lines[0]), word[len(lines[0]) :])

    yield decode, encode


def _folded(text: str, width: int, rest: str) -> str:
    """In lines as wide as the first one was, with the break that followed it."""
    found = re.match(_BREAK, rest)
    between = found[0] if found else "\n"
    return between.join(text[place : place + width] for place in range(0, len(text), width))


def open_compressed(data: bytes) -> tuple[bytes, Callable[[bytes], bytes]] | None:
    """What a gzip (RFC 1952) or zlib (RFC 1950) stream holds, and how it is closed again; None where it is none."""
    if data[:2] == b"\x1f\x8b":
        plain = inflate(data, 31)
        return None if plain is None else (plain, lambda clean: gzip.compress(clean, mtime=0))
    if data[:1] == b"\x78" and len(data) > 6 and int.from_bytes(data[:2], "big") % 31 == 0:
        plain = inflate(data, 15)
        return None if plain is None else (plain, zlib.compress)
    return None


def inflate(data: bytes, bits: int) -> bytes | None:
    """A compressed stream, opened; None where it is broken or too large."""
    engine = zlib.decompressobj(wbits=bits)
    try:
        plain = engine.decompress(data, BOUND)
    except zlib.error:
        return None
    return plain if engine.eof else None

"""Looks through encodings: base64, hex and gzip inside a text are opened, redacted and closed again."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Callable

_WORDS = re.compile(r"(?<![\w+/-])[\w+/-]{20,}={0,2}", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){10,}")
_BOUND = 64 * 1024 * 1024
"""No compressed text is opened further than this number of bytes."""


def open_words(text: str, redact: Callable[[bytes], bytes]) -> str:
    """A text in which every base64 or hex word is redacted from the inside; a word without a finding stays as it is."""

    def word(match: re.Match[str]) -> str:
        for decode, encode in _codecs(match[0]):
            try:
                data = decode(match[0])
            except (ValueError, binascii.Error):
                continue
            clean = redact(data)
            if clean != data:
                return encode(clean)
        return match[0]

    return _WORDS.sub(word, text)


def _codecs(word: str) -> list[tuple[Callable[[str], bytes], Callable[[bytes], str]]]:
    """How the word may be read, and how it is written again."""
    padded = len(word) % 4 == 0
    if _HEX.fullmatch(word):
        upper = word.upper() == word and not word.isdigit()
        return [(bytes.fromhex, lambda data: data.hex().upper() if upper else data.hex())]
    if "-" in word or "_" in word:
        return [(_decode_url, lambda data: _encode_url(data, padded))]
    return [(_decode_plain, lambda data: _encode_plain(data, padded))]


def _decode_url(word: str) -> bytes:
    return base64.b64decode(word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4), b"-_", validate=True)


def _encode_url(data: bytes, padded: bool) -> str:
    text = base64.urlsafe_b64encode(data).decode()
    return text if padded else text.rstrip("=")


def _decode_plain(word: str) -> bytes:
    return base64.b64decode(word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4), validate=True)


def _encode_plain(data: bytes, padded: bool) -> str:
    text = base64.b64encode(data).decode()
    return text if padded else text.rstrip("=")


def open_gzip(data: bytes) -> bytes | None:
    """What a gzip stream holds (RFC 1952); None where it is none, is broken or is too large."""
    if data[:2] != b"\x1f\x8b":
        return None
    try:
        engine = zlib.decompressobj(wbits=31)
        plain = engine.decompress(data, _BOUND)
    except zlib.error:
        return None
    return plain if engine.eof else None


def close_gzip(data: bytes) -> bytes:
    """A gzip stream that is the same in every run."""
    return gzip.compress(data, mtime=0)

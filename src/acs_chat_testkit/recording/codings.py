"""Content codings (RFC 9110, section 8.4.1): bodies are stored opened, as clients differ in how they replay them."""

from __future__ import annotations

import gzip
import importlib
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from acs_chat_testkit.http import Headers, Response


def open_body(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Headers and body without the content coding; both as they are where the body can not be opened.

    A body that its client has opened already, though the headers still name the coding, is only relabelled.
    """
    if not body or "content-encoding" not in headers:
        return headers, body
    named = codings_of(headers)
    if not named:
        return headers, body
    plain = _opened(body, named)
    if plain is None:
        plain = _begun(headers, body, named)
    # Half of what is packed begins like that, or is the part that was asked for (RFC 9110, section 14.4).
    packed = "content-range" in headers or body.startswith(_STARTS.get(named[-1], b""))
    if plain is None and packed and not _is_text(body):
        return headers, body
    plain = body if plain is None else plain
    return _with_length(headers.without("content-encoding"), len(plain)), plain


def _opened(body: bytes, named: Iterable[str]) -> bytes | None:
    plain: bytes | None = body
    for coding in reversed(tuple(named)):
        plain = None if plain is None else _OPENERS.get(coding, _unknown)(plain)
    return plain


def _begun(headers: Headers, body: bytes, named: tuple[str, ...]) -> bytes | None:
    """What a body in gzip begins with whose end never came; None where it is anything else, such as a part."""
    if named not in (("gzip",), ("x-gzip",)) or "content-range" in headers or not body.startswith(_STARTS["gzip"]):
        return None
    from acs_chat_testkit.recording.redaction.encodings import GZIP, inflate

    return (inflate(body, GZIP, whole=False) or (None,))[0]


def codings_of(headers: Headers) -> tuple[str, ...]:
    """The codings of a body in the order in which they were put on, in lower case, without those that do nothing."""
    return _words(headers.get("content-encoding", ""))


@lru_cache(maxsize=64)
def _words(coding: str) -> tuple[str, ...]:
    words = (word.strip() for word in coding.lower().split(","))
    return tuple(word for word in words if word not in ("", "identity"))


LEVEL = 6
"""As most services pack; to search for more costs a replay six times as much."""
UNASKED = "unasked "
"""In front of a coding that the client had not asked for: some services pack whatever they are asked for.

That it asks for none is what http.client says below all recorders, so most files of others do not tell.
"""
NAMED = "named "
"""In front of one in which the body was not, whatever its service said: clients fail at that."""
CUT = "cut "
"""In front of gzip whose end never came: clients take what there is of it."""
_GZIP = r"(?i:(?:x-)?gzip)"
_MADE, _WORD = rf"(?:{_GZIP}|(?i:deflate|br|zstd|identity))", r"[A-Za-z][A-Za-z0-9.+_-]{0,15}"
WRITTEN = rf"(?:{UNASKED})?(?:{CUT}{_GZIP}|{_MADE}(?:, ?{_MADE}){{0,3}})|{NAMED}{_WORD}(?:, ?{_WORD}){{0,3}}"
"""What a file says of a coding."""
_WRITTEN = re.compile(WRITTEN)


def taken_off(before: Headers, body: bytes, after: Headers, asked: Headers, *, from_wire: bool = False) -> str | None:
    """The coding that a body was opened from, where `close_body` can put it on again.

    Args:
        before: The fields of the answer.
        body: Its body, as it came.
        after: The fields behind `open_body`.
        asked: The fields of the request.
        from_wire: Whether nobody can have opened it before.
    """
    if after is before or "content-encoding" in after or "content-encoding" not in before:
        return None
    named = codings_of(before)
    coding = before["content-encoding"].strip()
    if _opened(body, named) is None:
        if _begun(before, body, named) is None:
            # Its client had opened it already, or there was nothing to open.
            return known(NAMED + coding) if from_wire else None
        coding = CUT + coding
    return known(coding if gets(asked, coding) else UNASKED + coding)


def opened_by_client(response: Response, asked: Headers) -> tuple[Response, str | None]:
    """An answer without the name of a coding in which it is not any more, and what `close_body` is to put on again.

    Args:
        response: As a client shows it that may have opened it.
        asked: The fields of the request.
    """
    named = codings_of(response.headers)
    fields, body = open_body(response.headers, response.body)
    if body is not response.body or "content-encoding" in fields or not all(word in _OPENERS for word in named):
        return response, None
    coding = response.headers.get("content-encoding", "").strip()
    return replace(response, headers=fields), known(coding if gets(asked, coding) else UNASKED + coding)


def known(coding: object) -> str | None:
    """A coding that `close_body` can put on; None for any other."""
    return coding if isinstance(coding, str) and _WRITTEN.fullmatch(coding) else None


def close_body(response: Response, coding: str) -> Response:
    """An answer in a coding; as it is where the package that makes it is not installed."""
    whole = coding.removeprefix(UNASKED)
    named, body = whole.removeprefix(NAMED).removeprefix(CUT), response.body
    for word in () if whole.startswith(NAMED) else _words(named):
        closed = _begin(body) if whole.startswith(CUT) else _CLOSERS[word](body)
        if closed is None:
            return response
        body = closed
    fields = (*_with_length(response.headers, len(body)).fields, ("Content-Encoding", named))
    return Response(response.status, Headers(fields), body, response.reason)


def gets(asked: Headers, coding: str) -> bool:
    """Whether a client gets answers in a coding: it asks for it (RFC 9110, section 12.5.3), or does not have to."""
    if coding.startswith((UNASKED, NAMED)):
        return True
    fields = asked.get("accept-encoding", "").lower().split(",")
    weights = {name: weight for name, _, weight in ("".join(each.split()).partition(";q=") for each in fields)}
    each = (weights.get(word, weights.get("*", "0")) for word in _words(coding.removeprefix(CUT)))
    return all(not weight or weight.strip("0.") != "" for weight in each)


def _with_length(headers: Headers, length: int) -> Headers:
    """The fields with the length of another body, where they have one."""
    return Headers((name, str(length) if name.lower() == "content-length" else value) for name, value in headers.fields)


def sealed(headers: Headers, body: bytes) -> bool:
    """Whether a body is in a coding that could not be opened, so that nobody knows what is inside."""
    return bool(body) and "content-encoding" in headers and codings_of(headers) != ()


def _gzip(body: bytes) -> bytes | None:
    from acs_chat_testkit.recording.redaction.encodings import GZIP, inflate  # few bodies are in a coding

    return (inflate(body, GZIP) or (None,))[0]


def _begin(body: bytes) -> bytes:
    """All of a body in gzip but for its end."""
    engine = zlib.compressobj(LEVEL, wbits=16 + zlib.MAX_WBITS)
    return engine.compress(body) + engine.flush(zlib.Z_SYNC_FLUSH)


def _deflate(body: bytes) -> bytes | None:
    from acs_chat_testkit.recording.redaction.encodings import DEFLATE, ZLIB, inflate

    return (inflate(body, ZLIB) or inflate(body, DEFLATE) or (None,))[0]


def _by(packages: Iterable[str], made: Callable[[Any, bytes], bytes]) -> Callable[[bytes], bytes | None]:
    """What the first of these packages that is installed makes of a body."""

    def through(body: bytes) -> bytes | None:
        for name in packages:
            try:
                return made(importlib.import_module(name), body)
            except ModuleNotFoundError:
                continue
            except Exception:  # each of these packages has an error class of its own
                return None
        return None

    return through


def _decompress(package: Any, body: bytes) -> bytes:
    plain: bytes = package.decompress(body)
    return plain


def _compress(package: Any, body: bytes) -> bytes:
    packed: bytes = package.compress(body)
    return packed


def _compress_fast(brotli: Any, body: bytes) -> bytes:
    """By itself it searches longest."""
    packed: bytes = brotli.compress(body, quality=LEVEL)
    return packed


def _unzstd(package: Any, body: bytes) -> bytes:
    """The own `decompress` of zstandard opens no body of an unknown length, as services pack that do not collect it."""
    if package.__name__ != "zstandard":
        return _decompress(package, body)
    pieces = []
    while body:
        frame = package.ZstdDecompressor().decompressobj()
        pieces.append(frame.decompress(body))
        if not frame.eof:
            raise EOFError
        body = frame.unused_data
    return b"".join(pieces)


def _unknown(_body: bytes) -> None:
    return None


_BROTLI = ("brotli", "brotlicffi")
_ZSTD = ("compression.zstd", "backports.zstd", "zstandard", "pyzstd")

_OPENERS: dict[str, Callable[[bytes], bytes | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _by(_BROTLI, _decompress),
    "zstd": _by(_ZSTD, _unzstd),
}

_CLOSERS: dict[str, Callable[[bytes], bytes | None]] = {
    "gzip": lambda body: gzip.compress(body, LEVEL, mtime=0),
    "x-gzip": lambda body: gzip.compress(body, LEVEL, mtime=0),
    "deflate": zlib.compress,
    "br": _by(_BROTLI, _compress_fast),
    "zstd": _by(_ZSTD, _compress),
}

_STARTS = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b"}
"""What every body in a coding begins with (RFC 1952, section 2.3.1); one that does not was opened by its client."""


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() or not any(char < " " and char not in "\t\r\n" for char in text)

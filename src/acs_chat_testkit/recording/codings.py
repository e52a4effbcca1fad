"""Content codings (RFC 9110, section 8.4.1): bodies are stored opened, as clients differ in how they replay them."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from acs_chat_testkit.http import Headers, Response


def open_body(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Headers and body without the content coding; both as they are where the body can not be opened.

    A body that its client has opened already, though the headers still name the coding, is only relabelled.
    """
    if not body or "content-encoding" not in headers:
        return headers, body
    codings = [word.strip().lower() for word in headers.get("content-encoding", "").split(",") if word.strip()]
    if not codings:
        return headers, body
    plain: bytes | None = body
    for coding in reversed(codings):
        plain = None if plain is None else _OPENERS.get(coding, _unknown)(plain)
    if plain is None and body.startswith(_STARTS.get(codings[-1], b"")) and not _is_text(body):
        return headers, body
    plain = body if plain is None else plain
    return _with_length(headers.without("content-encoding"), len(plain)), plain


LEVEL = 6
"""As most services pack; to search for more costs a replay six times as much."""
UNASKED = "unasked "
"""In front of a coding that the client had not asked for: some services pack whatever they are asked for.

That it asks for none is what http.client says below all recorders, so most files of others do not tell.
"""


def taken_off(before: Headers, body: bytes, after: Headers, asked: Headers) -> str | None:
    """The coding that a body was opened from, where `close_body` can put it on again.

    Args:
        before: The fields of the answer.
        body: Its body, as it came.
        after: The fields behind `open_body`.
        asked: The fields of the request.
    """
    opened = after is not before and "content-encoding" not in after
    coding = known(before.get("content-encoding", "").strip().lower()) if opened else None
    if coding is not None and _OPENERS[coding](body) is None:
        return None  # its client had opened it already
    return coding if coding is None or gets(asked, coding) else UNASKED + coding


def known(coding: object) -> str | None:
    """A coding that `close_body` can put on; None for any other."""
    return coding if isinstance(coding, str) and coding.removeprefix(UNASKED) in _CLOSERS else None


def close_body(response: Response, coding: str) -> Response:
    """An answer in a content coding."""
    coding = coding.removeprefix(UNASKED)
    body = _CLOSERS[coding](response.body)
    fields = (*_with_length(response.headers, len(body)).fields, ("Content-Encoding", coding))
    return Response(response.status, Headers(fields), body, response.reason)


def gets(asked: Headers, coding: str) -> bool:
    """Whether a client gets answers in a coding: it asks for it (RFC 9110, section 12.5.3), or does not have to."""
    fields = asked.get("accept-encoding", "").lower().split(",")
    weights = {name: weight for name, _, weight in ("".join(each.split()).partition(";q=") for each in fields)}
    weight = weights.get(coding, weights.get("*", "0"))
    return coding.startswith(UNASKED) or not weight or weight.strip("0.") != ""


def _with_length(headers: Headers, length: int) -> Headers:
    """The fields with the length of another body, where they have one."""
    return Headers((name, str(length) if name.lower() == "content-length" else value) for name, value in headers.fields)


def sealed(headers: Headers, body: bytes) -> bool:
    """Whether a body is in a coding that could not be opened, so that nobody knows what is inside."""
    return bool(body) and "content-encoding" in headers and headers["content-encoding"].strip().lower() != "identity"


def _gzip(body: bytes) -> bytes | None:
    from acs_chat_testkit.recording.redaction.encodings import GZIP, inflate  # few bodies are in a coding

    return (inflate(body, GZIP) or (None,))[0]


def _deflate(body: bytes) -> bytes | None:
    from acs_chat_testkit.recording.redaction.encodings import DEFLATE, ZLIB, inflate

    return (inflate(body, ZLIB) or inflate(body, DEFLATE) or (None,))[0]


def _by(modules: Iterable[str]) -> Callable[[bytes], bytes | None]:
    def opener(body: bytes) -> bytes | None:
        for name in modules:
            try:
                module = importlib.import_module(name)
                plain: bytes = _by_frames(module, body) if name == "zstandard" else module.decompress(body)
            except ModuleNotFoundError:
                continue
            except Exception:  # each of these modules has an error class of its own
                return None
            return plain
        return None

    return opener


def _by_frames(zstandard: Any, body: bytes) -> bytes:
    """Its own `decompress` opens no body of an unknown length, and so services pack that do not collect it first."""
    pieces = []
    while body:
        frame = zstandard.ZstdDecompressor().decompressobj()
        pieces.append(frame.decompress(body))
        if not frame.eof:
            raise EOFError
        body = frame.unused_data
    return b"".join(pieces)


def _unknown(_body: bytes) -> None:
    return None


_OPENERS: dict[str, Callable[[bytes], bytes | None]] = {
    "identity": lambda body: body,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _by(["brotli", "brotlicffi"]),
    "zstd": _by(["compression.zstd", "backports.zstd", "zstandard", "pyzstd"]),
}

_CLOSERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, LEVEL, mtime=0),
    "x-gzip": lambda body: gzip.compress(body, LEVEL, mtime=0),
    "deflate": zlib.compress,
}
"""Those that every Python has; answers in others are replayed as they are stored."""

_STARTS = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b"}
"""What every body in a coding begins with (RFC 1952, section 2.3.1); one that does not was opened by its client."""


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() or not any(char < " " and char not in "\t\r\n" for char in text)

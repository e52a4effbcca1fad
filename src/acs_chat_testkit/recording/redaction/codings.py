"""Content codings (RFC 9110, section 8.4.1): bodies are stored opened, as clients differ in how they replay them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable

from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording.redaction.encodings import DEFLATE, GZIP, ZLIB, inflate


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
    if plain is None and not _is_text(body):
        return headers, body
    return headers.without("content-encoding", "content-length"), body if plain is None else plain


def sealed(headers: Headers, body: bytes) -> bool:
    """Whether a body is in a coding that could not be opened, so that nobody knows what is inside."""
    return bool(body) and "content-encoding" in headers and headers["content-encoding"].strip().lower() != "identity"


def _gzip(body: bytes) -> bytes | None:
    return (inflate(body, GZIP) or (None,))[0]


def _deflate(body: bytes) -> bytes | None:
    return (inflate(body, ZLIB) or inflate(body, DEFLATE) or (None,))[0]


def _by(modules: Iterable[str]) -> Callable[[bytes], bytes | None]:
    def opener(body: bytes) -> bytes | None:
        for name in modules:
            try:
                plain: bytes = importlib.import_module(name).decompress(body)
            except ModuleNotFoundError:
                continue
            except Exception:  # each of these modules has an error class of its own
                return None
            return plain
        return None

    return opener


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


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() or not any(char < " " and char not in "\t\r\n" for char in text)

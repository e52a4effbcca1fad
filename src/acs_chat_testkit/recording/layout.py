"""JSON bodies laid out for reading, in a way that gives the recorded bytes back exactly.

A body is laid out only where one of the `LAYOUTS` writes the same text again from the readable one. The cassette then
holds the readable text and the layout's name, and plain vcrpy replays the readable text.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec

Writer = Callable[[bytes], bytes]


def _spaced(text: bytes, indent: int) -> bytes:
    """JSON with other blanks between its parts.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return msgspec.json.format(text, indent=indent)
    except msgspec.DecodeError as broken:  # no ValueError before msgspec 0.21
        raise ValueError(str(broken)) from broken


def _ascii(separators: tuple[str, str]) -> Writer:
    return lambda text: json.dumps(json.loads(text), separators=separators).encode()


LAYOUTS: dict[str, Writer] = {
    "compact": lambda text: _spaced(text, indent=-1),
    "spaced": lambda text: _spaced(text, indent=0),
    "compact-ascii": _ascii((",", ":")),
    "spaced-ascii": _ascii((", ", ": ")),
    "indented-crlf": lambda text: _spaced(text, indent=2).replace(b"\n", b"\r\n"),
}
"""How the recorded text is written from the readable one, by the layout's name; the first one that fits is taken."""


def lay_out(body: bytes) -> tuple[str, str] | None:
    """The readable text and the name of its layout; None where no layout gives the body back exactly."""
    if body[:1] not in (b"{", b"[") or len(body) < 3:
        return None
    try:
        # Escaped letters are for machines; they are written out, and the ascii layouts escape them again.
        readable = _written_out(body) if b"\\u" in body else _spaced(body, indent=2)
        for name, write in LAYOUTS.items():
            if write(readable) == body:
                return readable.decode(), name
    except (ValueError, RecursionError):
        pass
    return None


def _written_out(body: bytes) -> bytes:
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode()


def restore(readable: bytes, layout: str) -> bytes:
    """The recorded bytes of a body that was laid out.

    Raises:
        ValueError: The text is no JSON any more; where Python's reader says so too, the error tells in which line.
        KeyError: There is no such layout.
    """
    write = LAYOUTS[layout]
    try:
        return write(readable)
    except ValueError:
        json.loads(readable)
        raise

"""JSON bodies laid out for reading, in a way that gives the recorded bytes back exactly.

A body is laid out only where one of the `LAYOUTS` writes the same text again from its value. The cassette then holds
the readable text and the layout's name, and plain vcrpy replays the readable text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

LAYOUTS: dict[str, Callable[[Any], str]] = {
    "compact": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "spaced": lambda value: json.dumps(value, ensure_ascii=False),
    "compact-ascii": lambda value: json.dumps(value, separators=(",", ":")),
    "spaced-ascii": json.dumps,
    "indented-crlf": lambda value: json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\r\n"),
}
"""How a value is written, by the layout's name; the first one that fits is taken."""


def lay_out(text: str) -> tuple[str, str] | None:
    """The readable text and the name of its layout; None where no layout gives the text back exactly."""
    if text[:1] not in ("{", "[") or len(text) < 3:
        return None
    try:
        value = json.loads(text)
        for name, write in LAYOUTS.items():
            if write(value) == text:
                return json.dumps(value, indent=2, ensure_ascii=False), name
    except (ValueError, RecursionError):
        return None
    return None


def restore(readable: str, layout: str) -> str:
    """The recorded text of a body that was laid out.

    Raises:
        ValueError: The text is no JSON any more.
        KeyError: There is no such layout.
    """
    return LAYOUTS[layout](json.loads(readable))

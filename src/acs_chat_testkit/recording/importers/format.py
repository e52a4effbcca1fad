"""What an importer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acs_chat_testkit.recording.cassette import Cassette


@dataclass(frozen=True, slots=True)
class Format:
    """A way of writing cassettes.

    Args:
        name: Who writes it.
        recognises: Whether a text looks like it; a quick look, nothing is parsed.
        read: Reads the bytes of a file; the second argument is its name for errors. Raises `BrokenCassette`.
        replays: Whether the recorder replays such a file as it is.
    """

    name: str
    recognises: Callable[[str], bool]
    read: Callable[[bytes, str], Cassette]
    replays: bool = False


SHORT = 200
"""A text with more letters than this has come to its first interaction."""


def is_cut(text: str, mark: str, start: str) -> bool:
    """Whether a text ends before its first interaction tells whose it is, and is so far as somebody writes it.

    Args:
        text: What a file holds.
        mark: What must be there at least, without blanks.
        start: How such a file starts, without blanks.
    """
    written = "".join(text.split()) if len(text) < SHORT else ""
    return written.startswith(mark) and start.startswith(written)

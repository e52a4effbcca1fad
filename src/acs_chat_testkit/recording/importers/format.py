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

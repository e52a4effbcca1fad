"""YAML of vcrpy, and so of pytest-recording and pytest-vcr, which leave the writing to it."""

from __future__ import annotations

import re

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.importers.format import Format

_INTERACTIONS = re.compile(r"^interactions:\s*(\[\s*\]|\[?\s*\Z)?", re.MULTILINE)


def _recognises(text: str) -> bool:
    found = _INTERACTIONS.search(text)
    # Other files have interactions of other kinds.
    return found is not None and (found[1] is not None or "request" in text)


FORMAT = Format("vcrpy", _recognises, serializer.parse, replays=True)

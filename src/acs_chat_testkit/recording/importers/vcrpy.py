"""YAML of vcrpy, and so of pytest-recording and pytest-vcr, which leave the writing to it."""

from __future__ import annotations

import re

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.importers.format import Format, is_cut

_INTERACTIONS = re.compile(r"^interactions:\s*(\[\s*\]|\[?\s*\Z)?", re.MULTILINE)


def _recognises(text: str) -> bool:
    found = _INTERACTIONS.search(text)
    if found is None:
        return False
    # Other files have interactions of other kinds.
    return found[1] is not None or "request" in text or is_cut(text, "interactions:", "interactions:-request:")


FORMAT = Format("vcrpy", _recognises, serializer.parse, replays=True)

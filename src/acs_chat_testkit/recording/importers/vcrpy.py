"""YAML of vcrpy, and so of pytest-recording and pytest-vcr, which leave the writing to it."""

from __future__ import annotations

import re

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.importers.format import Format

_INTERACTIONS = re.compile(r"^interactions:", re.MULTILINE)

FORMAT = Format("vcrpy", lambda text: _INTERACTIONS.search(text) is not None, serializer.parse, replays=True)

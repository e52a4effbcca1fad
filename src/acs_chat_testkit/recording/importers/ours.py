"""Our own cassettes."""

from __future__ import annotations

import re

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.importers.format import Format

_HEAD = re.compile(r"(?:#[^\n]*\n|---\n|\s*\n)*header:\n(?:  [^\n]*\n)*?  format: acs-chat-testkit/")

FORMAT = Format("acs-chat-testkit", lambda text: _HEAD.match(text) is not None, serializer.parse, replays=True)

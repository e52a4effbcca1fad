"""Our own cassettes."""

from __future__ import annotations

import re

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.importers.format import Format, is_cut

_HEAD = re.compile(r"(?:#[^\n]*\n|---\n|\s*\n)*header:\n(?:  [^\n]*\n)*?  format: acs-chat-testkit/")

_START = "header:format:acs-chat-testkit/"


def _recognises(text: str) -> bool:
    return _HEAD.match(text) is not None or is_cut(text, "header:format:", _START)


FORMAT = Format("acs-chat-testkit", _recognises, serializer.parse, replays=True)

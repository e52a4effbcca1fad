"""JSON of vcrpy's other serializer; it holds texts only."""

from __future__ import annotations

import re

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format, is_cut


def _read(data: bytes, name: str) -> Cassette:
    document = documents.from_json(data, name)
    return serializer.of_document(document, name, documents.lines_of(data, b'"request":'), serializer.length_of(data))


_START = '{"version":1,"interactions":[{"request":{"method":"'
_INTERACTIONS = re.compile(r'"interactions"\s*:\s*\[(\s*\])?')


def _recognises(text: str) -> bool:
    found = _INTERACTIONS.search(text) if text.lstrip()[:1] == "{" else None
    if found is None:
        return False
    # Pact has interactions with requests, too, but calls their addresses paths.
    return ('"version"' if found[1] else '"uri"') in text or is_cut(text, '{"version":1,"interactions":[', _START)


FORMAT = Format("vcrpy (JSON)", _recognises, _read, replays=True)

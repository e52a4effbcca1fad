"""JSON of vcrpy's other serializer; it holds texts only."""

from __future__ import annotations

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format


def _read(data: bytes, name: str) -> Cassette:
    document = documents.from_json(data, name)
    return serializer.of_document(document, name, documents.lines_of(data, b'"request":'), data.count(b"\n"))


FORMAT = Format("vcrpy (JSON)", lambda text: text.lstrip()[:1] == "{" and '"interactions"' in text, _read, replays=True)

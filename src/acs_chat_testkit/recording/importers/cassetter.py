"""YAML of cassetter: bodies as values, sorted by address; the time of each call tells their order."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format

_BODY = re.compile(r"^ {4}body:\n {6}type: (?:json|text|binary|none)$", re.MULTILINE)


_CONTENT = dict.fromkeys(["type", "content"])
_MEMBERS: serializer.Members = {
    "version": None,
    "interactions": {
        "request": {"method": None, "uri": None, "headers": None, "body": _CONTENT},
        "response": {"status": None, "headers": None, "body": _CONTENT},
        "recorded_at": None,
    },
}


def _read(data: bytes, name: str) -> Cassette:
    document, lines = serializer.document_of(data, name)
    cassette = documents.collect(document, "interactions", _interaction, name, _MEMBERS, lines=lines)
    times = [str(each.get("recorded_at", "")) for each in document["interactions"]]
    ordered = sorted(range(len(times)), key=lambda number: times[number])
    header = Header(format=None, recorded_at=documents.earliest(times))
    interactions = tuple(cassette.interactions[number] for number in ordered)
    return replace(cassette, interactions=interactions, header=header)


def _interaction(raw: dict[str, Any]) -> Interaction:
    sent, got = raw["request"], raw["response"]
    request = Request(str(sent["method"]), str(sent["uri"]), documents.fields(sent.get("headers")), _body(sent["body"]))
    return documents.interaction(request, int(got["status"]), documents.fields(got.get("headers")), _body(got["body"]))


def _body(raw: dict[str, Any]) -> bytes:
    content = raw.get("content")
    match raw["type"]:
        case "json":
            return documents.written(content)
        case "binary":
            return bytes.fromhex(str(content))
        case "text":
            return str(content).encode()
    return b""


FORMAT = Format("cassetter", lambda text: _BODY.search(text) is not None, _read)

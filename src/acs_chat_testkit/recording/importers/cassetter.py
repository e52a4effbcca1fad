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
from acs_chat_testkit.recording.misfits import Place, fits, is_mapping, is_number, is_text, may_be_fields

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
    cassette = documents.collect(document, "interactions", _interaction, lambda _: _PLACES, name, _MEMBERS, lines=lines)
    times = [str(each.get("recorded_at", "")) for each in document["interactions"]]
    ordered = sorted(range(len(times)), key=lambda number: times[number])
    header = Header(format=None, recorded_at=documents.earliest(times))
    interactions = tuple(cassette.interactions[number] for number in ordered)
    return replace(cassette, interactions=interactions, header=header)


def _interaction(raw: dict[str, Any]) -> Interaction:
    sent, got = raw["request"], raw["response"]
    request = Request(
        str(sent["method"]), str(sent["uri"]), serializer.read_fields(sent.get("headers")), _body(sent["body"])
    )
    return documents.interaction(
        request, int(got["status"]), serializer.read_fields(got.get("headers")), _body(got["body"])
    )


def _body(raw: dict[str, Any]) -> bytes:
    match raw["type"], raw.get("content"):
        case "json", content:
            return documents.written(content)
        case "binary", str(content):
            return bytes.fromhex(content)
        case "text", str(content):
            return content.encode()
        case "none", None:
            return b""
    raise ValueError("there is no such content")


_FIELDS = "headers: {accept: [text/plain]}"
_GOOD = "body: {type: text, content: 'text'}, or json with a value, binary with hex digits, none without content"
_PLACES: tuple[Place, ...] = (
    ("", is_mapping, "a request and its response"),
    ("request", is_mapping, "request: {method: GET, uri: 'https://example.org/', headers: {}, body: {type: none}}"),
    ("request.method", is_text, "method: GET"),
    ("request.uri", is_text, "uri: https://example.org/"),
    ("request.headers", may_be_fields, _FIELDS),
    ("request.body", fits(_body), _GOOD),
    ("response", is_mapping, "response: {status: 200, headers: {}, body: {type: none}}"),
    ("response.status", is_number, "status: 200"),
    ("response.headers", may_be_fields, _FIELDS),
    ("response.body", fits(_body), _GOOD),
)

FORMAT = Format("cassetter", lambda text: _BODY.search(text) is not None, _read)

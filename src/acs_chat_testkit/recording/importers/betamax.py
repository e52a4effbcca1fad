"""JSON of betamax: bodies as text with its encoding, or as base64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format
from acs_chat_testkit.recording.misfits import (
    Place,
    fits,
    is_mapping,
    is_number,
    is_text,
    may_be_fields,
    may_be_text,
)

_BODY = dict.fromkeys(["string", "base64_string", "encoding"])
_MEMBERS: serializer.Members = {
    "http_interactions": {
        "request": {"method": None, "uri": None, "headers": None, "body": _BODY},
        "response": {
            "status": {"code": None, "message": None},
            "headers": None,
            "body": _BODY,
            "status_code": None,
            "url": None,
        },
        "recorded_at": None,
    },
    "recorded_with": None,
}


def _read(data: bytes, name: str) -> Cassette:
    document = documents.from_json(data, name)
    lines = documents.lines_of(data, b'"request":')
    cassette = documents.collect(document, "http_interactions", _interaction, _places, name, _MEMBERS, lines=lines)
    times = documents.earliest(each.get("recorded_at") for each in document["http_interactions"])
    return replace(cassette, header=Header(format=None, recorded_at=times))


def _body(raw: Any) -> bytes:
    if isinstance(raw, str):
        return raw.encode()
    if "base64_string" in raw:
        return documents.from_base64(raw["base64_string"])
    return bytes((raw["string"] or "").encode(raw.get("encoding") or "utf-8"))


_FIELDS = '"headers": {"Accept": ["text/plain"]}'
_CONTENT = '"body": {"encoding": "utf-8", "string": "text"}'
_INTERACTION: tuple[Place, ...] = (
    ("", is_mapping, "a request and its response"),
    ("request", is_mapping, '"request": {"method": "GET", "uri": "https://example.org/", "headers": {}, "body": ""}'),
    ("request.method", is_text, '"method": "GET"'),
    ("request.uri", is_text, '"uri": "https://example.org/"'),
    ("request.headers", may_be_fields, _FIELDS),
    ("request.body", fits(_body), _CONTENT),
    ("response", is_mapping, '"response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": ""}'),
    ("response.headers", may_be_fields, _FIELDS),
    ("response.body", fits(_body), _CONTENT),
    ("response.url", may_be_text, '"url": "https://example.org/"'),
)
_STATUS: tuple[Place, ...] = (
    ("response.status", is_mapping, '"status": {"code": 200, "message": "OK"}'),
    ("response.status.code", is_number, '"code": 200'),
    ("response.status.message", may_be_text, '"message": "OK"'),
)
_CODE: tuple[Place, ...] = (("response.status_code", is_number, '"status_code": 200'),)
"""Until 2014 it wrote the number alone."""


def _places(raw: Any) -> Iterator[Place]:
    yield from _INTERACTION
    yield from _CODE if _is_old(raw["response"]) else _STATUS


def _is_old(got: dict[str, Any]) -> bool:
    return "status" not in got and "status_code" in got


def _interaction(raw: dict[str, Any]) -> Interaction:
    sent, got = raw["request"], raw["response"]
    request = Request(
        str(sent["method"]), str(sent["uri"]), serializer.read_fields(sent.get("headers")), _body(sent["body"])
    )
    status = {"code": got["status_code"]} if _is_old(got) else got["status"]
    headers, reason = serializer.read_fields(got.get("headers")), str(status.get("message") or "")
    read = documents.interaction(request, int(status["code"]), headers, _body(got["body"]), reason)
    url = got.get("url")
    return read if url in (None, request.url) else replace(read, others={"url": str(url)})


FORMAT = Format("betamax", lambda text: text.lstrip()[:1] == "{" and '"http_interactions"' in text, _read)

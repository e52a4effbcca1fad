"""JSON of betamax: bodies as text with its encoding, or as base64."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format

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
    cassette = documents.collect(document, "http_interactions", _interaction, name, _MEMBERS, lines=lines)
    times = documents.earliest(each.get("recorded_at") for each in document["http_interactions"])
    return replace(cassette, header=Header(format=None, recorded_at=times))


def _interaction(raw: dict[str, Any]) -> Interaction:
    sent, got = raw["request"], raw["response"]
    request = Request(str(sent["method"]), str(sent["uri"]), documents.fields(sent["headers"]), _body(sent["body"]))
    # Until 2014 it wrote the number alone.
    status = got["status"] if "status" in got else {"code": got["status_code"], "message": ""}
    headers = documents.fields(got["headers"])
    read = documents.interaction(request, int(status["code"]), headers, _body(got["body"]), str(status["message"]))
    url = got.get("url")
    return read if url in (None, request.url) else replace(read, others={"url": str(url)})


def _body(raw: Any) -> bytes:
    if not isinstance(raw, dict):
        return str(raw or "").encode()
    if "base64_string" in raw:
        return base64.b64decode(raw["base64_string"])
    return str(raw.get("string") or "").encode(raw.get("encoding") or "utf-8")


FORMAT = Format("betamax", lambda text: text.lstrip()[:1] == "{" and '"http_interactions"' in text, _read)

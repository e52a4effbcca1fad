"""JSON of Azure's test proxy: JSON bodies as values, texts of several lines as lists, all else as base64."""

from __future__ import annotations

import base64
import re
from typing import Any

from acs_chat_testkit.http import Headers, Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format

_MEMBERS: serializer.Members = {
    "Entries": {
        **dict.fromkeys(["RequestUri", "RequestMethod", "RequestHeaders", "RequestBody"]),
        **dict.fromkeys(["StatusCode", "ResponseHeaders", "ResponseBody"]),
    },
    "Variables": None,
}


def _read(data: bytes, name: str) -> Cassette:
    document = documents.from_json(data, name)
    variables = document.get("Variables") or {} if isinstance(document, dict) else {}
    texts = {str(key): str(value) for key, value in variables.items()}
    header = Header(format=None, variables=texts, metadata=texts)
    lines = documents.lines_of(data, b'"RequestUri":')
    return documents.collect(document, "Entries", _interaction, name, _MEMBERS, lines=lines, header=header)


def _interaction(raw: dict[str, Any]) -> Interaction:
    sent, got = documents.fields(raw.get("RequestHeaders")), documents.fields(raw.get("ResponseHeaders"))
    body = _body(raw.get("RequestBody"), sent)
    request = Request(str(raw["RequestMethod"]), str(raw["RequestUri"]), sent, body)
    return documents.interaction(request, int(raw["StatusCode"]), got, _body(raw.get("ResponseBody"), got))


def _body(raw: Any, headers: Headers) -> bytes:
    if raw is None:
        return b""
    if isinstance(raw, list) and all(isinstance(part, str) for part in raw):
        raw = "".join(raw)
    if not isinstance(raw, str):
        return documents.written(raw)
    return raw.encode() if _is_text(headers) else base64.b64decode(raw)


def _is_text(headers: Headers) -> bool:
    """Whether the proxy writes bodies of this type as text."""
    kind = headers.get("content-type", "").lower()
    plain = kind.partition(";")[0].strip()
    return "charset=" in kind or plain.startswith("text/") or plain.endswith(("json", "xml", "-urlencoded"))


_ENTRIES = re.compile(r'"Entries"\s*:\s*\[(\s*\])?')


def _recognises(text: str) -> bool:
    found = _ENTRIES.search(text) if text.lstrip()[:1] == "{" else None
    return found is not None and (found[1] is not None or '"RequestUri"' in text)


FORMAT = Format("Azure's test proxy", _recognises, _read)

"""JSON of Azure's test proxy: JSON bodies as values, texts of several lines as lists, all else as base64."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from acs_chat_testkit.http import Headers, Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format, is_cut
from acs_chat_testkit.recording.misfits import (
    Place,
    check,
    fits,
    is_mapping,
    is_number,
    is_text,
    may_be_fields,
    may_be_mapping,
)

_MEMBERS: serializer.Members = {
    "Entries": {
        **dict.fromkeys(["RequestUri", "RequestMethod", "RequestHeaders", "RequestBody"]),
        **dict.fromkeys(["StatusCode", "ResponseHeaders", "ResponseBody"]),
    },
    "Variables": None,
}


def _read(data: bytes, name: str) -> Cassette:
    document = documents.from_json(data, name)
    check(document, lambda _: _VARIABLES, f"{name}: the document")
    variables = document.get("Variables") or {} if isinstance(document, dict) else {}
    texts = {str(key): str(value) for key, value in variables.items()}
    header = Header(format=None, variables=texts, metadata=texts)
    lines = documents.lines_of(data, b'"RequestUri":')
    return documents.collect(document, "Entries", _interaction, _places, name, _MEMBERS, lines=lines, header=header)


_VARIABLES: tuple[Place, ...] = (("Variables", may_be_mapping, '"Variables": {"name": "text"}'),)
_INTERACTION: tuple[Place, ...] = (
    ("", is_mapping, "a request and its response"),
    ("RequestMethod", is_text, '"RequestMethod": "GET"'),
    ("RequestUri", is_text, '"RequestUri": "https://example.org/"'),
    ("RequestHeaders", may_be_fields, '"RequestHeaders": {"Accept": "text/plain"}'),
    ("StatusCode", is_number, '"StatusCode": 200'),
    ("ResponseHeaders", may_be_fields, '"ResponseHeaders": {"Content-Type": "text/plain"}'),
)
_CONTENT = '": "text" where the Content-Type is that of a text, and base64 where it is not'


def _places(raw: Any) -> Iterator[Place]:
    yield from _INTERACTION
    for side in ("Request", "Response"):
        headers = serializer.read_fields(raw.get(f"{side}Headers"))
        yield f"{side}Body", fits(partial(_body, headers=headers)), f'"{side}Body{_CONTENT}'


def _interaction(raw: dict[str, Any]) -> Interaction:
    sent, got = serializer.read_fields(raw.get("RequestHeaders")), serializer.read_fields(raw.get("ResponseHeaders"))
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
    return raw.encode() if _is_text(headers) else documents.from_base64(raw)


def _is_text(headers: Headers) -> bool:
    """Whether the proxy writes bodies of this type as text."""
    kind = headers.get("content-type", "").lower()
    plain = kind.partition(";")[0].strip()
    return "charset=" in kind or plain.startswith("text/") or plain.endswith(("json", "xml", "-urlencoded"))


_ENTRIES = re.compile(r'"Entries"\s*:\s*\[(\s*\])?')


def _recognises(text: str) -> bool:
    found = _ENTRIES.search(text) if text.lstrip()[:1] == "{" else None
    if found is None:
        return False
    return found[1] is not None or '"RequestUri"' in text or is_cut(text, '{"Entries":[', '{"Entries":[{"RequestUri":')


FORMAT = Format("Azure's test proxy", _recognises, _read)

"""What is redacted has nothing left to redact, however findings overlap."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.recording.test_screen import CHAT, PIECES

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording.redaction import Numbered, Pseudonyms, Redactor, Rules

OVERLAPPING = [
    *("Bearer pin=12", "Token ", "secret=", "AccountKey=", "&amp;", "=>", ",", ";", "|", "1", "-REDACTED-"),
    *("-----BEGIN PRIVATE KEY-----\n", "form-data; name=pin\n\n12", "<password>", "</password>", "<![CDATA[", "//"),
]


@given(pieces=st.lists(st.sampled_from([*PIECES, *OVERLAPPING]), max_size=6))
@example(pieces=["Authorization: ", "Bearer pin=12"])
@example(pieces=["SIG%3D", "`", "="])
@example(pieces=["AccountKey=", "\\", "//"])
@example(pieces=["AccountKey=", "Basic ", "1"])
@pytest.mark.parametrize("rules", [CHAT, Rules()], ids=["chat", "any"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/csv", "text/plain"])
def test_twice_is_the_same_as_once(rules: Rules, kind: str, pieces: list[str]) -> None:
    """In an address, in header fields and in bodies of every layout, for a redactor that remembers nothing."""
    text, pseudonyms = "".join(pieces), Pseudonyms()
    fields = Headers({"Content-Type": kind, "X-Note": text, "Authorization": text, "Cookie": text, "Set-Cookie": text})
    request, response = (
        Request("POST", f"https://a.example/{text}?{text}", fields, text.encode()),
        Response(200, fields),
    )
    once, twice = (Redactor(rules, Numbered(pseudonyms, "aaaaaaaa")) for _ in range(2))
    request, response = once.request(request), once.response(response)
    assert (twice.request(request), twice.response(response)) == (request, response)


@pytest.mark.parametrize("text", ["Bearer pin=12", "Authorization: Bearer sig=1&"])
def test_one_finding_may_complete_another(text: str) -> None:
    """The shorter one is replaced first; then the longer one is, too."""
    assert "Bearer -REDACTED-" in Redactor(Rules()).text(text)

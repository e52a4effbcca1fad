"""YAML of Azure's SDK tests before the test proxy: vcrpy's, with bodies as plain strings and scrubbed values.

Its scrubber replaced a link to the next page by a word and left the page that was fetched. What was fetched next is
what the link said, so it is put back; otherwise no client could replay the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Cassette, Interaction
from acs_chat_testkit.recording.importers import documents
from acs_chat_testkit.recording.importers.format import Format
from acs_chat_testkit.recording.matchers import address

SCRUBBED = "sanitized"
_BODY = re.compile(r"^  response:\n    body: ['\"|>\w]", re.MULTILINE)


def _read(data: bytes, name: str) -> Cassette:
    cassette = serializer.parse(data, name)
    interactions = cassette.interactions
    linked = tuple(_linked(each, interactions[number:]) for number, each in enumerate(interactions, 1))
    return replace(cassette, interactions=linked)


def _linked(each: Interaction, later: Sequence[Interaction]) -> Interaction:
    """The interaction with its link to the next page, where it was scrubbed."""
    response = each.response
    if response is None or SCRUBBED.encode() not in response.body:
        return each
    try:
        page = json.loads(response.body)
    except ValueError:
        return each
    path = address(each.request.url).path
    following = next((one.request for one in later if address(one.request.url).path == path), None)
    if following is None or following.method != "GET" or page.get("nextLink") != SCRUBBED:
        return each
    body = documents.written({**page, "nextLink": following.url})
    fixed = documents.interaction(each.request, response.status, response.headers, body, response.reason)
    return replace(fixed, line=each.line, others=each.others)


FORMAT = Format("Azure (YAML)", lambda text: _BODY.search(text) is not None, _read)

"""Links to a next page: where a client goes on by itself, and takes its credentials along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.matchers import address

_NAMES = frozenset(["nextlink", "@odata.nextlink"])


def elsewhere(interaction: Interaction) -> str | None:
    """The host that a link of an answer leads to, where it is another origin than the one that was asked."""
    asked = address(interaction.request.url)
    for link in _links(interaction):
        leads = address(urljoin(interaction.request.url, link))
        if (leads.scheme, leads.host, leads.port) != (asked.scheme, asked.host, asked.port):
            return leads.host
    return None


def _links(interaction: Interaction) -> Iterator[str]:
    try:
        todo: list[Any] = [] if interaction.response is None else [json.loads(interaction.response.body)]
    except (ValueError, RecursionError):
        return
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            yield from (text for name, text in value.items() if name.lower() in _NAMES and isinstance(text, str))
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)

"""The content coding that an answer came in: it is stored without, and put on again for a client that asks for it."""

from __future__ import annotations

from dataclasses import replace

from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording import codings
from acs_chat_testkit.recording.cassette import Interaction


def as_it_came(each: Interaction) -> Interaction:
    """The interaction with its answer in the coding that it came in."""
    if each.coding is None or each.response is None:
        return each
    response = codings.close_body(each.response, each.coding)
    # The sizes of what was opened would cut it at the wrong places.
    pieces = each.pieces if response.body == each.response.body else ()
    return replace(each, response=response, pieces=pieces, coding=None)


def as_asked(each: Interaction, request: Headers) -> Interaction:
    """The same for a client that gets this coding; for others as it is stored."""
    return as_it_came(each) if each.coding is not None and codings.gets(request, each.coding) else each

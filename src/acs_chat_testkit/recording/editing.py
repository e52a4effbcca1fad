"""Editing: what was taken becomes a cassette, redacted, in the order of the calls, and looked at once more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from acs_chat_testkit.errors import LeakFound
from acs_chat_testkit.recording import codings
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.leakage import leaks
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Redactor
from acs_chat_testkit.recording.serializer import END
from acs_chat_testkit.recording.take import Take

HEADS = 512
"""So many characters an interaction has beside its bodies, give or take."""

_TIME = re.compile(rb"^  recorded_at: .*\n", re.MULTILINE)
_ENTRY = re.compile(rb"^(?=- request:)", re.MULTILINE)


def edit(
    kept: Cassette, taken: Sequence[Interaction], header: Header, variables: Mapping[str, str], redactor: Redactor
) -> Cassette:
    """The cassette that a recorder leaves.

    Args:
        kept: What stays of the old one.
        taken: What was taken, in the order of the calls, redacted once.
        header: What the new recording says about itself.
        variables: Values for the header.
        redactor: Replaces what must not be written.
    """
    clean = {name: redactor.text(value) for name, value in variables.items()}
    stays = kept.header if kept.interactions else header
    version = header.api_version and redactor.text(header.api_version)
    old = kept.interactions if kept.ours else [redacted(each, redactor) for each in kept.interactions]
    # Once more: an id that stands alone is known only after it came with its kind, which may be later.
    interactions = tuple(redacted(each, redactor) for each in (*old, *taken))
    if kept.interactions:
        clean = {**{name: redactor.text(value) for name, value in stays.variables.items()}, **clean}
    if kept.interactions and kept.ours:
        header, version = stays, stays.api_version
    metadata = plain(stays.metadata, redactor)
    return Cassette(interactions, replace(header, api_version=version, variables=clean, metadata=metadata))


def again(cassette: Cassette, redactor: Redactor) -> Cassette:
    """A cassette, redacted once more by somebody who knows more."""
    return edit(Cassette(), cassette.interactions, cassette.header, cassette.header.variables, redactor)


def in_order(cassette: Cassette, before: Sequence[int], times: Sequence[int]) -> tuple[Cassette, tuple[int, ...]]:
    """Sorts the interactions of one run by the time of their calls, whichever of its recorders was closed first.

    Args:
        cassette: What is older than the run, then what its other recorders have put there, then what is new.
        before: The times of the calls of the other recorders.
        times: The times of the new ones.

    Returns:
        The cassette, and the times of all that came from this run.
    """
    together = [*before, *times]
    older = len(cassette.interactions) - len(together)
    own = sorted(zip(together, cassette.interactions[older:], strict=True), key=lambda pair: pair[0])
    interactions = (*cassette.interactions[:older], *(each for _, each in own))
    return replace(cassette, interactions=interactions), tuple(time for time, _ in own)


def check(cassette: Cassette, profile: Profile, path: object) -> None:
    """A last look at what is about to be written.

    Raises:
        LeakFound: A rule would still change it; the text names the place and not the secret.
    """
    for leak in leaks(cassette, profile):
        raise LeakFound(f"{path} would hold a secret ({leak}); the file was left as it is")


def same(text: bytes, old: bytes, *, in_any_order: bool) -> bool:
    """Whether two texts are one recording, made at whatever time; git may have given the old one CRLF.

    Args:
        text: The new one.
        old: The one that is there.
        in_any_order: Whether requests to different addresses may have changed places, as those of threads do.
    """
    new, old = (_TIME.sub(b"", each, count=1) for each in (text, old.replace(b"\r\n", b"\n")))
    return new == old or (in_any_order and len(new) == len(old) and _by_address(new) == _by_address(old))


def _by_address(text: bytes) -> list[bytes]:
    """What stands before the interactions, and these by method and address, equal ones in their order."""
    head, *entries = _ENTRY.split(text.removesuffix(END.encode()))
    return [head, *sorted(entries, key=lambda entry: entry.split(b"\n", 3)[1:3])]


def sealed(each: Interaction) -> bool:
    """Whether there is a body that nobody could look into."""
    sent, got = each.request, each.response
    return codings.sealed(sent.headers, sent.body) or (got is not None and codings.sealed(got.headers, got.body))


def redacted(each: Interaction, redactor: Redactor, came: float | None = None) -> Interaction:
    """The interaction as it may be written, as far as the redactor knows by now; itself where that is how it is.

    Args:
        each: The interaction.
        redactor: Replaces what must not be written.
        came: When its answer came, in seconds since 1970; None where that is long ago.
    """
    if redactor.inert.knows_very(each):
        return each
    matched = redactor.matched
    request = redactor.request(each.request)
    response = None if each.response is None else redactor.response(each.response, came)
    others = plain(each.others, redactor)
    if request is not each.request or response is not each.response or others != each.others:
        # Sizes that belong to another text would cut it at the wrong places.
        same = response is None or each.response is None or response.body == each.response.body
        coding = each.coding
        if each.response is not None and response is not None and coding is None:
            wire = each.response
            fields = wire.headers, wire.body, response.headers, each.request.headers
            coding = codings.taken_off(*fields, from_wire=came is not None)
        each = Interaction(request, response, each.error, each.pieces if same else (), each.line, coding, others)
    if matched == redactor.matched and not sealed(each):
        redactor.inert.add_very(each, HEADS + len(request.body) + (0 if response is None else len(response.body)))
    return each


def plain(values: Mapping[str, Any], redactor: Redactor) -> Mapping[str, Any]:
    """Values as JSON has them, as they may be written."""
    cleaned: Mapping[str, Any] = json.loads(redactor.text(json.dumps(values))) if values else values
    return cleaned


def header_of(takes: Sequence[Take], origin: str, profile: Profile) -> Header:
    """What a recording says about itself.

    Args:
        takes: What was taken, as it was on the wire.
        origin: What answered.
        profile: What is known about the service.
    """
    versions = (profile.api_version(take.request) for take in takes)
    times = (time_of(take.response.headers.get("date", "")) for take in takes if take.response is not None)
    return Header(
        origin=origin, api_version=next(filter(None, versions), None), recorded_at=next(filter(None, times), None)
    )


def time_of(date: str) -> str | None:
    """An HTTP date (RFC 9110, section 5.6.7) as RFC 3339."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return None

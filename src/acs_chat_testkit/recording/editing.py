"""Editing: what was taken becomes a cassette, redacted, in the order of the calls, and looked at once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from acs_chat_testkit.errors import LeakFound
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.leaks import leaks
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Redactor
from acs_chat_testkit.recording.take import Take


def edit(
    kept: Cassette,
    takes: Iterable[Take],
    variables: Mapping[str, str],
    origin: str,
    profile: Profile,
    redactor: Redactor,
) -> Cassette:
    """The cassette that a run leaves.

    Args:
        kept: What stays of the old one.
        takes: What was taken, in the order of the calls.
        variables: Values for the header.
        origin: What answered.
        profile: What is known about the service.
        redactor: Replaces what must not be written.
    """
    taken = list(takes)
    clean = {name: redactor.text(value) for name, value in variables.items()}
    interactions = [*kept.interactions, *map(_interaction, taken)]
    # Twice: an id that stands alone is known only after it came with its kind, which may be later.
    for _ in range(2):
        interactions = [_redacted(each, redactor) for each in interactions]
    header = _header(taken, origin, profile)
    if kept.interactions and kept.ours:
        header, clean = kept.header, {**kept.header.variables, **clean}
    return Cassette(tuple(interactions), replace(header, variables=clean))


def check(cassette: Cassette, profile: Profile, path: object) -> None:
    """A last look at what is about to be written.

    Raises:
        LeakFound: A rule would still change it; the text names the place and not the secret.
    """
    for leak in leaks(cassette, profile):
        raise LeakFound(f"{path} would hold a secret ({leak}); the file was left as it is")


def _interaction(take: Take) -> Interaction:
    return Interaction(take.request, take.response, take.error, take.pieces)


def _redacted(each: Interaction, redactor: Redactor) -> Interaction:
    request = redactor.request(each.request)
    if each.response is None:
        return replace(each, request=request)
    response = redactor.response(each.response)
    # Sizes that belong to another text would cut it at the wrong places.
    pieces = each.pieces if response.body == each.response.body else ()
    return replace(each, request=request, response=response, pieces=pieces)


def _header(takes: Iterable[Take], origin: str, profile: Profile) -> Header:
    versions = [profile.api_version(take.request) for take in takes]
    times = [_time(take.response.headers.get("date", "")) for take in takes if take.response is not None]
    return Header(
        origin=origin,
        api_version=next((version for version in versions if version), None),
        recorded_at=next((time for time in times if time), None),
    )


def _time(date: str) -> str | None:
    """An HTTP date (RFC 9110, section 5.6.7) as RFC 3339."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return None

"""Leaks: what a redaction rule would still change in a stored cassette."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording.cassette import Cassette
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Kind, Redactor


@dataclass(frozen=True, slots=True)
class Leak:
    """One finding.

    Args:
        number: The interaction, from 1.
        place: Such as ``"request header Authorization"``.
        kind: The name of the rule, such as ``"token"``; never the secret itself.
    """

    number: int
    place: str
    kind: str


def leaks(cassette: Cassette, profile: Profile) -> Iterator[Leak]:
    """Everything that the profile's rules would still change."""
    for number, each in enumerate(cassette.interactions, 1):
        request, response = each.request, each.response
        parts = [("request url", request.url)]
        parts += _body("request body", request.body)
        found = [*_texts(profile, parts), *_headers(profile, "request", request.headers)]
        if response is not None:
            found += _headers(profile, "response", response.headers)
            found += _texts(profile, _body("response body", response.body))
        for place, kind in found:
            yield Leak(number, place, kind)


def _body(place: str, data: bytes) -> list[tuple[str, str]]:
    return [(place, data.decode("latin-1"))] if data else []


def _texts(profile: Profile, parts: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for place, text in parts:
        redactor = Redactor(profile.rules, _stand_in)
        if place == "request url":
            redactor.url(text)
        else:
            redactor.body(text.encode("latin-1"), "")
        yield from ((place, kind) for kind in redactor.hits)


def _headers(profile: Profile, side: str, headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers.fields:
        redactor = Redactor(profile.rules, _stand_in)
        redactor.header(name, value)
        yield from ((f"{side} header {name}", kind) for kind in redactor.hits)


def _stand_in(_kind: Kind, _raw: str) -> str:
    return ""

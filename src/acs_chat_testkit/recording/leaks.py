"""Leaks: what a redaction rule would still change in a cassette; and suspects: what only looks like a secret."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acs_chat_testkit.http import Headers
from acs_chat_testkit.recording.cassette import Cassette, Interaction
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import TOKEN, Kind, Naming, Redactor
from acs_chat_testkit.recording.redaction.codings import sealed

ENTROPY = 4.5
"""Bits a character; what lies above is drawn by lot and not written by people."""
_WORDS = re.compile(r"[\w+/-]{24,}={0,2}", re.ASCII)


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

    def __str__(self) -> str:
        return f"interaction {self.number}, {self.place}: {self.kind}"


def leaks(cassette: Cassette, profile: Profile) -> Iterator[Leak]:
    """Everything that the profile's rules would still change, and bodies that nobody can look into."""
    for number, each in enumerate(cassette.interactions, 1):
        for place, kind in _findings(each, profile):
            yield Leak(number, place, kind)
    for name, value in cassette.header.variables.items():
        for kind in _hits(profile, lambda redactor, value=value: redactor.text(value)):  # type: ignore[misc]
            yield Leak(0, f"variable {name}", kind)


def suspects(cassette: Cassette) -> Iterator[Leak]:
    """Words that no rule knows and that look drawn by lot."""
    for number, each in enumerate(cassette.interactions, 1):
        for place, text in _texts(each):
            words = _WORDS.findall(text.replace(TOKEN, ""))
            if any(entropy(word) > ENTROPY for word in words):
                yield Leak(number, place, "looks like a secret")


def entropy(word: str) -> float:
    """Bits a character (Shannon)."""
    length = len(word)
    return -sum(count / length * math.log2(count / length) for count in Counter(word).values())


def _findings(each: Interaction, profile: Profile) -> Iterator[tuple[str, str]]:
    request, response = each.request, each.response
    for kind in _hits(profile, lambda redactor: redactor.url(request.url)):
        yield "request url", kind
    yield from _of_headers(profile, "request", request.headers)
    yield from _of_body(profile, "request", request.headers, request.body)
    if response is not None:
        yield from _of_headers(profile, "response", response.headers)
        yield from _of_body(profile, "response", response.headers, response.body)


def _of_headers(profile: Profile, side: str, headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers.fields:
        for kind in _hits(profile, lambda redactor, name=name, value=value: redactor.header(name, value)):  # type: ignore[misc]
            yield f"{side} header {name}", kind


def _of_body(profile: Profile, side: str, headers: Headers, body: bytes) -> Iterator[tuple[str, str]]:
    if sealed(headers, body):
        yield f"{side} body", f"content coding {headers['content-encoding']} that can not be opened here"
    for kind in _hits(profile, lambda redactor: redactor.body(body, headers.get("content-type", ""))):
        yield f"{side} body", kind


def _hits(profile: Profile, clean: Callable[[Redactor], object]) -> list[str]:
    redactor = Redactor(profile.rules, _StandIn())
    clean(redactor)
    return list(redactor.hits)


def _texts(each: Interaction) -> Iterator[tuple[str, str]]:
    request, response = each.request, each.response
    yield "request url", request.url
    yield from ((f"request header {name}", value) for name, value in request.headers.fields)
    yield "request body", request.body.decode("latin-1")
    if response is not None:
        yield from ((f"response header {name}", value) for name, value in response.headers.fields)
        yield "response body", response.body.decode("latin-1")


class _StandIn(Naming):
    """Changes every id, so that each counts as a finding."""

    def __call__(self, kind: Kind, raw: str) -> str:
        return ""

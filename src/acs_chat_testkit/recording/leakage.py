"""Leaks: what a redaction rule would still change in a cassette; and suspects: what only looks like a secret."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from acs_chat_testkit.http import Fields
from acs_chat_testkit.recording.cassette import Cassette, Interaction
from acs_chat_testkit.recording.codings import sealed
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import TOKEN, Kind, Naming, Redactor, Rules
from acs_chat_testkit.recording.redaction.placeholders import is_sample
from acs_chat_testkit.recording.redaction.rules import VOLATILE_REQUEST_HEADERS, VOLATILE_RESPONSE_HEADERS
from acs_chat_testkit.recording.redaction.screen import shape, words
from acs_chat_testkit.recording.redaction.tokens import Claims, claims

ENTROPY = 4.5
"""Bits a character; what lies above is drawn by lot and not written by people."""
_LONG = 24
_WORDS = re.compile(rf"[\w+/-]{{{_LONG},}}={{0,2}}", re.ASCII)
_SHOWN = 40
"""So much of a finding is looked for in the file, to tell its line; longer texts are folded."""


class Weight(StrEnum):
    """What a finding means: a secret lets somebody in, personal data says who, content is what people wrote."""

    SECRET = "secret"
    PERSONAL = "personal"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Leak:
    """One finding.

    Args:
        number: The interaction, from 1; 0 for the header.
        place: Such as ``"request header Authorization"``.
        kind: The name of the rule, such as ``"token"``; never the secret itself.
        weight: What it means.
        line: The line of the file where it stands, or where its interaction starts; 0 where that is not known.
        token: Of a token, whose it is and until when.
    """

    number: int
    place: str
    kind: str
    weight: Weight = Weight.SECRET
    line: int = 0
    token: Claims | None = None

    def __str__(self) -> str:
        return f"interaction {self.number}, {self.place}: {self.kind}"


def leaks(cassette: Cassette, profile: Profile, source: str = "") -> Iterator[Leak]:
    """Everything that the profile's rules would still change, and bodies that nobody can look into.

    Args:
        cassette: What is looked through.
        profile: What to look for.
        source: The text of the file, to tell lines.
    """
    search = _Search(profile.rules, source)
    for number, each in enumerate(cassette.interactions, 1):
        yield from search.interaction(number, each)
    for name, value in cassette.header.variables.items():
        yield from search.text(0, 1, f"variable {name}", value)
    for name, value in cassette.header.metadata.items():
        yield from search.text(0, 1, f"metadata {name}", json.dumps({name: value}))


def suspects(cassette: Cassette) -> Iterator[Leak]:
    """Words that no rule knows and that look drawn by lot."""
    for number, each in enumerate(cassette.interactions, 1):
        if _drawn(_together(each)):
            for place, text in _texts(each):
                if _drawn(text):
                    yield Leak(number, place, "looks like a secret", line=each.line)


def _drawn(text: str) -> bool:
    """Whether a word in it looks drawn by lot."""
    text = text.replace(TOKEN, "")
    return any(_is_drawn(match[0]) for match in words(_WORDS, text, shape(text), _LONG))


@lru_cache(maxsize=1024)
def _is_drawn(word: str) -> bool:
    return len(set(word)) > 2**ENTROPY and entropy(word) > ENTROPY


def entropy(word: str) -> float:
    """Bits a character (Shannon)."""
    length = len(word)
    return -sum(count / length * math.log2(count / length) for count in Counter(word).values())


class _Search:
    """Looks through one file, place by place."""

    def __init__(self, rules: Rules, source: str) -> None:
        self._source = source
        self._personal, self._content = rules.personal, rules.content
        self._found: dict[str, list[str]] = {}
        self._redactor = Redactor(rules, _StandIn(), self._hit, masks=False)
        self._starts = [0, *(match.end() for match in re.finditer("\n", source))]

    def _hit(self, kind: str, text: str) -> None:
        if not is_sample(text):
            self._found.setdefault(kind, []).append(text)

    def interaction(self, number: int, each: Interaction) -> Iterator[Leak]:
        """What is found in an interaction."""
        if self._redactor.inert.knows_very(each):
            return
        request, response = each.request, each.response
        yield from self.place(number, each.line, "request url", lambda redactor: redactor.url(request.url))
        for side, message in (("request", request), ("response", response)):
            if message is None:
                continue
            headers, body = message.headers, message.body
            # Most messages of a recording have the same fields, in which nothing is.
            for name, value in headers.fields if self._finds(lambda r, h=headers: r.headers(h)) else ():  # type: ignore[misc]
                clean: Callable[[Redactor], object] = lambda r, n=name, v=value: r.header(n, v)  # type: ignore[misc]  # noqa: E731
                yield from self.place(number, each.line, f"{side} header {name}", clean, value)
            if sealed(headers, body):
                kind = f"content coding {headers['content-encoding']} that can not be opened here"
                yield Leak(number, f"{side} body", kind, line=each.line)
            kind = headers.get("content-type", "")
            yield from self.place(number, each.line, f"{side} body", lambda r, b=body, k=kind: r.body(b, k))  # type: ignore[misc]
        if response is not None:
            yield from self.text(number, each.line, "response reason", response.reason)
        for name, value in each.others.items():
            yield from self.text(number, each.line, f"response {name}", json.dumps({name: value}))

    def _finds(self, clean: Callable[[Redactor], object]) -> bool:
        """Whether something is found; what it is, `_found` says."""
        self._found.clear()
        clean(self._redactor)
        return bool(self._found)

    def text(self, number: int, start: int, place: str, text: str) -> Iterator[Leak]:
        """What is found in a text."""
        return self.place(number, start, place, lambda redactor: redactor.text(text))

    def place(
        self, number: int, start: int, place: str, clean: Callable[[Redactor], object], whole: str = ""
    ) -> Iterator[Leak]:
        """What is found in one place: a leak for each kind. The whole text of the place tells its line best."""
        self._finds(clean)
        for kind, texts in dict(self._found).items():
            tokens = [told for told in map(claims, texts) if told is not None] if kind == "token" else []
            yield Leak(
                number, place, kind, self._weight(kind), self._line(start, whole or texts[0]), max(tokens, default=None)
            )

    def _weight(self, kind: str) -> Weight:
        if kind in self._personal:
            return Weight.PERSONAL
        return Weight.CONTENT if kind in self._content else Weight.SECRET

    def _line(self, start: int, text: str) -> int:
        """Where a text stands at or after a line; that line where the file does not hold the text as it is."""
        if not self._source or not start:
            return start
        place = self._source.find(text[:_SHOWN], self._starts[start - 1])
        return start if place < 0 else bisect_right(self._starts, place)


def _texts(each: Interaction) -> Iterator[tuple[str, str]]:
    """All that may hold a secret: what a service draws for every answer, such as the id of a trace, lets nobody in."""
    request, response = each.request, each.response
    yield "request url", request.url
    fields = _telling(request.headers.fields, VOLATILE_REQUEST_HEADERS)
    yield from ((f"request header {name}", value) for name, value in fields)
    yield "request body", request.body.decode("latin-1")
    if response is not None:
        fields = _telling(response.headers.fields, VOLATILE_RESPONSE_HEADERS)
        yield from ((f"response header {name}", value) for name, value in fields)
        yield "response body", response.body.decode("latin-1")


def _together(each: Interaction) -> str:
    """The same in one."""
    request, response = each.request, each.response
    texts = [request.url, _values(request.headers.fields, VOLATILE_REQUEST_HEADERS), request.body.decode("latin-1")]
    if response is not None:
        texts += [_values(response.headers.fields, VOLATILE_RESPONSE_HEADERS), response.body.decode("latin-1")]
    return "\n".join(texts)


def _telling(fields: Fields, volatile: frozenset[str]) -> Fields:
    return tuple([field for field in fields if field[0].lower() not in volatile])


@lru_cache(maxsize=256)
def _values(fields: Fields, volatile: frozenset[str]) -> str:
    """What stands in header fields; most messages of a recording have the same ones."""
    return "\n".join([value for _, value in _telling(fields, volatile)])


class _StandIn(Naming):
    """Changes every id, so that each counts as a finding."""

    def __call__(self, kind: Kind, raw: str) -> str:
        return ""

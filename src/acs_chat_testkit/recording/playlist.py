"""The playlist: recorded interactions, looked up by key and given out once each, in order."""

from __future__ import annotations

import re
import threading
from bisect import bisect
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Literal
from urllib.parse import unquote

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import matchers
from acs_chat_testkit.recording.cassette import Interaction, Interactions, Selection, heads_of

RECENT = 64
"""So many interactions at most are kept after they were read."""
MANY = 8
"""So many bodies at one address are read before all of them are looked through for words of the request."""
Repeats = Literal["first", "last"]
NOWHERE = -1
"""The place of no interaction."""


class Playlist:
    """The interactions of a cassette during replay; several threads may take from it.

    It opens with the methods and urls alone, and reads of a recorded interaction more only when a request comes to
    its address. So neither opening nor a request costs more than it must in a large cassette.

    Args:
        interactions: In recorded order.
        match_on: The names of the matchers.
        repeats: Which of equal answers may be given again and again: the last one when all were given, or the first
            one at once; None of them.
        compared: Gives a stored request the form in which it is compared; None where that is how it is stored.
        conditions: More that must hold between a request and a stored one.

    Attributes:
        played: How often each interaction was given out.
    """

    def __init__(
        self,
        interactions: Sequence[Interaction],
        match_on: Sequence[str],
        repeats: Repeats | None = None,
        compared: Callable[[Request], Request] | None = None,
        conditions: Sequence[Callable[[Request, Request], bool]] = (),
    ) -> None:
        self.interactions = interactions
        self.match_on = tuple(match_on)
        self.played = [0] * len(interactions)
        self._repeats = repeats
        self._compared = compared
        self._conditions = conditions
        self._lock = threading.Lock()
        self._recent: dict[int, Interaction] = {}
        heads = heads_of(interactions)
        self._heads = list(heads) if compared is None else [_as(compared, *head) for head in heads]
        self._key = matchers.of_head(self.match_on)
        self._keys = matchers.of_heads(self.match_on, self._heads)
        self._rest = matchers.of_rest(self.match_on)
        self._shapes: dict[str, dict[str, list[int]]] = {}
        self._last = -1
        self._wait()

    def _wait(self) -> None:
        self._waiting: dict[Hashable, deque[int]] = {}
        self._unread: dict[Hashable, int] = {}
        # For each place the next one with the same key: lists would have to be walked by the garbage collector.
        self._behind = [NOWHERE] * len(self)
        for place, head in zip(reversed(range(len(self))), reversed(self._keys), strict=True):
            self._behind[place] = self._unread.get(head, NOWHERE)
            self._unread[head] = place

    def __len__(self) -> int:
        return len(self.interactions)

    def _read(self, place: int) -> Interaction:
        """An interaction; what a request was compared with is most often asked for again, at once or soon."""
        found = self._recent.get(place)
        if found is None:
            if len(self._recent) >= RECENT:
                self._recent.clear()
            found = self._recent[place] = self.interactions[place]
        return found

    def request(self, place: int) -> Request:
        """A stored request as it is compared."""
        request = self._read(place).request
        return request if self._compared is None else self._compared(request)

    def take(self, request: Request) -> Interaction | None:
        """The next interaction that answers the request; None where there is none, or none left."""
        head, rest = self._key(request.method, request.url), matchers.key(request, self._rest)
        with self._lock:
            found = self._next(head, rest, request)
            if found is None:
                return None
            waiting = self._waiting[head, rest]
            others = (place for place in waiting if place != found and self.holds(place, request))
            last = self._repeats == "last" and next(others, None) is None
            if not last and self._repeats != "first":
                waiting.remove(found)
            self.played[found] += 1
            self._last = found
            return self._read(found)

    def _next(self, head: Hashable, rest: Hashable, request: Request) -> int | None:
        """The first interaction with this key for which all conditions hold, read no further than to it."""
        waiting = self._waiting.get((head, rest), ())
        found = next((place for place in waiting if self.holds(place, request)), None)
        place, read = self._unread.get(head, NOWHERE), 0
        # Whether an answer may be repeated shows only when there is no other one behind it.
        while place != NOWHERE and (found is None or self._repeats == "last"):
            if read == MANY and not self._may_answer(request):
                break
            self._unread[head], read = self._behind[place], read + 1
            stored = matchers.key(self.request(place), self._rest) if self._rest else ()
            self._waiting.setdefault((head, stored), deque()).append(place)
            if found is None and stored == rest and self.holds(place, request):
                found = place
            place = self._unread[head]
        return found

    def _may_answer(self, request: Request) -> bool:
        """Whether any recorded body may be equal to this one, which is told without reading them."""
        interactions = self.interactions
        if self._rest != ("body",) or self._compared is not None or not isinstance(interactions, Interactions):
            return True
        return interactions.may_send(matchers.words(request))

    def holds(self, place: int, request: Request) -> bool:
        """Whether all conditions hold between a request and the one at a place."""
        return not self._conditions or all(holds(request, self.request(place)) for holds in self._conditions)

    def rewind(self) -> None:
        """Every interaction can be given out again, from the first one on."""
        with self._lock:
            self.played = [0] * len(self.interactions)
            self._wait()

    def near(self, request: Request, most: int) -> list[int]:
        """The places of recorded requests whose urls are like this one, those that come next in the recording first.

        Alike is, in this order: the url; all but the query; as many segments of the path as possible; any.
        """
        behind, size = self._last + 1, len(self)
        alike = chain.from_iterable(self._urls.starting(wanted, behind) for wanted in _alike(request.url))
        found: dict[int, None] = {}
        for place in chain(alike, range(behind, size), range(behind)):
            found[place] = None
            if len(found) == most:
                break
        return list(found)

    @cached_property
    def _urls(self) -> Lines:
        return Lines(url for _, url in self._heads)

    def find(self, request: Request, unknown: Mapping[str, str]) -> dict[str, str]:
        """What unknown words of a request were called in the first waiting interaction that is otherwise equal.

        Args:
            request: A request that no interaction answers as it stands.
            unknown: Words in it, with the pattern of what may stand for each in a recording.

        Returns:
            What stands for each word, but for those that stand only where nothing is compared, such as in a header;
            empty where no interaction is equal but for them.
        """
        pattern = _pattern(self._read_out(request), unknown)
        for place in self._of_shape(request, unknown):
            match = pattern.fullmatch(self._read_out(self.request(place)))
            if match is not None:
                words = {f"word{index}": word for index, word in enumerate(unknown)}
                return {words[group]: text for group, text in match.groupdict().items()}
        return {}

    def _read_out(self, request: Request) -> str:
        """What is compared of a request, with what the fields of a form say in the place of how it is spelled."""
        fields = matchers.form_fields(request) if "body" in self.match_on else None
        names = self.match_on if fields is None else tuple(name for name in self.match_on if name != "body")
        return repr((matchers.key(request, names), fields))

    def _of_shape(self, request: Request, unknown: Mapping[str, str]) -> Iterator[int]:
        """The waiting interactions whose method and url are equal but for what may stand for unknown words."""
        kinds = "|".join(f"(?:{_without_names(pattern)})" for pattern in sorted(set(unknown.values())))
        if kinds not in self._shapes:
            shapes = self._shapes[kinds] = {}
            for place, (method, url) in enumerate(self._heads):
                shapes.setdefault(_shape(method, url, kinds), []).append(place)
        words = "|".join(map(re.escape, sorted(unknown, key=len, reverse=True)))
        shape = _shape(request.method, request.url, f"(?i:{words})|{kinds}")
        return (place for place in self._shapes[kinds].get(shape, ()) if not self.played[place])

    @property
    def unplayed(self) -> Selection:
        """What was not given out yet, in recorded order."""
        return Selection(self.interactions, [place for place, played in enumerate(self.played) if not played])


def _as(compared: Callable[[Request], Request], method: str, url: str) -> tuple[str, str]:
    """The head of a stored request in the form in which it is compared."""
    request = compared(Request(method, url))
    return request.method, request.url


def _alike(url: str) -> Iterator[str]:
    """How the lines of urls like this one start, from the most alike on."""
    yield f"{url}\n"
    start = url.partition("?")[0]
    while start:
        yield start
        start = start[:-1].rpartition("/")[0]


class Lines:
    """Texts without line breaks, searched as one."""

    def __init__(self, texts: Iterable[str]) -> None:
        lines = [f"\n{text}" for text in texts]
        self._text = "".join([*lines, "\n"])
        self._starts = list(accumulate(map(len, lines), initial=0))

    def starting(self, wanted: str, first: int) -> Iterator[int]:
        """The numbers, from 0, of those that start like this, in a round that begins with the one of this number."""
        start = self._starts[first]
        yield from self._between(f"\n{wanted}", start, len(self._text))
        yield from self._between(f"\n{wanted}", 0, start + len(wanted))

    def _between(self, wanted: str, start: int, end: int) -> Iterator[int]:
        place = self._text.find(wanted, start, end)
        while place >= 0:
            yield bisect(self._starts, place) - 1
            place = self._text.find(wanted, place + 1, end)


def _shape(method: str, url: str, kinds: str) -> str:
    return re.sub(kinds, "*", f"{method} {unquote(matchers.canonical(url))}")


def _without_names(pattern: str) -> str:
    return re.sub(r"[(][?]P<[a-z]+>", "(?:", pattern)


def _pattern(text: str, unknown: Mapping[str, str]) -> re.Pattern[str]:
    """Matches texts that are equal but for the unknown words; a word that comes twice must be the same twice."""
    index = {word: number for number, word in enumerate(unknown)}
    seen: set[str] = set()

    def part(word: str) -> str:
        if word not in index and word.lower() not in index:
            return re.escape(word)
        word = word if word in index else word.lower()
        if word in seen:
            return f"(?P=word{index[word]})"
        seen.add(word)
        # The names of the pattern's own groups would clash when two words are of one kind.
        return f"(?P<word{index[word]}>{_without_names(unknown[word])})"

    words = re.split(
        "(" + "|".join(map(re.escape, sorted(unknown, key=len, reverse=True))) + ")", text, flags=re.IGNORECASE
    )
    return re.compile("".join(map(part, words)))

"""The playlist: recorded interactions, looked up by key and given out once each, in order."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import matchers
from acs_chat_testkit.recording.cassette import Interaction


class Playlist:
    """The interactions of a cassette during replay; several threads may take from it.

    Args:
        interactions: In recorded order.
        match_on: The names of the matchers.
        repeats: Whether an answer may be given again when all equal ones were given.
        compared: Gives a stored request the form in which it is compared.
        conditions: More that must hold between a request and a stored one.

    Attributes:
        requests: The stored requests as they are compared.
        played: How often each interaction was given out.
    """

    def __init__(
        self,
        interactions: Sequence[Interaction],
        match_on: Sequence[str],
        repeats: bool = False,
        compared: Callable[[Request], Request] = lambda request: request,
        conditions: Sequence[Callable[[Request, Request], bool]] = (),
    ) -> None:
        self.interactions = interactions
        self.requests = [compared(each.request) for each in interactions]
        self.match_on = tuple(match_on)
        self.played = [0] * len(interactions)
        self._repeats = repeats
        self._conditions = conditions
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, deque[int]] = {}
        self._wait()

    def take(self, request: Request) -> Interaction | None:
        """The next interaction that answers the request; None where there is none, or none left."""
        waiting = self._waiting.get(matchers.key(request, self.match_on))
        with self._lock:
            index = self._first(waiting or (), request)
            if waiting is None or index is None:
                return None
            if not (self._repeats and len(waiting) == 1):
                waiting.remove(index)
            self.played[index] += 1
            return self.interactions[index]

    def _first(self, waiting: Iterable[int], request: Request) -> int | None:
        """The first of these interactions for which all conditions hold."""
        for index in waiting:
            if all(holds(request, self.requests[index]) for holds in self._conditions):
                return index
        return None

    def rewind(self) -> None:
        """Every interaction can be given out again, from the first one on."""
        with self._lock:
            self.played = [0] * len(self.interactions)
            self._waiting.clear()
            self._wait()

    def _wait(self) -> None:
        for index, request in enumerate(self.requests):
            self._waiting.setdefault(matchers.key(request, self.match_on), deque()).append(index)

    def find(self, request: Request, unknown: Mapping[str, str]) -> dict[str, str]:
        """What unknown words of a request were called in the first waiting interaction that is otherwise equal.

        Args:
            request: A request that no interaction answers as it stands.
            unknown: Words in it, with the pattern of what may stand for each in a recording.

        Returns:
            What stands for each word; empty where no interaction is equal but for them.
        """
        pattern = _pattern(repr(matchers.key(request, self.match_on)), unknown)
        for stored, played in zip(self.requests, self.played, strict=True):
            match = None if played else pattern.fullmatch(repr(matchers.key(stored, self.match_on)))
            if match is not None:
                return {word: match[f"word{index}"] for index, word in enumerate(unknown)}
        return {}

    @property
    def unplayed(self) -> list[Interaction]:
        """What was not given out yet, in recorded order."""
        return [each for each, played in zip(self.interactions, self.played, strict=True) if not played]


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
        return f"(?P<word{index[word]}>{re.sub(r'[(][?]P<[a-z]+>', '(?:', unknown[word])})"

    words = re.split(
        "(" + "|".join(map(re.escape, sorted(unknown, key=len, reverse=True))) + ")", text, flags=re.IGNORECASE
    )
    return re.compile("".join(map(part, words)))

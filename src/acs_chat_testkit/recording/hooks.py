"""Hooks: what a suite itself does to requests, answers and interactions, and how it compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording.cassette import Cassette, Interaction

T = TypeVar("T")


def unchanged(value: T) -> T:
    """Leaves a value as it is."""
    return value


@dataclass(frozen=True, slots=True)
class Hooks:
    """Functions of the suite; each runs on a fresh copy of what really happened, so running twice does no harm.

    Args:
        request: Gives each request the form in which it is compared and recorded; None lets it out, unrecorded.
        response: Gives each answer the form in which it is recorded; None drops the interaction.
        save: Gives each interaction the form in which it is written; None drops it.
        load: Gives each interaction of the file the form in which it is replayed; None drops it.
        foreign: The same before that, for what another recorder wrote.
        matchers: More conditions: whether a request, in its compared form, is answered by a recorded one.
        instead: Names of the recorder's matchers in whose place conditions stand.
        opened: Whether answers are given without the content coding that they came in.
    """

    request: Callable[[Request], Request | None] = unchanged
    response: Callable[[Response], Response | None] = unchanged
    save: Callable[[Interaction], Interaction | None] = unchanged
    load: Callable[[Interaction], Interaction | None] = unchanged
    foreign: Callable[[Interaction], Interaction | None] = unchanged
    matchers: tuple[Callable[[Request, Request], bool], ...] = ()
    instead: frozenset[str] = frozenset()
    opened: bool = False

    def loaded(self, files: Sequence[Cassette]) -> Sequence[Interaction]:
        """What is replayed of the interactions of these files; one file that nothing changes is not read for that."""
        if len(files) == 1 and self.load is unchanged and (files[0].ours or self.foreign is unchanged):
            return files[0].interactions
        return [each for file in files for each in map(self.load, self._own_form(file)) if each]

    def _own_form(self, file: Cassette) -> Iterable[Interaction]:
        return file.interactions if file.ours else filter(None, map(self.foreign, file.interactions))


AS_IT_IS = Hooks()

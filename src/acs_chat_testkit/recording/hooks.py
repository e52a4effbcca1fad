"""Hooks: what a suite itself does to requests, answers and interactions, and how it compares them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording.cassette import Interaction

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
        matchers: More conditions: whether a request, in its compared form, is answered by a recorded one.
    """

    request: Callable[[Request], Request | None] = unchanged
    response: Callable[[Response], Response | None] = unchanged
    save: Callable[[Interaction], Interaction | None] = unchanged
    load: Callable[[Interaction], Interaction | None] = unchanged
    matchers: tuple[Callable[[Request, Request], bool], ...] = ()

    def loaded(self, files: Sequence[Sequence[Interaction]]) -> Sequence[Interaction]:
        """What is replayed of the interactions of these files; one file that nothing changes is not read for that."""
        if len(files) == 1 and self.load is unchanged:
            return files[0]
        return [each for file in files for each in map(self.load, file) if each]


AS_IT_IS = Hooks()

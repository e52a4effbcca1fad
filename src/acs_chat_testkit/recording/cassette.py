"""Interaction, Header and Cassette: what a recording is, as values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from acs_chat_testkit.http import Request, Response

FORMAT = "acs-chat-testkit/1"
"""The header's `format` in a file that this recorder wrote; the number rises when the meaning of a file changes."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded request with its response.

    Args:
        request: As it was sent, redacted.
        response: As it arrived, redacted; None where the connection failed.
        error: How the connection failed, such as ``"read timeout"``; None where there is a response.
        pieces: The sizes of the pieces that the body came in, where they mean something; they may end early.
        line: The line of the file where it starts, from 1; 0 where it came from no file.
        coding: The content codings that the answer came in, though its body is kept without: such as ``"gzip"``, or
            ``"unasked gzip"`` where the client had not asked for it, or ``"named gzip"`` where its body was not in
            it; None: none, or one that can not be put on again.
        others: What else another recorder kept of the answer, by name, such as the ``url`` that tornado was led to;
            values as JSON has them.
    """

    request: Request
    response: Response | None
    error: str | None = None
    pieces: tuple[int, ...] = ()
    line: int = field(default=0, compare=False)
    coding: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict)


class Interactions(Sequence[Interaction]):
    """Interactions that are made when they are asked for; equal to any sequence of equal ones."""

    @abstractmethod
    def read(self, index: int) -> Interaction:
        """The interaction at a place from 0."""

    @overload
    def __getitem__(self, index: int) -> Interaction: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Interaction]: ...
    def __getitem__(self, index: int | slice) -> Interaction | Sequence[Interaction]:
        every = range(len(self))
        places = every[index]
        if isinstance(places, int):
            return self.read(places)
        return self if places == every else Selection(self, places)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    @abstractmethod
    def heads(self) -> Iterator[tuple[str, str]]:
        """Method and url of each request, without reading more of it."""

    def may_send(self, words: Sequence[bytes]) -> bool:
        """Whether the body of any request may be JSON with these words in its texts, as far as one look tells."""
        return True


@dataclass(frozen=True, slots=True, eq=False)
class Selection(Interactions):
    """Some interactions of others.

    Args:
        of: Where they are.
        places: Their places there, from 0.
    """

    of: Sequence[Interaction]
    places: Sequence[int]

    def __len__(self) -> int:
        return len(self.places)

    def read(self, index: int) -> Interaction:
        """The interaction at a place of the selection."""
        return self.of[self.places[index]]

    def heads(self) -> Iterator[tuple[str, str]]:
        """Method and url of each request."""
        heads = list(heads_of(self.of))
        return (heads[place] for place in self.places)


def heads_of(interactions: Sequence[Interaction]) -> Iterator[tuple[str, str]]:
    """Method and url of each request, without reading more of it where that can be."""
    if isinstance(interactions, Interactions):
        return interactions.heads()
    return ((each.request.method, each.request.url) for each in interactions)


@dataclass(frozen=True, slots=True)
class Header:
    """What a cassette says about itself.

    Args:
        format: `FORMAT`; None for a file that another recorder wrote.
        origin: ``"live"`` or ``"emulator"``: what answered the recorded requests; None where the file does not say.
        api_version: The api-version that the requests asked for; None where they asked for none.
        recorded_at: When the first answer was given, by the service's own clock (RFC 3339, UTC).
        variables: Values that a test needs again in replay, such as the id of the user it acted for.
        metadata: Where vcrpy keeps such values, as it wrote them; `variables` has each as a text.
    """

    format: str | None = FORMAT
    origin: str | None = None
    api_version: str | None = None
    recorded_at: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cassette:
    """Interactions in the order of the calls, with a header.

    Args:
        interactions: In the order of the calls.
        header: What the cassette says about itself.
        unread: Members of the file that nobody here knows, such as ``"request.proxy"``, and how often each is there.
    """

    interactions: Sequence[Interaction] = ()
    header: Header = field(default_factory=Header)
    unread: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def ours(self) -> bool:
        """Whether this recorder wrote it, so that it is matched strictly."""
        return self.header.format is not None

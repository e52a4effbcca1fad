"""Request, Response and Headers: the frozen values that every room speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Fields = tuple[tuple[str, str], ...]
"""Header fields in the order of the wire: name and value pairs; a name may come more than once."""


class Headers(Mapping[str, str]):
    """Header fields in the order of the wire, looked up without regard to case (RFC 9110, section 5.1).

    Args:
        fields: Name and value pairs; a name may come more than once.
    """

    __slots__ = ("_made", "fields")

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        self.fields: Fields = tuple(pairs)
        self._made: dict[str, list[str]] | None = None

    @property
    def _index(self) -> dict[str, list[str]]:
        """The values by name, from the first look-up on: many headers are only passed on."""
        if self._made is None:
            index: dict[str, list[str]] = {}
            for name, value in self.fields:
                index.setdefault(name.lower(), []).append(value)
            self._made = index
        return self._made

    def __getitem__(self, name: str) -> str:
        return ", ".join((self._made or self._index)[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in (self._made or self._index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._index == other._index

    def __hash__(self) -> int:
        return hash(tuple(sorted((name, tuple(values)) for name, values in self._index.items())))

    def __repr__(self) -> str:
        return f"Headers({list(self._index)})"

    def get_all(self, name: str) -> list[str]:
        """All values of a field in the order of the wire; an empty list where it is absent."""
        return list(self._index.get(name.lower(), ()))

    def without(self, *names: str) -> Headers:
        """A copy that lacks the named fields."""
        dropped = {name.lower() for name in names}
        return Headers(pair for pair in self.fields if pair[0].lower() not in dropped)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it goes on the wire.

    Args:
        method: In upper case.
        url: Absolute, percent-encoded as sent.
        headers: All fields.
        body: The bytes sent, before any transfer coding; empty where there is none.
    """

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response as it came from the wire.

    Args:
        status: The status code.
        headers: All fields.
        body: The bytes received, still in their content coding.
        reason: The reason phrase; may be empty.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    reason: str = ""

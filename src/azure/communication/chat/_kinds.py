"""The kinds of value that a field of a model can hold: each reads what a wire carries and writes it strictly.

`read` is given anything but None and raises ValueError for what does not fit; so does what `writer` returns, which is
made once for all values that go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple, Protocol

from . import _times, _writing
from ._identifiers import CommunicationUserIdentifier
from ._keys import full_restapi_key_transformer


class Writing(NamedTuple):
    """How a model is to be written.

    Args:
        keep_readonly: Whether the fields that only the service fills are written too.
        transformer: Called as ``f(name, {"key", "type"}, value)``; says under which key a field goes.
        plain_identifiers: Whether an identifier is its text; otherwise it is an object.
        plain_keys: Whether fields go under the keys that they have where identifiers are text.
    """

    keep_readonly: bool = False
    transformer: Callable[[str, dict[str, str], Any], Any] = full_restapi_key_transformer
    plain_identifiers: bool = False
    plain_keys: bool = False


Write = Callable[[Any], Any]


class Kind(Protocol):
    """What a field can hold; the name is what a key transformer is shown as ``type``."""

    @property
    def name(self) -> str:
        """The name of the kind."""

    def read(self, value: Any) -> Any:
        """The Python value of what came over the wire."""

    def writer(self, writing: Writing) -> Write:
        """What turns a Python value into what goes over the wire."""


class Uniform:
    """A kind that looks the same on every wire."""

    write: Write

    def writer(self, writing: Writing) -> Write:
        """What turns a Python value into what goes over the wire."""
        return self.write


class Text(Uniform):
    """Text; numbers and booleans become their text, an enum member its value."""

    name = "str"

    def read(self, value: Any) -> str:
        """Reads text."""
        if isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return str(value)
        raise ValueError(f"{value!r} is not text")

    def write(self, value: Any) -> str:
        """Writes text."""
        if type(value) is str:
            return value
        return self.read(value.value if isinstance(value, Enum) else value)


class Whole(Uniform):
    """A whole number."""

    name = "int"

    def read(self, value: Any) -> int:
        """Reads a whole number."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise ValueError(f"{value!r} is not a whole number")

    def write(self, value: Any) -> int:
        """Writes a whole number."""
        return self.read(value)


class Moment(Uniform):
    """A point in time."""

    name = "iso-8601"

    def read(self, value: Any) -> Any:
        """Reads a timestamp."""
        return _times.read(value)

    def write(self, value: Any) -> str:
        """Writes a datetime or the text of one."""
        return _times.write(value)


class Choice(Uniform):
    """A member of a string enum; text that the enum does not know stays text."""

    def __init__(self, members: type[Enum]) -> None:
        self.name = members.__name__
        self.members: dict[Any, Enum] = {member.value: member for member in members}

    def read(self, value: Any) -> Any:
        """Reads a member, or the text as it is."""
        text = TEXT.read(value)
        return self.members.get(text, text)

    def write(self, value: Any) -> str:
        """Writes a member's value, or the text as it is."""
        return TEXT.write(value)


class Identifier:
    """A user's identity."""

    name = "CommunicationUserIdentifier"

    def read(self, value: Any) -> CommunicationUserIdentifier:
        """Reads either shape."""
        return CommunicationUserIdentifier._read(value)

    def writer(self, writing: Writing) -> Write:
        """What writes the text or the object."""
        return _identifier_text if writing.plain_identifiers else _identifier_object


class IdentifierText(Identifier):
    """A user's identity that the documented surface shows as plain text."""

    name = "str"

    def read(self, value: Any) -> Any:
        """Reads either shape to the identifier's text."""
        return super().read(value).identifier

    def writer(self, writing: Writing) -> Write:
        """What writes the text or the object."""
        write = super().writer(writing)
        return lambda value: write(value if isinstance(value, CommunicationUserIdentifier) else _user(value))


def _user(value: Any) -> CommunicationUserIdentifier:
    return CommunicationUserIdentifier(TEXT.read(value))


def _identifier_text(value: Any) -> str:
    if not isinstance(value, CommunicationUserIdentifier):
        raise ValueError(f"{value!r} is not a CommunicationUserIdentifier")
    text: Any = value.identifier
    if not isinstance(text, str):
        raise ValueError(f"{value!r} holds no text")
    return text


def _identifier_object(value: Any) -> dict[str, Any]:
    _identifier_text(value)
    written: dict[str, Any] = value._as_object()
    return written


class Nested:
    """A model inside a model."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.name = model.__name__

    def read(self, value: Any) -> Any:
        """Reads an object."""
        return self.model._read(value)

    def writer(self, writing: Writing) -> Write:
        """What writes a model."""
        write = _writing.writer(self.model, writing)

        def write_model(value: Any) -> dict[str, Any]:
            if type(value) is self.model:
                return write(value)
            if isinstance(value, self.model):
                return _writing.write(value, writing)
            raise ValueError(f"{value!r} is not a {self.name}")

        return write_model


class ListOf:
    """A list of values of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = f"[{kind.name}]"

    def read(self, value: Any) -> list[Any]:
        """Reads a list."""
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is not a list")
        read = self.kind.read
        return [None if item is None else read(item) for item in value]

    def writer(self, writing: Writing) -> Write:
        """What writes any iterable that is not text and not a mapping."""
        write = self.kind.writer(writing)

        def write_list(value: Any) -> list[Any]:
            if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
                raise ValueError(f"{value!r} is not a list")
            return [None if item is None else write(item) for item in value]

        return write_list


TEXT = Text()
WHOLE = Whole()
MOMENT = Moment()
IDENTIFIER = Identifier()
IDENTIFIER_TEXT = IdentifierText()

"""Pages of models, straight from the bytes of an answer.

msgspec checks the JSON against the declared fields of one wire while it decodes, and a small generated function fills
the models: a sixth of what the readable way of `_reading` costs. Whatever is not exactly as expected (an unknown field,
another type, a broken date, no JSON at all) gives None here and takes the readable way, which alone decides what it
means.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache, partial
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from . import _times
from ._identifiers import CommunicationUserIdentifier
from ._kinds import Choice, Identifier, IdentifierText, ListOf, Moment, Nested, Text

if TYPE_CHECKING:
    from ._kinds import Kind

Column = Callable[[list[Any]], list[Any]]


class Page(NamedTuple):
    """A decoded page.

    Args:
        models: The models of the page.
        link: The link to the next page as the service sent it.
    """

    models: list[Any]
    link: str | None


class _User(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    id: str


class _IdentifierObject(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    rawId: str | msgspec.UnsetType | None = msgspec.UNSET
    communicationUser: _User | msgspec.UnsetType | None = msgspec.UNSET
    phoneNumber: Any = msgspec.UNSET
    microsoftTeamsUser: Any = msgspec.UNSET
    microsoftTeamsApp: Any = msgspec.UNSET
    teamsExtensionUser: Any = msgspec.UNSET
    kind: Any = msgspec.UNSET


def decode(model: Any, body: bytes) -> Page | None:
    """Decodes a page of models; None where the readable way has to decide."""
    for plain in (False, True):
        try:
            page = _decoder(model, plain).decode(body)
            return Page(_filler(model, plain)(page.value), page.nextLink or None)
        except (msgspec.MsgspecError, ValueError, TypeError):
            continue
    return None


@cache
def _decoder(model: Any, plain: bool) -> msgspec.json.Decoder[Any]:
    """Decodes pages of a model on the wire where identifiers are text, or on the one where they are objects."""
    members: list[Any] = [("value", GenericAlias(list, _struct(model, plain))), ("nextLink", str | None, None)]
    return msgspec.json.Decoder(msgspec.defstruct("Page", members, forbid_unknown_fields=True, gc=False))


@cache
def _struct(model: Any, plain: bool) -> Any:
    """What a model looks like on the wire, as a type that msgspec checks."""
    members: list[Any] = []
    for declared in model._fields:
        key = declared.keys[-1] if plain else declared.key
        members.append((declared.name, _wire_type(declared.kind, plain) | None, msgspec.field(default=None, name=key)))
    for key in model._undocumented:
        members.append((key, Any, msgspec.field(default=msgspec.UNSET)))
    return msgspec.defstruct(model.__name__, members, forbid_unknown_fields=True, gc=False)


def _wire_type(kind: Kind, plain: bool) -> Any:
    if isinstance(kind, Nested):
        return _struct(kind.model, plain)
    if isinstance(kind, ListOf):
        return GenericAlias(list, _wire_type(kind.kind, plain))
    return _IdentifierObject if isinstance(kind, Identifier) and not plain else str


@cache
def _filler(model: Any, plain: bool) -> Column:
    """A function that makes models from their structs, written out so that nothing is looked up by name as it runs.

    Timestamps and models inside the models are read for all of them at once, anything else one by one.
    """
    known: dict[str, Any] = {"new": object.__new__, "model": model, "UNSET": msgspec.UNSET}
    columns, lines = {"struct": "items"}, _extra(model)
    for declared in model._fields:
        name, kind = declared.name, declared.kind
        known[f"read_{name}"], known[f"default_{name}"] = _reader(kind, plain), declared.default
        if isinstance(kind, Moment | Nested):
            columns[name] = f"read_{name}([item.{name} for item in items])"
            lines.append(f"made.{name} = {name}")
        elif type(kind) is Text or (plain and isinstance(kind, IdentifierText)):
            lines.append(f"made.{name} = struct.{name}")
        elif isinstance(kind, Choice):
            known[f"{name}_of"] = kind.members.get
            lines.append(f"value = struct.{name}")
            lines.append(f"made.{name} = {name}_of(value, value)")
        else:
            empty = "None" if declared.default is None else f"default_{name}()"
            lines.append(f"value = struct.{name}")
            lines.append(f"made.{name} = {empty} if value is None else read_{name}(value)")
    loop = f"for {', '.join(columns)}, in zip({', '.join(columns.values())}):"
    body = "\n  ".join([loop, "made = new(model)", *lines, "filled.append(made)"])
    exec(f"def fill(items):\n filled = []\n {body}\n return filled", known)
    fill: Column = known["fill"]
    return fill


def _extra(model: Any) -> list[str]:
    """The lines that keep what the service is known to send beside the documented fields."""
    kept = [f"if struct.{key} is not UNSET: extra[{key!r}] = struct.{key}" for key in model._undocumented]
    return ["extra = made.additional_properties = {}", *kept]


def _reader(kind: Kind, plain: bool) -> Callable[[Any], Any]:
    """What turns a checked wire value, or a column of them, into the field's value."""
    if isinstance(kind, Moment):
        return partial(_with_gaps, _moments)
    if isinstance(kind, Nested):
        return partial(_with_gaps, _filler(kind.model, plain))
    if isinstance(kind, ListOf):
        return _reader(kind.kind, plain)
    if isinstance(kind, IdentifierText):
        return lambda value: _of_object(value).identifier
    if isinstance(kind, Identifier):
        return _known if plain else _of_object
    return kind.read


def _with_gaps(read: Column, values: list[Any]) -> list[Any]:
    """Reads a column in which some values may be None."""
    present = [value for value in values if value is not None]
    if len(present) == len(values):
        return read(values)
    found = iter(read(present))
    return [None if value is None else next(found) for value in values]


def _moments(texts: list[str]) -> list[datetime]:
    """Timestamps; those of a page look like 2021-02-03T04:05:06Z, and are looked at all at once."""
    together = "".join(texts)
    columns = [together[place::20] for place in (4, 7, 10, 13, 16, 19)]
    usual = {*map(len, texts)} <= {20} and columns == [sign * len(texts) for sign in "--T::Z"]
    if usual and "T24:" not in together:  # newer Pythons would read that as the next day
        return [*map(datetime.fromisoformat, texts)]
    return [*map(_times.read, texts)]


def _of_object(value: _IdentifierObject) -> CommunicationUserIdentifier:
    user = value.communicationUser
    return _known(user.id) if type(user) is _User else CommunicationUserIdentifier._read(msgspec.to_builtins(value))


@lru_cache(maxsize=1024)  # the same few people write most messages
def _known(identifier: str) -> CommunicationUserIdentifier:
    return CommunicationUserIdentifier(identifier)

"""Pages of models, straight from the bytes of an answer.

msgspec checks the JSON against the declared fields while it decodes, and a small generated function fills the models:
a fifth of what the readable way of `_reading` costs. Whatever is not exactly as expected (an unknown field, another
type, a broken date, no JSON at all) gives None here and takes the readable way, which alone decides what it means.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ._identifiers import CommunicationUserIdentifier
from ._kinds import Choice, Identifier, IdentifierText, ListOf, Nested, Text

if TYPE_CHECKING:
    from ._fields import Field
    from ._kinds import Kind


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
    decoder, fill = _machinery(model)
    try:
        page = decoder.decode(body)
        return Page([fill(item) for item in page.value], page.nextLink or None)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None


@cache
def _machinery(model: Any) -> tuple[msgspec.json.Decoder[Any], Callable[[Any], Any]]:
    members: list[Any] = [("value", GenericAlias(list, _struct(model))), ("nextLink", str | None, None)]
    page = msgspec.defstruct("Page", members, forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(page), _filler(model)


@cache
def _struct(model: Any) -> Any:
    """What a model looks like on the wire, as a type that msgspec checks."""
    members: list[Any] = []
    for declared in model._fields:
        wire_type = _wire_type(declared.kind) | None
        for position, key in enumerate(declared.keys):
            members.append((_member(declared, position), wire_type, msgspec.field(default=None, name=key)))
    for key in model._undocumented:
        members.append((key, Any, msgspec.field(default=msgspec.UNSET)))
    return msgspec.defstruct(model.__name__, members, forbid_unknown_fields=True, gc=False)


def _wire_type(kind: Kind) -> Any:
    if isinstance(kind, Nested):
        return _struct(kind.model)
    if isinstance(kind, ListOf):
        return GenericAlias(list, _wire_type(kind.kind))
    return str | _IdentifierObject if isinstance(kind, Identifier) else str


def _member(declared: Field, position: int) -> str:
    return f"{declared.name}_{position}"


@cache
def _filler(model: Any) -> Callable[[Any], Any]:
    """A function that makes a model from its struct, written out so that nothing is looked up by name at run time."""
    known: dict[str, Any] = {"new": model.__new__, "model": model, "UNSET": msgspec.UNSET}
    lines = ["def fill(struct):", " made = new(model)", " extra = made.additional_properties = {}"]
    for key in model._undocumented:
        lines.append(f" if struct.{key} is not UNSET: extra[{key!r}] = struct.{key}")
    for declared in model._fields:
        name, read = declared.name, _reader(declared.kind)
        known[f"read_{name}"], known[f"default_{name}"] = read, declared.default
        value = f"struct.{_member(declared, 0)}"
        if read is None:
            lines.append(f" made.{name} = {value}")
            continue
        lines.append(f" value = {value}")
        if len(declared.keys) > 1:
            lines.append(f" if value is None: value = struct.{_member(declared, 1)}")
        empty = f"default_{name}()" if declared.default else "None"
        lines.append(f" made.{name} = {empty} if value is None else read_{name}(value)")
    exec("\n".join([*lines, " return made"]), known)
    fill: Callable[[Any], Any] = known["fill"]
    return fill


def _reader(kind: Kind) -> Callable[[Any], Any] | None:
    """What turns a checked wire value into the field's value; None where it is that already."""
    if isinstance(kind, Nested):
        return _filler(kind.model)
    if isinstance(kind, ListOf):
        read = _reader(kind.kind)
        return list if read is None else lambda items: [read(item) for item in items]
    if isinstance(kind, Identifier):
        return _identifier_text if isinstance(kind, IdentifierText) else _identifier
    if isinstance(kind, Choice):
        return kind.known
    return None if isinstance(kind, Text) else kind.read


def _identifier(value: Any) -> CommunicationUserIdentifier:
    if isinstance(value, str):
        return _known(value)
    if isinstance(value.communicationUser, _User):
        return _known(value.communicationUser.id)
    return CommunicationUserIdentifier._read(msgspec.to_builtins(value))


def _identifier_text(value: Any) -> str:
    return _identifier(value).identifier


@lru_cache(maxsize=1024)  # the same few people write most messages
def _known(identifier: str) -> CommunicationUserIdentifier:
    return CommunicationUserIdentifier(identifier)

"""Models as XML: a field is a child element under its wire key, a list is the element repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ._kinds import ListOf, Moment, Nested

if TYPE_CHECKING:
    from ._kinds import Kind
    from ._model import Model


def element(name: str, value: Any) -> ElementTree.Element:
    """The element of a written value: objects and lists become children, anything else text."""
    made = ElementTree.Element(name)
    if isinstance(value, dict):
        for key, member in value.items():
            for item in member if isinstance(member, list) else [member]:
                made.append(element(key, item))
    elif isinstance(value, bool):
        made.text = "true" if value else "false"
    elif value is not None:
        made.text = str(value)
    return made


def tree(model: type[Model], text: str) -> dict[str, Any]:
    """The values of an XML document whose root is a model, whatever the root is called.

    Raises:
        ValueError: It is no XML, or it declares a document type (which could make it expand without bound).
    """
    if "<!DOCTYPE" in text:
        raise ValueError("an XML document with a DOCTYPE is not read")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"invalid XML: {error}") from error
    return _members(root, model)


def _members(parent: ElementTree.Element, model: type[Model] | None) -> dict[str, Any]:
    kinds = {key: field.kind for key, field in model._by_key.items()} if model else {}
    members: dict[str, Any] = {}
    for child in parent:
        kind = kinds.get(child.tag)
        if isinstance(kind, ListOf):
            members.setdefault(child.tag, []).append(_value(child, kind.kind))
        else:
            members[child.tag] = _value(child, kind)
    return members


def _value(found: ElementTree.Element, kind: Kind | None) -> Any:
    if isinstance(kind, Nested):
        return _members(found, kind.model)
    if len(found):
        return _members(found, None)
    return (found.text or None) if isinstance(kind, Moment) else (found.text or "")

"""Writes public Python names with their signatures as text that is the same on every Python version."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
from collections.abc import Iterable, Iterator
from types import GenericAlias
from typing import Any, ForwardRef

OURS = ("azure.communication.chat", "acs_chat_testkit", "acs_chat_conformance")


class _Plain:
    """A text that is shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def module(name: str, chosen: Iterable[str] = ()) -> Iterator[str]:
    """The public names of a module, with their members, one line each.

    Args:
        name: Such as ``"azure.communication.chat"``.
        chosen: The names; those of ``__all__`` where left out.
    """
    home = importlib.import_module(name)
    for each in sorted(chosen or home.__all__):
        yield from _named(each, getattr(home, each), name)


def _named(name: str, value: Any, home: str) -> Iterator[str]:
    """A class that several modules give is written out where the first of them is, in the order of `OURS`."""
    first = next((other for other in OURS if getattr(importlib.import_module(other), name, None) is value), home)
    if first != home:
        yield f"{name} = {first}.{name}"
    elif inspect.isclass(value):
        yield from _class(name, value)
    elif callable(value):
        yield f"def {name}{signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _class(name: str, cls: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in cls.__bases__ if base is not object)
    yield f"class {name}({bases})" if bases else f"class {name}"
    if issubclass(cls, enum.Enum):
        for member in cls:
            yield f"    {member.name} = {member.value!r}"
    elif not issubclass(cls, BaseException) or "__init__" in vars(cls):
        yield f"    {name}{signature(cls)}"
    fields = getattr(cls, "_fields", ())
    for field in () if callable(fields) else fields:
        yield f"    {getattr(field, 'name', field)}"
    for each in sorted(set(dir(cls))):
        yield from _of_class(each, cls)


def _of_class(name: str, cls: type) -> Iterator[str]:
    home = next((base for base in cls.__mro__ if name in vars(base)), object)
    if name.startswith("_") or not home.__module__.startswith(OURS):
        return
    raw, value = vars(home)[name], getattr(cls, name)
    if isinstance(raw, property):
        yield f"    {name}: property"
    elif isinstance(raw, (classmethod, staticmethod)) or inspect.isfunction(value):
        kind = "async def" if inspect.iscoroutinefunction(value) else "def"
        yield f"    {kind} {name}{signature(value)}"
    elif isinstance(raw, (int, str, float)) and not dataclasses.is_dataclass(cls) and not isinstance(raw, enum.Enum):
        yield f"    {name} = {raw!r}"


def signature(call: Any) -> str:
    """The signature of a function or class, with annotations as they are written in the source."""
    found = inspect.signature(call)
    shown = [
        each.replace(annotation=_shown(each.annotation), default=_default(each.default))
        for each in found.parameters.values()
    ]
    return str(found.replace(parameters=shown, return_annotation=_shown(found.return_annotation)))


def _shown(annotation: Any) -> Any:
    if annotation is inspect.Parameter.empty:
        return annotation
    if isinstance(annotation, ForwardRef):
        return _Plain(annotation.__forward_arg__)
    if inspect.isclass(annotation) and not isinstance(annotation, GenericAlias):
        return _Plain(annotation.__name__)
    return _Plain(str(annotation))


def _default(value: Any) -> Any:
    """A default as it is written where it is short, without what differs from run to run."""
    if isinstance(value, enum.Enum):
        return _Plain(str(value))
    if inspect.isfunction(value) and value.__name__.isidentifier():
        return _Plain(value.__name__)
    text = repr(value)
    return value if value is inspect.Parameter.empty else _Plain("..." if len(text) > 60 or "<" in text else text)

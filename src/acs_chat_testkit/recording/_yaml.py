"""PyYAML, safely: no tags but the standard ones and those of vcrpy's bodies, no duplicate keys, strings stay."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]


class _Loader(_Base):
    """A safe loader that refuses what a reader and a loader would understand differently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping; a key that comes twice is an error, because a reviewer reads the first and a loader the last."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} comes twice", key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


_TIME = ("tag:yaml.org,2002:str", re.compile(r"[-+]?\d[\d_]*:[\d:._]*$"))
# Times and dates stay the strings that they were: 10:30 is a number, 630, to YAML 1.1 alone.
_Loader.yaml_implicit_resolvers = {
    first: [*([_TIME] if first in "-+0123456789" else []), *(each for each in resolvers if "timestamp" not in each[0])]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


def _list(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node, deep=True)


def _bytes(piece: Any) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode()


def _body(key: str, read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Makes the bytes of a body that was an object of Python, and no object."""

    def made(loader: Any, node: Any) -> Any:
        try:
            return read(loader.construct_mapping(node, deep=True)[key])
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise yaml.constructor.ConstructorError(None, None, "a body is none", node.start_mark) from error

    return made


# What vcrpy wrote in older versions, and still reads; none of it is a call.
for _name, _made in {
    "unicode": _text,
    "str": _text,
    "tuple": _list,
    "object/new:_io.BytesIO": _body("state", lambda state: state[0]),
    "object/apply:builtins.iter": _body("args", lambda args: b"".join(map(_bytes, args[0]))),
}.items():
    _Loader.add_constructor(f"tag:yaml.org,2002:python/{_name}", _made)
# As values, = and << mean nothing.
for _name in ("value", "merge"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _text)


def load(text: str) -> tuple[Any, list[int]]:
    """The document of a YAML text, and the lines, from 1, on which its interactions start.

    Raises:
        yaml.YAMLError: The text is no YAML, or is not safe.
    """
    loader = _Loader(text)
    try:
        with _without_collector():
            node = loader.get_single_node()
            document = None if node is None else loader.construct_document(node)
        return document, list(_lines(node))
    finally:
        loader.dispose()


def _lines(node: yaml.Node | None) -> Iterator[int]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "interactions" and isinstance(value, yaml.SequenceNode):
            yield from (each.start_mark.line + 1 for each in value.value)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spares looking for garbage among millions of new nodes: that is more than half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

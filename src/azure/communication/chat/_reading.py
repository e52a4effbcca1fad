"""From a parsed object to a model: by exact wire keys, or by key extractors.

Both raise ValueError for what does not fit and say where.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from . import _keys
from ._kinds import Kind, ListOf, Nested

if TYPE_CHECKING:
    from ._fields import Field
    from ._model import Model

_LOGGER = logging.getLogger(__name__)

M = TypeVar("M", bound="Model")
KeyExtractor = Callable[[str, dict[str, str], Any], Any]
DEFAULT_EXTRACTORS: tuple[KeyExtractor, ...] = (
    _keys.attribute_key_case_insensitive_extractor,
    _keys.rest_key_case_insensitive_extractor,
    _keys.last_rest_key_case_insensitive_extractor,
)


def read(model: type[M], data: Any) -> M:
    """Reads an object by exact wire keys of either version; unknown ones are additional properties."""
    if not isinstance(data, dict):
        raise ValueError(f"{data!r:.80} is not an object")
    found: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    by_key = model._by_key
    for key, value in data.items():
        declared = by_key.get(key)
        if declared is None:
            extra[key] = value
        elif value is not None and (key == declared.key or data.get(declared.key) is None):
            found[declared.name] = _value(model, declared, value)
    return _filled(model, found, extra)


def extract(model: type[M], data: Any, extractors: tuple[KeyExtractor, ...]) -> M:
    """Reads an object with what the extractors find; keys that are no exact wire keys are additional properties."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{data!r:.80} is not an object")
    try:
        values = {declared.name: _extracted(declared, data, extractors) for declared in model._fields}
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"a key extractor failed: {error!r}") from error
    found = {
        declared.name: _value(model, declared, values[declared.name], extractors)
        for declared in model._fields
        if values[declared.name] is not None
    }
    return _filled(model, found, {key: value for key, value in data.items() if key not in model._by_key})


def _filled(model: type[M], found: dict[str, Any], extra: dict[str, Any]) -> M:
    made = model.__new__(model)
    values = vars(made)
    values["additional_properties"] = extra
    for declared in model._fields:
        value = found.get(declared.name)
        values[declared.name] = declared.default() if value is None and declared.default else value
    return made


def _value(model: type[Model], declared: Field, value: Any, extractors: tuple[KeyExtractor, ...] | None = None) -> Any:
    try:
        return declared.kind.read(value) if extractors is None else _nested(declared.kind, value, extractors)
    except ValueError as error:
        raise ValueError(f"{model.__name__}.{declared.name}: {error}") from error


def _nested(kind: Kind, value: Any, extractors: tuple[KeyExtractor, ...]) -> Any:
    """Reads a value; the models in it are looked for with the same extractors."""
    if isinstance(kind, Nested):
        return extract(kind.model, value, extractors)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [None if item is None else _nested(kind.kind, item, extractors) for item in value]
    return kind.read(value)


def _extracted(declared: Field, data: Mapping[str, Any], extractors: tuple[KeyExtractor, ...]) -> Any:
    """What the first extractor finds under the key of the released wire, or else under that of the older one."""
    for key in declared.keys:
        found = [extractor(declared.name, declared.describe() | {"key": key}, data) for extractor in extractors]
        values = [(value, extractor) for value, extractor in zip(found, extractors, strict=True) if value is not None]
        if values:
            first = values[0][0]
            for value, extractor in values[1:]:
                if value != first:
                    _LOGGER.warning("Ignoring extracted value '%s' from %s, which comes later", value, extractor)
            return first
    return None

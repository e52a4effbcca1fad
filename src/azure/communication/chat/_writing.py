"""From a model to the object that goes over the wire, or that as_dict shows; ValueError for what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import _times
from ._keys import full_restapi_key_transformer

if TYPE_CHECKING:
    from ._fields import Field
    from ._kinds import Writing
    from ._model import Model

_CALLBACK_ERRORS = (LookupError, TypeError, AttributeError, ValueError)


def write(model: Model, writing: Writing) -> dict[str, Any]:
    """Writes the fields in the order of their declaration; what is None is left out."""
    written: dict[str, Any] = {}
    declared: Field | None = None
    try:
        for declared in model._fields:
            if declared.readonly and not writing.keep_readonly:
                continue
            value = getattr(model, declared.name)
            if writing.transformer is not full_restapi_key_transformer:
                _write_transformed(written, declared, value, writing)
            elif value is not None and (value or declared.default is None):
                key = declared.keys[-1] if writing.plain_keys else declared.key
                written[key] = declared.kind.write(value, writing)
    except (AttributeError, ValueError) as error:
        place = f"{type(model).__name__}.{declared.name}" if declared else type(model).__name__
        raise ValueError(f"{place}: {error}") from error
    if model._sends_additional_properties:
        _add(written, model.additional_properties or {})
    return written


def _write_transformed(written: dict[str, Any], declared: Field, value: Any, writing: Writing) -> None:
    path, value = _transformed(declared, value, writing)
    if value is not None and (value or declared.default is None):
        _put(written, path, declared.kind.write(value, writing))


def _transformed(declared: Field, value: Any, writing: Writing) -> tuple[list[Any], Any]:
    """The path and the value that the caller's key transformer gives to a field."""
    try:
        place = writing.transformer(declared.name, declared.describe(), value)
        name, value = (place, value) if isinstance(place, str) else place
    except _CALLBACK_ERRORS as error:
        raise ValueError(f"the key transformer failed: {error!r}") from error
    return (name if isinstance(name, list) else [name]), value


def _put(written: dict[Any, Any], path: list[Any], value: Any) -> None:
    """Puts a value at the end of a path of nested dicts; what is there already stays."""
    if not path:
        return
    for part in path[:-1]:
        written = written.setdefault(part, {})
    written.setdefault(path[-1], value)


def _add(written: dict[str, Any], extra: Any) -> None:
    if not isinstance(extra, Mapping):
        raise ValueError(f"additional_properties: {extra!r} is not a dict")
    for key, value in extra.items():
        if key in written:
            raise ValueError(f"additional_properties: the key {key!r} belongs to a declared field")
        written[key] = _json_able(value)


def _json_able(value: Any) -> Any:
    if isinstance(value, datetime):
        return _times.write(value)
    if isinstance(value, Mapping):
        return {str(key): _json_able(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_json_able(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"additional_properties: {value!r} is not JSON")

"""From a model to the object that goes over the wire, or that as_dict shows; ValueError for what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
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
    return writer(type(model), writing)(model)


def writer(of: Any, writing: Writing) -> Callable[[Any], dict[str, Any]]:
    """What writes the models of just this class, made once for many of them."""
    if writing.transformer is full_restapi_key_transformer:
        return _writer(of, writing)
    return partial(_write_transformed, writing)


@cache  # a handful of classes and of ways
def _writer(of: Any, writing: Writing) -> Callable[[Any], dict[str, Any]]:
    places = tuple(
        (
            declared.name,
            declared.keys[-1] if writing.plain_keys else declared.key,
            declared.kind.writer(writing),
            declared.default is None,
        )
        for declared in of._fields
        if writing.keep_readonly or not declared.readonly
    )

    def write(model: Model) -> dict[str, Any]:
        written: dict[str, Any] = {}
        name = ""
        try:
            for name, key, write_value, keeps_empty in places:
                value = getattr(model, name)
                if value is not None and (keeps_empty or value):
                    written[key] = write_value(value)
        except (AttributeError, ValueError) as error:
            raise _named(model, name, error) from error
        return _more(written, model) if model._sends_additional_properties else written

    return write


def _write_transformed(writing: Writing, model: Model) -> dict[Any, Any]:
    written: dict[Any, Any] = {}
    for declared in model._fields:
        if declared.readonly and not writing.keep_readonly:
            continue
        try:
            path, value = _transformed(declared, getattr(model, declared.name), writing)
            if value is not None and (value or declared.default is None):
                _put(written, path, declared.kind.writer(writing)(value))
        except (AttributeError, TypeError, ValueError) as error:
            raise _named(model, declared.name, error) from error
    return _more(written, model) if model._sends_additional_properties else written


def _named(model: Model, name: str, error: Exception) -> ValueError:
    return ValueError(f"{type(model).__name__}.{name}: {error}")


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


def _more(written: dict[str, Any], model: Model) -> dict[str, Any]:
    """With the additional properties."""
    extra: Any = model.additional_properties or {}
    if not isinstance(extra, Mapping):
        raise ValueError(f"additional_properties: {extra!r} is not a dict")
    for key, value in extra.items():
        if key in written:
            raise ValueError(f"additional_properties: the key {key!r} belongs to a declared field")
        written[key] = _json_able(value)
    return written


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

"""Which key a field goes under, and where from_dict looks for it.

A transformer is called as ``f(name, {"key", "type"}, value)`` and returns the key, or the key and the value to write; a
key that is a list is a path. An extractor is called as ``f(name, {"key", "type"}, data)`` and returns what it found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_UNESCAPED_DOT = re.compile(r"(?<!\\)\.")


def _path(key: str) -> list[str]:
    return [part.replace("\\.", ".") for part in _UNESCAPED_DOT.split(key)]


def attribute_transformer(key: str, attr_desc: dict[str, str], value: Any) -> tuple[str, Any]:
    """The Python name of the field."""
    return key, value


def full_restapi_key_transformer(key: str, attr_desc: dict[str, str], value: Any) -> tuple[list[str], Any]:
    """The whole path of the field on the wire."""
    return _path(attr_desc["key"]), value


def last_restapi_key_transformer(key: str, attr_desc: dict[str, str], value: Any) -> tuple[str, Any]:
    """The last part of the field's path on the wire."""
    return _path(attr_desc["key"])[-1], value


def rest_key_extractor(attr: str, attr_desc: dict[str, str], data: Any) -> Any:
    """Looks for the path of the wire, as it is spelled."""
    return _walk(data, _path(attr_desc["key"]), _get)


def rest_key_case_insensitive_extractor(attr: str, attr_desc: dict[str, str], data: Any) -> Any:
    """Looks for the path of the wire, in any case."""
    return _walk(data, _path(attr_desc["key"]), _get_in_any_case)


def last_rest_key_extractor(attr: str, attr_desc: dict[str, str], data: Any) -> Any:
    """Looks for the last part of the path of the wire, as it is spelled."""
    return _get(data, _path(attr_desc["key"])[-1])


def last_rest_key_case_insensitive_extractor(attr: str, attr_desc: dict[str, str], data: Any) -> Any:
    """Looks for the last part of the path of the wire, in any case."""
    return _get_in_any_case(data, _path(attr_desc["key"])[-1])


def attribute_key_extractor(attr: str, attr_desc: dict[str, str], data: Any) -> Any:
    """Looks for the Python name, as it is spelled."""
    return _get(data, attr)


def attribute_key_case_insensitive_extractor(attr: str, attr_desc: dict[str, str], data: Any) -> Any:
    """Looks for the Python name, in any case."""
    return _get_in_any_case(data, attr)


def _walk(data: Any, path: Iterable[str], get: Any) -> Any:
    for part in path:
        if data is None:
            return None
        data = get(data, part)
    return data


def _get(data: Any, key: str) -> Any:
    return data.get(key)


def _get_in_any_case(data: Any, key: str) -> Any:
    wanted = key.lower()
    return next((value for found, value in data.items() if found.lower() == wanted), None)

"""What a contract file must look like for the reader, and where one does not: line and field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml
from jsonschema import Draft202012Validator

_OBJECTS = {"type": "object", "additionalProperties": {"type": "object"}}
_CONTENT = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["schema"],
        "properties": {"schema": {"type": "object"}},
    },
}
_PARAMETERS = {
    "type": "array",
    "items": {
        "anyOf": [
            {"required": ["$ref"]},
            {
                "required": ["name", "in", "schema"],
                "properties": {"in": {"enum": ["query", "header", "path", "cookie"]}, "schema": {"type": "object"}},
            },
        ]
    },
}
_OPERATION = {
    "type": "object",
    "required": ["operationId", "responses"],
    "properties": {
        "operationId": {"type": "string"},
        "parameters": _PARAMETERS,
        "requestBody": {"type": "object", "properties": {"content": _CONTENT}},
        "responses": {
            "type": "object",
            "propertyNames": {"pattern": "^[1-5][0-9][0-9]$"},
            "additionalProperties": {"type": "object", "properties": {"headers": _OBJECTS, "content": _CONTENT}},
        },
    },
}
_SHAPE = {
    "type": "object",
    "required": ["info", "paths"],
    "properties": {
        "info": {"type": "object", "required": ["version"], "properties": {"version": {"type": "string"}}},
        "components": {"type": "object"},
        "paths": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "parameters": _PARAMETERS,
                    **dict.fromkeys(("get", "put", "post", "patch", "delete"), _OPERATION),
                },
            },
        },
    },
}


def misshapen(document: Any, text: str) -> str | None:
    """The first place where a document is no contract, as ``line: field: sentence``; None where it has the shape.

    Args:
        document: The parsed file.
        text: The file.
    """
    errors = sorted(Draft202012Validator(_SHAPE).iter_errors(document), key=lambda error: list(map(str, error.path)))
    if not errors:
        return None
    steps = list(errors[0].absolute_path)
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps) or "/"
    return f"{_line(yaml.compose(text, Loader=yaml.SafeLoader), steps)}: {pointer}: {errors[0].message[:200]}"


def _line(node: yaml.Node | None, steps: Iterable[str | int]) -> int:
    """The line of a place, or of the nearest one above it that there is."""
    line = node.start_mark.line + 1 if node else 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line

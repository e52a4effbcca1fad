"""Reads a contract file into operations that can be looked up by method and path."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from acs_chat_testkit.contract.shape import misshapen
from acs_chat_testkit.errors import ContractError

HOME = Path(__file__).parent
DEFAULT_VERSION = "2024-03-07"
METHODS = ("get", "put", "post", "patch", "delete")
Schema = Mapping[str, Any]
Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter of an operation.

    Args:
        name: As on the wire.
        place: ``"query"``, ``"header"`` or ``"path"``.
        required: Whether a request must have it.
        schema: Its JSON Schema.
    """

    name: str
    place: str
    required: bool
    schema: Schema


@dataclass(frozen=True, slots=True)
class Body:
    """What may stand in a request's or a response's body.

    Args:
        content: Media type to JSON Schema; empty where there must be no body.
        required: Whether it must be there.
    """

    content: Mapping[str, Schema] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One declared response: its body, and the schema of each declared header by its name."""

    body: Body
    headers: Mapping[str, Schema]


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the operations that a contract promises.

    Args:
        id: The name of the documented Python method.
        method: In upper case.
        template: The path's segments; one in braces is a parameter.
        parameters: By place and name; header names in lower case.
        body: What a request carries.
        answers: By status.
    """

    id: str
    method: str
    template: tuple[str, ...]
    parameters: Mapping[tuple[str, str], Parameter]
    body: Body
    answers: Mapping[int, Answer]

    @property
    def path(self) -> str:
        """The path template as the contract writes it."""
        return "/" + "/".join(self.template)

    def takes(self, segments: tuple[str, ...]) -> bool:
        """Whether a path belongs to this operation; a verb such as ``:add`` must stand there as it is."""
        return len(segments) == len(self.template) and all(map(_fits, self.template, segments))


def _fits(wanted: str, segment: str) -> bool:
    if wanted.startswith("{"):
        return bool(segment) and not segment.startswith(":")
    return segment == wanted if wanted.startswith(":") else unquote(segment) == wanted


class Contract:
    """One api-version's promises.

    Args:
        document: The parsed OpenAPI 3.1 document.

    Raises:
        ContractError: The document lacks what every contract has.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        try:
            self.version: str = document["info"]["version"]
            self.document = document
            self.operations = {operation.id: operation for operation in _operations(document)}
        except (KeyError, TypeError, AttributeError, ValueError) as missing:
            raise ContractError(f"no usable contract: {missing} is missing or has the wrong form") from missing
        self._validators: dict[int, Validator] = {}

    @cached_property
    def _components(self) -> Mapping[str, Any]:
        closed: Mapping[str, Any] = _closed(self.document["components"])
        return closed

    def validator(self, schema: Schema) -> Validator:
        """The validator of a schema of this contract; it takes no property that the contract does not name."""
        key = id(schema)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator({"components": self._components, **_closed(schema)})
        return self._validators[key]

    def resolve(self, schema: Schema) -> Schema:
        """The schema that a ``$ref`` stands for, or the schema itself."""
        return _resolved(self.document, schema)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that a request calls, or None.

        Args:
            method: In any case.
            path: Percent-encoded, as sent.
        """
        return next((operation for operation in self.at(path) if operation.method == method.upper()), None)

    def at(self, path: str) -> list[Operation]:
        """All operations of a path, whatever the method."""
        segments = tuple(path.removeprefix("/").split("/"))
        return [operation for operation in self.operations.values() if operation.takes(segments)]


@lru_cache
def load(version: str = DEFAULT_VERSION) -> Contract:
    """Reads the contract of an api-version.

    Raises:
        ContractError: There is none for that version.
    """
    if version not in versions():
        raise ContractError(
            f"there is no contract for api-version {version!r}; there is one for {', '.join(versions())}"
        )
    return read(HOME / f"chat-{version}.yaml")


def read(path: Path) -> Contract:
    """Reads a contract file.

    Raises:
        ContractError: The file is no YAML or no contract; the text names file and place.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.load(text, Loader=Loader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as broken:
        raise ContractError(f"{path.name} cannot be read: {' '.join(str(broken).split())}") from broken
    try:
        return Contract(document)
    except ContractError as broken:
        raise ContractError(f"{path.name}:{misshapen(document, text) or f' {broken}'}") from broken


@lru_cache
def versions() -> tuple[str, ...]:
    """The api-versions that have a contract, oldest first."""
    return tuple(sorted(path.stem.removeprefix("chat-") for path in HOME.glob("chat-*.yaml")))


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                yield _operation(document, path, method, item[method], shared)


def _operation(
    document: Mapping[str, Any], path: str, method: str, raw: Mapping[str, Any], shared: list[Schema]
) -> Operation:
    parameters = [_parameter(_resolved(document, one)) for one in (*shared, *raw.get("parameters", ()))]
    body = _resolved(document, raw.get("requestBody", {}))
    return Operation(
        id=raw["operationId"],
        method=method.upper(),
        template=tuple(path.removeprefix("/").split("/")),
        parameters={(one.place, one.name.lower() if one.place == "header" else one.name): one for one in parameters},
        body=Body(_content(body), body.get("required", False)),
        answers={int(status): _answer(document, one) for status, one in raw["responses"].items()},
    )


def _parameter(raw: Schema) -> Parameter:
    return Parameter(raw["name"], raw["in"], raw.get("required", False), raw["schema"])


def _answer(document: Mapping[str, Any], raw: Schema) -> Answer:
    raw = _resolved(document, raw)
    headers = {name: _resolved(document, one)["schema"] for name, one in raw.get("headers", {}).items()}
    content = _content(raw)
    return Answer(Body(content, bool(content) and not raw.get("x-empty-body", False)), headers)


def _content(raw: Schema) -> Mapping[str, Schema]:
    return {media_type: one["schema"] for media_type, one in raw.get("content", {}).items()}


def _resolved(document: Mapping[str, Any], node: Schema) -> Schema:
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _closed(node: Any) -> Any:
    """A copy in which every object schema refuses the properties that it does not name."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, Mapping):
        return copy.copy(node)
    closed = {key: _closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), Mapping) and "additionalProperties" not in node:
        closed["additionalProperties"] = False
    return closed

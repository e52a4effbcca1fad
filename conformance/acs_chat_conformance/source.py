"""Reads a YAML file into plain data that remembers the line of every field."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

Pointer = tuple[str | int, ...]
SCHEMAS = Path(__file__).parent / "schema"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a part of it, cannot be used.

    Args:
        file: As given to the reader.
        line: From 1; 0 where no line can be told.
        at: The path of the field; empty for the whole file.
        message: One sentence.
    """

    file: str
    line: int
    at: Pointer
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"

    @property
    def field(self) -> str:
        """The field as a JSON pointer (RFC 6901), and the bare slash for the whole file."""
        return "".join(f"/{step}" for step in self.at) or "/"


class BrokenSource(Exception):
    """A file that cannot be read at all; it carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """A file's data with the line of every node by its path."""

    file: str
    data: Any
    lines: dict[Pointer, int]

    def problem(self, pointer: Pointer, message: str) -> Problem:
        """A problem at a place; where the place does not exist, at the nearest one above it."""
        return Problem(self.file, self.line(pointer), pointer, message)

    def line(self, pointer: Pointer) -> int:
        """The line of a place, or of the nearest one above it."""
        above = (pointer[:end] for end in range(len(pointer), -1, -1))
        return next((self.lines[at] for at in above if at in self.lines), 0)

    def problems(self, schema: str) -> list[Problem]:
        """Everything that a schema of this package finds wrong, in the order of the file."""
        errors = list(_validator(schema).iter_errors(self.data))
        inner = {tuple(error.absolute_path) for error in errors if error.validator != "unevaluatedProperties"}
        found = {
            (at, error.message[:200]): self.problem(at, error.message[:200])
            for error in errors
            if not _echoes(at := tuple(error.absolute_path), str(error.validator), inner)
        }
        return sorted(found.values(), key=lambda problem: problem.line)


def _echoes(at: Pointer, keyword: str, inner: set[Pointer]) -> bool:
    """Whether an error only says again that something below it is wrong."""
    return keyword == "unevaluatedProperties" and any(other[: len(at)] == at for other in inner)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with the scalars of JSON: a date stays text, and so do yes and no."""


_JSON_SCALARS = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
_Loader.yaml_implicit_resolvers = {
    first: kept
    for first, rules in _Loader.yaml_implicit_resolvers.items()
    if (kept := [rule for rule in rules if rule[0] in _JSON_SCALARS])
}
_BOOLEANS = {"true": True, "false": False}


def read(path: Path, name: str | None = None) -> Source:
    """Reads a file.

    Args:
        path: Where it lies.
        name: What to call it in problems; its path where left out.

    Raises:
        BrokenSource: It cannot be read, is no YAML, or has a key twice.
    """
    file = name or str(path)
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        lines: dict[Pointer, int] = {}
        return Source(file, _data(loader, loader.get_single_node(), (), lines), lines)
    except (OSError, UnicodeDecodeError) as broken:
        raise BrokenSource(Problem(file, 0, (), f"cannot be read: {broken}")) from broken
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        raise BrokenSource(Problem(file, mark.line + 1 if mark else 0, (), f"no YAML: {broken.problem}")) from broken


def _data(loader: Any, node: yaml.Node | None, at: Pointer, lines: dict[Pointer, int]) -> Any:
    if node is None:
        return None
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return dict(_members(loader, node, at, lines))
    if isinstance(node, yaml.SequenceNode):
        return [_data(loader, item, (*at, index), lines) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and not node.style and node.value in _BOOLEANS:
        return _BOOLEANS[node.value]
    return loader.construct_object(node)


def _members(loader: Any, node: yaml.MappingNode, at: Pointer, lines: dict[Pointer, int]) -> Iterator[tuple[str, Any]]:
    seen: set[Hashable] = set()
    for key, value in node.value:
        name = key.value
        if name in seen:
            problem = f"the key {name!r} stands here a second time"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        seen.add(name)
        yield name, _data(loader, value, (*at, name), lines)


@lru_cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(read(SCHEMAS / f"{schema}.yaml").data)

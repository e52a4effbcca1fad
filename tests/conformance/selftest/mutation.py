"""Changes one place of a package's code as it is imported; no file is written. Standard library only.

It also runs by its path in an environment of its own, in place of an adapter:

    python mutation.py ADAPTER FILE NUMBER        with one mutant of one file
    python mutation.py ADAPTER DIRECTORY REPORT   unchanged; writes what was run below it, as JSON
"""

from __future__ import annotations

import ast
import copy
import importlib.machinery
import json
import runpy
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
LOGGING = {"debug", "info", "warning", "error", "exception", "critical"}
Change = tuple[str, Callable[[ast.AST], None]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file.

    Args:
        number: Among those of its file, from 0.
        line: Where.
        function: The line in which the innermost function around it begins, decorators included; 0 for code that is
            run when the module is imported.
        statement: The line in which the innermost statement around it begins.
        change: What, in a word or two, with the code that is changed.
        tree: The whole file, unchanged.
        index: Which of its nodes is changed.
        apply: Changes a node.
    """

    number: int
    line: int
    function: int
    statement: int
    change: str
    tree: ast.Module
    index: int
    apply: Callable[[ast.AST], None]

    @property
    def code(self) -> ast.Module:
        """The whole changed file; the tree is copied when this is asked for, which takes a while."""
        changed = copy.deepcopy(self.tree)
        self.apply(next(one for at, one in enumerate(ast.walk(changed)) if at == self.index))
        return ast.fix_missing_locations(changed)

    def compiled(self, file: str) -> CodeType:
        """The changed file as it is run."""
        compiled: CodeType = compile(self.code, file, "exec", dont_inherit=True)
        return compiled


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a file: its tree with one node changed. Docstrings, types and words for people stay."""
    tree = ast.parse(source)
    kept = {id(node) for node in _without_effect(tree)}
    places = dict(_places(tree, 0, 0))
    number = 0
    for index, node in enumerate(ast.walk(tree)):
        for name, apply in _changes(node) if id(node) not in kept else ():
            said = f"{name}: {' '.join(ast.unparse(node).split())[:80]}"
            line = getattr(node, "lineno", 0)
            yield Mutant(number, line, *places[id(node)], said, tree, index, apply)
            number += 1


def _places(node: ast.AST, around: int, statement: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Each node by its identity, with the lines in which the innermost function and statement around it begin."""
    statement = node.lineno if isinstance(node, ast.stmt) else statement
    yield id(node), (around, statement)
    inside: list[ast.AST] = []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inside = [*node.body]
    begins = min([node.lineno, *(one.lineno for one in node.decorator_list)]) if inside else around  # type: ignore[attr-defined]
    for child in ast.iter_child_nodes(node):
        yield from _places(child, begins if child in inside else around, statement)


def _without_effect(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, annotations, export lists, and the texts of errors and log lines: no check promises their words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from ast.walk(node)
        yield from (inner for part in _wordy(node) for inner in ast.walk(part))


def _wordy(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that are words for people or for a type checker."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"__all__", "__slots__"}:
        return [node.value]
    if isinstance(node, ast.Call):
        return _wordy_arguments(node)
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return [*node.exc.args]
    parts = (getattr(node, name, None) for name in ("annotation", "returns"))
    return [part for part in parts if isinstance(part, ast.AST)]


def _wordy_arguments(node: ast.Call) -> list[ast.AST]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in LOGGING:
        return [*node.args]
    if name in {"TypeVar", "dataclass_transform"}:
        return [*node.args, *node.keywords]
    return [*node.args[: name == "cast"], *(one for one in node.keywords if one.arg == "doc")]


def _changes(node: ast.AST) -> list[Change]:
    """What can be changed about a node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        return [("comparison", _compare_otherwise)]
    if isinstance(node, ast.BoolOp):
        return [("and/or", _join_otherwise)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [("no not", _undo_not)]
    if isinstance(node, ast.If | ast.IfExp):
        return [("always", partial(_decide, True)), ("never", partial(_decide, False))]
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        return [("returns None", _return_none)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return [("constant", _other_constant)]
    return []


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _compare_otherwise(node: Any) -> None:
    node.ops[0] = COMPARISONS[type(node.ops[0])]()


def _join_otherwise(node: Any) -> None:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def _undo_not(node: Any) -> None:
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _decide(value: bool, node: Any) -> None:
    node.test = ast.Constant(value)


def _return_none(node: Any) -> None:
    node.value = ast.Constant(None)


def _other_constant(node: Any) -> None:
    value = node.value
    node.value = f"{value}X" if isinstance(value, str) else not value if isinstance(value, bool) else value + 1


def put_in(file: str, code: CodeType) -> None:
    """From now on in this process, importing the module of a file runs this code."""
    usual = importlib.machinery.SourceFileLoader.get_code

    def get_code(loader: importlib.machinery.SourceFileLoader, name: str) -> CodeType | None:
        return code if loader.get_filename(name) == file else usual(loader, name)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


Function = tuple[str, int]
"""A file, and the line in which a function begins."""


@contextmanager
def calls(home: str, lines: set[tuple[str, int]] | None = None) -> Iterator[set[Function]]:
    """Collects the functions below a directory that are called in this thread, and in those that are started.

    Args:
        home: The directory.
        lines: Where given, takes the lines that are run.
    """
    called: set[Function] = set()

    def step(frame: FrameType, *_: Any) -> Any:
        assert lines is not None
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return step

    def trace(frame: FrameType, *_: Any) -> Any:
        if not frame.f_code.co_filename.startswith(home):
            return None
        called.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))
        return step if lines is not None else None

    before = sys.gettrace(), threading.gettrace()
    sys.settrace(trace)
    threading.settrace(trace)
    try:
        yield called
    finally:
        sys.settrace(before[0])
        threading.settrace(before[1])  # None takes the function away


def followed(adapter: str, home: str) -> dict[str, list[Any]]:
    """Runs an adapter: the functions that importing calls, those of each question, and the lines that are run."""
    lines: set[tuple[str, int]] = set()
    told: dict[str, list[Any]] = {"at_import": [], "calls": []}

    def each(questions: Iterable[str]) -> Iterator[str]:
        told["at_import"] = sorted(called)
        for question in questions:
            called.clear()
            yield question
            told["calls"].append(sorted(called))

    with calls(home, lines) as called:
        sys.stdin = each(sys.stdin)
        runpy.run_path(adapter, run_name="__main__")
    return told | {"lines": sorted(lines)}


def main() -> None:
    """Runs an adapter, which then answers the questions on the standard input."""
    adapter, file, told = sys.argv[1:]
    if Path(file).is_dir():
        Path(told).write_text(json.dumps(followed(adapter, file)), encoding="utf-8")
        return
    mutant = next(one for one in mutants(Path(file).read_text(encoding="utf-8-sig")) if one.number == int(told))
    put_in(file, mutant.compiled(file))
    runpy.run_path(adapter, run_name="__main__")


if __name__ == "__main__":
    main()

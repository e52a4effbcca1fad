"""How many faults does the suite find? Breaks our SDK in one place at a time and runs the checks on it.

    python tests/conformance/selftest/mutants.py [--sample N] [--seed N] [--at-least PERCENT] [--report FILE]

A mutant is killed when a check fails by what it compares. Where the mutated code only raises something that nothing
promises, runs into the time limit or cannot be imported, that is counted apart and is no kill.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import azure.communication.chat as chat

HOME = Path(chat.__file__).parent
WORKER = Path(__file__).with_name("worker.py")
SECONDS = 60
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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file.

    Args:
        file: Below the SDK's directory.
        line: Where.
        change: What, in a word or two.
        source: The whole changed file.
    """

    file: str
    line: int
    change: str
    source: str


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Every mutant of a file: a copy of its tree with one node changed."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {id(node) for node in _without_effect(tree)}
    for index, node in enumerate(ast.walk(tree)):
        for number, change in enumerate(_changes(node) if id(node) not in skipped else ()):
            changed = copy.deepcopy(tree)
            target = next(one for at, one in enumerate(ast.walk(changed)) if at == index)
            _apply(changed, target, number)
            name = file.relative_to(HOME).as_posix()
            yield Mutant(name, getattr(node, "lineno", 0), change, ast.unparse(ast.fix_missing_locations(changed)))


def _without_effect(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, annotations, export lists, and the texts of errors and log lines: no check promises their words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield node
        yield from (inner for part in _wordy(node) for inner in ast.walk(part))


def _wordy(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that are words for people or for a type checker."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return [node.value]
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"warning", "critical"}:
        return [*node.args]
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return [*node.exc.args]
    parts = (getattr(node, name, None) for name in ("annotation", "returns"))
    return [part for part in parts if isinstance(part, ast.AST)]


def _changes(node: ast.AST) -> list[str]:
    """What can be changed about a node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        return ["comparison"]
    if isinstance(node, ast.BoolOp):
        return ["and/or"]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ["no not"]
    if isinstance(node, ast.If | ast.IfExp):
        return ["always", "never"]
    if isinstance(node, ast.Return) and node.value is not None:
        return ["returns None"]
    if isinstance(node, ast.Constant):
        return ["constant"] if isinstance(node.value, str | int) else []
    return []


def _apply(tree: ast.AST, node: ast.AST, number: int) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.Constant(number == 0)
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.Constant):
        value = node.value
        node.value = f"{value}X" if isinstance(value, str) else not value if isinstance(value, bool) else value + 1  # type: ignore[operator]


def outcome(mutant: Mutant, root: Path) -> str:
    """Puts a mutant into a copy of the SDK, runs the checks on it, and says what came of it."""
    file = root / "azure/communication/chat" / mutant.file
    original = file.read_text(encoding="utf-8")
    file.write_text(mutant.source, encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(
            [sys.executable, WORKER], env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        told = run.stdout.strip().splitlines()
        return told[-1] if run.returncode == 0 and told else "broken"
    except subprocess.TimeoutExpired:
        return "late"
    finally:
        file.write_text(original, encoding="utf-8")


def run(mutants: list[Mutant], workers: int) -> list[tuple[Mutant, str]]:
    """Runs all mutants, each worker on a copy of its own."""
    with tempfile.TemporaryDirectory() as home:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            root = Path(home) / str(number)
            shutil.copytree(HOME, root / "azure/communication/chat", ignore=shutil.ignore_patterns("__pycache__"))
            copies.put(root)

        def one(mutant: Mutant) -> tuple[Mutant, str]:
            root = copies.get()
            try:
                return mutant, outcome(mutant, root)
            finally:
                copies.put(root)

        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(one, mutants))


def main() -> int:
    """Makes the mutants, runs them and prints the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, help="run this many, chosen by the seed; all where left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-least", type=float, default=0.0, help="exit 1 below this percentage")
    parser.add_argument("--report", type=Path, help="write every mutant with its outcome as JSON")
    options = parser.parse_args()
    every = [mutant for file in sorted(HOME.rglob("*.py")) for mutant in mutants_of(file)]
    chosen = random.Random(options.seed).sample(every, min(options.sample, len(every))) if options.sample else every
    results = run(chosen, os.cpu_count() or 1)
    counts = Counter(told.split()[0] for _, told in results)
    score = 100 * counts["killed"] / len(results)
    for mutant, told in results:
        if told.split()[0] != "killed":
            print(f"{told:<9} {mutant.file}:{mutant.line} {mutant.change}")  # noqa: T201
    if options.report:
        rows = [{"file": one.file, "line": one.line, "change": one.change, "outcome": told} for one, told in results]
        options.report.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    parts = ", ".join(f"{counts[name]} {name}" for name in ("killed", "survived", "crashed", "broken", "late"))
    print(f"{len(results)} of {len(every)} mutants, seed {options.seed}: {parts}; killed {score:.1f} %")  # noqa: T201
    return int(score < options.at_least)


if __name__ == "__main__":
    sys.exit(main())

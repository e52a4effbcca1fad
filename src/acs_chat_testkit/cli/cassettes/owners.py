"""Which cassettes no test has: pytest collects the suite and says so, or the report of a whole run does."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording.importers import files
from acs_chat_testkit.recording.store import FILES

REPORT = click.option(
    "--report",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The --cassette-report of a whole run; without it the suite is collected.",
)
PATIENCE = 600
_NO_TESTS = 5


def orphans(paths: Sequence[Path], report: Path | None) -> list[Path]:
    """The cassettes below the paths that belong to no test, sorted.

    Raises:
        UsageError: The suite can not be collected, or the file is no report.
        NotACassette: What is to be the report is no file.
        BrokenCassette: A directory can not be read.
    """
    told = _read(report) if report is not None else _collected(paths)
    known = {path.resolve() for path in _below(paths, told["orphans"])}
    used = {path.resolve() for path in _below(paths, (row["path"] for row in told["cassettes"]))}
    there = {file.resolve(): file for file in files(paths) if file.is_file()}
    left = known | {path for path in there if _test_file_is_gone(path)}
    return sorted(file for path, file in there.items() if path in left - used)


def _collected(paths: Sequence[Path]) -> dict[str, list[Any]]:
    """The report of a run that collects everything and runs nothing."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place, "report.json")
        wanted = ["-m", "pytest", "--collect-only", "-q", f"--cassette-report={report}", *map(str, map(_suite, paths))]
        command = [sys.executable, *wanted]
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=PATIENCE)
        if run.returncode in (0, _NO_TESTS) and not report.exists():
            raise UsageError(
                "another plugin keeps the vcr marker, so that no test says its cassette; see: acs-chat doctor"
            )
        if run.returncode not in (0, _NO_TESTS):
            last = (run.stdout.strip() or run.stderr.strip()).splitlines()[-1:]
            raise UsageError(f"pytest could not collect the suite ({' '.join(last)}); see: pytest --collect-only")
        return _read(report)


def _suite(path: Path) -> Path:
    """Where the tests of cassettes are: beside the directory ``cassettes`` that a path is, or leads into."""
    near = [path.resolve(), *path.resolve().parents][:3]
    beside = next((place.parent for place in near if place.name == "cassettes"), None)
    tests = path.is_dir() and any(path.rglob("*.py"))
    return path if tests or beside is None else beside


def _read(report: Path) -> dict[str, list[Any]]:
    try:
        told = json.loads(FILES.load(report) or b"")
        return {"orphans": list(told["orphans"]), "cassettes": list(told["cassettes"])}
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{report} is no cassette report; write one with: pytest --cassette-report=report.json"
        ) from error


def _below(paths: Iterable[Path], names: Iterable[object]) -> Iterator[Path]:
    """Files of a report, whose names start at the root of the suite."""
    roots = [Path.cwd(), *Path.cwd().parents, *(parent for path in paths for parent in path.resolve().parents)]
    for name in map(str, names):
        yield next((root / name for root in roots if (root / name).is_file()), Path(name))


def _test_file_is_gone(path: Path) -> bool:
    """Whether a cassette lies where those of a test file do, ``cassettes/<file>/`` beside it, and the file is gone."""
    place, name = path.parent.parent, path.parent.name
    tests = [each.stem for each in place.parent.glob("*.py") if _is_test(each.stem)]
    return place.name == "cassettes" and _is_test(name) and bool(tests) and name not in tests


def _is_test(name: str) -> bool:
    # pytest-vcr makes test_x[a of a test whose id is a/b.
    return "[" not in name and (name.startswith("test_") or name.endswith("_test"))

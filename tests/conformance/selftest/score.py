"""How many faults does the suite find? Changes an SDK in one place at a time and runs the checks on it.

    python tests/conformance/selftest/score.py HOME [--write]

Three sets: faults that were thought of (faults.yaml), every mutant of our serializer, models, wire tables, operations
and credential, and a sample of mutants of the published clients, in environments below HOME. Exit code 1 where a seeded
fault or a check is in vain, too little is found, or too much is set aside. Needs fork, so it does not run on Windows.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import azure.core.pipeline.policies  # noqa: F401  # so that the children have it already
import yaml
from tests.conformance.selftest.foreign import PACKAGES, Foreign
from tests.conformance.selftest.judging import Job, Selection, Verdict, checks_of, judge, selection
from tests.conformance.selftest.mutation import Mutant, mutants, put_in

from acs_chat_conformance import scores
from acs_chat_conformance.implementation import find
from acs_chat_conformance.scores import in_words
from acs_chat_conformance.session import Session

PACKAGE = "azure.communication.chat"
SELFTEST = Path(__file__).parent
SOURCE = SELFTEST.parents[2] / "conformance/acs_chat_conformance" / scores.HOME.name
"""Where the scores are kept; the package that runs may be an installed one."""
LEAST, MOST_ASIDE = 90.0, 5.0
"""Percent of the mutants that must be found, and that may be set aside."""

ROOMS = {
    "serializer": (
        *("_model.py", "_fields.py", "_keys.py", "_kinds.py", "_reading.py"),
        *("_writing.py", "_parsing.py", "_times.py", "_validation.py", "_xml.py"),
    ),
    "models": ("_models.py", "_identifiers.py"),
    "wire tables": ("_wire/*.py",),
    "operations": ("_operations.py", "_requests.py", "_arguments.py"),
    "credential": ("_credential.py", "_access_token.py", "aio/_credential.py"),
}


@dataclass(slots=True)
class Score:
    """How many changes were found.

    Args:
        found: By what a check compares.
        of: All that count.
        aside: How many do not count, because they change nothing that could be seen.
        crashed: How many of the others made a call raise, hang or not start.
    """

    found: int = 0
    of: int = 0
    aside: int = 0
    crashed: int = 0

    @property
    def percent(self) -> float:
        """The share that was found."""
        return 100 * self.found / self.of if self.of else 0.0

    def add(self, outcome: str) -> None:
        """Counts one change."""
        self.of += 1
        self.found += outcome == "killed"
        self.crashed += outcome not in {"killed", "survived"}


class Aside:
    """Mutants that change nothing that could be seen, each by its file, the text of its line and the change."""

    def __init__(self, path: Path) -> None:
        self.unused = {
            (entry["file"], entry["line"], change)
            for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
            for change in entry["changes"]
        }
        self._all = set(self.unused)

    def has(self, file: str, line: str, change: str) -> bool:
        """Whether a mutant is set aside."""
        key = (file, line, change)
        self.unused.discard(key)
        return key in self._all


def room_of(file: str) -> str | None:
    """The room of a file; None for those that are not counted."""
    return next((room for room, files in ROOMS.items() if any(fnmatch(file, one) for one in files)), None)


def home_of_ours() -> Path:
    """Where our SDK lies; it is not imported here, so that each child does it anew."""
    spec = find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def generated(home: Path) -> Iterator[tuple[str, str, Mutant]]:
    """Every mutant of the counted files, with its file and the text of its line."""
    for path in sorted(home.rglob("*.py")):
        name = path.relative_to(home).as_posix()
        if room_of(name):
            source = path.read_text(encoding="utf-8")
            lines = ["", *map(str.strip, source.splitlines())]
            yield from ((name, lines[one.line], one) for one in mutants(source))


def mutant_job(home: Path, name: str, mutant: Mutant) -> Job:
    """The job of a mutant of ours."""
    path = str(home / name)
    function = (path, mutant.function) if mutant.function else None
    return Job(f"{name}:{mutant.line} {mutant.change}", name, function, lambda: put_in(path, mutant.compiled(path)))


def fault_job(home: Path, fault: dict[str, str]) -> Job:
    """The job of a seeded fault.

    Raises:
        ValueError: Its file has not the text that it changes.
    """
    path = home / fault["file"]
    source = path.read_text(encoding="utf-8")
    if fault["old"] not in source:
        raise ValueError(f"faults.yaml: {fault['id']}: {fault['file']} has no {fault['old']!r} any more")
    changed = source.replace(fault["old"], fault["new"])
    return Job(f"{fault['id']} {fault['fault']}", fault["file"], None, partial(_put_source, str(path), changed))


def _put_source(path: str, source: str) -> None:
    put_in(path, compile(source, path, "exec", dont_inherit=True))


class Run:
    """What is judged, and what has come of it."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.scores: dict[str, Score] = {}
        self.idle: set[str] = set()
        self.complaints: list[str] = []

    def seeded(self, home: Path, selected: Selection) -> None:
        """Judges the faults that were thought of."""
        faults = yaml.safe_load((SELFTEST / "faults.yaml").read_text(encoding="utf-8"))["faults"]
        for verdict in judge([fault_job(home, fault) for fault in faults], selected, self._workers, self.idle):
            self._count("seeded faults", verdict)
            if verdict.outcome != "killed":
                self.complaints.append(f"a seeded fault is not found: {verdict.job.name}")

    def ours(self, home: Path, selected: Selection) -> None:
        """Judges the mutants of our SDK, room by room."""
        aside = Aside(SELFTEST / "equivalent.yaml")
        total = self.scores.setdefault("our SDK", Score())
        jobs = []
        for name, line, mutant in generated(home):
            if aside.has(name, line, mutant.change):
                total.aside += 1
                self.scores.setdefault(f"our SDK, {room_of(name)}", Score()).aside += 1
            else:
                jobs.append(mutant_job(home, name, mutant))
        for verdict in judge(jobs, selected, self._workers, self.idle):
            total.add(verdict.outcome)
            self._count(f"our SDK, {room_of(verdict.job.home)}", verdict)
        self.complaints += [f"equivalent.yaml names no mutant: {' | '.join(key)}" for key in sorted(aside.unused)]
        if total.percent < LEAST:
            self.complaints.append(f"of our SDK's mutants {total.percent:.1f} % are found, and {LEAST:g} % must be")
        if 100 * total.aside > MOST_ASIDE * (total.aside + total.of):
            self.complaints.append(f"{total.aside} mutants are set aside, which is more than {MOST_ASIDE:g} %")

    def published(self, foreign: Foreign) -> None:
        """Judges a sample of the mutants of a published client."""
        run, of = len(foreign.reached), len(foreign.mutants)
        print(f"{foreign.title}: {run} of {of} mutants are in statements that checks run", flush=True)  # noqa: T201
        for verdict in judge(foreign.jobs(), foreign.selected, self._workers):
            self._count(foreign.title, verdict)

    def _count(self, name: str, verdict: Verdict) -> None:
        self.scores.setdefault(name, Score()).add(verdict.outcome)
        self.idle.difference_update(verdict.killers)
        if verdict.outcome != "killed":
            print(f"{verdict.outcome:<9} {name}: {verdict.job.name}", flush=True)  # noqa: T201


def main() -> int:
    """Judges all, and prints the scores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path, help="keeps the environments of the published clients")
    parser.add_argument("--write", action="store_true", help="write the scores into the source of the reports")
    options = parser.parse_args()
    started, home, run = time.monotonic(), home_of_ours(), Run(os.cpu_count() or 1)
    checks = [check for name in ("ours", "ours-aio") for check in checks_of(Session(find(name)))]
    selected = selection(checks, PACKAGE)
    run.idle = {check.vector.id for check in checks}
    run.ours(home, selected)
    run.seeded(home, selected)  # last, because some faults are there for checks that no mutant shows
    run.complaints += [f"a check finds nothing: {check}" for check in sorted(run.idle)]
    for package in PACKAGES:
        run.published(Foreign(package, options.home.resolve()))
    minutes = (time.monotonic() - started) / 60
    if options.write:
        SOURCE.write_text(json.dumps(content(run), indent=2) + "\n", encoding="utf-8")
    for name, score in run.scores.items():
        print(f"{name:<52} {in_words(**asdict(score))}")  # noqa: T201
    print(f"{len(run.idle)} of {len({one.vector.id for one in checks})} checks find nothing; {minutes:.1f} minutes")  # noqa: T201
    print("\n".join(run.complaints))  # noqa: T201
    return int(bool(run.complaints))


def content(run: Run) -> dict[str, Any]:
    """The scores as data."""
    return {"scores": {name: asdict(score) for name, score in run.scores.items()}}


if __name__ == "__main__":
    sys.exit(main())

"""Runs the checks as pytest items: `pytest --pyargs acs_chat_conformance -p acs_chat_conformance.plugin`.

Each check is one item under its id, so that `-k`, `-n` and `--lf` work on checks. A known failure is an expected one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acs_chat_conformance import deviations, vectors
from acs_chat_conformance.implementation import find
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import BAD, Result, Status
from acs_chat_conformance.runner import run
from acs_chat_conformance.session import Session
from acs_chat_conformance.source import Problem
from acs_chat_conformance.texts import lines, plain
from acs_chat_testkit.errors import UsageError

SESSION = pytest.StashKey[Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the two options of the command line."""
    group = parser.getgroup("acs-chat conformance")
    group.addoption("--conformance-impl", default="ours", help="An implementation by name or file, or exec:COMMAND.")
    group.addoption("--conformance-python", help="The interpreter of the implementation's environment.")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the adapters that run in processes of their own."""
    if session := config.stash.get(SESSION, None):
        session.__exit__(None, None, None)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Takes each set by the one file that all its files share."""
    if file_path.name != vectors.SHARED or not file_path.is_relative_to(vectors.HOME):
        return None
    name = file_path.parent.relative_to(vectors.HOME).as_posix()
    asked = find(parent.config.getoption("--conformance-impl")).sets
    return VectorSet.from_parent(parent, path=file_path, set_name=name) if name in asked else None


def session_of(config: pytest.Config) -> Session:
    """The one session of this process."""
    if SESSION not in config.stash:
        implementation = find(config.getoption("--conformance-impl"))
        config.stash[SESSION] = Session(implementation, config.getoption("--conformance-python"))
    return config.stash[SESSION]


class VectorSet(pytest.File):
    """The checks of one set."""

    def __init__(self, *, set_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.set_name = set_name

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each check that this implementation is asked, and one for each that cannot be used."""
        loaded = vectors.load(self.set_name)
        levels = find(self.config.getoption("--conformance-impl")).levels
        for vector in loaded.vectors:
            if vector.level in levels:
                yield Check.from_parent(self, name=vector.id.removeprefix(f"{self.set_name}/"), vector=vector)
        for problem in loaded.problems:
            yield Broken.from_parent(self, name=plain(str(problem)), problem=problem)


class Failed(Exception):
    """A check did not pass."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.vector.id)
        self.result = result


class Check(pytest.Item):
    """One check."""

    def __init__(self, *, vector: vectors.Vector, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vector = vector
        self.extra_keyword_matches.add(vector.level.value)

    def runtest(self) -> None:
        """Asks, answers and judges."""
        session = session_of(self.config)
        today = datetime.datetime.now(datetime.UTC).date()
        asked = run([self.vector], session)
        (result,) = deviations.weigh(asked, session.implementation, session.versions, today)
        if result.status is Status.KNOWN:
            pytest.xfail(result.note)
        if result.status in BAD:
            raise Failed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tells what the command line tells of a failure."""
        if isinstance(excinfo.value, UsageError):
            return plain(str(excinfo.value))
        if not isinstance(excinfo.value, Failed):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        python = self.config.getoption("--conformance-python")
        report = Report(session_of(self.config).implementation.name, 1, (result,), python=python)
        told = [f"{name:<8} {text}" for name, text in lines(report, result) if text]
        return "\n".join([f"{result.status} {result.vector.id} ({result.vector.level})", *told])

    def reportinfo(self) -> tuple[Path, int, str]:
        """The id of the check."""
        return self.path, 0, self.vector.id


class Broken(pytest.Item):
    """A check that cannot be used."""

    def __init__(self, *, problem: Problem, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem

    def runtest(self) -> None:
        """Always fails: what cannot be run did not pass."""
        pytest.fail(plain(str(self.problem)), pytrace=False)

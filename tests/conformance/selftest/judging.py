"""Runs the checks on changed code, each time in a child of this process, and says which checks found the change.

A check finds a change when it passed before and now fails by what it compares. Where the changed code only raises
something that nothing promises, sends nothing, runs into the time limit or cannot be imported, that is no kill.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection, wait
from pkgutil import walk_packages
from typing import Any

from tests.conformance.selftest.mutation import Function, calls

from acs_chat_conformance.judge import ABSENT, Difference
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.runner import run
from acs_chat_conformance.session import Session
from acs_chat_conformance.vectors import Vector, load

SECONDS = 30.0
RECENT = 5
WAITS = "_policies.py"
UNPROMISED = {"crash", "attribute", "type"}
FORK = multiprocessing.get_context("fork")  # so that a child has azure-core and the vectors already


@dataclass(frozen=True, slots=True)
class Check:
    """A vector, and the session that is asked it."""

    vector: Vector
    session: Session


@dataclass(frozen=True, slots=True)
class Job:
    """Code to judge.

    Args:
        name: Of the change, for people.
        home: Of the file, below its package; changes of one file tend to be found by the same checks.
        function: The one that is changed; None for code that is run when its module is imported.
        prepare: Puts the change in, in the child; what it returns takes the place of the session of every check.
    """

    name: str
    home: str
    function: Function | None
    prepare: Callable[[], Session | None]


@dataclass(slots=True)
class Verdict:
    """What came of a job: the checks that found the change, and ``killed``, ``survived``, ``crashed`` or ``late``."""

    job: Job
    outcome: str
    killers: list[str] = field(default_factory=list)


def by_comparison(result: Result) -> bool:
    """Whether a failure is more than a call that had to return, and raised what nothing promises.

    Where an error is wanted, another error in its place is a difference like any other.
    """
    return result.status is Status.FAILED and not all(map(_only_raised, result.differences))


def _only_raised(difference: Difference) -> bool:
    got = difference.got
    raised = difference.at == "/value" and isinstance(got, dict) and got.get("$error") in UNPROMISED
    return raised or (difference.at.startswith("/exchanges/") and difference.at.endswith("/request") and got == ABSENT)


def checks_of(session: Session) -> list[Check]:
    """The checks that an implementation is asked."""
    mine = session.implementation
    vectors = [vector for name in mine.sets for vector in load(name).vectors]
    return [Check(vector, session) for vector in vectors if vector.level in mine.levels]


def results(checks: Iterable[Check], session: Session | None = None) -> Iterator[Result]:
    """Runs checks in their order, each on its own session or all on the one that is given."""
    batch: list[Vector] = []
    asked: Session | None = None
    for check in checks:
        mine = session or check.session
        if batch and mine is not asked:
            yield from run(batch, asked) if asked else ()
            batch = []
        asked = mine
        batch.append(check.vector)
    if asked:
        yield from run(batch, asked)


class Selection:
    """Which checks can find a change: those that pass on unchanged code and call the function that is changed.

    Args:
        checks: The checks that pass.
        calls: The functions that each of them calls.
        at_import: The functions that importing the code calls; any check can find a change in those.
    """

    def __init__(self, checks: list[Check], calls: list[set[Function]], at_import: set[Function]) -> None:
        self.checks = checks
        self._everywhere = at_import
        self._by_function: dict[Function, list[Check]] = {}
        for check, called in zip(checks, calls, strict=True):
            for function in called:
                self._by_function.setdefault(function, []).append(check)

    def of(self, job: Job) -> list[Check]:
        """The checks that can find a job's change; those that wait for seconds, for changes of what waits alone."""
        anywhere = job.function is None or job.function in self._everywhere
        checks = self.checks if anywhere else self._by_function.get(job.function, [])  # type: ignore[arg-type]
        return [one for one in checks if job.home == WAITS or "/waiting#" not in one.vector.id]


def selection(checks: list[Check], package: str) -> Selection:
    """Runs every check on the unchanged package; in a child, so that this process never imports it."""
    receiver, sender = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_select, args=(checks, package, sender))
    child.start()
    passed, called, at_import = receiver.recv()
    child.join()
    kept = [(check, each) for check, each in zip(checks, called, strict=True) if check.vector.id in passed]
    return Selection([check for check, _ in kept], [each for _, each in kept], at_import)


def _select(checks: list[Check], package: str, sender: Connection) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    (home,) = spec.submodule_search_locations
    with calls(home) as at_import:
        import_module(package)
        for module in walk_packages([home], f"{package}."):
            import_module(module.name)
    bad = set()
    cached = [one for one in gc.get_objects() if isinstance(one, _lru_cache_wrapper)]
    caches = [one for one in cached if one.__module__.startswith(package)]
    called = []
    for check in checks:
        for cache in caches:
            cache.cache_clear()
        with calls(home) as one:
            (result,) = results([check])
        called.append(one)
        bad |= {check.vector.id} if result.status is not Status.PASSED else set()
    sender.send(({check.vector.id for check in checks} - bad, called, at_import))


def judge(
    jobs: Iterable[Job], selected: Selection, workers: int, idle: AbstractSet[str] = frozenset()
) -> Iterator[Verdict]:
    """Judges every job.

    Args:
        jobs: What to judge; each is made when its turn comes.
        selected: The checks, of which each job is given one after another until one finds it.
        workers: How many children run at a time.
        idle: The checks that are to show what they find, and are therefore run on each job in any case; the caller
            takes out those that have.
    """
    found_in: dict[str, Counter[str]] = {}
    running: dict[Connection, tuple[Job, Any, float]] = {}
    waiting = iter(jobs)
    more = True
    while more or running:
        while more and len(running) < workers:
            job = next(waiting, None)
            more = job is not None
            if job is not None:
                often = [name for name, _ in found_in.get(job.home, Counter()).most_common(RECENT)]
                running |= [_started(job, _ordered(selected.of(job), idle, often))]
        for verdict in _ended(running):
            found_in.setdefault(verdict.job.home, Counter()).update(verdict.killers)
            yield verdict


def _ordered(checks: list[Check], idle: AbstractSet[str], often: list[str]) -> tuple[list[Check], list[Check]]:
    """The checks to run in any case, and those to run until one fails, the likely ones first."""
    rest = [check for check in checks if check.vector.id not in idle]
    likely = [check for check in rest if check.vector.id in often]
    return [check for check in checks if check.vector.id in idle], [*likely, *rest]


def _started(job: Job, order: tuple[list[Check], list[Check]]) -> tuple[Connection, tuple[Job, Any, float]]:
    receiver, sender = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_child, args=(job, order, sender), daemon=True)
    child.start()
    sender.close()
    return receiver, (job, child, time.monotonic() + SECONDS)


def _ended(running: dict[Connection, tuple[Job, Any, float]]) -> Iterator[Verdict]:
    """The verdicts of the children that have told one, died or run out of time."""
    soonest = min(until for _, _, until in running.values()) if running else 0.0
    ready = wait(list(running), max(0.0, soonest - time.monotonic()))
    late = [one for one, (_, _, until) in running.items() if until <= time.monotonic() and one not in ready]
    for connection in [one for one in running if one in ready or one in late]:
        job, child, _ = running.pop(connection)
        told: tuple[str, list[str]] = ("late" if connection in late else "broken", [])
        if connection in ready:
            with suppress(EOFError):
                told = connection.recv()
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # the adapters that it started too
        child.join()
        connection.close()
        yield Verdict(job, *told)


def _child(job: Job, order: tuple[list[Check], list[Check]], sender: Connection) -> None:
    os.setpgrp()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    session = job.prepare()
    in_any_case, until_found = order
    told = list(results(in_any_case, session))
    killers = [one.vector.id for one in told if by_comparison(one)]
    crashed = any(one.status is not Status.PASSED for one in told)
    if not killers:
        for one in results(until_found, session):
            crashed = crashed or one.status is not Status.PASSED
            if by_comparison(one):
                killers.append(one.vector.id)
                break
    sender.send(("killed" if killers else "crashed" if crashed else "survived", killers))
    if session:
        session.__exit__(None, None, None)
    os._exit(0)

"""Times two things side by side and speaks in ratios.

A and B take turns (A B, B A, A B, ...), each turn gives one ratio, and the table shows the median of the ratios with
their interquartile range: what disturbs the machine disturbs both, and no single run decides.

What can be timed: a whole command (`Command`), or a callable in this process or in an environment of its own
(`Worker`), so that a peer never shares an environment with us.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol

WORKER = Path(__file__).with_name("worker.py")
COMPILED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path("work/benchmarks/compiled").resolve())}
"""Whole processes find their modules compiled, as users do, also where this environment writes no compiled modules."""


class Sample(Protocol):
    """Something that can be timed once."""

    def measure(self) -> float:
        """Runs once and returns the seconds it took."""


@dataclass(frozen=True, slots=True)
class Command:
    """A whole process, from start to exit; one that fails raises `subprocess.CalledProcessError`.

    Args:
        argv: The program and its arguments.
        cwd: Where it runs.
        environ: What is set in its environment beside what is set in ours.
        clock: What counts the seconds; `processor` leaves out what other processes of the machine take.
    """

    argv: Sequence[str | Path]
    cwd: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.perf_counter

    def measure(self) -> float:
        """Runs the command once and returns the seconds it took."""
        environ = {**os.environ, **COMPILED, **self.environ}
        start = self.clock()
        subprocess.run(self.argv, cwd=self.cwd, env=environ, check=True, capture_output=True)
        return self.clock() - start


def processor() -> float:
    """The seconds that processors have spent on the processes that this one has started and seen end."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@dataclass(frozen=True, slots=True)
class Printed:
    """A whole process that measures something itself, and prints the number in its last line."""

    argv: Sequence[str | Path]
    cwd: Path | None = None

    def measure(self) -> float:
        """Runs the command once and returns what it printed."""
        environ = {**os.environ, **COMPILED}
        done = subprocess.run(
            self.argv, cwd=self.cwd, env=environ, check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
        return float(done.stdout.splitlines()[-1])


@dataclass(frozen=True, slots=True)
class Over:
    """What one sample costs more than another, measured one right after the other, for each of some parts of it."""

    sample: Sample
    base: Sample
    parts: int = 1

    def measure(self) -> float:
        """Runs both once and returns the difference for one part."""
        base = self.base.measure()
        return (self.sample.measure() - base) / self.parts


class Worker:
    """A case of a benchmark file, timed in a process that stays up between the turns.

    Args:
        file: The benchmark file; its ``CASES`` maps a name to a function that sets up and returns what to time.
        case: The name of the case.
        python: The interpreter of the environment; this one by default.
        number: How many calls make one measurement.
        clock: Which function of `time` counts; ``process_time`` leaves out what other processes of the machine take.
    """

    def __init__(
        self, file: Path, case: str, python: Path | None = None, number: int = 1, clock: str = "perf_counter"
    ) -> None:
        self._number = number
        self._process = subprocess.Popen(
            [python or sys.executable, WORKER, file, case, clock],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def measure(self) -> float:
        """Runs the case `number` times and returns the seconds of one call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self._number}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the benchmark worker ended with exit code {self._process.wait()}")
        return float(answer) / self._number


@dataclass(frozen=True, slots=True)
class Comparison:
    """The ratios of one side by side measurement, A over B.

    Args:
        name: What was compared.
        ratios: One ratio a turn; plain values where a unit says of what.
        goal: What the ratio should stay at or below; None where there is no goal.
        unit: Of the values; empty for ratios.
    """

    name: str
    ratios: tuple[float, ...]
    goal: float | None = None
    unit: str = ""

    @property
    def median(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and the third quartile of the ratios."""
        low, _, high = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return low, high


def compare(name: str, a: Sample, b: Sample, *, turns: int = 21, goal: float | None = None) -> Comparison:
    """Measures A and B in turns after one unmeasured turn each.

    Args:
        name: What is compared, for the table.
        a: Ours.
        b: The peer, or the floor.
        turns: How many ratios to take; at least 2.
        goal: What the ratio should stay at or below.
    """
    a.measure()
    b.measure()
    ratios = []
    for turn in range(turns):
        if turn % 2:
            of_b, of_a = b.measure(), a.measure()
        else:
            of_a, of_b = a.measure(), b.measure()
        ratios.append(of_a / of_b)
    return Comparison(name, tuple(ratios), goal)


def values(
    name: str, sample: Sample, *, turns: int = 21, goal: float | None = None, unit: str = "ms", scale: float = 1000
) -> Comparison:
    """Measures one thing by itself, after one unmeasured turn; for goals that are no ratios.

    Args:
        name: What is measured, for the table.
        sample: What to measure.
        turns: How many values to take; at least 2.
        goal: What the value should stay at or below.
        unit: Of the values.
        scale: What a measure is multiplied with to be in that unit.
    """
    sample.measure()
    return Comparison(name, tuple(sample.measure() * scale for _ in range(turns)), goal, unit)


def options(bench: str, parts: Iterable[str] = ()) -> argparse.Namespace:
    """What a benchmark was asked for on the command line: `turns`, and `parts` where it has some."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{bench}")
    turns = "how many ratios to take of each comparison, at most; 2 or more (default: %(default)s)"
    parser.add_argument("--turns", type=int, default=21, help=turns)
    if parts:
        parser.add_argument("parts", nargs="*", choices=[[], *parts], help="what to measure; all by default")
    return parser.parse_args()


def growing(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as `table`; each row is printed as soon as it is measured."""
    rows = []
    for row in comparisons:
        rows.append(row)
        print(table([row]).splitlines()[-1], flush=True)
    return table(rows)


def publish(name: str, text: str, home: Path = Path("work/benchmarks")) -> None:
    """Prints a result and keeps it as ``NAME.md``, with what it was measured on."""
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    machine = f"Python {platform.python_version()}, {where}, load {os.getloadavg()[0]:.1f}"
    home.mkdir(parents=True, exist_ok=True)
    (home / f"{name}.md").write_text(f"{text}\n\n{time.strftime('%Y-%m-%d')}, {machine}\n", "utf-8")
    print(f"\n{text}\n\n{machine}")


def table(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as a Markdown table."""
    lines = ["| what | median | quartiles | goal | |", "|---|---|---|---|---|"]
    for row in comparisons:
        low, high = row.spread
        unit = row.unit and f" {row.unit}"
        goal = "" if row.goal is None else f"{row.goal:.3g}{unit}"
        verdict = "" if row.goal is None else ("met" if row.median <= row.goal else "missed")
        lines.append(f"| {row.name} | {row.median:.3g}{unit} | {low:.3g} to {high:.3g} | {goal} | {verdict} |")
    return "\n".join(lines)


def environment(*requirements: str, home: Path = Path("work/benchmarks")) -> Path:
    """The interpreter of an environment that holds just these requirements, made where it does not exist yet."""
    key = hashlib.sha256("\n".join([sys.version, *requirements]).encode()).hexdigest()[:12]
    place = home.resolve() / key
    python = place / "bin" / "python"
    ready = place / "ready"
    if not ready.exists():
        venv.create(place, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *requirements], check=True)
        ready.touch()
    return python

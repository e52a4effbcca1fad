"""The benchmark harness measures what it says."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks import harness


class Scripted:
    """A sample with known times, which notes when its turn came."""

    def __init__(self, name: str, times: list[float], log: list[str]) -> None:
        self.name, self.log = name, log
        self.times: Iterator[float] = iter(times)

    def measure(self) -> float:
        """The next known time."""
        self.log.append(self.name)
        return next(self.times)


def test_the_median_is_of_the_ratios_of_each_turn_and_the_first_turn_does_not_count() -> None:
    """One slow moment that hits both sides must not move the result, and the warm-up is thrown away."""
    log: list[str] = []
    ours = Scripted("a", [99.0, 1.0, 10.0, 1.0], log)
    peer = Scripted("b", [1.0, 2.0, 20.0, 4.0], log)
    result = harness.compare("x", ours, peer, turns=3)
    assert result.ratios == (0.5, 0.5, 0.25)
    assert result.median == 0.5


def test_the_two_sides_take_turns_at_going_first() -> None:
    """The order alternates, so that neither side always runs on a warm machine."""
    log: list[str] = []
    harness.compare("x", Scripted("a", [1.0] * 5, log), Scripted("b", [1.0] * 5, log), turns=4)
    assert "".join(log) == "ab" + "ab" + "ba" + "ab" + "ba"


def test_the_table_says_met_or_missed_only_where_there_is_a_goal() -> None:
    """A goal is met at or below its figure."""
    rows = harness.table(
        [
            harness.Comparison("fast", (0.5, 0.5, 0.5), goal=0.5),
            harness.Comparison("slow", (2.0, 2.0, 2.0), goal=1.0),
            harness.Comparison("free", (1.0, 1.0, 1.0)),
        ]
    ).splitlines()
    assert rows[2].endswith("| 0.5 | met |")
    assert rows[3].endswith("| 1 | missed |")
    assert rows[4].endswith("|  |  |")


def test_a_command_that_fails_is_no_measurement() -> None:
    """A benchmark of a broken command must not give a figure."""
    with pytest.raises(subprocess.CalledProcessError):
        harness.Command([sys.executable, "-c", "raise SystemExit(3)"]).measure()


def test_a_worker_runs_the_case_in_a_process_of_its_own_as_often_as_asked(tmp_path: Path) -> None:
    """The case really runs, elsewhere, `number` times a measurement."""
    log = tmp_path / "log"
    case = tmp_path / "bench.py"
    case.write_text(
        f"import os\nlog = open({str(log)!r}, 'a', buffering=1)\n"
        "CASES = {'write': lambda: lambda: log.write(f'{os.getpid()}\\n')}\n",
        encoding="utf-8",
    )
    with harness.Worker(case, "write", number=3) as worker:
        assert worker.measure() > 0
        assert worker.measure() > 0
    pids = log.read_text(encoding="utf-8").split()
    assert len(pids) == 6
    assert len(set(pids)) == 1


def test_a_worker_counts_by_the_clock_that_it_is_told(tmp_path: Path) -> None:
    """The clock is a function of `time`; here one that ticks when it is read."""
    case = tmp_path / "bench.py"
    case.write_text(
        "import itertools, time\ntime.ticks = itertools.count().__next__\nCASES = {'case': lambda: lambda: None}\n",
        encoding="utf-8",
    )
    with harness.Worker(case, "case", clock="ticks") as worker:
        assert worker.measure() == 1


def test_a_worker_that_dies_is_reported_with_its_exit_code(tmp_path: Path) -> None:
    """A case that crashes must not give a figure."""
    case = tmp_path / "bench.py"
    case.write_text("CASES = {'crash': lambda: lambda: 1 / 0}\n", encoding="utf-8")
    with harness.Worker(case, "crash") as worker, pytest.raises(RuntimeError, match="exit code 1"):
        worker.measure()


def test_a_case_is_told_how_many_calls_come_before_each_measurement(tmp_path: Path) -> None:
    """A recorder that has played its cassette to the end can open it again before the clock runs."""
    case = tmp_path / "bench.py"
    case.write_text(
        "class Case:\n"
        "    left = 0\n"
        "    def prepare(self, number):\n"
        "        assert self.left == 0\n"
        "        self.left = number\n"
        "    def __call__(self):\n"
        "        self.left -= 1\n"
        "        assert self.left >= 0\n"
        "CASES = {'case': Case}\n",
        encoding="utf-8",
    )
    with harness.Worker(case, "case", number=3) as worker:
        assert worker.measure() > 0
        assert worker.measure() > 0


def test_a_process_may_print_what_it_measured_itself() -> None:
    """Only the last line counts: libraries print what they like before it."""
    assert harness.Printed([sys.executable, "-c", "print('hello'); print(2.5)"]).measure() == 2.5


def test_what_one_thing_costs_over_another_is_per_part() -> None:
    """500 tests that take half a second more cost a millisecond each."""
    log: list[str] = []
    over = harness.Over(Scripted("a", [1.5], log), Scripted("b", [1.0], log), parts=500)
    assert over.measure() == pytest.approx(0.001)


def test_goals_that_are_no_ratios_have_a_unit() -> None:
    """Seconds become what the table says, and the warm-up is thrown away."""
    row = harness.values("x", Scripted("a", [9.0, 0.002, 0.002], []), turns=2, goal=2)
    assert harness.table([row]).splitlines()[-1] == "| x | 2 ms | 2 to 2 | 2 ms | met |"


def test_a_result_is_kept_with_what_it_was_measured_on(tmp_path: Path) -> None:
    """A table without its machine says nothing."""
    harness.publish("sdk", "| a table |", tmp_path / "new")
    text = (tmp_path / "new" / "sdk.md").read_text("utf-8")
    assert text.startswith("| a table |\n")
    assert f"Python {sys.version.split()[0]}" in text


def test_a_command_runs_with_the_environment_it_is_given() -> None:
    """What is set reaches the process; the rest of the environment stays."""
    check = "import os; assert os.environ['BENCH'] == '1' and os.environ['PATH']"
    assert harness.Command([sys.executable, "-c", check], environ={"BENCH": "1"}).measure() > 0


def test_a_command_is_timed_by_the_clock_it_is_given() -> None:
    """The time of processors leaves out what else the machine does."""
    assert harness.Command([sys.executable, "-S", "-c", ""], clock=iter([2.0, 5.0]).__next__).measure() == 3.0
    before = harness.processor()
    harness.Command([sys.executable, "-c", "sum(range(1000000))"]).measure()
    assert harness.processor() > before


def test_the_table_grows_a_row_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """A row is printed before the next one is measured: who waits for minutes sees how far it is."""

    def rows() -> Iterator[harness.Comparison]:
        for name in ("one", "two"):
            yield harness.Comparison(name, (1.0, 1.0))
            assert capsys.readouterr().out.startswith(f"| {name} |")

    assert [line.split()[1] for line in harness.growing(rows()).splitlines()[2:]] == ["one", "two"]


def test_every_benchmark_takes_fewer_turns_and_some_take_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no parts refuses them, and a part that is not there is no run that measures nothing."""
    monkeypatch.setattr(sys, "argv", ["bench", "load", "--turns", "3"])
    asked = harness.options("bench_x", {"load": None, "miss": None})
    assert (asked.turns, asked.parts) == (3, ["load"])
    for parts in ((), ("miss",)):
        with pytest.raises(SystemExit):
            harness.options("bench_x", parts)

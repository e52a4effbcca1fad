"""The recorder side by side with vcrpy, pytest-recording, pytest-vcr, betamax and cassetter.

``python -m benchmarks.bench_recorder`` runs all; ``... replay load --turns 5`` runs some parts, with few turns.
Needs the registry once, to make an environment for each peer below work/benchmarks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import (
    Command,
    Comparison,
    Over,
    Printed,
    Worker,
    compare,
    environment,
    growing,
    options,
    processor,
    publish,
    values,
)
from benchmarks.recorder_programs import TESTS

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).with_name("recorder_cases.py")
HOME = ROOT / "work" / "benchmarks" / "recorder"
SHARED = tuple(f"{name}=={version(name)}" for name in ("requests", "urllib3", "httpx", "pytest"))
"""What the peers have in common with us, in the versions that we have."""
OURS = Path(sys.executable)


@dataclass(frozen=True)
class Peers:
    """The environments of the peers, and how many turns each comparison takes."""

    turns: int

    def _environment(self, *requirements: str) -> Path:
        return environment(*requirements, *SHARED)

    @property
    def vcrpy(self) -> Path:
        """vcrpy, which pytest-recording runs on."""
        return self._environment("vcrpy==9.4.2", "pytest-recording==0.14.1")

    @property
    def pytest_vcr(self) -> Path:
        """pytest-vcr; it can not live beside pytest-recording."""
        return self._environment("vcrpy==9.4.2", "pytest-vcr==1.0.2")

    @property
    def betamax(self) -> Path:
        """Betamax."""
        return self._environment("betamax==0.9.0")

    @property
    def cassetter(self) -> Path:
        """Cassetter."""
        return self._environment("cassetter==0.16.1")

    def cases(
        self,
        name: str,
        a: tuple[Path, str, int],
        b: tuple[Path, str, int],
        *,
        goal: float | None = None,
        turns: int | None = None,
        clock: str = "perf_counter",
    ) -> Comparison:
        """Two cases, each with its interpreter and how many calls make one measurement."""
        with Worker(CASES, a[1], a[0], a[2], clock) as one, Worker(CASES, b[1], b[0], b[2], clock) as two:
            return compare(name, one, two, goal=goal, turns=min(turns or self.turns, self.turns))


def flat(peers: Peers) -> Iterator[Comparison]:
    """What one replayed request costs in a large cassette and in a small one."""
    for what, shown in (("get", "GET"), ("post", "POST, bodies compared")):
        large, small = (OURS, f"{what}-10000", 100), (OURS, f"{what}-100", 100)
        yield peers.cases(f"{shown}: 10,000 / 100 interactions", large, small, goal=1.15)
        large, small = (peers.vcrpy, f"{what}-10000", 1), (peers.vcrpy, f"{what}-100", 50)
        yield peers.cases("the same, vcrpy: 10,000 / 100", large, small, turns=5)
        large, small = (peers.betamax, f"{what}-10000", 1), (peers.betamax, f"{what}-100", 50)
        yield peers.cases("the same, betamax: 10,000 / 100", large, small, turns=5)
        large, small = (peers.cassetter, f"{what}-2500", 100), (peers.cassetter, f"{what}-100", 100)
        yield peers.cases("the same, cassetter: 2,500 / 100 (it refuses 3,000 with bodies)", large, small)


def replay(peers: Peers) -> Iterator[Comparison]:
    """What one replayed request costs beside an adapter that returns canned bytes, and beside the peers."""
    for what, shown in (("get", "GET"), ("post", "POST, bodies compared")):
        ours, canned = (OURS, f"{what}-1000", 100), (OURS, f"{what}-canned", 100)
        yield peers.cases(f"{shown}: 1,000 interactions / canned adapter", ours, canned, goal=1.5)
        theirs, canned = (peers.cassetter, f"{what}-1000", 100), (peers.cassetter, f"{what}-canned", 100)
        yield peers.cases("the same, cassetter / canned adapter", theirs, canned)
        yield peers.cases("the same, ours / cassetter", ours, theirs)
        yield peers.cases("the same, ours / vcrpy", ours, (peers.vcrpy, f"{what}-1000", 5))
        yield peers.cases("the same, ours / betamax", ours, (peers.betamax, f"{what}-1000", 5))
    best = (peers.vcrpy, "get-best", 50)
    yield peers.cases("vcrpy with one interaction / canned adapter", best, (peers.vcrpy, "get-canned", 100))
    sdk = (OURS, "sdk-replayed", 100), (OURS, "sdk-canned", 100)
    yield peers.cases("send_message of the SDK / canned adapter", *sdk, goal=1.5)


def miss(peers: Peers) -> Iterator[Comparison]:
    """What it takes to say that nothing in a large cassette answers, and what is nearest."""
    with Worker(CASES, "miss-10000", OURS, 10) as ours:
        yield values("a miss in 10,000 interactions, explained", ours, turns=peers.turns, goal=2)
    yield peers.cases("the same / vcrpy", (OURS, "miss-10000", 10), (peers.vcrpy, "miss-10000", 1), turns=5)
    with Worker(CASES, "miss-bodies-10000", OURS) as ours:
        yield values("the first miss among 10,000 bodies at one address", ours, turns=peers.turns, goal=50)
    first = (OURS, "miss-bodies-10000", 1), (peers.vcrpy, "miss-bodies-10000", 1)
    yield peers.cases("the same / vcrpy", *first, turns=5)


def load(peers: Peers) -> Iterator[Comparison]:
    """Opening a large cassette: time, memory, and with all of it replayed in a fresh process."""
    ours = (OURS, "open-6000", 1)
    yield peers.cases(
        "opening 6,000 interactions, 10 MB / vcrpy", ours, (peers.vcrpy, "open-6000", 1), goal=1 / 100, turns=7
    )
    with Worker(CASES, "open-6000", OURS) as alone:
        yield values("the same by itself", alone, turns=peers.turns)
    case = (peers.cassetter, "open-3000", 1)
    yield peers.cases("opening 3,000, 5 MB / cassetter (it refuses 6,000)", (OURS, "open-3000", 1), case, goal=1)
    memory = [printed("memory", python, 6000) for python in (OURS, peers.vcrpy)]
    yield compare("memory for opening 6,000 / vcrpy", *memory, turns=3, goal=0.1)
    every = [program("replay-all", python, 1000) for python in (OURS, peers.vcrpy)]
    yield compare("fresh process: opening 1,000 and replaying all / vcrpy", *every, turns=2)
    yield values("fresh process: opening 6,000 and replaying all", program("replay-all", OURS, 6000), turns=5)


def write(peers: Peers) -> Iterator[Comparison]:
    """Writing a cassette, and adding to a recording."""
    for case, shown in (
        ("store-1000", "clean interactions to disk"),
        ("close-1000", "exchanges that were recorded and redacted before: looked at once more, and to disk"),
        ("record-1000", "exchanges, recording them included: redacted, kept and to disk"),
    ):
        name = f"writing 1,000 {shown} / vcrpy, which redacts nothing"
        yield peers.cases(name, (OURS, case, 1), (peers.vcrpy, case, 1), goal=1 / 10, turns=7)
    name = "one more into a recording of 10,000 and on / of 100 and on, by the processor's clock"
    more = (OURS, "more-10000", 200), (OURS, "more-100", 200)
    yield peers.cases(name, *more, goal=1.15, clock="process_time")


def pytest(peers: Peers) -> Iterator[Comparison]:
    """500 tests with a cassette each, beside tests that do nothing, and beside the same tests on other plugins."""
    turns = min(peers.turns, 9)
    ours = project(OURS, "cassettes/test_replayed", "cassettes/test_httpx")
    with_us = ["-p", "acs_chat_testkit.pytest_plugin"]
    bare, adapter = run(OURS, ours, "test_bare.py"), run(OURS, ours, "test_adapter.py")
    replayed = run(OURS, ours, "test_replayed.py", with_us)
    yield values("a replayed test over a bare one", Over(replayed, bare, TESTS), turns=turns, goal=0.5)
    yield values("a test with a mounted adapter over a bare one", Over(adapter, bare, TESTS), turns=turns)
    unmarked = run(OURS, ours, "test_bare.py", with_us)
    yield values("an unmarked test over one without the plugin", Over(unmarked, bare, TESTS), turns=turns, goal=0.02)
    one, started = run(OURS, ours, "test_one.py"), run(OURS, ours, "test_one.py", with_us)
    yield compare(
        "one unmarked test, with the start of pytest / with an empty plugin", started, one, turns=turns, goal=1.05
    )
    theirs = project(peers.vcrpy, "cassettes/test_replayed", "cassettes/test_httpx")
    recording = run(peers.vcrpy, theirs, "test_replayed.py", ["-p", "pytest_recording.plugin"])
    yield values(
        "pytest-recording: a replayed test over a bare one",
        Over(recording, run(peers.vcrpy, theirs, "test_bare.py"), TESTS),
        turns=turns,
    )
    yield compare("500 replayed tests / pytest-recording", replayed, recording, turns=turns)
    httpx = run(OURS, ours, "test_httpx.py", with_us)
    yield values("a replayed test with a client of httpx over a bare one", Over(httpx, bare, TESTS), turns=turns)
    other = run(peers.vcrpy, theirs, "test_httpx.py", ["-p", "pytest_recording.plugin"])
    yield compare("500 of them / pytest-recording", httpx, other, turns=min(turns, 3))
    theirs = project(peers.pytest_vcr, "cassettes")
    other = run(peers.pytest_vcr, theirs, "test_replayed.py", ["-p", "pytest_vcr", "--vcr-record=none"])
    yield compare("500 replayed tests / pytest-vcr", replayed, other, turns=turns)
    theirs = project(peers.cassetter, "cassettes/test_replayed")
    other = run(peers.cassetter, theirs, "test_replayed.py", ["-p", "cassetter.pytest_plugin"])
    yield compare("500 replayed tests / cassetter", replayed, other, turns=turns)


PARTS: dict[str, Callable[[Peers], Iterator[Comparison]]] = {
    "flat": flat,
    "replay": replay,
    "miss": miss,
    "load": load,
    "write": write,
    "pytest": pytest,
}


def run(python: Path, home: Path, file: str, options: Sequence[str] = ("-p", "nothing")) -> Command:
    """A run of pytest with no plugins but the one that is named, by default an empty one.

    pytest looks through all that is installed for a plugin that is named, as it does where it finds plugins itself.
    """
    environ = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return Command([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, file], home, environ, processor)


def project(python: Path, *places: str) -> Path:
    """A directory of test files with cassettes of the recorder that lives with this interpreter."""
    home = HOME / python.parent.parent.name
    module = "benchmarks.recorder_programs"
    Command([python, "-m", module, "project", home, *places], ROOT).measure()
    return home


def large(python: Path, number: int) -> Path:
    """A large cassette of the recorder that lives with this interpreter."""
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / f"{python.parent.parent.name}-{number}.yaml"
    Command([python, "-m", "benchmarks.recorder_programs", "large", path, str(number)], ROOT).measure()
    return path


def printed(what: str, python: Path, number: int) -> Printed:
    """A program that prints what it measured on a large cassette."""
    return Printed([python, "-m", "benchmarks.recorder_programs", what, large(python, number)], ROOT)


def program(what: str, python: Path, number: int) -> Command:
    """A program that does something with a large cassette."""
    path = large(python, number)
    return Command([python, "-m", "benchmarks.recorder_programs", what, path, str(number)], ROOT)


def main() -> None:
    """Prints the table and keeps it."""
    asked = options("bench_recorder", PARTS)
    peers = Peers(asked.turns)
    publish("recorder", growing(row for part in asked.parts or PARTS for row in PARTS[part](peers)))


if __name__ == "__main__":
    main()

"""The whole path in one command: record against the emulator, replay without a network, check, summarise.

    tox run -e quickstart                 records into work/quickstart and compares with cassettes/
    tox run -e quickstart -- --accept     takes the new recording over into cassettes/

Every count of the summary comes from the reports that the steps write, and those count events as they happen.
A step that fails ends the run with exit code 1 and one sentence that names the step and why.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

ROOT = Path(__file__).resolve().parents[1]
SEED = "1"
CLOCK = "2026-01-01T00:00:00Z"
START_SECONDS = 30
ACS_CHAT = (sys.executable, "-m", "acs_chat_testkit.cli")
Report = dict[str, Any]


class StepFailed(Exception):
    """A step did not do what it is there for; the text says which and why."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"step {step!r} failed: {why}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the run reads and writes."""

    suite: Path
    committed: Path
    work: Path

    @property
    def recorded(self) -> Path:
        """The directory of the new recording."""
        return self.work / "cassettes"

    def log(self, step: str) -> Path:
        """Where a step's output goes."""
        return self.work / f"{step}.log"

    def report(self, step: str) -> Path:
        """Where a step's report goes."""
        return self.work / f"{step}.json"


def run(places: Places, step: str, argv: Sequence[str | Path]) -> Report:
    """Runs one step to its end and returns the report that it wrote."""
    with places.log(step).open("w", encoding="utf-8") as log:
        env = os.environ | {"EXAMPLE_CASSETTES": str(places.recorded)}
        code = subprocess.run(argv, stdout=log, stderr=subprocess.STDOUT, env=env, check=False).returncode
    if code:
        last = places.log(step).read_text(encoding="utf-8").strip().splitlines()[-15:]
        raise StepFailed(step, "\n  ".join([f"exit code {code}, the end of {shown(places.log(step))}:", *last]))
    if not places.report(step).exists():
        raise StepFailed(step, f"it wrote no report at {shown(places.report(step))}")
    report: Report = json.loads(places.report(step).read_text(encoding="utf-8"))
    return report


def pytest(places: Places, step: str, *options: str | Path) -> Report:
    """Runs the example suite as a step."""
    report = f"--cassette-report={places.report(step)}"
    return run(places, step, [sys.executable, "-m", "pytest", places.suite, report, *options])


@contextmanager
def emulator(places: Places) -> Iterator[Path]:
    """Runs the emulator with a fixed seed and clock, so that a recording does not differ from run to run."""
    ready = places.work / "emulator.json"
    argv = [*ACS_CHAT, "emulate", "--seed", SEED, "--clock", CLOCK, "--ready-file", str(ready)]
    with places.log("emulate").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(ready, process)
        yield ready
    finally:
        process.terminate()
        code = process.wait(START_SECONDS)
    if code:
        raise StepFailed("emulate", f"the emulator ended with exit code {code}, see {shown(places.log('emulate'))}")


def wait_for(ready: Path, process: subprocess.Popen[bytes]) -> None:
    """Waits until the emulator accepts connections."""
    end = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None:
            raise StepFailed("emulate", f"the emulator ended with exit code {process.returncode} before it was ready")
        if time.monotonic() > end:
            raise StepFailed("emulate", f"the emulator was not ready within {START_SECONDS} s")
        time.sleep(0.02)


def record(places: Places, ready: Path) -> Report:
    """Records the suite against the running emulator."""
    report = pytest(places, "record", "--chat-target=emulator", f"--chat-emulator={ready}", "--record-mode=rewrite")
    if not report["recorded"]:
        raise StepFailed("record", "the suite made no request, so nothing was recorded")
    return report


def replay(places: Places, recorded: int) -> Report:
    """Replays the new recording with the network blocked."""
    report = pytest(places, "replay", "--chat-target=cassettes", "--record-mode=none", "--block-network")
    if report["live"] or report["blocked"]:
        raise StepFailed(
            "replay", f"{report['live']} requests left the process and {report['blocked']} connections were blocked"
        )
    if report["replayed"] != recorded:
        raise StepFailed("replay", f"{recorded} requests were recorded, but {report['replayed']} were replayed")
    return report


def compare(places: Places) -> int:
    """Compares the new recording byte for byte with the committed one and returns the number of files."""
    new, old = files(places.recorded), files(places.committed)
    for name in sorted(new.keys() | old.keys()):
        if new.get(name) != old.get(name):
            state = "differs" if name in new and name in old else "is missing" if name in old else "is new"
            raise StepFailed(
                "compare",
                f"{name} {state} against {shown(places.committed)}; "
                "look at it, then take it over with: tox run -e quickstart -- --accept",
            )
    return len(new)


def files(home: Path) -> dict[str, bytes]:
    """The content of every cassette below a directory by its relative name."""
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*.yaml")}


def accept(places: Places) -> None:
    """Replaces the committed cassettes by the new recording."""
    shutil.rmtree(places.committed, ignore_errors=True)
    shutil.copytree(places.recorded, places.committed)


def conform(places: Places, recorded: int) -> tuple[Report, Report]:
    """Checks the models and operations of the SDK, and then every recorded exchange, against the contract."""
    sdk = run(places, "conformance", [*ACS_CHAT, "conformance", "--report", places.report("conformance")])
    step = "conformance-cassettes"
    cassettes = run(
        places, step, [*ACS_CHAT, "conformance", "cassettes", places.recorded, "--report", places.report(step)]
    )
    if cassettes["judged"] != recorded:
        raise StepFailed(step, f"{recorded} requests were recorded, but {cassettes['judged']} were judged")
    return sdk, cassettes


def summary(places: Places, recording: Report, replaying: Report, equal: int, sdk: Report, cassettes: Report) -> str:
    """What happened, in a few lines."""
    rows = {
        "recorded": f"{recording['recorded']} requests in {len(recording['cassettes'])} cassettes, "
        f"all against the {recording['origin']}",
        "replayed": f"{replaying['replayed']} requests; {replaying['live']} left the process, "
        f"{replaying['blocked']} connections tried",
        "compared": f"{equal} cassettes equal {shown(places.committed)} byte for byte",
        "checked": f"{sdk['models']} models and {sdk['operations']} operations in {sdk['executed']} checks, "
        f"{cassettes['judged']} recorded exchanges against the contract",
        "cassettes": shown(places.recorded),
        "report": shown(places.report("conformance")),
    }
    return "\n".join(f"  {name:<10} {text}" for name, text in rows.items())


def shown(path: Path) -> str:
    """A path as a person wants to read it: relative where it lies below the current directory."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def quickstart(places: Places, *, take_over: bool = False) -> str:
    """Runs all steps and returns the summary.

    Raises:
        StepFailed: A step did not do what it is there for.
    """
    shutil.rmtree(places.work, ignore_errors=True)
    places.work.mkdir(parents=True)
    with emulator(places) as ready:
        recording = record(places, ready)
    replaying = replay(places, recording["recorded"])
    if take_over:
        accept(places)
    equal = compare(places)
    sdk, cassettes = conform(places, recording["recorded"])
    return summary(places, recording, replaying, equal, sdk, cassettes)


def main() -> int:
    """Reads the command line, runs and prints."""
    parser = argparse.ArgumentParser(description="Record, replay and check the example suite.")
    parser.add_argument("--suite", type=Path, default=ROOT / "examples", help="the tests to run")
    parser.add_argument("--cassettes", type=Path, default=ROOT / "cassettes", help="the recording to compare with")
    parser.add_argument("--work", type=Path, default=ROOT / "work" / "quickstart", help="where to write")
    parser.add_argument("--accept", action="store_true", help="take the new recording over before comparing")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    try:
        text = quickstart(Places(options.suite, options.cassettes, options.work), take_over=options.accept)
    except StepFailed as failure:
        console.print(f"[bold red]quickstart:[/] {escape(str(failure))}")
        return 1
    console.print(f"[bold green]quickstart: all steps passed[/]\n{escape(text)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

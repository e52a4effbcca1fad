"""Plays every scenario of observations.yaml with the tools on which it goes wrong, and with ours, on which it must not.

    python tests/peers/run.py DIRECTORY [NUMBER...]

Makes an environment below DIRECTORY for each tool; with numbers, only these observations are played. Ends with 1 where
a tool no longer shows what was observed of it, or where ours does.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.peers.observations import Observation, observations  # noqa: E402
from tests.peers.stage import Outcome  # noqa: E402
from tests.peers.worker import find_scenario  # noqa: E402

CLIENTS = ("requests==2.34.2", "httpx==0.28.1", "aiohttp==3.14.5")
PYTEST = ("pytest==9.2.0", "pytest-xdist==3.8.0")
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "vcrpy": ("vcrpy==9.4.2", "pytest-recording==0.14.1", *PYTEST, *CLIENTS),
    "vcrpy-8.2.0": ("vcrpy==8.2.0", *CLIENTS),
    "pytest-vcr": ("vcrpy==9.4.2", "pytest-vcr==1.0.2", "pytest-recording==0.14.1", *PYTEST, *CLIENTS),
    "cassetter": ("cassetter==0.16.1", *PYTEST, *CLIENTS),
    "betamax": ("betamax==0.9.0", *CLIENTS),
    "responses": ("responses==0.26.3", *CLIENTS),
}
WIDTH = 110


@dataclass(frozen=True)
class Played:
    """What came of a scenario.

    Args:
        outcome: What happened.
        error: The last line of what went wrong, where the scenario did not come to its end.
    """

    outcome: Outcome = None
    error: str = ""

    def __str__(self) -> str:
        text = f"did not end: {self.error}" if self.error else json.dumps(self.outcome)
        return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


@functools.cache
def interpreter(home: Path, tool: str) -> Path:
    """The Python of a tool's environment, which is made where it is not there yet."""
    if tool == "ours":
        return Path(sys.executable)
    python = home / tool / "bin" / "python"
    if not python.exists():
        venv.create(home / tool, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *ENVIRONMENTS[tool]], check=True)
    return python


@functools.cache
def played(home: Path, tool: str, scenario: str) -> Played:
    """What comes of a scenario with a tool."""
    argv = [str(interpreter(home, tool)), str(HERE / "worker.py"), tool, scenario]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    lines = (ran.stderr if ran.returncode else ran.stdout).strip().splitlines()
    return Played(error=lines[-1]) if ran.returncode else Played(json.loads(lines[-1]))


def compare(home: Path, row: Observation) -> Iterator[tuple[str, bool]]:
    """The lines of the table for one observation, each with whether it is as it should be."""
    yield f"\n{row.number}. {row.holds}", True
    for name, tools in row.scenarios.items():
        right = find_scenario(name).right
        yield f"   {name}: {json.dumps(right)}", True
        for tool in ("ours", *tools):
            what = played(home, tool, name)
            holds = not what.error and what.outcome == right
            as_known = holds if tool == "ours" else not holds and not what.error
            yield f"   {'   ' if as_known else ' ! '}{tool:<12}{'holds' if holds else what}", as_known
    for line in (*row.tests, row.note):
        if line:
            yield f"   {line}", True


def main(home: Path, numbers: set[int]) -> int:
    """Prints the table."""
    surprises = 0
    for row in observations():
        if not numbers or row.number in numbers:
            for line, as_known in compare(home, row):
                print(line, flush=True)  # noqa: T201
                surprises += not as_known
    print(f"\n{surprises or 'no'} surprises")  # noqa: T201
    return int(surprises > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), {int(number) for number in sys.argv[2:]}))

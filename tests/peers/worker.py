"""Plays one scenario with one tool, in whatever environment the interpreter belongs to, and prints the outcome as JSON.

    python tests/peers/worker.py TOOL MODULE.SCENARIO

Nothing of this project but this directory and the service on loopback is needed for it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.peers.stage import Outcome, Scenario, Stage
from tests.peers.tools import TOOLS
from tests.recording.service import serving


def find(name: str) -> object:
    """What a module of scenarios calls by that name."""
    module, _, attribute = name.partition(".")
    found: object = getattr(import_module(f"tests.peers.scenarios.{module}"), attribute)
    return found


def find_scenario(name: str) -> Scenario:
    """The scenario of that name."""
    found = find(name)
    assert isinstance(found, Scenario)
    return found


def play(tool: str, name: str, place: Path) -> Outcome:
    """The outcome of a scenario, as JSON gives it back."""
    with serving() as service:
        return json.loads(json.dumps(find_scenario(name).play(Stage(TOOLS[tool], service, place))))


def main(argv: list[str]) -> None:
    """Plays a scenario, or does one child's part of it."""
    if argv[0] == "--child":
        work = find(argv[2])
        assert callable(work)
        work(TOOLS[argv[1]], *argv[3:])
        return
    with tempfile.TemporaryDirectory() as place:
        outcome = play(argv[0], argv[1], Path(place))
    print(json.dumps(outcome))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])

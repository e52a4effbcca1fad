"""The hook of pre-commit: its entry runs on the files that its pattern takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from acs_chat_testkit.recording.redaction import TOKEN

ROOT = Path(__file__).parents[2]
HOOK: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
CASSETTE = ROOT / "cassettes" / "test_chat_room" / "test_a_stranger_is_refused.yaml"


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    """Runs the entry with file names behind it, as pre-commit does."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [*HOOK["entry"].split(), *files],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_clean_cassettes_pass() -> None:
    """Several files at once, as a commit has them."""
    assert lint(*CASSETTE.parent.glob("*.yaml")).returncode == 0


def test_a_leak_stops_the_commit(tmp_path: Path) -> None:
    """The file and the line are named."""
    leak = tmp_path / "leak.yaml"
    leak.write_text(CASSETTE.read_text(encoding="utf-8").replace(TOKEN, "what-opens-the-door"), encoding="utf-8")
    found = lint(leak)
    assert found.returncode == 1
    assert "leak.yaml:" in found.stdout


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("tests/cassettes/test_room/test_opens.yaml", True),
        ("cassettes/one.yml", True),
        ("tests/test_room.py", False),
        ("docs/cassettes.yaml", False),
    ],
)
def test_the_pattern_takes_cassettes(path: str, taken: bool) -> None:
    """No other YAML file of a repository is held for one."""
    assert (re.search(HOOK["files"], path) is not None) is taken

"""The composite action: every step is executed by bash, as a runner does it, on a suite of a user."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
GIVEN = {"install": "", "implementation": "ours", "sets": "python-surface"}
SECRET = "Bearer what-the-recorder-saw"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with one recorded test."""
    home = tmp_path_factory.mktemp("checkout")
    tests = home / "tests"
    shutil.copytree(ROOT / "cassettes" / "test_chat_room", tests / "cassettes" / "test_chat_room")
    for name in ("chat_room.py", "test_chat_room.py"):
        shutil.copy(ROOT / "examples" / name, tests)
    (home / "pytest.ini").write_text("[pytest]\npythonpath = tests\n", encoding="utf-8")
    return home


def run(name: str, suite: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Executes a step with the inputs that a workflow gives it."""
    step = STEPS[name]
    inputs = {key: each["default"] for key, each in ACTION["inputs"].items()} | GIVEN | given
    env = {key: INPUT.sub(lambda found: inputs[found[1]], value) for key, value in step["env"].items()}
    return bash(
        step["run"], suite, Path(sys.executable).parent, env | {"GITHUB_STEP_SUMMARY": str(suite / "summary.md")}
    )


def bash(script: str, place: Path, programs: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Executes a script in a directory as a runner does, with the programs of an environment."""
    around = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=place,
        env=around | env | {"PATH": path, "CI": "true"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_steps_pass_on_a_good_suite_and_publish_a_summary(suite: Path) -> None:
    """Replay, scan, judge, check and summary, one after the other as they stand in the file."""
    for name in STEPS:
        step = run(name, suite)
        assert step.returncode == 0, f"{name}: {step.stdout}{step.stderr}"
    summary = (suite / "summary.md").read_text(encoding="utf-8")
    assert "43 interactions" in summary
    assert "43 judged: 0 error" in summary
    assert "python-surface" in summary
    written = {path.name for path in (suite / "acs-chat-reports").iterdir()}
    assert written == {
        "cassettes.json",
        "conformance.html",
        "conformance.md",
        "conformance.xml",
        "judged.json",
        "tests.xml",
    }


def test_install_takes_the_version_that_the_action_is_part_of(tmp_path: Path) -> None:
    """What a workflow names is what runs, whatever a package index has; pip says what it would install."""
    venv.create(tmp_path, with_pip=True)
    step, install = STEPS["Install"], str(ACTION["inputs"]["install"]["default"])
    assert step["working-directory"] == "${{ github.action_path }}"
    report = tmp_path / "report.json"
    here = {"PYTHONPATH": sysconfig.get_path("purelib"), "PIP_NO_BUILD_ISOLATION": "0"}  # builds without an index
    said = {"PIP_DRY_RUN": "1", "PIP_REPORT": str(report)}
    bash(step["run"], ROOT, tmp_path / "bin", {"INSTALL": install} | here | said).check_returncode()
    chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    assert [each["download_info"]["url"] for each in chosen] == [ROOT.as_uri()]
    assert chosen[0]["requested_extras"] == ["all"]


def test_replay_fails_with_a_test_that_is_not_recorded(suite: Path) -> None:
    """A new test can not go out from a build server."""
    new = suite / "tests" / "test_new.py"
    new.write_text(
        "import pytest\n\n@pytest.mark.vcr\ndef test_new(chat_client):\n    list(chat_client.list_chat_threads())\n",
        encoding="utf-8",
    )
    step = run("Replay", suite, tests="tests/test_new.py")
    new.unlink()
    assert step.returncode == 1
    assert "there is no cassette" in step.stdout


def test_scan_fails_with_a_leak(suite: Path) -> None:
    """A token that somebody committed stops the build."""
    leak = suite / "leak.yaml"
    text = next((suite / "tests" / "cassettes").rglob("*.yaml")).read_text(encoding="utf-8")
    leak.write_text(re.sub(r"Bearer \S+", SECRET, text), encoding="utf-8")
    assert run("Scan", suite, cassettes="leak.yaml").returncode == 1


def test_judge_fails_below_the_live_share(suite: Path) -> None:
    """What was recorded against the emulator is no evidence about the service."""
    assert run("Judge", suite, **{"require-live": "80"}).returncode == 1


def test_check_fails_with_an_implementation_that_is_not_there(suite: Path) -> None:
    """A misspelt name is no pass."""
    assert run("Check", suite, implementation="nobody").returncode == 2


def test_no_input_is_pasted_into_a_script() -> None:
    """An input reaches a script as a variable alone: pasted in, a name of a branch could be a command."""
    assert [name for name, step in STEPS.items() if "${{" in step["run"]] == []
    used = {found for step in STEPS.values() for value in step["env"].values() for found in INPUT.findall(value)}
    assert used == set(ACTION["inputs"])

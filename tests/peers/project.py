"""A small pytest project that talks to the service, and what became of its tests when pytest ran it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.stage import Stage

NOTHING: Mapping[str, str] = {}
_DURATION = re.compile(r"\d+\.\d+s")


@dataclass(frozen=True)
class Run:
    """One run of pytest.

    Args:
        code: Its exit code.
        text: What it printed, without how long it took.
        tests: Whether each test passed, by name; errors around a test count.
        live: Method and target of the requests that arrived meanwhile.
    """

    code: int
    text: str
    tests: dict[str, bool] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)

    @property
    def green(self) -> bool:
        """Whether pytest ended well."""
        return self.code == 0

    @property
    def passed(self) -> list[str]:
        """The names of the tests that passed."""
        return [name for name, passed in self.tests.items() if passed]


class Project:
    """A directory with test files; `URL` in them stands for the service.

    Args:
        stage: What the scenario stands on.
        files: Texts by the name of the file, without suffix.
    """

    def __init__(self, stage: Stage, **files: str) -> None:
        self.stage = stage
        self.place = stage.place / "project"
        self.place.mkdir()
        (self.place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str, url: str | None = None) -> None:
        """Writes a file, with another address where one is given."""
        source = textwrap.dedent(text).replace("URL", url or self.stage.url)
        (self.place / f"{name}.py").write_text(source, encoding="utf-8")

    def record(self, test: str, *targets: str, directory: str = "test_it") -> None:
        """Records requests as if that test had made them: what pytest itself recorded takes a run more."""
        path = self.place / "cassettes" / directory / f"{test}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.stage.tool.use(path) as session:
            for target in targets:
                session.get(self.stage.url + target)

    def run(self, *options: str, environment: Mapping[str, str] = NOTHING, alone: bool = True) -> Run:
        """Runs pytest with the tool's plugin; alone, without the one of another recorder."""
        report = self.stage.place / "report.xml"
        report.unlink(missing_ok=True)
        self.stage.live()
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        ran = subprocess.run(
            [*argv, *(self.stage.tool.plugin if alone else ()), *options],
            cwd=self.place,
            env={**_environment(), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        text = _DURATION.sub("", ran.stdout + ran.stderr)
        return Run(ran.returncode, text, _outcomes(report), self.stage.live())

    def cassettes(self) -> dict[str, str]:
        """The recordings, by their path below the project."""
        files = sorted(path for suffix in (".yaml", ".json") for path in self.place.rglob(f"*{suffix}"))
        return {path.relative_to(self.place).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _environment() -> dict[str, str]:
    """This process's, without what changes what pytest and its plugins do."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CI", "ACS_CHAT_"))}
    # To an older pytest, a test that is written anew within a second, and as long as before, is the old one.
    return {**mine, "PYTHONDONTWRITEBYTECODE": "1"}


def _outcomes(report: Path) -> dict[str, bool]:
    outcomes: dict[str, bool] = {}
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            outcomes[name] = outcomes.get(name, True) and len(case.findall("failure") + case.findall("error")) == 0
    return outcomes

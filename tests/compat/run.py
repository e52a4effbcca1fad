"""Runs the test suites of pytest-recording and of vcrpy, first on these themselves, then on our plugin in their place.

    python tests/compat/run.py HOME

HOME keeps the downloads and an environment for the first run. Only tests that pass on their own package here count:
some need the internet. What then fails on ours must be in `expected.toml`, with a reason, and what is in there must
fail. Exit code 1 where the two differ.
"""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
import tarfile
import tomllib
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
PATIENCE = 1800


@dataclass(frozen=True)
class Suite:
    """A published test suite.

    Args:
        package: What it is of.
        version: Of the package.
        tests: Where its source distribution has them.
        names: The module of ours that gives the tests what they import.
        left_out: Tests of what has no counterpart, with the options that leave them out.
        off: What keeps the other plugin out of the first run.
    """

    package: str
    version: str
    tests: str
    names: str
    left_out: Sequence[str] = ()
    off: Sequence[str] = ()

    def source(self, home: Path) -> Path:
        """The unpacked source distribution, downloaded where it is not there yet."""
        place = home / f"{self.package.replace('-', '_')}-{self.version}"
        if not place.exists():
            pip = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--no-build-isolation",
                "--no-binary=:all:",
            ]
            subprocess.run([*pip, f"--dest={home}", f"{self.package}=={self.version}"], check=True)
            with tarfile.open(place.with_name(f"{place.name}.tar.gz")) as archive:
                archive.extractall(home, filter="data")
        return place

    def run(self, python: Path, source: Path, report: Path, *options: str) -> Mapping[str, bool]:
        """Which of its tests pass, by name; those that are skipped are left out."""
        command: list[str | Path] = [
            python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--config-file=pyproject.toml",
            f"--junitxml={report}",
            *options,
            *self.left_out,
        ]
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        environment["PYTHONPATH"] = str(HERE)
        with report.with_suffix(".log").open("w", encoding="utf-8") as log:
            subprocess.run(
                [*command, self.tests],
                cwd=source,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=PATIENCE,
            )
        cases = ElementTree.parse(report).iter("testcase")
        return {
            f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}": not {"failure", "error"} & tags
            for case in cases
            if "skipped" not in (tags := {child.tag for child in case})
        }


SUITES = (
    Suite(
        "pytest-recording",
        "0.14.1",
        "tests",
        "pytest_recording_names",
        ("--ignore=tests/test_utils.py",),
    ),
    Suite("vcrpy", "9.4.2", "tests/integration", "vcrpy_names", off=("-p", "no:recording")),
)


def main(home: Path) -> int:
    """Runs all suites and says how many tests pass, and what is not as expected."""
    home.mkdir(parents=True, exist_ok=True)
    expected = tomllib.loads((HERE / "expected.toml").read_text("utf-8"))
    theirs = _environment(home / "theirs")
    surprises = []
    for suite in SUITES:
        source = suite.source(home)
        before = suite.run(theirs, source, home / f"{suite.package}-theirs.xml", *suite.off)
        ours = ("-p", "no:recording", "-p", suite.names)
        after = suite.run(Path(sys.executable), source, home / f"{suite.package}-ours.xml", *ours)
        counted = [name for name, passed in before.items() if passed]
        passing = {name for name in counted if after.get(name)}
        rows = expected[suite.package]
        outside = _without(counted, rows, "private")
        sys.stdout.write(
            f"{suite.package} {suite.version}: {_share(passing, counted)} pass with ours in its place, "
            f"{_share(passing, outside)} of what does not look inside, "
            f"{_share(passing, _without(outside, rows, 'contrary'))} of what asks for nothing that ours must not do\n"
        )
        surprises += compared(suite.package, counted, passing, rows)
    sys.stdout.writelines(f"  {each}\n" for each in surprises)
    return 1 if surprises else 0


def compared(
    package: str, counted: Sequence[str], passing: set[str], reasons: Sequence[Mapping[str, object]]
) -> list[str]:
    """What is not as the list of expected failures says."""
    found = []
    for row in reasons:
        assert row["reason"]
        for pattern in _patterns(row):
            named = _matching(counted, pattern)
            found += [f"{package}: {pattern} is expected to fail, and there is no such test here"] * (not named)
            found += [f"{package}: {name} passes; take it off the list" for name in named if name in passing]
    known = _named(counted, reasons)
    unknown = [name for name in counted if name not in passing and name not in known]
    return found + [f"{package}: {name} fails, and is not on the list" for name in unknown]


def _without(names: Sequence[str], rows: Sequence[Mapping[str, object]], mark: str) -> list[str]:
    """The tests that are in no row with this mark."""
    left_out = _named(names, [row for row in rows if row.get(mark)])
    return [name for name in names if name not in left_out]


def _share(passing: set[str], of: Sequence[str]) -> str:
    number = len(passing.intersection(of))
    return f"{number} of {len(of)} tests ({number / len(of):.0%})"


def _named(counted: Sequence[str], rows: Sequence[Mapping[str, object]]) -> set[str]:
    """The tests that these rows name."""
    return {name for row in rows for pattern in _patterns(row) for name in _matching(counted, pattern)}


def _patterns(row: Mapping[str, object]) -> list[str]:
    patterns = row["tests"]
    assert isinstance(patterns, list)
    return patterns


def _matching(counted: Sequence[str], pattern: str) -> list[str]:
    return fnmatch.filter(counted, pattern.replace("[", "[[]"))


def _environment(place: Path) -> Path:
    """An environment with the packages themselves and what their tests need."""
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        wanted = [f"{suite.package}[tests]=={suite.version}" for suite in SUITES]
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))

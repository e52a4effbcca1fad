"""What the packaging tests stand on: the built wheel, and environments to install it into."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORWARDED = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment of its own, outside the checkout."""

    place: Path

    def script(self, name: str) -> Path:
        """The path of an installed command."""
        return self.place / "bin" / name

    def run(self, *argv: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of this environment in an empty directory."""
        empty = self.place / "empty"
        empty.mkdir(exist_ok=True)
        env = {key: value for key, value in os.environ.items() if key in FORWARDED or key.startswith("PIP_")}
        result = subprocess.run(
            [self.script(str(argv[0])), *argv[1:]],
            cwd=empty,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if check and result.returncode:
            raise AssertionError(f"{argv} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result

    def python(self, code: str) -> str:
        """What a line of Python prints here, isolated from the caller's environment."""
        return self.run("python", "-I", "-c", code).stdout.strip()

    def pip(self, *argv: str | Path) -> None:
        """Runs pip and fails the test with its output where pip fails."""
        self.run("python", "-m", "pip", "-q", "--disable-pip-version-check", *argv)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel under test: the one that tox built, else one built now."""
    if built := os.environ.get("TOX_PACKAGE"):
        return Path(built)
    return build(tmp_path_factory.mktemp("wheel"), "--wheel")


def build(place: Path, *options: str, source: Path = ROOT) -> Path:
    """Builds a source tree into a directory and returns the one file that it made."""
    subprocess.run([sys.executable, "-m", "build", "-q", "--no-isolation", *options, "-o", place, source], check=True)
    [made] = place.iterdir()
    return made


@pytest.fixture
def environment(tmp_path: Path) -> Callable[[str], Environment]:
    """Makes an empty environment by name."""

    def make(name: str) -> Environment:
        venv.create(tmp_path / name, with_pip=True)
        return Environment(tmp_path / name)

    return make

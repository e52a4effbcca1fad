"""The pages that take long to follow; `tox run -e docs` runs them."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from .blocks import ROOT
from .not_run import OF_OFFICIAL, SLOW
from .story import Story, follow


@pytest.mark.parametrize("page", SLOW)
def test_a_slow_page_can_be_followed(page: str, tmp_path: Path) -> None:
    """As the quick ones."""
    follow(ROOT / page, Story(tmp_path))


def test_the_page_of_the_official_sdk_can_be_followed(tmp_path: Path) -> None:
    """In an environment where the official package answers the import, the fixtures take its clients."""
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    wanted = [f"{wheel(tmp_path)}[all]", "azure-communication-chat==1.3.0", "pytest"]
    subprocess.run([python, "-m", "pip", "-q", "--disable-pip-version-check", "install", *wanted], check=True)
    place = tmp_path / "place"
    place.mkdir()
    follow(ROOT / OF_OFFICIAL, Story(place, python))


def wheel(place: Path) -> str:
    """The wheel that tox built, else one built now."""
    if built := os.environ.get("TOX_PACKAGE"):
        return built
    options = ["-q", "--no-isolation", "--wheel", "-o", str(place / "wheel")]
    subprocess.run([sys.executable, "-m", "build", *options, str(ROOT)], check=True)
    [made] = (place / "wheel").iterdir()
    return str(made)

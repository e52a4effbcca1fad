"""What the source distribution holds, and that it gives the same wheel."""

import subprocess
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from .conftest import ROOT, build

LEFT_OUT = (".ci/", ".github/")
METADATA = {"PKG-INFO"}


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout."""
    return build(tmp_path_factory.mktemp("sdist"), "--sdist")


def test_it_holds_what_is_committed_and_nothing_else(sdist: Path) -> None:
    """A work directory, a recording or a secret that lies about must not be published."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout
    expected = {name for name in listed.split("\0") if name and not name.startswith(LEFT_OUT)}
    with tarfile.open(sdist) as archive:
        shipped = {PurePosixPath(*PurePosixPath(each.name).parts[1:]).as_posix() for each in archive if each.isfile()}
    assert shipped - METADATA == expected


def test_the_wheel_made_from_it_is_the_wheel_made_from_the_checkout(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    """Who builds from the source distribution gets what we tested, byte for byte."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    assert contents(build(tmp_path / "wheel", "--wheel", source=source)) == contents(wheel)


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}

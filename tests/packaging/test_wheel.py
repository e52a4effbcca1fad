"""What the wheel holds, and what it does not."""

import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from .conftest import ROOT


@pytest.fixture(scope="session")
def archive(wheel: Path) -> zipfile.ZipFile:
    """The opened wheel."""
    return zipfile.ZipFile(wheel)


def test_the_sdk_lies_under_the_toolkits_own_directory_and_a_path_file_points_there(archive: zipfile.ZipFile) -> None:
    """No file of the official package may be overwritten, so nothing of ours is installed at its place."""
    names = archive.namelist()
    assert "acs_chat_testkit/_sdk/azure/communication/chat/__init__.py" in names
    assert not [name for name in names if name.startswith("azure/")]
    assert archive.read("acs_chat_testkit_sdk.pth") == b"acs_chat_testkit/_sdk\n"


def test_azure_and_azure_communication_stay_namespaces(archive: zipfile.ZipFile) -> None:
    """An __init__.py there would hide every other azure package (PEP 420)."""
    names = archive.namelist()
    assert "acs_chat_testkit/_sdk/azure/__init__.py" not in names
    assert "acs_chat_testkit/_sdk/azure/communication/__init__.py" not in names


def test_every_package_says_that_it_is_typed(archive: zipfile.ZipFile) -> None:
    """Type checkers read annotations only beside a py.typed (PEP 561)."""
    typed = {name for name in archive.namelist() if name.endswith("py.typed")}
    assert typed == {
        "acs_chat_conformance/py.typed",
        "acs_chat_testkit/_sdk/azure/communication/chat/py.typed",
        "acs_chat_testkit/py.typed",
    }


def test_every_source_file_is_shipped_and_nothing_else(archive: zipfile.ZipFile) -> None:
    """The wheel is the checkout's three packages, the path file and its own metadata: no more, no less."""
    homes = {
        ROOT / "src" / "acs_chat_testkit": "acs_chat_testkit",
        ROOT / "conformance" / "acs_chat_conformance": "acs_chat_conformance",
        ROOT / "src" / "azure": "acs_chat_testkit/_sdk/azure",
    }
    expected = {
        f"{inside}/{path.relative_to(home).as_posix()}"
        for home, inside in homes.items()
        for path in home.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert shipped == expected | {"acs_chat_testkit_sdk.pth"}


def test_one_command_and_one_plugin_are_registered(archive: zipfile.ZipFile) -> None:
    """The entry points are part of the public surface."""
    [entry_points] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert archive.read(entry_points).decode() == (
        "[console_scripts]\n"
        "acs-chat = acs_chat_testkit.cli:main\n"
        "\n"
        "[pytest11]\n"
        "acs_chat_testkit = acs_chat_testkit.pytest_plugin\n"
    )


def test_the_base_install_asks_for_the_sdks_needs_alone(archive: zipfile.ZipFile) -> None:
    """Who imports the SDK gets no test tool."""
    [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    needs = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist") or []
    base = {need.split(">")[0] for need in needs if "extra ==" not in need}
    assert base == {"azure-core", "msgspec", "pyjwt", "requests"}

"""The wheel in environments of its own: alone, with pytest only, and beside the official SDK."""

import base64
import csv
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from .conftest import Environment

OFFICIAL = "azure-communication-chat==1.3.0"
WHO_ANSWERS = "import azure.communication.chat as chat; print(chat.__file__)"
USE_THE_OFFICIAL = (
    "from azure.communication.chat import ChatClient, CommunicationTokenCredential\n"
    "import base64, json\n"
    "claims = base64.b64encode(json.dumps({'exp': 4102444800}).encode()).decode()\n"
    "client = ChatClient('https://chat.communication.example', CommunicationTokenCredential(f'e30.{claims}.sig'))\n"
    "print(type(client.get_chat_thread_client('19:x@thread.v2')).__module__)"
)


def broken_files(environment: Environment) -> list[str]:
    """The files of the official SDK that are missing or differ from what its own RECORD says."""
    [site] = environment.place.glob("lib/python*/site-packages")
    [record] = site.glob("azure_communication_chat-*.dist-info/RECORD")
    rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 20
    return [name for name, expected, _ in rows if expected and expected != file_hash(site / name)]


def file_hash(path: Path) -> str:
    """The hash of a file in the form of a RECORD; empty where the file is missing."""
    if not path.exists():
        return ""
    digest = hashlib.sha256(path.read_bytes()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_ours(file: str) -> bool:
    """Whether a path of `azure.communication.chat` lies in the toolkit."""
    return "acs_chat_testkit/_sdk/azure/communication/chat" in file


def test_alone_the_base_install_brings_the_sdk_and_no_test_tool(
    environment: Callable[[str], Environment], wheel: Path
) -> None:
    """`pip install acs-chat-testkit` gives the SDK; the command line says in one sentence what it lacks."""
    alone = environment("alone")
    alone.pip("install", wheel)
    assert is_ours(alone.python(WHO_ANSWERS))
    installed = alone.run("python", "-m", "pip", "list", "--format=freeze").stdout.lower()
    assert not re.search(r"^(pytest|hypothesis|vcrpy|pyyaml|msrest)=", installed, re.MULTILINE)

    refused = alone.run("acs-chat", "emulate", check=False)
    assert refused.returncode == 2
    assert refused.stderr.strip().splitlines()[-1] == (
        "acs-chat: the command line needs an extra (click is not installed): pip install 'acs-chat-testkit[all]'"
    )


def test_with_pytest_alone_the_plugin_lets_a_foreign_suite_run_untouched(
    environment: Callable[[str], Environment], wheel: Path
) -> None:
    """The entry point loads in every environment that has pytest, so it must do no harm without the extras."""
    bare = environment("bare")
    bare.pip("install", wheel, "pytest")
    suite = bare.place / "test_foreign.py"
    suite.write_text("def test_one():\n    assert True\n", encoding="utf-8")
    result = bare.run("pytest", "-W", "error", "-q", suite)
    assert "1 passed" in result.stdout
    assert "acs_chat_testkit" in bare.run("pytest", "--trace-config", "-q", suite).stdout


def test_the_official_sdk_installed_after_us_answers_and_gives_way_when_it_goes(
    environment: Callable[[str], Environment], wheel: Path
) -> None:
    """Ours answers alone, theirs while it is there, ours again when it is gone; no file of theirs changes."""
    place = environment("after")
    place.pip("install", wheel)
    place.pip("install", OFFICIAL)
    assert not is_ours(place.python(WHO_ANSWERS))
    assert broken_files(place) == []
    place.pip("uninstall", "-y", "azure-communication-chat")
    assert is_ours(place.python(WHO_ANSWERS))


def test_the_official_sdk_installed_before_us_is_untouched_by_our_coming_and_going(
    environment: Callable[[str], Environment], wheel: Path
) -> None:
    """Installing and uninstalling us leaves every file of theirs as its RECORD says, and theirs still works."""
    place = environment("before")
    place.pip("install", OFFICIAL)
    place.pip("install", wheel)
    assert not is_ours(place.python(WHO_ANSWERS))
    assert broken_files(place) == []
    place.pip("uninstall", "-y", "acs-chat-testkit")
    assert broken_files(place) == []
    assert not list(place.place.glob("lib/python*/site-packages/acs_chat_testkit*"))
    assert place.python(USE_THE_OFFICIAL).startswith("azure.communication.chat.")

"""The quickstart: what its summary says is what happened, and every broken step is named."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import quickstart

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "cassettes"
Run = Callable[..., subprocess.CompletedProcess[str]]

SMALL_SUITE = """
import socket
import pytest
from azure.communication.chat import ChatThreadParticipant, CommunicationUserIdentifier

@pytest.fixture
def replaying(request):
    return request.config.getoption("--chat-target") == "cassettes"

@pytest.mark.vcr
def test_small(chat_client, chat_user, replaying):
    person = ChatThreadParticipant(user=CommunicationUserIdentifier(chat_user))
    thread = chat_client.create_chat_thread("small", [person])
    {body}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the quickstart into a directory of its own."""

    def call(
        suite: Path | None = None, cassettes: Path = COMMITTED, accept: bool = False, sitecustomize: str = ""
    ) -> subprocess.CompletedProcess[str]:
        argv: list[str | Path] = [sys.executable, ROOT / "examples" / "quickstart.py", "--work", tmp_path / "work"]
        argv += ["--suite", suite or ROOT / "examples", "--cassettes", cassettes, *["--accept"] * accept]
        early = tmp_path / "early"
        early.mkdir(exist_ok=True)
        (early / "sitecustomize.py").write_text(sitecustomize, encoding="utf-8")
        env = os.environ | {"PYTHONPATH": str(early), "NO_COLOR": "1"}
        return subprocess.run(argv, env=env, capture_output=True, text=True, encoding="utf-8", check=False)

    return call


@pytest.fixture
def small_suite(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a suite of one test that opens a thread and then does what it is told."""

    def make(body: str) -> Path:
        place = tmp_path / "suite"
        place.mkdir()
        shutil.copy(ROOT / "examples" / "conftest.py", place)
        shutil.copy(ROOT / "examples" / "pytest.ini", place)
        (place / "test_small.py").write_text(SMALL_SUITE.format(body=body), encoding="utf-8")
        return place

    return make


def interactions(home: Path) -> int:
    """How many interactions the cassettes of a directory hold, counted by PyYAML alone."""
    texts = [path.read_text(encoding="utf-8") for path in home.rglob("*.yaml")]
    return sum(len(yaml.safe_load(text)["interactions"]) for text in texts)


def test_the_summary_says_what_the_files_say(run: Run, tmp_path: Path) -> None:
    """The committed cassettes come out again byte for byte, and every count agrees with what lies on disk."""
    result = run()
    assert result.returncode == 0, result.stdout
    count = interactions(COMMITTED)
    cassettes = len(list(COMMITTED.rglob("*.yaml")))
    assert interactions(tmp_path / "work" / "cassettes") == count > 40
    assert f"recorded   {count} requests in {cassettes} cassettes, all against the emulator" in result.stdout
    assert f"replayed   {count} requests; 0 left the process, 0 connections tried" in result.stdout
    assert f"compared   {cassettes} cassettes equal" in result.stdout
    assert re.search(rf"checked    9 models and 16 operations in \d+ checks, {count} recorded exchanges", result.stdout)
    assert (tmp_path / "work" / "conformance.json").exists()
    assert str(tmp_path / "work" / "cassettes") in result.stdout


@pytest.mark.parametrize(
    ("damage", "state"),
    [
        (lambda file: file.write_bytes(file.read_bytes() + b"\n"), "differs"),
        (lambda file: file.unlink(), "is new"),
        (lambda file: shutil.copy(file, file.with_name("other.yaml")), "is missing"),
    ],
)
def test_a_recording_that_is_not_the_committed_one_fails_and_is_named(
    run: Run, tmp_path: Path, damage: Callable[[Path], object], state: str
) -> None:
    """One byte, one file more or one file less is enough."""
    cassettes = tmp_path / "cassettes"
    shutil.copytree(COMMITTED, cassettes)
    damage(sorted(cassettes.rglob("*.yaml"))[0])
    result = run(cassettes=cassettes)
    assert result.returncode == 1
    assert "step 'compare' failed" in result.stdout
    assert state in result.stdout


def test_accept_takes_the_new_recording_over(run: Run, small_suite: Callable[[str], Path], tmp_path: Path) -> None:
    """After --accept the committed cassettes are the new recording."""
    suite = small_suite("assert thread.send_message('hi')")
    cassettes = tmp_path / "cassettes"
    assert run(suite, cassettes).returncode == 1
    accepted = run(suite, cassettes, accept=True)
    assert accepted.returncode == 0, accepted.stdout
    assert "recorded   2 requests in 1 cassettes" in accepted.stdout
    assert run(suite, cassettes).returncode == 0


@pytest.mark.parametrize(
    ("body", "step"),
    [
        ("assert replaying", "record"),
        ("assert not replaying", "replay"),
        ("replaying or thread.send_message('only while recording')", "replay"),
        ("if replaying: thread.send_message('only in replay')", "replay"),
        (
            "try:\n        if replaying: socket.getaddrinfo('chat.communication.example', 443)\n"
            "    except Exception: pass",
            "replay",
        ),
    ],
    ids=["fails-recording", "fails-replaying", "replays-less", "replays-more", "reaches-out-and-swallows"],
)
def test_a_suite_that_does_not_do_the_same_twice_fails_at_its_step(
    run: Run, small_suite: Callable[[str], Path], tmp_path: Path, body: str, step: str
) -> None:
    """Fewer answers, more requests, a connection that was tried: each one turns the run red."""
    result = run(small_suite(body), tmp_path / "cassettes", accept=True)
    assert result.returncode == 1, result.stdout
    assert f"step '{step}' failed" in result.stdout


def test_a_suite_that_records_nothing_fails(run: Run, small_suite: Callable[[str], Path]) -> None:
    """Nothing recorded is not a green run."""
    suite = small_suite("")
    (suite / "test_small.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    result = run(suite)
    assert result.returncode == 1
    assert "step 'record' failed: the suite made no request" in result.stdout


@pytest.mark.parametrize(
    "damage",
    [
        "del chat.ChatThreadClient.send_typing_notification",
        "chat.ChatThreadInfo.deserialize = classmethod(lambda cls, *args, **kwargs: cls(id='x', topic='y'))",
    ],
)
def test_a_broken_sdk_fails_the_conformance_step(
    run: Run, small_suite: Callable[[str], Path], tmp_path: Path, damage: str
) -> None:
    """The suite's own requests may still work; the checks find what is broken."""
    code = f"import azure.communication.chat as chat\n{damage}\n"
    result = run(small_suite(""), tmp_path / "cassettes", accept=True, sitecustomize=code)
    assert result.returncode == 1
    assert "step 'conformance' failed: exit code 1" in result.stdout


def test_an_emulator_that_does_not_come_up_is_named_with_its_exit_code(tmp_path: Path) -> None:
    """The run does not wait for a process that has gone."""
    gone = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
    with pytest.raises(quickstart.StepFailed, match="step 'emulate' failed: the emulator ended with exit code 7"):
        quickstart.wait_for(tmp_path / "never.json", gone)

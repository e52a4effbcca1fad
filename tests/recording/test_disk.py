"""A test may have files, failures and a clock of its own: a recording is made as without them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from tests.recording.service import Service

from acs_chat_testkit.errors import CassetteError, CassetteNotFound
from acs_chat_testkit.recording import Recorder, load, lock


class Others:
    """Stands where the module os stood, and counts what would now be files of somebody else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        if name in ("open", "write", "close", "replace", "unlink"):
            self.asked.append(name)
        return getattr(os, name)


@contextmanager
def other_files() -> Iterator[Others]:
    """Puts them, as pyfakefs does, into every module that holds os: ours, and those that work for us."""
    others = Others()
    holding = [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in ("acs_chat_testkit", "filelock") and vars(module).get("os") is os
    ]
    with pytest.MonkeyPatch.context() as patch:
        for module in holding:
            patch.setattr(module, "os", others)
        yield others


def test_nothing_is_read_or_written_among_other_files(service: Service, tape: Path) -> None:
    """What is recorded meanwhile waits until they are gone: a handle opened there is another file here."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/before", timeout=5)
        with other_files() as others:
            requests.get(f"{service.url}/meanwhile", timeout=5)
        assert others.asked == []
        requests.get(f"{service.url}/after", timeout=5)
    made = [each.request.url.rpartition("/")[2] for each in load(tape).interactions]
    assert made == ["before", "meanwhile", "after"]
    with Recorder(tape):
        for path in made:
            with other_files() as others:
                requests.get(f"{service.url}/{path}", timeout=5)
            assert others.asked == []


def test_a_recording_is_not_lost_among_other_files(service: Service, tape: Path) -> None:
    """What would be gone with them is an error, and so are they where a cassette is not found among them."""
    recorder = Recorder(tape, "once")
    recorder.open()
    requests.get(f"{service.url}/a", timeout=5)
    with other_files():
        with pytest.raises(CassetteError, match="would be written to the files that the suite has put in the place of"):
            recorder.close()
        with pytest.raises(CassetteNotFound, match="among the files that the suite has put in the place of this"):
            Recorder(tape).open()
    assert not tape.exists()


@pytest.mark.parametrize("call", ["open", "write"])
def test_a_failure_of_a_test_is_none_of_the_recorder(
    service: Service, tape: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A disk that a test lets fail, until it is done, keeps nothing from being recorded."""
    lock.private()

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    with Recorder(tape, "once"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            requests.get(f"{service.url}/a", timeout=5)
        requests.get(f"{service.url}/b", timeout=5)
    assert len(load(tape).interactions) == 2


HOLDING = """
import sys
from pathlib import Path
from acs_chat_testkit.recording import lock
held = lock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_clock_that_stands_still_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever would not wait for a lock does not, though filelock measures that by a clock that a test may stop."""
    file = tmp_path / "a.lock"
    command = [sys.executable, "-c", HOLDING, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with monkeypatch.context() as patch:
            for clock in ("time", "monotonic", "perf_counter"):
                patch.setattr(time, clock, lambda: 0.0)
            assert lock.acquire(file) is None
        other.communicate()

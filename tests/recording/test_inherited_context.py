"""Threads that inherit the context they are started in: all of a free-threaded Python, or asked for since 3.14.

An older Python does not know the option, and runs these as it runs all threads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.recording.service import Service

PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

from acs_chat_testkit.recording import Recorder, active

url, home = sys.argv[1:]

def ask(name):
    try:
        return requests.get(f"{url}/{name}", timeout=10).json()["path"]
    except Exception as error:
        return type(error).__name__

for name in ("outer", "inner"):
    with Recorder(f"{home}/{name}.yaml", "once"):
        ask(name)
"""


def said(service: Service, home: Path, script: str) -> list[str]:
    """The lines that a program prints."""
    command: list[str | Path] = [
        sys.executable,
        "-X",
        "thread_inherit_context=1",
        "-c",
        PROGRAM + script,
        service.url,
        home,
    ]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def test_a_pool_asks_the_cassette_that_its_work_was_given_in(service: Service, tmp_path: Path) -> None:
    """And not for good the one that its thread was started in."""
    script = """
with ThreadPoolExecutor(1) as pool, Recorder(f"{home}/outer.yaml"):
    print(pool.submit(ask, "outer").result())
    with Recorder(f"{home}/inner.yaml"):
        print(pool.submit(ask, "inner").result())
"""
    assert said(service, tmp_path, script) == ["/outer", "/inner"]


def test_a_thread_that_a_request_starts_on_its_way_out_is_not_out_for_good(service: Service, tmp_path: Path) -> None:
    """A client may start its pool while a request is recorded, and use it for others later."""
    script = """
with ThreadPoolExecutor(1) as pool, Recorder(f"{home}/outer.yaml"):
    with active.outside():
        pool.submit(len, "").result()
    print(pool.submit(ask, "new").result())
"""
    assert said(service, tmp_path, script) == ["UnrecordedRequest"]
    assert ("GET", "/new") not in service.hits

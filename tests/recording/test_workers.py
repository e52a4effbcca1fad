"""Workers of multiprocessing, and interpreters, which are told by what is in force where each is started."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = """
import multiprocessing, socket, subprocess, sys, threading
from concurrent.futures import ProcessPoolExecutor
from acs_chat_testkit.recording.block import blocked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.guard import Guard

def connect(port, host="192.0.2.1"):
    try:
        socket.create_connection((host, port), 0.01).close()
    except Exception as error:
        return type(error).__name__ == "NetworkBlocked"
    return False

def connect_in_thread(port):
    found = []
    thread = threading.Thread(target=lambda: found.append(connect(port)))
    thread.start()
    thread.join()
    return found[0]

def connect_in_child(port):
    script = "import socket; socket.create_connection(('192.0.2.1', 80), 0.01)"
    return b"NetworkBlocked" in subprocess.run([sys.executable, "-c", script], capture_output=True).stderr

def workers(*calls):
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, context) as pool:
        return [pool.submit(*call).result(20) for call in calls]
"""
ALL = "(connect, 80), (connect_in_thread, 80), (connect_in_child, 80)"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[str]]:
    """Runs a program, whose workers are started by a server, and gives the lines that it prints."""

    def run(script: str, *options: str) -> list[str]:
        program = tmp_path / "program.py"
        main = textwrap.indent(script, "    ")
        program.write_text(f"{PROGRAM}\nif __name__ == '__main__':\n{main}\n", encoding="utf-8")
        done = subprocess.run([sys.executable, *options, program], stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.splitlines()

    return run


def test_a_worker_is_blocked_whose_server_was_started_before(run: Callable[[str], list[str]]) -> None:
    """The server has not heard of the block, but each worker has; threads and children of its own, too."""
    script = f"""\
print(workers((connect, 80)))
with blocked(Guard(Counts())):
    print(workers({ALL}))
print(workers({ALL}))"""
    assert run(script) == ["[False]", "[True, True, True]", "[False, False, False]"]


def test_a_worker_is_free_whose_server_was_started_in_a_block(run: Callable[[str], list[str]]) -> None:
    """The server stays blocked, and so do its workers, but for those that are started outside."""
    script = f"""\
with blocked(Guard(Counts())):
    print(workers({ALL}))
print(workers({ALL}))"""
    assert run(script) == ["[True, True, True]", "[False, False, False]"]


@pytest.mark.parametrize("option", ["-E", "-I"])
def test_a_worker_leaves_nothing_of_the_block_of_its_server_to_its_children(
    run: Callable[..., list[str]], option: str
) -> None:
    """Also where the server ignores its environment, so that it has not run what puts the guard on."""
    script = f"""\
multiprocessing.get_context("forkserver").set_forkserver_preload([])
with blocked(Guard(Counts())):
    print(workers({ALL}))
print(workers({ALL}))"""
    assert run(script, option) == ["[True, True, True]", "[False, False, False]"]


def test_a_worker_knows_what_is_allowed(run: Callable[[str], list[str]]) -> None:
    """In blocks within blocks it asks each, as its parent does; the server itself is no part of the network."""
    script = """\
here = (connect, 9, "127.0.0.1")
with blocked(Guard(Counts(), allowed=["192.0.2.1"])):
    print(workers(here, (connect, 80)))
    with blocked(Guard(counts := Counts(), loopback=False)):
        print(workers(here, (connect, 80)), counts["loopback"], counts["blocked"])
    print(workers(here, (connect, 80)))"""
    assert run(script) == ["[False, False]", "[True, True] 0 0", "[False, False]"]


def test_a_worker_of_a_thread_that_outlives_the_block_is_blocked(run: Callable[[str], list[str]]) -> None:
    """As the thread is."""
    script = """\
go = threading.Event()
late = threading.Thread(target=lambda: (go.wait(), print(workers((connect, 80)))))
with blocked(Guard(Counts())):
    late.start()
go.set()
late.join()"""
    assert run(script) == ["[True]"]


INTERPRETERS = """\
from concurrent.interpreters import create
from concurrent.futures import InterpreterPoolExecutor

def inside(*calls):
    with InterpreterPoolExecutor(1) as pool:
        return [pool.submit(*call).result(20) for call in calls]

"""


def test_an_interpreter_is_blocked_that_is_made_in_a_block(run: Callable[[str], list[str]]) -> None:
    """Threads and children of its own, too; and what is allowed here is there."""
    pytest.importorskip("concurrent.interpreters", reason="since Python 3.14")
    script = f"""\
print(inside((connect, 80)))
with blocked(Guard(Counts())):
    print(inside({ALL}), inside((connect, 9, "127.0.0.1")), create().call(connect, 80))
    with blocked(Guard(Counts(), loopback=False, allowed=["192.0.2.1"])):
        print(inside((connect, 80), (connect, 9, "127.0.0.1")))
print(inside({ALL}))"""
    assert run(INTERPRETERS + script) == [
        "[False]",
        "[True, True, True] [False] True",
        "[True, True]",
        "[False, False, False]",
    ]


def test_an_interpreter_leaves_the_environment_of_the_process_to_the_block(run: Callable[[str], list[str]]) -> None:
    """What the process starts afterwards is free, though the interpreter, which could set it, was told late."""
    pytest.importorskip("concurrent.interpreters", reason="since Python 3.14")
    script = """\
go = threading.Event()
late = threading.Thread(target=lambda: (go.wait(), create()))
with blocked(Guard(Counts())):
    late.start()
go.set()
late.join()
print(connect_in_child(80))"""
    assert run(INTERPRETERS + script) == ["False"]

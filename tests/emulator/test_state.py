"""What is stored stays stored, also under concurrency and when the process is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.emulator.clients import Offline, Person, person
from tests.emulator.test_command import emulate

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.errors import EmulatorError


def test_a_file_keeps_everything(tmp_path: Path) -> None:
    """Threads, messages, users, the signing key and the connection string are there again; new ids do not clash."""
    file = tmp_path / "chat.db"
    with Emulator(data=file) as first:
        alice = person(first)
        thread = alice.create_thread(headers={"repeatability-request-id": "one"})
        alice.send(thread)
        before = alice.get(f"{thread}/messages")
        key = first.connection_string.partition(";")[2]
    with Emulator(data=file) as second:
        again = Person(second, alice.id, alice.token)
        assert again.get(f"{thread}/messages") == before
        assert second.connection_string.partition(";")[2] == key
        assert again.create_thread(headers={"repeatability-request-id": "one"}) == thread
        assert again.create_thread() != thread
        assert second.create_user() != alice.id


def test_a_logical_clock_goes_on_from_a_file(tmp_path: Path) -> None:
    """Started again at the same time, versions of a thread still ascend."""
    ids: list[str] = []
    for _ in range(2):
        with Emulator(data=tmp_path / "chat.db", seed=1, clock="2024-03-07T12:00:00Z") as emulator:
            alice = Person(emulator, "", emulator.issue_token(ids[0])) if ids else person(emulator)
            ids = ids or [alice.id, alice.create_thread()]
            ids.append(alice.send(ids[1]))
    assert int(ids[3]) > int(ids[2])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda file: file.write_text("nonsense" * 200), "cannot keep the state.*choose another --data"),
        (lambda file: file.mkdir(), "cannot keep the state.*choose another --data"),
        (lambda file: sqlite3.connect(file).execute("CREATE TABLE t (c)").connection.close(), "something else"),
    ],
)
def test_a_file_of_something_else_is_one_sentence(tmp_path: Path, make: object, says: str) -> None:
    """And it is left as it was."""
    file = tmp_path / "chat.db"
    assert callable(make)
    make(file)
    before = file.read_bytes() if file.is_file() else b""
    with pytest.raises(EmulatorError, match=says), Emulator(data=file):
        pass
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_a_file_in_use_or_of_another_seed_is_one_sentence(tmp_path: Path) -> None:
    """Two emulators on one file would not see each other's changes."""
    file = tmp_path / "chat.db"
    with (
        Emulator(data=file, seed=1),
        pytest.raises(EmulatorError, match=r"cannot keep the state.*locked"),
        Emulator(data=file),
    ):
        pass
    with pytest.raises(EmulatorError, match="made with another seed, leave --seed out"), Emulator(data=file, seed=2):
        pass


def test_a_file_remembers_that_it_was_seeded(tmp_path: Path) -> None:
    """Opened again without the seed, the tokens of the run before are still good."""
    file = tmp_path / "chat.db"
    with Emulator(data=file, seed=1) as first:
        alice = person(first)
    with Emulator(data=file) as second:
        assert Person(second, alice.id, alice.token).get("/chat/threads") == {"value": []}


def test_a_token_outlives_a_first_request_that_was_refused(tmp_path: Path) -> None:
    """The signing key is drawn to look at a forged token, and kept although that request was refused."""
    file = tmp_path / "chat.db"
    forged = jwt.encode({}, rsa.generate_private_key(65537, 2048), "RS256")
    with Emulator(data=file) as first:
        assert Person(first, "", forged).call("GET", "/chat/threads").status_code == 401
        alice = person(first)
    with Emulator(data=file) as second:
        assert Person(second, alice.id, alice.token).get("/chat/threads") == {"value": []}


def test_a_full_disk_takes_nothing_and_ends_nothing() -> None:
    """What did not fit was never there, and with room again the service goes on."""
    offline = Offline()
    thread = f"/chat/threads/{offline.json('POST', '/chat/threads', {'topic': 'T'})['chatThread']['id']}"
    execute = offline.state.database.connection.execute
    (pages,) = execute("PRAGMA page_count").fetchone()
    execute(f"PRAGMA max_page_count = {pages}")
    before = offline.snapshot()
    with pytest.raises(sqlite3.OperationalError, match="full"):
        offline.json("POST", f"{thread}/messages", {"content": "x" * 20_000})
    assert offline.snapshot() == before
    execute(f"PRAGMA max_page_count = {pages + 100}")
    assert offline.json("POST", f"{thread}/messages", {"content": "x" * 20_000})
    offline.state.database.close()


def test_a_killed_process_loses_no_acknowledged_write(tmp_path: Path) -> None:
    """Kill -9 amid writes, three times: every message that was acknowledged is there, and the file opens again."""
    file, ready = tmp_path / "chat.db", tmp_path / "ready.json"
    acknowledged: list[str] = []
    thread = token = ""
    for _ in range(3):
        ready.unlink(missing_ok=True)
        with emulate("--data", file, "--ready-file", ready) as (process, _):
            while not ready.exists():
                assert process.poll() is None
            values = json.loads(ready.read_text("utf-8"))
            base, token = values["endpoint"], token or values["token"]
            with requests.Session() as session:
                session.headers["Authorization"] = f"Bearer {token}"
                thread = thread or str(
                    session.post(f"{base}/chat/threads?api-version=2024-03-07", json={"topic": "T"}, timeout=10).json()[
                        "chatThread"
                    ]["id"]
                )
                path = f"{base}/chat/threads/{thread}/messages?api-version=2024-03-07"
                shown = set()
                link: str | None = f"{path}&maxPageSize=200"
                while link:
                    page = session.get(link, timeout=10).json()
                    shown |= {one["id"] for one in page["value"]}
                    link = page.get("nextLink")
                assert set(acknowledged) <= shown
                killer = threading.Timer(random.uniform(0.05, 0.2), os.kill, (process.pid, signal.SIGKILL))
                killer.start()
                try:
                    while True:
                        acknowledged.append(session.post(path, json={"content": "x"}, timeout=10).json()["id"])
                except requests.RequestException:
                    killer.join()
    assert len(acknowledged) > 3


def test_a_repeatability_id_runs_once_under_concurrency(alice: Person) -> None:
    """Sixteen requests at once with one id: one thread."""

    def create(_: int) -> str:
        with requests.Session() as session:
            who = Person(alice.emulator, alice.id, alice.token, session=session)
            return who.create_thread(headers={"repeatability-request-id": "at once"})

    with ThreadPoolExecutor(16) as pool:
        threads = set(pool.map(create, range(16)))
    assert len(threads) == 1
    assert len(alice.get("/chat/threads")["value"]) == 1


def test_many_writers_lose_nothing(alice: Person) -> None:
    """Eight clients send 25 messages each: 200 ids, versions and sequence numbers, none twice and none missing."""
    thread = alice.create_thread()

    def send(_: int) -> list[str]:
        with requests.Session() as session:
            who = Person(alice.emulator, alice.id, alice.token, session=session)
            return [who.send(thread) for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        sent = [message_id for ids in pool.map(send, range(8)) for message_id in ids]
    shown = [one for page in alice.pages(f"{thread}/messages?maxPageSize=50") for one in page]
    assert sorted(sent) == sorted(one["id"] for one in shown if one["type"] == "text")
    assert [int(one["sequenceId"]) for one in shown] == list(range(202, 0, -1))
    assert len({one["version"] for one in shown}) == 202

"""The emulator against a bare route, against itself, and under load: ``python -m benchmarks.bench_emulator``."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from acs_chat_testkit.emulator import Emulator
from benchmarks.harness import Comparison, Worker, compare, growing, options, publish

CASES = Path(__file__).with_name("emulator_cases.py")
CLIENTS = 16
SECONDS = 20.0
SETTLED = 5.0
QUERY = "api-version=2024-03-07"


def ratios(turns: int) -> Iterator[Comparison]:
    """Every comparison of the table."""
    for name, case, floor, number, goal in (
        ("send_message / a bare route", "send", "send-bare", 200, 1.5),
        ("send_message with --data / a bare route", "send-file", "send-bare", 200, 1.5),
        ("two pages of 100,000 / of 1,000 messages", "page-100000", "page-1000", 10, 1.2),
    ):
        with Worker(CASES, case, number=number) as a, Worker(CASES, floor, number=number) as b:
            yield compare(name, a, b, turns=turns, goal=goal)


@dataclass
class Load:
    """Clients that send for a while over kept connections, and what became of it."""

    endpoint: str
    token: str
    thread: str
    sent: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def run(self) -> None:
        """All clients at once."""
        threads = [threading.Thread(target=self.client) for _ in range(CLIENTS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    def client(self) -> None:
        """One client until the time is over."""
        end = time.monotonic() + SECONDS
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self.token}"
            while time.monotonic() < end:
                answer = session.post(
                    f"{self.endpoint}/chat/threads/{self.thread}/messages?{QUERY}", json={"content": "x"}, timeout=10
                )
                if answer.status_code == 201:
                    self.sent.append(answer.json()["id"])
                else:
                    self.errors.append(answer.text)

    def kept(self) -> list[str]:
        """The ids of all messages in the thread."""
        ids: list[str] = []
        link: str | None = f"{self.endpoint}/chat/threads/{self.thread}/messages?maxPageSize=200&{QUERY}"
        headers = {"Authorization": f"Bearer {self.token}"}
        with requests.Session() as session:
            while link:
                page = session.get(link, headers=headers, timeout=10).json()
                ids += [one["id"] for one in page["value"] if one["type"] == "text"]
                link = page.get("nextLink")
        return ids


def resident(pid: int) -> float:
    """The megabytes that a process holds in memory (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def under_load(*options: str | Path) -> str:
    """One line: what was sent, lost, doubled and refused, and how the memory grew after the first seconds."""
    ready = Path(tempfile.mkdtemp()) / "ready.json"
    argv = [Path(sys.executable).with_name("acs-chat"), "emulate", "--ready-file", ready, *options]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as process:
        while not ready.exists():
            time.sleep(0.05)
        values = json.loads(ready.read_text("utf-8"))
        created = requests.post(
            f"{values['endpoint']}/chat/threads?{QUERY}",
            json={"topic": "T"},
            headers={"Authorization": f"Bearer {values['token']}"},
            timeout=10,
        ).json()
        load = Load(values["endpoint"], values["token"], created["chatThread"]["id"])
        runner = threading.Thread(target=load.run)
        runner.start()
        time.sleep(SETTLED)
        settled = resident(process.pid)
        runner.join()
        grown = resident(process.pid) - settled
        kept = load.kept()
        process.terminate()
    lost, doubled = len(set(load.sent) - set(kept)), len(kept) - len(set(kept)) + len(load.sent) - len(set(load.sent))
    return (
        f"{CLIENTS} clients, {SECONDS:g} s{', --data' if options else ''}: {len(load.sent)} sent "
        f"({len(load.sent) / SECONDS:.0f} a second), {lost} lost, {doubled} doubled, {len(load.errors)} errors, "
        f"{grown:+.1f} MB after {SETTLED:g} s"
    )


def starts(turns: int) -> str:
    """One line: the milliseconds from nothing to a running emulator in this process, and to its first token."""
    running, with_token = [], []
    for _ in range(turns):
        begin = time.perf_counter()
        with Emulator() as emulator:
            running.append(time.perf_counter() - begin)
            assert emulator.token
            with_token.append(time.perf_counter() - begin)
    middle = turns // 2
    return (
        f"start: {sorted(running)[middle] * 1000:.0f} ms, to the first token {sorted(with_token)[middle] * 1000:.0f} ms"
    )


def main() -> None:
    """Prints the table and the lines below it, and keeps them."""
    turns = options("bench_emulator").turns
    lines = [starts(turns), under_load(), under_load("--data", Path(tempfile.mkdtemp()) / "chat.db")]
    publish("emulator", "\n".join([growing(ratios(turns)), "", *lines]))


if __name__ == "__main__":
    main()

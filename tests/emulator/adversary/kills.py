"""Kills an emulator that keeps its state in a file, again and again, also while it starts; nothing may be lost.

python tests/emulator/adversary/kills.py [SECONDS]
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import requests

QUERY = "api-version=2024-03-07"
WRITERS = 4
PATIENCE = 30.0


@dataclass
class Victim:
    """An emulator on one file, and what it has acknowledged so far.

    Args:
        home: A directory of its own.
        rng: Decides when it is killed.
    """

    home: Path
    rng: random.Random
    kills: int = 0
    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    token: str = ""
    thread: str = ""

    def start(self) -> tuple[subprocess.Popen[bytes], Path]:
        """A process on the file, and where it will say that it is ready."""
        ready = self.home / f"ready{self.kills}.json"
        command: list[str | Path] = [Path(sys.executable).with_name("acs-chat"), "emulate"]
        options: list[str | Path] = ["--data", self.home / "chat.db", "--ready-file", ready]
        return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL), ready

    def kill_while_it_starts(self) -> None:
        """At any point between nothing and the first answer."""
        process, _ = self.start()
        time.sleep(self.rng.uniform(0.05, 1.2))
        self._kill(process)

    def kill_amid_writes(self) -> None:
        """After a look at what is there, while several clients send and edit."""
        process, ready = self.start()
        values = _values(process, ready)
        with requests.Session() as session:
            self.token = self.token or values["token"]
            session.headers["Authorization"] = f"Bearer {self.token}"
            self._look(session, values["endpoint"])
        killer = Timer(self.rng.uniform(0.02, 0.6), self._kill, [process])
        killer.start()
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(self._write, [values["endpoint"]] * WRITERS))
        killer.join()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self.kills += 1

    def _look(self, session: requests.Session, endpoint: str) -> None:
        headers = {"repeatability-request-id": "one"}
        created = session.post(f"{endpoint}/chat/threads?{QUERY}", json={"topic": "T"}, headers=headers, timeout=10)
        thread = created.json()["chatThread"]["id"]
        if self.thread not in ("", thread):
            self.found.append("a repeated request made another thread")
        self.thread = thread
        link: str | None = f"{endpoint}/chat/threads/{thread}/messages?{QUERY}&maxPageSize=200"
        shown: list[Mapping[str, Mapping[str, str]]] = []
        while link:
            page = session.get(link, timeout=10).json()
            shown += page["value"]
            link = page.get("nextLink")
        if len({str(one["version"]) for one in shown}) < len(shown):
            self.found.append("two messages have one version")
        texts = {str(one["id"]): one["content"].get("message", "") for one in shown}
        self.found += [f"lost {one}" for one, allowed in self.acknowledged.items() if texts.get(one) not in allowed]

    def _write(self, endpoint: str) -> None:
        """An edit that was not acknowledged may be there or not."""
        messages = f"{endpoint}/chat/threads/{self.thread}/messages"
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {self.token}"
            try:
                while True:
                    sent = session.post(f"{messages}?{QUERY}", json={"content": "x"}, timeout=5).json()["id"]
                    self.acknowledged[sent] = {"x", "y"}
                    edit = session.patch(f"{messages}/{sent}?{QUERY}", json={"content": "y"}, timeout=5)
                    if edit.status_code == 204:
                        self.acknowledged[sent] = {"y"}
            except requests.RequestException:
                return


def _values(process: subprocess.Popen[bytes], ready: Path) -> Mapping[str, str]:
    deadline = time.monotonic() + PATIENCE
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit("the emulator did not start on the file of a killed one")
        time.sleep(0.02)
    values: Mapping[str, str] = json.loads(ready.read_text("utf-8"))
    return values


def main(seconds: str = "60") -> int:
    """Kills by turns while it starts and while it writes, and looks at last."""
    end = time.monotonic() + float(seconds)
    with tempfile.TemporaryDirectory() as home:
        victim = Victim(Path(home), random.Random(1))
        while time.monotonic() < end:
            victim.kill_while_it_starts()
            victim.kill_amid_writes()
        victim.kill_amid_writes()
    said = "; ".join(victim.found[:5]) or "nothing lost"
    sys.stdout.write(f"{victim.kills} kills, {len(victim.acknowledged)} messages acknowledged: {said}\n")
    return 1 if victim.found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

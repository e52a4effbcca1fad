"""`acs-chat emulate` as a process of its own."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from acs_chat_testkit.emulator import Emulator

ACS_CHAT = Path(sys.executable).with_name("acs-chat")
KEYS = ["endpoint", "https_endpoint", "ca_file", "connection_string", "user_id", "token"]


@contextmanager
def emulate(*options: str | Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running command and the lines that it printed until it was ready."""
    argv = [ACS_CHAT, "emulate", *options]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline() for _ in KEYS]
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_and_writes_what_a_client_needs_and_stops_when_told(tmp_path: Path, how: signal.Signals) -> None:
    """What is printed and what is in the ready file agree, a request with it works, and the end is clean."""
    ready = tmp_path / "ready.json"
    with emulate("--ready-file", ready) as (process, lines):
        printed = dict(line.split(maxsplit=1) for line in lines)
        while not ready.exists():
            assert process.poll() is None
        facts = json.loads(ready.read_text("utf-8"))
        assert list(facts) == list(printed) == KEYS
        assert facts == {name: value.rstrip() for name, value in printed.items()}
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        for endpoint in (facts["endpoint"], facts["https_endpoint"]):
            answer = requests.get(
                f"{endpoint}/chat/threads?api-version=2024-03-07",
                headers={"Authorization": f"Bearer {facts['token']}"},
                verify=facts["ca_file"],
                timeout=10,
            )
            assert (answer.status_code, answer.json()) == (200, {"value": []})
        process.send_signal(how)
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (0, "")
        assert not Path(facts["ca_file"]).exists()


def test_control_and_a_wider_address_are_said(tmp_path: Path) -> None:
    """The control key stands in the ready file and opens the control path; listening beyond loopback is announced."""
    ready = tmp_path / "ready.json"
    with emulate("--control", "--host", "0.0.0.0", "--ready-file", ready) as (process, _):
        while not ready.exists():
            assert process.poll() is None
        facts = json.loads(ready.read_text("utf-8"))
        headers = {"x-testkit-key": facts["control_key"]}
        assert requests.post(f"{facts['endpoint']}/testkit/reset", headers=headers, timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert errors == "acs-chat: listening on 0.0.0.0: others on the network can reach this emulator\n"


@pytest.mark.parametrize(
    "options", [["--clock", "noon"], ["--data", "/dev/null/x"], ["--host", "nonsense.invalid"], ["--port", "70000"]]
)
def test_an_option_that_cannot_be_is_no_traceback(options: list[str]) -> None:
    """Exit code 2 and a last line that names what was wrong."""
    argv = [str(ACS_CHAT), "emulate", *options]
    ended = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert options[1] in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_one_sentence_and_exit_code_2(emulator: Emulator) -> None:
    """No traceback, and nothing is served."""
    port = emulator.endpoint.rsplit(":", 1)[1]
    ended = subprocess.run(
        [ACS_CHAT, "emulate", "--port", port], capture_output=True, text=True, encoding="utf-8", timeout=30, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert port in ended.stderr


def story(facts: dict[str, str]) -> list[bytes]:
    """Every answer of a whole story, as it came over the wire; only the port is another one in each process."""
    token = {"Authorization": f"Bearer {facts['token']}", "Host": "localhost"}
    answers: list[bytes] = []

    def call(method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        joint = "&" if "?" in path else "?"
        url = f"{facts['endpoint']}{path}{joint}api-version=2024-03-07"
        answer = requests.request(method, url, json=body, headers={**token, **headers}, timeout=10)
        head = f"{answer.status_code} {answer.reason}\n" + "".join(f"{k}: {v}\n" for k, v in answer.headers.items())
        answers.append(head.encode() + answer.content)
        return answer

    created = call("POST", "/chat/threads", {"topic": "T"}, **{"repeatability-request-id": "one"})
    thread = f"/chat/threads/{created.json()['chatThread']['id']}"
    sent = call("POST", f"{thread}/messages", {"content": "hi"}).json()["id"]
    call("PATCH", f"{thread}/messages/{sent}", {"content": "ho"})
    call("POST", f"{thread}/readReceipts", {"chatMessageId": sent})
    call("POST", f"{thread}/typing")
    for what in ("messages?maxPageSize=1", "participants", "readReceipts"):
        call("GET", f"{thread}/{what}")
    call("GET", "/chat/threads")
    call("DELETE", f"{thread}/messages/{sent}")
    call("GET", f"{thread}/messages/nonsense")
    call("POST", "/chat/threads", {"topic": "Another"})
    call("DELETE", thread)
    call("GET", thread)
    return answers


def test_a_seed_and_a_clock_repeat_every_byte(tmp_path: Path) -> None:
    """Two processes give the same users, tokens, signatures and answers, headers included; another seed does not."""

    def told(seed: str) -> list[bytes]:
        ready = tmp_path / "ready.json"
        ready.unlink(missing_ok=True)
        with emulate("--seed", seed, "--clock", "2024-03-07T12:00:00Z", "--ready-file", ready) as (process, _):
            while not ready.exists():
                assert process.poll() is None
            facts = json.loads(ready.read_text("utf-8"))
            key = facts["connection_string"].partition(";")[2]
            return [facts["user_id"].encode(), facts["token"].encode(), key.encode(), *story(facts)]

    first = told("7")
    assert told("7") == first
    assert not set(told("8")) & set(first)

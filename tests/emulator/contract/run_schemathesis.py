"""Runs schemathesis with the contract file against the emulator: no server error, no violation of the contract.

    python tests/emulator/contract/run_schemathesis.py [SECONDS]

The ids in the paths are those of a real thread and message, so that requests get past the door.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import requests
import yaml

from acs_chat_testkit.emulator import Emulator

CONTRACT = files("acs_chat_testkit").joinpath("contract/chat-2024-03-07.yaml")
QUERY = "api-version=2024-03-07"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)


DELETION = "DELETE /chat/threads/{chatThreadId}"


def main(seconds: str = "30") -> int:
    """Starts the emulator, makes a thread, and gives schemathesis its time; the deletion of the thread comes last."""
    with Emulator() as emulator, tempfile.TemporaryDirectory() as work:
        config, contract = Path(work, "schemathesis.toml"), Path(work, "contract.yaml")
        config.write_text(_parameters(emulator), "utf-8")
        contract.write_text(yaml.safe_dump(_without_optional_bodies(CONTRACT.read_text("utf-8"))), "utf-8")
        argv: list[str | Path] = [
            "schemathesis",
            "--config-file",
            config,
            "run",
            contract,
            "--url",
            emulator.endpoint,
            "--seed",
            "1",
        ]
        given = ["-H", f"Authorization: Bearer {emulator.token}", "--checks", ",".join(CHECKS), "--continue-on-failure"]
        passes = [["--max-time", seconds, "--exclude-name", DELETION], ["--include-name", DELETION]]
        return max(subprocess.run([*argv, *given, *options], check=False).returncode for options in passes)


def _without_optional_bodies(text: str) -> Any:
    """The contract for a reader that does not know its x-empty-body: such a response has no body here."""
    contract = yaml.safe_load(text)
    for response in contract["components"]["responses"].values():
        if response.get("x-empty-body"):
            response.pop("content", None)
    return contract


def _parameters(emulator: Emulator) -> str:
    headers = {"Authorization": f"Bearer {emulator.token}"}
    threads = f"{emulator.endpoint}/chat/threads"
    created = requests.post(f"{threads}?{QUERY}", json={"topic": "T"}, headers=headers, timeout=10)
    thread = created.json()["chatThread"]["id"]
    sent = requests.post(f"{threads}/{thread}/messages?{QUERY}", json={"content": "x"}, headers=headers, timeout=10)
    return f'[parameters]\n"path.chatThreadId" = "{thread}"\n"path.chatMessageId" = "{sent.json()["id"]}"\n'


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

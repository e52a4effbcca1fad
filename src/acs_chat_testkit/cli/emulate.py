"""`acs-chat emulate`: runs the local chat service until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path
from threading import Event

import click

from acs_chat_testkit.emulator import Emulator


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, help="Port for http; 0 takes a free one.")
@click.option("--tls-port", default=0, show_default=True, help="Port for https; 0 takes a free one.")
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), help="File that keeps the state.")
@click.option("--seed", type=int, help="Makes ids, keys and headers repeatable.")
@click.option("--clock", metavar="TIME", help="RFC 3339 start of a logical clock: one millisecond a write.")
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Written as JSON once connections are accepted.",
)
def command(
    host: str, port: int, tls_port: int, data: Path | None, seed: int | None, clock: str | None, ready_file: Path | None
) -> None:
    """Run the local chat service until it is told to stop."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Emulator(host, port, tls_port, data, seed, clock) as emulator:
        facts = _facts(emulator)
        for name, value in facts.items():
            click.echo(f"{name:<18} {value}")
        if ready_file is not None:
            _write(ready_file, facts)
        stop.wait()


def _facts(emulator: Emulator) -> dict[str, str]:
    return {
        "endpoint": emulator.endpoint,
        "https_endpoint": emulator.https_endpoint,
        "ca_file": str(emulator.ca_file),
        "connection_string": emulator.connection_string,
        "user_id": emulator.user_id,
        "token": emulator.token,
    }


def _write(file: Path, facts: dict[str, str]) -> None:
    """Writes the file in one step, readable by its owner alone: whoever waits for it sees all of it."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with open(handle, "w", encoding="utf-8") as stream:
        json.dump(facts, stream, indent=2)
    os.replace(temporary, file)

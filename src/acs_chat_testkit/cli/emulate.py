"""`acs-chat emulate`: runs the local chat service until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import click

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.errors import UsageError

_SEQUENCES = {"new": True, "kept": False}


def _print_facts(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo("\n".join(_fact_lines()))
        context.exit()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port for http; 0, the default, takes a free one."
)
@click.option("--tls-port", type=click.IntRange(0, 65535), default=0, help="The same for https.")
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), help="File that keeps the state.")
@click.option("--seed", type=int, help="Makes ids, keys and headers repeatable.")
@click.option("--clock", metavar="TIME", help="RFC 3339 start of a logical clock: one millisecond a write.")
@click.option("--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Gets what is printed, as JSON.")
@click.option("--rate-limits", is_flag=True, help="Keep the documented rates: 429 beyond them.")
@click.option(
    "--edit-sequence", type=click.Choice(list(_SEQUENCES)), help="Sequence id of an edited message, for all versions."
)
@click.option("--swagger-errors", is_flag=True, help="Errors as the published definition has them, not as recorded.")
@click.option("--control", is_flag=True, help="Open the control path (faults, clock, reset) to who has its key.")
@click.option(
    "--facts",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_facts,
    help="Print what each behaviour rests on.",
)
def command(
    host: str,
    port: int,
    tls_port: int,
    data: Path | None,
    seed: int | None,
    clock: str | None,
    ready_file: Path | None,
    rate_limits: bool,
    edit_sequence: str | None,
    swagger_errors: bool,
    control: bool,
) -> None:
    """Run the local chat service until it is told to stop."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    emulator = Emulator(
        host,
        port,
        tls_port,
        data,
        seed,
        clock,
        rate_limits=rate_limits,
        edits_resequence=None if edit_sequence is None else _SEQUENCES[edit_sequence],
        control=control,
        swagger_errors=swagger_errors,
    )
    with emulator:
        values = _values(emulator)
        for name, value in values.items():
            click.echo(f"{name:<18} {value}")
        if emulator.beyond_loopback:
            click.echo(f"acs-chat: listening on {host}: others on the network can reach this emulator", err=True)
        if ready_file is not None:
            _write(ready_file, values)
        stop.wait()


def _values(emulator: Emulator) -> dict[str, str]:
    control = {} if emulator.control_key is None else {"control_key": emulator.control_key}
    return {
        "endpoint": emulator.endpoint,
        "https_endpoint": emulator.https_endpoint,
        "ca_file": str(emulator.ca_file),
        "connection_string": emulator.connection_string,
        "user_id": emulator.user_id,
        "token": emulator.token,
        **control,
    }


def _write(file: Path, values: dict[str, str]) -> None:
    """Writes the file in one step, readable by its owner alone: whoever waits for it sees all of it."""
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with open(handle, "w", encoding="utf-8") as stream:
            json.dump(values, stream, indent=2)
        os.replace(temporary, file)
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}, choose another --ready-file") from error


def _fact_lines() -> Iterator[str]:
    from acs_chat_testkit.emulator.facts import facts, shares

    for fact in facts().values():
        seen = f" [{fact.seen}]" if fact.seen else ""
        yield f"{fact.mark:<13}  {fact.id:<29}  {fact.what}{seen}"
    yield ""
    yield f"{len(facts())} behaviours: " + ", ".join(f"{share:.0%} {mark}" for mark, share in shares().items())

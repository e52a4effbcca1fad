"""`acs-chat doctor`: says what is installed here, what answers, what is wrong, and what to do about it."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata as metadata
import importlib.util
import json
import os
import platform
import re
import ssl
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acs_chat_testkit.cli.output import command as typed
from acs_chat_testkit.errors import CassetteError
from acs_chat_testkit.printable import line

if TYPE_CHECKING:
    from acs_chat_testkit.recording import Cassette

OURS = "acs-chat-testkit"
OFFICIAL = "azure-communication-chat"
PEERS = ("pytest-recording", "pytest-vcr", "cassetter")
"""Distributions whose pytest plugins own the names that ours would take."""
EXTRAS = ("aio", "recording", "emulator", "conformance")
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


class Level(StrEnum):
    """How much a finding matters; an error makes the command exit with 1."""

    OK = "ok"
    NOTE = "note"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis.

    Args:
        about: What was looked at.
        level: How much it matters.
        found: What was seen.
        advice: What to do; empty where there is nothing to do.
    """

    about: str
    level: Level
    found: str
    advice: str = ""


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def command(context: click.Context, path: Path, form: str) -> None:
    """Look at this environment and at the cassettes below PATH; change nothing, call nobody.

    Exit code 0: nothing is broken; 1: something is.
    """
    found = list(diagnosis(path))
    if form == "json":
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    else:
        for each in found:
            advice = f"; {each.advice}" if each.advice else ""
            click.echo(line(f"{each.level:<5} {each.about:<9} {each.found}{advice}"))
    context.exit(any(each.level is Level.ERROR for each in found))


def diagnosis(path: Path) -> Iterator[Finding]:
    """Every finding, in the order in which a person would look."""
    yield versions()
    yield from map(extra, EXTRAS)
    yield sdk()
    yield plugins()
    cassettes = read_cassettes(path)
    yield cassette_health(path, cassettes)
    yield clock(datetime.now(UTC), newest(cassettes))
    yield from authorities()


def versions() -> Finding:
    """What runs here."""
    packages = [f"{name} {version(name) or 'not installed'}" for name in (OURS, "azure-core", "pytest", "vcrpy")]
    return Finding("versions", Level.OK, ", ".join([f"Python {platform.python_version()}", *packages]))


def extra(name: str) -> Finding:
    """Whether everything that an extra asks for is installed."""
    lacking = sorted(need for need in needs(name) if version(need) is None)
    if not lacking:
        return Finding("extra", Level.OK, f"{name} is complete")
    return Finding(
        "extra", Level.NOTE, f"{name} lacks {', '.join(lacking)}", f"if you want it: pip install '{OURS}[{name}]'"
    )


def needs(name: str) -> Iterator[str]:
    """The distributions that an extra asks for, ours left out."""
    for requirement in metadata.requires(OURS) or ():
        need, _, marker = requirement.partition(";")
        if re.search(rf"extra == ['\"]{name}['\"]", marker):
            distribution = re.split(r"[^\w.-]", need.strip(), maxsplit=1)[0]
            if distribution != OURS:
                yield distribution


def sdk() -> Finding:
    """Which `azure.communication.chat` answers, and why."""
    file = location("azure.communication.chat")
    official = version(OFFICIAL)
    if file is None:
        return Finding(
            "sdk", Level.ERROR, "nothing answers azure.communication.chat", f"pip install --force-reinstall {OURS}"
        )
    if official is None or not owns(OFFICIAL, file):
        why = f"{OFFICIAL} is not installed" if official is None else f"it comes before {OFFICIAL} {official}"
        return Finding("sdk", Level.OK, f"azure.communication.chat is ours, because {why} ({file.parent})")
    if changed := changed_files(OFFICIAL):
        return Finding(
            "sdk",
            Level.ERROR,
            f"{OFFICIAL} {official} was changed after it was installed, {len(changed)} files, first {changed[0]}",
            f"pip install --force-reinstall {OFFICIAL}=={official}",
        )
    return Finding(
        "sdk",
        Level.OK,
        f"azure.communication.chat is {OFFICIAL} {official}, because it is installed; its files are untouched",
    )


def plugins() -> Finding:
    """Which pytest plugin owns `--record-mode`."""
    if version("pytest") is None:
        return Finding("plugins", Level.NOTE, "pytest is not installed", "to record in tests: pip install pytest")
    present = [name for name in PEERS if version(name) is not None]
    if not present:
        return Finding("plugins", Level.OK, f"--record-mode and the vcr marker are of {OURS}")
    first = present[0]
    return Finding(
        "plugins",
        Level.NOTE,
        f"{first} {version(first)} keeps --record-mode and the vcr marker; scan, lint and conformance work beside it",
        f"to record with {OURS}: pip uninstall {' '.join(present)}",
    )


def read_cassettes(path: Path) -> dict[Path, Cassette | None]:
    """Every cassette in a directory called ``cassettes`` below a path; None where it can not be read."""
    if version("PyYAML") is None:
        return {}
    from acs_chat_testkit.recording import load

    found: dict[Path, Cassette | None] = {}
    for file in sorted(path.resolve().rglob("*.yaml")):
        inside = file.relative_to(path.resolve().parent).parts
        if "cassettes" in inside and not any(part.startswith(".") or part == "site-packages" for part in inside):
            try:
                found[file] = load(file)
            except (CassetteError, OSError):
                found[file] = None
    return found


def cassette_health(path: Path, cassettes: dict[Path, Cassette | None]) -> Finding:
    """Whether the recordings can be read and renewed."""
    if not cassettes:
        advice = "record some: pytest --chat-target=emulator --record-mode=once"
        return Finding("cassettes", Level.NOTE, f"there is none below {path}", advice)
    if broken := [file for file, cassette in cassettes.items() if cassette is None]:
        return Finding(
            "cassettes",
            Level.ERROR,
            f"{len(broken)} of {len(cassettes)} can not be read, the first is {broken[0].name}",
            f"see why: {typed('acs-chat', 'cassettes', 'lint', path)}",
        )
    if locked := sorted({file.parent for file in cassettes if not os.access(file.parent, os.W_OK)}):
        return Finding(
            "cassettes",
            Level.ERROR,
            f"{len(locked)} directories can not be written, the first is {locked[0].name}",
            "give yourself write permission before you record",
        )
    foreign = sum(cassette is not None and cassette.header.format is None for cassette in cassettes.values())
    return Finding("cassettes", Level.OK, f"{len(cassettes)} can be read, {foreign} of them from another recorder")


def clock(now: datetime, recorded: datetime | None) -> Finding:
    """Whether the clock can be right: tokens and signed calls are refused when it is not.

    Args:
        now: What the clock says.
        recorded: When the newest cassette was recorded; None where none says it.
    """
    shown = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    advice = "set the clock: tokens and signed calls are refused when it is wrong"
    installed = installed_on()
    if installed is not None and now < installed:
        return Finding("clock", Level.ERROR, f"{shown} is before {OURS} was installed here", advice)
    if recorded is not None and now < recorded:
        return Finding("clock", Level.ERROR, f"{shown} is before a cassette was recorded ({recorded:%Y-%m-%d})", advice)
    return Finding("clock", Level.OK, f"{shown}, after the installation and after every recording")


def newest(cassettes: dict[Path, Cassette | None]) -> datetime | None:
    """When the newest live recording was made; an emulator's clock may run ahead of ours."""
    headers = [cassette.header for cassette in cassettes.values() if cassette is not None]
    moments = [moment(header.recorded_at) for header in headers if header.origin == "live"]
    return max((each for each in moments if each is not None), default=None)


def moment(text: str | None) -> datetime | None:
    """A time with its zone; None where the text is none."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo is not None else None


def authorities() -> Iterator[Finding]:
    """Which certificate authorities the clients of this environment trust."""
    named = {name: os.environ[name] for name in CA_VARIABLES if os.environ.get(name)}
    if not named:
        yield Finding("ca", Level.OK, "no variable names a CA file; clients trust the public authorities")
    for name, file in named.items():
        try:
            count = len(_authorities_in(file))
        except OSError as error:  # an SSLError is one
            yield Finding("ca", Level.ERROR, f"{name} names {file}, which can not be used ({error})", f"unset {name}")
        else:
            yield Finding("ca", Level.OK, f"{name} names {file}, {count} authorities")


def _authorities_in(file: str) -> list[object]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=None if Path(file).is_dir() else file)
    return list(context.get_ca_certs())


def version(distribution: str) -> str | None:
    """The installed version of a distribution; None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def location(module: str) -> Path | None:
    """The file that answers an import, without importing it; None where nothing does."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin)


def owns(distribution: str, file: Path) -> bool:
    """Whether a distribution installed a file."""
    files = metadata.files(distribution) or ()
    return any(Path(str(each.locate())).resolve() == file.resolve() for each in files)


def changed_files(distribution: str) -> list[str]:
    """The files of a distribution that are missing or are not what its RECORD says."""
    return [
        str(each)
        for each in metadata.files(distribution) or ()
        if each.hash is not None and each.hash.value != _digest(Path(str(each.locate())), each.hash.mode)
    ]


def _digest(file: Path, algorithm: str) -> str | None:
    """A file's hash as a RECORD writes it; None where the file is missing."""
    if not file.exists():
        return None
    return base64.urlsafe_b64encode(hashlib.new(algorithm, file.read_bytes()).digest()).rstrip(b"=").decode()


def installed_on() -> datetime | None:
    """When the toolkit was installed here; None where its RECORD can not be found."""
    records = [Path(str(each.locate())) for each in metadata.files(OURS) or () if each.name == "RECORD"]
    return datetime.fromtimestamp(records[0].stat().st_mtime, UTC) if records else None

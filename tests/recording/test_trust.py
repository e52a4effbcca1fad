"""httpx and http.client read all certificate authorities for each client; those that only replay share them."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

import certifi
import httpx
import pytest
from tests.recording.service import Service

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.recording import Recorder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for every time that certificate authorities are read from a file."""
    seen: list[str] = []
    read = ssl.SSLContext.load_verify_locations

    def noted(context: ssl.SSLContext, *args: object, **options: object) -> None:
        seen.append("read")
        read(context, *args, **options)  # type: ignore[arg-type]

    by_default = ssl.SSLContext.load_default_certs

    def noted_by_default(context: ssl.SSLContext, *args: object, **options: object) -> None:
        seen.append("read")
        by_default(context, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", noted_by_default)
    return seen


@pytest.fixture
def recorded(service: Service, tape: Path) -> str:
    """An address with a recorded answer."""
    with Recorder(tape, "once"):
        httpx.get(service.url)
    return service.url


def test_clients_that_only_replay_read_the_authorities_once(recorded: str, tape: Path, made: list[str]) -> None:
    """However many clients are made, and whatever they ask."""
    with Recorder(tape, allow_playback_repeats=True):
        for _ in range(5):
            assert httpx.get(recorded).status_code == 200
    assert len(made) <= 1


async def _get(url: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).status_code


def test_async_clients_share_them_too(recorded: str, tape: Path, made: list[str]) -> None:
    """However many are made."""
    with Recorder(tape, allow_playback_repeats=True):
        assert [asyncio.run(_get(recorded)) for _ in range(5)] == [200] * 5
    assert len(made) <= 1


def test_clients_that_may_go_out_read_their_own(service: Service, tape: Path, made: list[str]) -> None:
    """Nothing is shared while recording, nor without a cassette."""
    with Recorder(tape, "once"):
        httpx.get(service.url)
    httpx.Client().close()
    assert len(made) == 2


def test_other_authorities_of_the_environment_are_read(
    recorded: str, tape: Path, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shared is not what another file would have said."""
    other = tmp_path / "other.pem"
    other.write_text(Path(certifi.where()).read_text("utf-8"), "utf-8")
    with Recorder(tape):
        httpx.Client().close()
        made.clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        httpx.Client().close()
    assert len(made) == 1


def test_what_is_shared_still_verifies(tape: Path, recorded: str) -> None:
    """A client that was made in replay and goes out afterwards refuses a host that nobody vouches for."""
    with Recorder(tape):
        client = httpx.Client()
    with client, Emulator() as emulator, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get(emulator.https_endpoint)


@pytest.fixture
def encrypted(tape: Path) -> str:
    """A host with a recorded answer of http.client."""
    with Emulator() as emulator, Recorder(tape, "once"):
        trust = ssl.create_default_context(cafile=str(emulator.ca_file))
        _ask(HTTPSConnection(emulator.https_endpoint[8:], context=trust, timeout=5))
        return emulator.https_endpoint[8:]


def _ask(connection: HTTPSConnection) -> int:
    with closing(connection):
        connection.request("GET", "/chat/threads")
        return connection.getresponse().status


def test_connections_of_http_client_that_only_replay_share_them(encrypted: str, tape: Path, made: list[str]) -> None:
    """However many are made."""
    with Recorder(tape, allow_playback_repeats=True):
        for _ in range(5):
            assert _ask(HTTPSConnection(encrypted, timeout=5)) == 400
    assert len(made) <= 1


def test_connections_that_may_go_out_read_their_own(encrypted: str, tape: Path, made: list[str]) -> None:
    """So do those of a class that may do with them what it likes."""

    class Special(HTTPSConnection):
        pass

    with Recorder(tape, "new_episodes"):
        HTTPSConnection(encrypted)
    with Recorder(tape):
        Special(encrypted)
    HTTPSConnection(encrypted)
    assert len(made) == 3


def test_what_a_connection_is_told_to_trust_stays(
    encrypted: str, tape: Path, made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own context, other files, and the default that a program has replaced."""
    with Recorder(tape):
        HTTPSConnection(encrypted)
        made.clear()
        HTTPSConnection(encrypted, context=ssl.create_default_context())
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
        HTTPSConnection(encrypted)
        monkeypatch.setattr("ssl._create_default_https_context", lambda: ssl.create_default_context())
        HTTPSConnection(encrypted)
    assert len(made) == 3


def test_what_connections_share_still_verifies(encrypted: str, tape: Path) -> None:
    """One that was made in replay and goes out later refuses a host that nobody vouches for; its own trust counts."""
    with Emulator() as emulator:
        host = emulator.https_endpoint[8:]
        with Recorder(tape):
            connection = HTTPSConnection(host, timeout=5)
            trusting = HTTPSConnection(
                host, context=ssl.create_default_context(cafile=str(emulator.ca_file)), timeout=5
            )
        assert _ask(trusting) == 400
        with pytest.raises(ssl.SSLCertVerificationError):
            _ask(connection)

"""httpx reads all certificate authorities whenever a client is made; clients that only replay share them."""

from __future__ import annotations

import asyncio
import ssl
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

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
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

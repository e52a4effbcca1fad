"""A suite of async tests and fixtures, for whichever plugin runs them."""

from __future__ import annotations

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

from acs_chat_testkit.recording import load

ASYNC = """
import asyncio, httpx, threading

async def fetch(path):
    async with httpx.AsyncClient() as client:
        return (await client.get(URL + path)).json()["path"]

@pytest.fixture{fixture}
async def wide{arguments}:
    yield await fetch("/start")
    assert await fetch("/end") == "/end"

@pytest.mark.vcr
@pytest.mark.{mark}
@pytest.mark.parametrize("name", ["one", "two"])
async def test_it(wide, name):
    assert wide == "/start"
    assert await asyncio.gather(*(fetch(f"/{{name}}/{{number}}") for number in range(4))) == [
        f"/{{name}}/{{number}}" for number in range(4)
    ]
    assert await asyncio.to_thread(get, "/thread")
"""


def records_and_replays(pytester: pytest.Pytester, service: Service, body: str) -> None:
    """Also a fixture of a module, whose end runs when the last test is over; nothing goes out in replay."""
    cassettes = suite(pytester, service, body)
    pytester.runpytest_subprocess("--record-mode=once").assert_outcomes(passed=2)
    recorded = load(cassettes / "fixture.wide.yaml").interactions
    assert [each.request.url.removeprefix(service.url) for each in recorded] == ["/start", "/end"]
    service.close()
    result = pytester.runpytest_subprocess("--block-network")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 12 replayed, 0 live, 0 blocked, 0 unplayed"])

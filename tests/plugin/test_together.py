"""Beside other plugins: pytest-rerunfailures, pytest-asyncio, anyio, pytest-xdist."""

from __future__ import annotations

import importlib.util

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

FLAKY = """
tries = []

@pytest.fixture(scope="module")
def wide():
    return get("/poll?wide").json()["number"]

@pytest.mark.vcr
@pytest.mark.flaky(reruns=2)
def test_flaky(wide, vcr):
    tries.append(get(f"/poll?{len(tries) if vcr.recording else 2}").json()["number"])
    assert len(tries) == 3
"""


@pytest.mark.skipif(
    not importlib.util.find_spec("pytest_rerunfailures"), reason="pytest-rerunfailures is not installed"
)
def test_only_the_try_that_passed_is_kept(pytester: pytest.Pytester, service: Service) -> None:
    """A test that is run again records again, and replays from the start of its cassette."""
    cassettes = suite(pytester, service, FLAKY)
    result = pytester.runpytest_subprocess("--record-mode=rewrite")
    assert result.parseoutcomes() == {"passed": 1, "rerun": 2}
    assert [each.request.url[-1] for each in load(cassettes / "test_flaky.yaml").interactions] == ["2"]
    service.close()
    result = pytester.runpytest_subprocess()
    assert result.parseoutcomes() == {"passed": 1, "rerun": 2}
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 4 replayed, 0 live, 0 blocked, 0 unplayed"])


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
ANYIO = """
@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"
"""


@pytest.mark.parametrize("plugin", ["anyio", "asyncio"])
def test_tests_and_fixtures_may_be_async(pytester: pytest.Pytester, service: Service, plugin: str) -> None:
    """Also a fixture of a module, whose end runs when the last test is over; nothing goes out in replay."""
    if plugin == "asyncio":
        pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed")
        body = ASYNC.format(fixture="", arguments="()", mark="asyncio(loop_scope='module')")
        body = "import pytest_asyncio\n" + body.replace(
            "@pytest.fixture", "@pytest_asyncio.fixture(scope='module', loop_scope='module')"
        )
    else:
        body = ANYIO + ASYNC.format(fixture="(scope='module')", arguments="(anyio_backend)", mark="anyio")
    cassettes = suite(pytester, service, body)
    pytester.runpytest_subprocess("--record-mode=once").assert_outcomes(passed=2)
    recorded = load(cassettes / "fixture.wide.yaml").interactions
    assert [each.request.url.removeprefix(service.url) for each in recorded] == ["/start", "/end"]
    service.close()
    result = pytester.runpytest_subprocess("--block-network")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 12 replayed, 0 live, 0 blocked, 0 unplayed"])


GROUPS = """
@pytest.mark.vcr
@pytest.mark.xdist_group("pair")
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    get(f"/{number}")
    get("/missing")
"""


@pytest.mark.parametrize("dist", ["loadgroup", "loadfile", "worksteal"])
def test_a_command_fits_whatever_distributes(pytester: pytest.Pytester, service: Service, dist: str) -> None:
    """pytest-xdist changes the ids of tests in groups; what is to be typed next is the plain id."""
    suite(pytester, service, GROUPS.replace('    get("/missing")\n', ""))
    pytester.runpytest("-n2", f"--dist={dist}", "--record-mode=once").assert_outcomes(passed=4)
    suite(pytester, service, GROUPS)
    result = pytester.runpytest("-n2", f"--dist={dist}")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["*record it: pytest 'test_it.py::test_it?3?' --record-mode=rewrite"])

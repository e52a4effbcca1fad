"""Beside plugins that are installed in an environment of their own (`tox run -e beside`): rerunfailures, asyncio."""

from __future__ import annotations

import pytest
from tests.plugin.rounds import ASYNC, records_and_replays
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


def test_tests_and_fixtures_may_be_those_of_pytest_asyncio(pytester: pytest.Pytester, service: Service) -> None:
    """They are recorded and replayed like others, in the loop of their module."""
    body = ASYNC.format(fixture="", arguments="()", mark="asyncio(loop_scope='module')")
    body = body.replace("@pytest.fixture", "@pytest_asyncio.fixture(scope='module', loop_scope='module')")
    records_and_replays(pytester, service, "import pytest_asyncio\n" + body)

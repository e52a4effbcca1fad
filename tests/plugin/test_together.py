"""Beside other plugins: anyio and pytest-xdist; `beside.py` has those that need an environment of their own."""

from __future__ import annotations

import pytest
from tests.plugin.rounds import ASYNC, records_and_replays
from tests.plugin.suites import suite
from tests.recording.service import Service

pytest_plugins = ["pytester"]

ANYIO = """
@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"
"""


def test_tests_and_fixtures_may_be_those_of_anyio(pytester: pytest.Pytester, service: Service) -> None:
    """They are recorded and replayed like others, in the loop of their module."""
    records_and_replays(
        pytester, service, ANYIO + ASYNC.format(fixture="(scope='module')", arguments="(anyio_backend)", mark="anyio")
    )


GROUPS = """
@pytest.mark.vcr
@pytest.mark.xdist_group("pair")
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    get(f"/{number}")
    get("/missing")
"""


def test_no_test_is_recorded_by_each_worker(pytester: pytest.Pytester, service: Service) -> None:
    """Where all of them run all tests, recording is refused, and replay and verification are not."""
    suite(pytester, service, GROUPS.replace('    get("/missing")\n', ""))
    refused = pytester.runpytest("-n2", "--dist=each", "--record-mode=once")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*with --dist=each every worker would record every test; record without it"])
    assert not service.hits
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=4)
    for mode in ("none", "verify"):
        pytester.runpytest("-n2", "--dist=each", f"--record-mode={mode}").assert_outcomes(passed=8)


@pytest.mark.parametrize("dist", ["loadgroup", "loadfile", "worksteal"])
def test_a_command_fits_whatever_distributes(pytester: pytest.Pytester, service: Service, dist: str) -> None:
    """pytest-xdist changes the ids of tests in groups; what is to be typed next is the plain id."""
    suite(pytester, service, GROUPS.replace('    get("/missing")\n', ""))
    pytester.runpytest("-n2", f"--dist={dist}", "--record-mode=once").assert_outcomes(passed=4)
    suite(pytester, service, GROUPS)
    result = pytester.runpytest("-n2", f"--dist={dist}")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["*record it: pytest 'test_it.py::test_it?3?' --record-mode=rewrite"])

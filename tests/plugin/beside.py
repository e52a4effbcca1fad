"""Beside tools that are installed in an environment of their own (`tox run -e beside`)."""

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


MOCK = """
import httpx, pook, requests_mock, respx, responses
ELSEWHERE = "http://mocked.test/"

@pytest.fixture(scope="{scope}")
def mock():
    with {start} as mock:
        {tell}
        yield

def ask():
    assert {client}.get(ELSEWHERE, timeout=10).text == "mocked"

@pytest.mark.vcr
def test_marked(mock):
    ask()
    assert {client}.get(URL + "/a", timeout=10).json()["path"] == "/a"
    ask()

def test_free(mock):
    ask()
"""
MOCKS = {
    "responses": (
        "requests",
        "responses.RequestsMock()",
        "mock.get(ELSEWHERE, body='mocked'); mock.add_passthru(URL)",
    ),
    "requests-mock": ("requests", "requests_mock.Mocker(real_http=True)", "mock.get(ELSEWHERE, text='mocked')"),
    "respx": (
        "httpx",
        "respx.mock(assert_all_called=False)",
        "mock.get(ELSEWHERE).respond(text='mocked'); mock.route(host='127.0.0.1').pass_through()",
    ),
    "pook": (
        "requests",
        "pook.use(network=True)",
        "pook.get(ELSEWHERE, response_body='mocked', persist=True)",
    ),
    "pook for httpx": (
        "httpx",
        "pook.use(network=True)",
        "pook.get(ELSEWHERE, response_body='mocked', persist=True)",
    ),
}


@pytest.mark.parametrize("scope", ["function", "module"])
@pytest.mark.parametrize(("client", "start", "tell"), MOCKS.values(), ids=MOCKS)
def test_what_a_mock_answers_is_its_own(
    pytester: pytest.Pytester, service: Service, scope: str, client: str, start: str, tell: str
) -> None:
    """It is neither recorded nor missed, and what the mock passes on is recorded and replayed."""
    cassettes = suite(pytester, service, MOCK.format(scope=scope, client=client, start=start, tell=tell))
    pytester.runpytest_subprocess("--record-mode=once").assert_outcomes(passed=2)
    assert [each.request.url for each in load(cassettes / "test_marked.yaml").interactions] == [f"{service.url}/a"]
    service.close()
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 1 replayed, 0 live, 0 blocked, 0 unplayed"])


OTHERS = """
import freezegun, time

@pytest.mark.vcr(max_age=1000, on_stale="fail")
def test_files(fs):
    fs.create_file("/made/here", contents="x")
    assert get("/a").json()["path"] == "/a"
    assert open("/made/here").read() == "x"
    get("/b")

@pytest.mark.vcr(max_age=1000, on_stale="fail")
@freezegun.freeze_time("2101-01-01")
def test_clock():
    get("/a")
    assert time.gmtime().tm_year == 2101
"""


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_files_and_clock_may_be_those_of_the_test(pytester: pytest.Pytester, service: Service, workers: str) -> None:
    """Beside pyfakefs and freezegun a recording is made and kept as without them."""
    suite(pytester, service, OTHERS)
    pytester.runpytest_subprocess("--record-mode=once", workers).assert_outcomes(passed=2)
    service.close()
    result = pytester.runpytest_subprocess(workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 3 replayed, 0 live, 0 blocked, 0 unplayed"])

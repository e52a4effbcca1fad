"""Marked tests, and their fixtures, that open cassettes with vcrpy itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import vcr  # noqa: F401  or an inner run would import it anew
from tests.plugin.suites import suite
from tests.recording.service import Service

from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

NESTED = """
import asyncio, vcr
theirs = vcr.VCR(cassette_library_dir="theirs")

@pytest.fixture
def around():
    with theirs.use_cassette("around.yaml"):
        yield get("/around")

@pytest.mark.vcr
def test_block():
    get("/before")
    with theirs.use_cassette("block.yaml"):
        get("/block")
    get("/after")

@pytest.mark.vcr
@theirs.use_cassette("decorated.yaml")
def test_decorated():
    get("/decorated")

@pytest.mark.vcr
@theirs.use_cassette("waiting.yaml")
async def test_waiting(anyio_backend):
    await asyncio.to_thread(get, "/waiting")

@pytest.mark.vcr
def test_fixture(around):
    get("/fixture")

@theirs.use_cassette("unmarked.yaml")
def test_unmarked():
    get("/unmarked")
"""
HEAD = """
import pytest

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


def paths(pytester: pytest.Pytester, service: Service, name: str) -> Sequence[str]:
    """What is recorded in a cassette of vcrpy's."""
    urls = (each.request.url for each in load(pytester.path / "theirs" / f"{name}.yaml").interactions)
    return [url.removeprefix(service.url) for url in urls]


def test_the_cassette_that_was_entered_last_answers(pytester: pytest.Pytester, service: Service) -> None:
    """In a block, a decorated test, an async one and a fixture; what the mark records is what is left."""
    cassettes = suite(pytester, service, HEAD + NESTED)
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(passed=5)
    assert {file.stem for file in cassettes.iterdir()} == {"test_block"}
    recorded = load(cassettes / "test_block.yaml").interactions
    assert [each.request.url.removeprefix(service.url) for each in recorded] == ["/before", "/after"]
    for name, wanted in {
        "block": ["/block"],
        "decorated": ["/decorated"],
        "waiting": ["/waiting"],
        "around": ["/around", "/fixture"],
        "unmarked": ["/unmarked"],
    }.items():
        assert paths(pytester, service, name) == wanted
    service.close()
    for options in ([], ["--block-network"]):
        result = pytester.runpytest(*options)
        result.assert_outcomes(passed=5)
        result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 2 replayed, 0 live, 0 blocked, 0 unplayed"])


def test_a_cassette_that_would_record_is_refused_in_replay(pytester: pytest.Pytester, service: Service) -> None:
    """Also where the test swallows it; the command that records says how, and records."""
    body = """
import vcr

@pytest.mark.vcr
def test_it():
    with vcr.use_cassette("new.yaml"):
        try:
            get("/a")
        except Exception:
            pass
"""
    suite(pytester, service, body)
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*/a is not recorded: there is no cassette*record it: pytest*",
            "*vcrpy's cassette new.yaml is open inside it*",
        ]
    )
    assert (service.hits, (pytester.path / "new.yaml").exists()) == ([], False)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    assert (service.hits, (pytester.path / "new.yaml").exists()) == ([("GET", "/a")], True)
    service.close()
    pytester.runpytest().assert_outcomes(passed=1)


WIDE = """
import vcr

@pytest.fixture(scope="module")
def wide():
    get("/before")
    with vcr.use_cassette("theirs/wide.yaml"):
        get("/start")
        yield
        get("/end")
    get("/after")

@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_it(wide, number):
    get(f"/{number}")
"""


def test_a_fixture_of_a_module_keeps_its_cassette_of_vcrpy(pytester: pytest.Pytester, service: Service) -> None:
    """At its end, too; the test's own cassette was entered later and has what the test asks."""
    cassettes = suite(pytester, service, WIDE)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    assert paths(pytester, service, "wide") == ["/start", "/end"]
    recorded = {
        file.stem: [each.request.url.removeprefix(service.url) for each in load(file).interactions]
        for file in cassettes.iterdir()
    }
    assert recorded == {"fixture.wide": ["/before", "/after"], "test_it[1]": ["/1"], "test_it[2]": ["/2"]}
    service.close()
    pytester.runpytest("--block-network").assert_outcomes(passed=2)


LATE = """
import vcr

@pytest.fixture(scope="module")
def wide():
    get("/wide")

@pytest.fixture{scope}
def block(request):
    with vcr.use_cassette("theirs/block.yaml"):
        get("/before")
        request.getfixturevalue("wide")
        get("/after")

@pytest.mark.vcr
def test_it(block):
    pass

@pytest.mark.vcr
def test_other(wide):
    pass
"""


@pytest.mark.parametrize("scope", ["", '(scope="class")'])
def test_a_fixture_that_is_set_up_inside_the_block_changes_nothing(
    pytester: pytest.Pytester, service: Service, scope: str
) -> None:
    """The block goes on afterwards, though the cassette around it was laid aside meanwhile."""
    suite(pytester, service, LATE.format(scope=scope))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    assert paths(pytester, service, "block") == ["/before", "/after"]
    service.close()
    pytester.runpytest("--block-network").assert_outcomes(passed=2)


EARLY = """
import vcr

@pytest.fixture(scope="session")
def around():
    with vcr.use_cassette("theirs/around.yaml"):
        yield

def test_unmarked(around):
    get("/unmarked")

@pytest.mark.vcr
def test_marked():
    get("/marked")
"""


def test_vcrpys_may_be_open_before_the_first_of_ours(pytester: pytest.Pytester, service: Service) -> None:
    """The suite has a mark somewhere, so the doors are there from the start."""
    cassettes = suite(pytester, service, EARLY)
    pytester.runpytest_subprocess("--record-mode=once").assert_outcomes(passed=2)
    assert paths(pytester, service, "around") == ["/unmarked"]
    assert len(load(cassettes / "test_marked.yaml").interactions) == 1
    service.close()
    pytester.runpytest_subprocess("--block-network").assert_outcomes(passed=2)

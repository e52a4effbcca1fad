"""Fixtures of a wider scope than a test: recorded and replayed, and never live unnoticed."""

from __future__ import annotations

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

WIDE = """
@pytest.fixture(scope="module", params=["red", "blue"])
def module(request):
    answer = get("/poll?module=" + request.param).json()
    yield answer
    assert get("/poll?end").ok

@pytest.fixture(scope="class")
def klass(module, session):
    return get("/poll?class").json()

class TestOne:
    @pytest.mark.vcr
    def test_a(self, klass, module, session):
        assert get("/poll?a").json()["number"] > klass["number"] > module["number"] > session["number"]

    def test_b(self, klass, module):
        assert klass["number"] > module["number"]

def test_first(session):
    assert session["number"] == 1

@pytest.fixture
def function():
    yield get("/poll?before").json()
    get("/poll?after")

@pytest.mark.vcr
def test_last(function, session):
    assert session["number"] == 1
    get("/poll?last")
"""
SESSION = """
import pytest, requests

@pytest.fixture(scope="session")
def session():
    import test_it
    number = requests.get(test_it.URL + "/poll?session", timeout=10).json()
    yield number
    requests.get(test_it.URL + "/poll?bye", timeout=10)
"""


@pytest.fixture
def wide(pytester: pytest.Pytester, service: Service) -> None:
    """A recorded suite with fixtures of all scopes; its service is gone."""
    pytester.makeconftest(SESSION)
    suite(pytester, service, WIDE)
    result = pytester.runpytest("--record-mode=rewrite")
    result.assert_outcomes(passed=6)
    service.close()


def test_each_fixture_has_a_cassette_of_its_own(pytester: pytest.Pytester, wide: None) -> None:
    """With what it asked for at its start and at its end; that of a session lies where the fixture is defined."""
    files = {
        file.relative_to(pytester.path / "cassettes").as_posix(): [
            each.request.url.partition("?")[2] for each in load(file).interactions
        ]
        for file in (pytester.path / "cassettes").rglob("*.yaml")
    }
    assert files == {
        "fixture.session.yaml": ["session", "bye"],
        "test_it/TestOne.test_a[blue].yaml": ["a"],
        "test_it/TestOne.test_a[red].yaml": ["a"],
        "test_it/fixture.klass[module=red].TestOne.yaml": ["class"],
        "test_it/fixture.klass[module=blue].TestOne.yaml": ["class"],
        "test_it/fixture.module[module=red].yaml": ["module=red", "end"],
        "test_it/fixture.module[module=blue].yaml": ["module=blue", "end"],
        "test_it/test_last.yaml": ["before", "last", "after"],
    }


@pytest.mark.parametrize(
    ("options", "passed"),
    [
        ([], 6),
        (["-k", "test_b"], 2),
        (["-k", "test_last"], 1),
        (["-n2", "--dist=load"], 6),
        (["-n2", "--dist=loadscope"], 6),
        (["-n2", "--dist=each"], 12),
    ],
)
def test_they_replay_whichever_test_comes_first(
    pytester: pytest.Pytester, wide: None, options: list[str], passed: int
) -> None:
    """Alone, together and on workers, without a service."""
    result = pytester.runpytest(*options)
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] == passed
    assert outcomes.keys() <= {"passed", "deselected"}
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, * replayed, 0 live, 0 blocked, 0 unplayed"])


LIVE = """
@pytest.fixture(scope="{scope}")
def wide():
    try:
        get("/a")
    except Exception:
        pass
    yield
    import socket
    with pytest.raises(RuntimeError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)

@pytest.mark.vcr
def test_it(wide): ...
"""


@pytest.mark.parametrize("scope", ["class", "session"])
def test_a_fixture_never_goes_live_unnoticed(pytester: pytest.Pytester, service: Service, scope: str) -> None:
    """In mode none a request of a fixture is refused, and a fixture that swallows the error fails its test."""
    suite(pytester, service, LIVE.format(scope=scope))
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "GET */a is not recorded: there is no cassette */fixture.wide*.yaml; let it out, as all of this machine, "
            "by ignore_localhost=True in vcr_config, or record it: pytest*::test_it --record-mode=rewrite"
        ]
    )
    assert service.hits == []


STARTED = """
@pytest.fixture(scope="session")
def vcr_config():
    return {"ignore_localhost": True}

@pytest.fixture(scope="session")
def server():
    get("/health")

def test_plain(server): ...

@pytest.mark.vcr
def test_marked(server): ...
"""


@pytest.mark.parametrize("options", [[], ["-k", "marked"], ["--record-mode=once"]])
def test_a_fixture_that_starts_a_server_may_ask_it(
    pytester: pytest.Pytester, service: Service, options: list[str]
) -> None:
    """Where the suite lets this machine out, whether a marked test or another one comes first."""
    suite(pytester, service, STARTED)
    assert pytester.runpytest(*options).ret == 0
    assert service.hits == [("GET", "/health")]
    assert not list(pytester.path.rglob("*.yaml"))


SERVER = """
import http.server, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = get(self.path).content
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args): ...

@pytest.fixture(scope="session")
def vcr_config():
    return {{"ignore_hosts": ["localhost"]}}

@pytest.fixture(scope="session")
def server():
    with http.server.ThreadingHTTPServer(("localhost", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,)).start()
        yield f"http://localhost:{{running.server_port}}"
        running.shutdown()

def ask(server, path):
    return requests.get(server + path, timeout=10).json()["path"]
{tests}
"""
ASKING = (
    """
@pytest.mark.vcr
def test_marked(server):
    assert ask(server, "/a") == "/a"
""",
    """
def test_free(server):
    assert ask(server, "/b") == "/b"
""",
)


@pytest.mark.parametrize("order", [1, -1], ids=["marked first", "free first"])
def test_a_server_of_a_fixture_serves_each_test_as_its_own(
    pytester: pytest.Pytester, service: Service, order: int
) -> None:
    """What it asks is replayed in a marked test, and goes out in another one, whichever has started it."""
    suite(pytester, service, SERVER.format(tests="".join(ASKING[::order])))
    assert pytester.runpytest("--record-mode=once").ret == 0
    service.hits.clear()
    assert pytester.runpytest().ret == 0
    assert service.hits == [("GET", "/b")]


def test_a_server_of_another_port_may_be_let_out(pytester: pytest.Pytester, service: Service) -> None:
    """To record the requests to a server that the suite starts helps for one run only."""
    tape = suite(pytester, service, '@pytest.mark.vcr\ndef test_it(): get("/a")') / "test_it.yaml"
    assert pytester.runpytest("--record-mode=once").ret == 0
    tape.write_text(tape.read_text(encoding="utf-8").replace(service.url, "http://127.0.0.1:9"), encoding="utf-8")
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E * port: sent *, recorded 9",
            "E * let it out, as all of this machine, by ignore_localhost=True in vcr_config, or record it: pytest*",
        ]
    )


TWICE = """
@pytest.fixture(scope="session")
def wide():
    return get("/poll").json()["number"]

@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_it(wide, number): ...
"""


def test_two_workers_do_not_record_one_fixture(pytester: pytest.Pytester, service: Service) -> None:
    """Each would have answers of its own, and only one can be replayed: the second one says what to run instead."""
    cassettes = suite(pytester, service, TWICE)
    result = pytester.runpytest("-n2", "--record-mode=rewrite")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture.wide.yaml is being recorded by another worker, * pytest * -n0"])
    assert len(load(cassettes / "fixture.wide.yaml").interactions) == 1


def test_a_foreign_suite_is_left_alone(pytester: pytest.Pytester, service: Service) -> None:
    """Fixtures that no marked test uses go where they want."""
    body = WIDE.replace("    @pytest.mark.vcr\n", "").replace("@pytest.mark.vcr\n", "")
    pytester.makeconftest(SESSION)
    suite(pytester, service, body + "\n@pytest.mark.vcr\ndef test_other(): ...\n")
    pytester.runpytest().assert_outcomes(passed=7)
    assert not (pytester.path / "cassettes").exists()


CLASSES = """
@pytest.fixture(scope="class")
def wide(request):
    return get(f"/poll?{request.node.nodeid.partition('::')[2].replace('::', '.')}").json()

class TestLeft:
    class TestSame:
        @pytest.mark.vcr
        def test_it(self, wide): ...

class TestRight:
    class TestSame:
        @pytest.mark.vcr
        def test_it(self, wide): ...

@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_alone(wide, number): ...
"""


def test_two_classes_of_one_name_do_not_share_a_fixture(pytester: pytest.Pytester, service: Service) -> None:
    """It is set up for each class, and outside of classes for each test: each time it has a cassette of its own."""
    cassettes = suite(pytester, service, CLASSES)
    pytester.runpytest("--record-mode=rewrite").assert_outcomes(passed=4)
    names = ("TestLeft.TestSame", "TestRight.TestSame", "test_alone[1]", "test_alone[2]")
    for name in names:
        recorded = load(cassettes / f"fixture.wide.{name}.yaml").interactions
        assert [each.request.url.partition("?")[2] for each in recorded] == [
            name.replace("[", "%5B").replace("]", "%5D")
        ]
    service.close()
    pytester.runpytest().assert_outcomes(passed=4)


ALIKE = """
@pytest.fixture(scope="class")
def wide():
    return get("/poll").json()

class TestChat:
    def test_live(self, wide): ...

class TestChatThread:
    @pytest.mark.vcr
    def test_it(self, wide): ...
"""


def test_a_class_whose_name_only_starts_alike_is_another_one(pytester: pytest.Pytester, service: Service) -> None:
    """The fixture of a class without marked tests goes where it wants."""
    suite(pytester, service, ALIKE)
    pytester.runpytest("--record-mode=rewrite", "-k", "TestChatThread").assert_outcomes(passed=1, deselected=1)
    pytester.runpytest().assert_outcomes(passed=2)
    assert len(service.hits) == 2


DYNAMIC = """
@pytest.fixture(scope="session")
def inner():
    return get("/poll?inner").json()

@pytest.fixture(scope="module")
def wide(request):
    request.getfixturevalue("inner")
    yield get("/poll?wide").json()
    get("/poll?end")

@pytest.mark.vcr
@pytest.mark.parametrize("name", ["a", "b"])
def test_it(request, name):
    get(f"/poll?before-{name}")
    assert request.getfixturevalue("wide")["number"]
    get(f"/poll?after-{name}")

def test_unmarked(request):
    if request.config.getoption("--record-mode"):
        request.getfixturevalue("wide")
"""


def test_a_fixture_that_no_signature_names_has_a_cassette_of_its_own(
    pytester: pytest.Pytester, service: Service
) -> None:
    """A test that asks for it by name leaves nothing of it in its own cassette, so the tests replay in any order."""
    cassettes = suite(pytester, service, DYNAMIC)
    pytester.runpytest("--record-mode=rewrite").assert_outcomes(passed=3)
    recorded = {
        file.stem: [each.request.url.partition("?")[2] for each in load(file).interactions]
        for file in cassettes.iterdir()
    }
    assert recorded == {
        "test_it[a]": ["before-a", "after-a"],
        "test_it[b]": ["before-b", "after-b"],
        "fixture.wide": ["wide", "end"],
        "fixture.inner": ["inner"],
    }
    service.close()
    for options in (["test_it.py::test_it[b]", "test_it.py::test_it[a]"], ["-k", "b"], ["-n2"]):
        result = pytester.runpytest(*options)
        assert result.parseoutcomes().keys() <= {"passed", "deselected"}
        result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, * replayed, 0 live, 0 blocked, 0 unplayed"])


QUIET = """
@pytest.fixture(scope="{scope}")
def wide():
    return 1

@pytest.mark.vcr
def test_it(wide, chat_client):
    assert chat_client.create_chat_thread("a room", [])
"""


@pytest.mark.parametrize("scope", ["module", "session"])
def test_a_fixture_without_requests_needs_no_cassette(pytester: pytest.Pytester, service: Service, scope: str) -> None:
    """Also beside a chat test, whose own cassette must be there."""
    suite(pytester, service, QUIET.format(scope=scope))
    pytester.runpytest_subprocess("--record-mode=rewrite", "--chat-target=emulator").assert_outcomes(passed=1)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


PARAMETERS = """

@pytest.fixture(scope="module")
def wide(request):
    return get("/" + str(request.param[0])).url

@pytest.mark.vcr
@pytest.mark.parametrize("wide", ["a", ("b", 1)], indirect=True, ids=str)
def test_one(wide): ...

@pytest.mark.vcr
@pytest.mark.parametrize("wide", [("b", 1), {0: "c"}], indirect=True, ids=str)
def test_other(wide): ...
"""


def test_parameters_of_several_tests_do_not_share_a_recording(pytester: pytest.Pytester, service: Service) -> None:
    """Each value that a test gives a fixture has a recording, whichever place it has in that test's list."""
    cassettes = suite(pytester, service, PARAMETERS)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=4)
    assert {load(file).interactions[0].request.url.rpartition("/")[2] for file in cassettes.iterdir()} == {
        "a",
        "b",
        "c",
    }
    service.close()
    pytester.runpytest().assert_outcomes(passed=4)
    for test in ("test_one", "test_other"):
        pytester.runpytest("-k", f"{test} and b").assert_outcomes(passed=1, deselected=3)


def test_parameters_that_differ_in_case_are_refused(pytester: pytest.Pytester, service: Service) -> None:
    """Their recordings would be one file on another machine."""
    suite(pytester, service, PARAMETERS.replace('("b", 1), {', '"A", {'))
    result = pytester.runpytest("--record-mode=once", "-k", "a")
    result.stdout.fnmatch_lines(
        ["*wide=A*wide=a* would be one file where case makes no difference; rename a parameter"]
    )


ENDING = """
import os

@pytest.fixture(scope="module", params=["red", "blue"])
def wide(request):
    yield get("/poll?start")
    if os.environ["ENDS"] == request.param:
        raise RuntimeError
    get("/end")

@pytest.mark.vcr
def test_it(wide):
    get("/a")

def test_skipped(wide):
    pytest.skip()
"""


@pytest.mark.parametrize("ends", ["red", "blue"])
def test_a_fixture_that_fails_at_its_end_keeps_the_old_recording(
    pytester: pytest.Pytester, service: Service, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Whether the next parameter or the last test ends it."""
    cassettes = suite(pytester, service, ENDING)
    monkeypatch.setenv("ENDS", "well")
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2, skipped=2)
    before = {file.name: file.read_bytes() for file in cassettes.glob("fixture.*")}
    assert len(before) == 2
    monkeypatch.setenv("ENDS", ends)
    assert pytester.runpytest("--record-mode=rewrite").ret == pytest.ExitCode.TESTS_FAILED
    after = {file.name: file.read_bytes() for file in cassettes.glob("fixture.*")}
    assert [name for name in before if before[name] == after[name]] == [f"fixture.wide[wide={ends}].yaml"]

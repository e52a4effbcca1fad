"""The settings, fixtures and hooks of vcrpy and pytest-recording, as a suite that moves over uses them."""

from __future__ import annotations

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

REFUSED = """
@pytest.mark.vcr(filter_header=["x"])
def test_a(): ...

@pytest.mark.vcr(filter_headers="x")
def test_b(): ...

@pytest.mark.vcr(match_on=["moon"])
def test_c(): ...

@pytest.mark.vcr(serializer="moon")
def test_d(): ...

@pytest.mark.vcr(custom_patches=[1])
def test_e(): ...

@pytest.mark.vcr(on_unplayed="moon")
def test_f(): ...

@pytest.mark.block_network(hosts=["x"])
def test_g(): ...

@pytest.mark.vcr
@pytest.mark.default_cassette
def test_h(): ...

@pytest.mark.block_network(allowed_hosts=["(a"])
def test_i(): ...

@pytest.mark.vcr(allowed_hosts=["(b"])
def test_j(): ...

@pytest.mark.vcr(allowed_hosts=5)
def test_k(): ...

@pytest.mark.vcr(before_record_response="scrub")
def test_m(): ...

@pytest.mark.vcr(filter_headers=[("x-key",)])
def test_n(): ...

@pytest.mark.vcr(filter_sensitive_data=["its-value"])
def test_o(): ...

@pytest.mark.vcr(max_age="30")
def test_p(): ...

class TestNothing:
    @pytest.fixture
    def vcr_config(self):
        {"allowed_hosts": ["a.example"]}

    @pytest.mark.vcr
    def test_l(self): ...
"""


def test_what_does_not_exist_is_one_sentence(pytester: pytest.Pytester, service: Service) -> None:
    """A typo in a setting, or a setting that this recorder can not keep, never passes in silence."""
    suite(pytester, service, REFUSED)
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(errors=16)
    result.stdout.fnmatch_lines(
        [
            "vcr setting 'filter_header' does not exist; there are record_mode, *",
            "vcr setting 'filter_headers' takes a list, not 'x'",
            "matcher 'moon' does not exist; match_on takes method, *",
            "serializer 'moon' does not exist; there are yaml, json",
            "vcr setting 'custom_patches' can not be used here: it patches classes of clients, *",
            "on_unplayed='moon' does not exist; it is one of ignore, warn, fail",
            "the mark block_network takes allowed_hosts, a list of hosts, and nothing else",
            "the mark default_cassette takes one name: *",
            "the allowed host '(a' is no regular expression: *",
            "the allowed host '(b' is no regular expression: *",
            "vcr setting 'allowed_hosts' takes a list, not 5",
            "vcr setting 'before_record_response' takes a function, not 'scrub'",
            "vcr setting 'filter_headers' takes names, and pairs of a name and what to write instead, not ('x-key',)",
            "vcr setting 'filter_sensitive_data' takes a dict of texts and what each stands for, not <class 'list'>",
            "vcr setting 'max_age' takes days, or a timedelta, not '30'",
            "the fixture vcr_config must return a dict of settings, and returned None",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*its-value*")


CASSETTE = """
from vcr.errors import UnhandledHTTPRequestError

@pytest.mark.vcr
def test_it(vcr, record_mode, vcr_markers, disable_recording, default_cassette_name):
    assert (record_mode, disable_recording, default_cassette_name) == (vcr.record_mode, False, "test_it")
    assert [mark.name for mark in vcr_markers] == ["vcr"]
    assert [get("/poll").json()["number"] for _ in "ab"] == [1, 2]
    assert vcr.get_metadata("name", "Ada") == "Ada"
    assert vcr.get_metadata("numbers", [1, 2]) == [1, 2]
    assert len(vcr) == 2
    assert vcr.all_played
    assert [request.uri for request in vcr.requests] == [URL + "/poll"] * 2
    assert [response["status"]["code"] for response in vcr.responses] == [200, 200]
    assert len(vcr.responses_of(vcr.requests[0])) == 2
    other = vcr.requests[0]
    other.uri += "/other"
    with pytest.raises(UnhandledHTTPRequestError, match="/poll/other is not in .*test_it.yaml"):
        vcr.responses_of(other)
    assert (vcr.dirty, vcr.play_count) == ((True, 0) if record_mode == "once" else (False, 2))
    if not vcr.dirty:
        assert vcr.play_counts == {0: 1, 1: 1}
        vcr.rewind()
        assert (vcr.play_count, vcr.all_played) == (0, False)
        assert [get("/poll").json()["number"] for _ in "ab"] == [1, 2]
        with pytest.raises(Exception, match="holds no value 'other'; record it: pytest"):
            vcr.get_metadata("other", 1)

def test_unmarked(vcr):
    assert vcr is None
"""


def test_the_fixture_gives_the_cassette_of_vcrpy(pytester: pytest.Pytester, service: Service) -> None:
    """With its attributes, while recording and in replay, and with values that are kept in the file."""
    suite(pytester, service, CASSETTE)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    pytester.runpytest("--record-mode=none").assert_outcomes(passed=2)


PACKED = """
def packed(response):
    return response if response["body"]["string"].startswith(bytes([0x1f, 0x8b])) else None

@pytest.mark.vcr(before_record_response=packed)
def test_it():
    assert get("/gzip").json()["packed"]
"""


def test_a_hook_sees_an_answer_as_it_came_unless_the_suite_asks_otherwise(
    pytester: pytest.Pytester, service: Service
) -> None:
    """What is packed on the wire is packed there, while recording and in replay, as with vcrpy."""
    suite(pytester, service, PACKED)
    for mode in ("once", "none"):
        pytester.runpytest(f"--record-mode={mode}").assert_outcomes(passed=1)
    assert len(service.hits) == 1


DROPPING = """
import os

def hook(response):
    return None if "DROP" in os.environ else response

@pytest.mark.vcr(before_record_response=hook)
def test_it():
    assert get("/a").ok
    with pytest.raises(requests.ConnectionError):
        get("/reset")
"""


def test_a_hook_counts_in_replay_for_answers_alone(
    pytester: pytest.Pytester, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure stays what it is; an answer that the hook drops now is as if it had not been recorded."""
    suite(pytester, service, DROPPING)
    for mode in ("once", "none"):
        pytester.runpytest(f"--record-mode={mode}").assert_outcomes(passed=1)
    monkeypatch.setenv("DROP", "1")
    result = pytester.runpytest("--record-mode=none")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *UnrecordedRequest: GET */a is not recorded in *"])


SHOWN = """
import vcr as vcrpy

def scrub(response):
    if b"packed" not in response["body"]["string"]:
        return None
    response["headers"].pop("Server", None)
    return response

def named(request, response, cassette):
    assert cassette._path.endswith("test_it.yaml")
    return request, response

@pytest.mark.vcr(
    record_mode=vcrpy.mode.ANY,
    decode_compressed_response=True,
    before_record_response=scrub,
    before_save_interaction=named,
)
def test_it(vcr):
    assert vcr.record_mode in ("new_episodes", "none")
    get("/gzip")
    if vcr.recording:
        get("/a")
    assert len(vcr) == len(vcr.responses) == 1
    (answer,) = vcr.responses
    assert answer["body"]["string"].startswith(b'{"packed"')
    assert not {"Server", "Content-Encoding"} & answer["headers"].keys()
"""


CODED = """
@pytest.mark.vcr
def test_it(vcr):
    answer, (shown,) = get("/gzip"), vcr.responses
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["packed"]
    assert shown["headers"]["Content-Encoding"] == ["gzip"]
    assert shown["body"]["string"][:2] == bytes([0x1F, 0x8B])
"""
OPENED = """
@pytest.mark.vcr(decode_compressed_response=True)
def test_it(vcr):
    answer, (shown,) = get("/gzip"), vcr.responses
    assert "Content-Encoding" not in answer.headers
    assert answer.json()["packed"]
    assert shown["body"]["string"] == answer.content
"""


def test_answers_are_in_their_content_coding_unless_asked_otherwise(
    pytester: pytest.Pytester, service: Service
) -> None:
    """For the client and in the fixture, recorded and replayed; `decode_compressed_response` gives them opened."""
    suite(pytester, service, CODED)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    pytester.runpytest().assert_outcomes(passed=1)
    suite(pytester, service, OPENED)
    pytester.runpytest().assert_outcomes(passed=1)
    assert len(service.hits) == 1


KEPT = """
kept = []

@pytest.mark.vcr
@pytest.mark.parametrize("path", ["/a", "/binary"])
def test_it(vcr, path):
    assert get(path).content == vcr.responses[0]["body"]["string"]
    kept.append(vcr)

def test_later():
    assert [type(each.responses[0]["body"]["string"]) for each in kept] == [str, bytes]
"""


def test_bodies_are_texts_once_they_are_written(pytester: pytest.Pytester, service: Service) -> None:
    """For code that looks at a cassette after its recording; while it is open, bodies are what came."""
    suite(pytester, service, KEPT)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)


def test_the_fixture_shows_what_hooks_leave_of_an_answer(pytester: pytest.Pytester, service: Service) -> None:
    """Already while recording, so that a suite can ask whether its filter works; what a hook drops does not count."""
    suite(pytester, service, SHOWN)
    pytester.runpytest().assert_outcomes(passed=1)
    pytester.runpytest("--record-mode=none").assert_outcomes(passed=1)
    assert len(service.hits) == 2


SHARED = """
@pytest.mark.default_cassette("login")
@pytest.mark.vcr
def test_login():
    get("/login")

@pytest.mark.vcr("login.yaml", ignore_localhost=False)
def test_both():
    get("/login")
    get("/own")
"""


def test_an_interaction_of_a_further_cassette_is_not_copied(pytester: pytest.Pytester, service: Service) -> None:
    """A test replays from all cassettes of its mark, and only what none of them holds is new in its own."""
    cassettes = suite(pytester, service, SHARED)
    pytester.runpytest("-k", "login", "--record-mode=once").assert_outcomes(passed=1, deselected=1)
    pytester.runpytest("-k", "both", "--record-mode=new_episodes").assert_outcomes(passed=1, deselected=1)
    assert [each.request.url for each in load(cassettes / "test_both.yaml").interactions] == [f"{service.url}/own"]
    result = pytester.runpytest()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 3 replayed, 0 live, 0 blocked, 0 unplayed"])


MOVED = """
@pytest.fixture(scope="module")
def vcr_config():
    return {"path_transformer": lambda path: path + ".moved.yaml", "ignore_localhost": True}

@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return "tapes"

@pytest.mark.vcr(ignore_localhost=False)
def test_moved():
    get("/a")

@pytest.mark.vcr(cassette_library_dir="library", ignore_localhost=False, allow_playback_repeats=True)
def test_library(record_mode):
    for _ in range(1 if record_mode == "once" else 3):
        assert get("/poll").json()["number"] == 1

@pytest.mark.vcr
def test_ignored():
    get("/c")
"""


def test_a_suite_puts_its_cassettes_where_it_wants(pytester: pytest.Pytester, service: Service) -> None:
    """By a fixture or by a setting; a host that is ignored is neither recorded nor replayed."""
    suite(pytester, service, MOVED)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)
    files = sorted(file.relative_to(pytester.path).as_posix() for file in pytester.path.rglob("*.moved.yaml"))
    assert files == ["library/test_library.moved.yaml", "tapes/test_moved.moved.yaml"]
    result = pytester.runpytest()
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 4 replayed, 1 live, 0 blocked, 0 unplayed"])


def test_recording_is_switched_off_by_one_option(pytester: pytest.Pytester, service: Service) -> None:
    """With --disable-recording the fixture is None, requests go out and nothing is written."""
    body = "@pytest.mark.vcr\ndef test_it(vcr, disable_recording):\n    assert vcr is None and disable_recording\n"
    cassettes = suite(pytester, service, f"{body}    get('/a')\n")
    pytester.runpytest("--disable-recording", "--record-mode=once").assert_outcomes(passed=1)
    assert (len(service.hits), cassettes.exists()) == (1, False)


def test_the_hook_may_set_defaults_as_attributes(pytester: pytest.Pytester, service: Service) -> None:
    """They hold for every test where `vcr_config` says nothing else; a setting that does not exist is an error."""
    conftest = "def pytest_recording_configure(config, vcr):\n    vcr.{} = {!r}\n"
    pytester.makeconftest(conftest.format("record_mode", "once"))
    suite(
        pytester,
        service,
        "@pytest.mark.vcr\n@pytest.mark.parametrize('at', 'ab')\ndef test_it(at):\n    get(f'/{at}')\n",
    )
    pytester.runpytest().assert_outcomes(passed=2)
    assert sorted(service.hits) == [("GET", "/a"), ("GET", "/b")]
    body = "@pytest.fixture\ndef vcr_config():\n    return {'record_mode': 'none'}\n"
    suite(pytester, service, f"{body}@pytest.mark.vcr\ndef test_other():\n    get('/b')\n")
    pytester.runpytest().assert_outcomes(failed=1)
    pytester.makeconftest(conftest.format("filter_header", ["x"]))
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*vcr setting 'filter_header' does not exist; there are *"])


OVERRIDDEN = """
class TestOther:
    @pytest.fixture
    def record_mode(self):
        return "once"

    @pytest.mark.vcr
    def test_it(self, vcr):
        assert vcr.record_mode == MODE
        get("/a")

@pytest.mark.vcr
def test_default(vcr):
    assert vcr.record_mode == "none"
"""


def test_a_suite_gives_its_tests_another_mode_by_a_fixture(
    pytester: pytest.Pytester, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which sees only some of them; the command line, and CI without it, are stronger."""
    file = suite(pytester, service, f"MODE = 'once'\n{OVERRIDDEN}") / "TestOther.test_it.yaml"
    pytester.runpytest().assert_outcomes(passed=2)
    assert len(load(file).interactions) == 1
    file.unlink()
    suite(pytester, service, f"MODE = 'none'\n{OVERRIDDEN}")
    pytester.runpytest("--record-mode=none").assert_outcomes(passed=1, failed=1)
    monkeypatch.setenv("CI", "true")
    pytester.runpytest().assert_outcomes(passed=1, failed=1)
    assert len(service.hits) == 1


def test_a_pattern_ignores_hosts(pytester: pytest.Pytester, service: Service) -> None:
    """A compiled one, as in vcrpy, compared as a whole; what is neither a name nor a pattern is refused."""
    body = "import re\n@pytest.mark.vcr(ignore_hosts=[re.compile({0!r})])\ndef test_it():\n    get('/a')\n"
    file = suite(pytester, service, body.format("127.0.*|local.*")) / "test_it.yaml"
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    assert not file.exists()
    suite(pytester, service, body.format("127.0|local"))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    assert len(load(file).interactions) == 1
    suite(pytester, service, body.format("x").replace("re.compile('x')", "1"))
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["vcr setting 'ignore_hosts' takes names of hosts, such as 'a.example', or patterns *"])


OF_VCRPY = """\
interactions:
- request: {{body: null, headers: {{}}, method: GET, uri: '{0}/a?at=1'}}
  response: {{body: {{string: old}}, headers: {{}}, status: {{code: 200, message: OK}}}}
- request: {{body: null, headers: {{}}, method: GET, uri: '{0}/gone'}}
  response: {{body: {{string: old}}, headers: {{}}, status: {{code: 200, message: OK}}}}
version: 1
"""
LATER = """
def before(request):
    if "gone" in request.uri:
        return None
    request.uri = request.uri.partition("?")[0]
    return request

def after(response):
    response["body"]["string"] = b"new"
    return response

@pytest.mark.vcr(before_record_request=before, before_record_response=after)
def test_it(vcr):
    assert len(vcr) == 1
    assert get("/a?at=2").text == "new"
"""


def test_hooks_change_what_vcrpy_had_recorded_before(pytester: pytest.Pytester, service: Service) -> None:
    """What is sent and what is stored are compared in the same form, and a test sees the answer in its form."""
    file = suite(pytester, service, LATER) / "test_it.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(OF_VCRPY.format(service.url), encoding="utf-8")
    pytester.runpytest().assert_outcomes(passed=1)
    assert service.hits == []


def test_a_suite_may_switch_recording_off_in_its_fixture(pytester: pytest.Pytester, service: Service) -> None:
    """By vcrpy's attribute; a mode that would record comes too late there, which a sentence says."""
    fixture = "@pytest.fixture\ndef vcr(vcr):\n    vcr.record_mode = MODE\n    return vcr\n"
    body = fixture + "@pytest.mark.vcr\ndef test_it():\n    with pytest.raises(Exception):\n        get('/a')\n"
    suite(pytester, service, "MODE = 'none'\n" + body)
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GET */a is not recorded: there is no cassette *"])
    suite(pytester, service, "MODE = 'all'\n" + body)
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*is open in mode none, which can only become none; set record_mode in vcr_config *"])
    assert not service.hits

"""The filters of vcrpy: what a suite's settings take out of requests and answers."""

from __future__ import annotations

import json

import pytest
from tests.plugin.suites import by_vcrpy, suite
from tests.recording.service import Service

from acs_chat_testkit.http import Headers, Request
from acs_chat_testkit.plugin.rewriting import hooks
from acs_chat_testkit.plugin.settings import Settings
from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

FILTERED = """
seen = []

def before(request):
    seen.append(request.uri)
    request.uri += "&hooked"
    return None if "dropped" in request.uri else request

def after(response):
    assert b'"packed"' in response["body"]["string"] or b'"path"' in response["body"]["string"]
    response["headers"]["X-Hooked"] = ["yes"]
    return response

def saved(request, response, cassette):
    assert cassette.record_mode == "once"
    response["status"]["message"] = "Saved"
    return request, response

@pytest.fixture(scope="module")
def vcr_config():
    return {
        "filter_headers": ["x-key", ("x-user", "USER"), ("x-call", lambda key, value, request: value.upper())],
        "filter_query_parameters": ["key", ("user", "USER")],
        "filter_post_data_parameters": ["key"],
        "filter_nested_post_data_parameters": True,
        "filter_sensitive_data": {"<PLACE>": "Utrecht"},
        "before_record_request": before,
        "before_record_response": [after],
        "before_save_interaction": saved,
        "decode_compressed_response": True,
        "additional_matchers": ["headers"],
    }

@pytest.mark.vcr
def test_it(vcr):
    seen.clear()
    headers = {"x-key": "1", "x-user": "2", "x-call": "abc"}
    assert get("/gzip?key=1&user=2&at=Utrecht", headers=headers).json()["packed"]
    assert requests.post(URL + "/a?", json={"in": [{"key": 1, "x": 2}]}, timeout=10).ok
    assert "Utrecht" in requests.post(URL + "/a?b", data={"key": 1, "at": "Utrecht"}, timeout=10).text
    get("/dropped?")
    assert len(seen) == 4
"""


def test_every_filter_and_hook_of_vcrpy_works(pytester: pytest.Pytester, service: Service) -> None:
    """What they change is written and compared in that form, and a hook runs once for each request."""
    file = suite(pytester, service, FILTERED) / "test_it.yaml"
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    first, second, third = load(file).interactions
    assert first.request.url == f"{service.url}/gzip?user=USER&at=<PLACE>&hooked"
    fields = [first.request.headers.get(name) for name in ("x-key", "x-user", "x-call")]
    assert fields == [None, "USER", "ABC"]
    assert first.response is not None
    assert (first.response.headers["x-hooked"], first.response.reason) == ("yes", "Saved")
    assert (second.request.body, third.request.body) == (b'{"in": [{"x": 2}]}', b"at=<PLACE>")
    assert b"Utrecht" not in file.read_bytes()
    result = pytester.runpytest()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 3 replayed, 1 live, 0 blocked, 0 unplayed"])


SORTED = """
@pytest.mark.vcr(match_on=["method", "uri"], filter_query_parameters=[("key", "KEY")])
def test_it():
    assert requests.post(URL + "/a?z=a%20b&key=1&at=2", timeout=10).text == "answer to one"

@pytest.mark.vcr(match_on=["method", "uri"])
def test_exact():
    requests.post(URL + "/a?z=a%20b&key=KEY&at=2", timeout=10)
"""


def test_a_filtered_query_is_found_in_the_order_in_which_vcrpy_wrote_it(
    pytester: pytest.Pytester, service: Service
) -> None:
    """The filter of vcrpy sorts and spells anew, on both sides, so `uri` finds it; without it `uri` is exact."""
    cassettes = suite(pytester, service, SORTED)
    for name in ("test_it", "test_exact"):
        by_vcrpy(cassettes / f"{name}.yaml", f"{service.url}/a?at=2&key=KEY&z=a+b", "one")
    result = pytester.runpytest("--record-mode=none")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_exact*"])


NAMED = """
@pytest.mark.vcr(filter_sensitive_data={"<MY_TOKEN>": "kept-elsewhere"})
def test_it():
    assert "kept-elsewhere" in requests.post(URL + "/a", json={"token": "kept-elsewhere"}, timeout=10).text
"""


def test_what_the_suite_calls_a_secret_is_what_it_gets_back(pytester: pytest.Pytester, service: Service) -> None:
    """The file has the suite's own word, also where it would have had ours, and a replay the secret."""
    file = suite(pytester, service, NAMED) / "test_it.yaml"
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    assert b"<MY_TOKEN>" in file.read_bytes()
    assert b"kept-elsewhere" not in file.read_bytes()
    pytester.runpytest().assert_outcomes(passed=1)
    assert len(service.hits) == 1


@pytest.mark.parametrize(
    ("body", "kept", "kept_deep"),
    [
        ({"key": 1, "in": {"key": 2}}, {"in": {"key": 2}}, {"in": {}}),
        ([{"key": 1, "x": [{"key": 2}]}], [{"key": 1, "x": [{"key": 2}]}], [{"x": [{}]}]),
        ({"x": [{"key": 1}], "key": 2}, {"x": [{"key": 1}]}, {"x": [{}]}),
    ],
)
def test_a_parameter_in_a_member_is_filtered_where_that_is_asked(body: object, kept: object, kept_deep: object) -> None:
    """As with vcrpy, a list or an object inside is not looked into by itself."""
    sent = Request("POST", "http://service.example/", Headers(), json.dumps(body).encode())
    for deep, wanted in ((False, kept), (True, kept_deep)):
        asked = Settings(filter_post_data_parameters=("key",), filter_nested_post_data_parameters=deep)
        seen = hooks(asked, {}, lambda: None).request(sent)
        assert seen is not None
        assert json.loads(seen.body) == wanted


def test_a_text_that_begins_another_does_not_tear_it() -> None:
    """The longer one is replaced as a whole, in whichever order they are named."""
    secrets = {"<SHORT>": "kept", "<LONG>": "kept-elsewhere"}
    for pairs in (secrets, dict(reversed(secrets.items()))):
        hide = hooks(Settings(filter_sensitive_data=pairs), {}, lambda: None).request
        seen = hide(Request("POST", "http://service.example/kept-elsewhere", Headers(), b"kept-elsewhere"))
        assert seen == Request("POST", "http://service.example/<LONG>", Headers(), b"<LONG>")


EMPTIED = """
@pytest.mark.vcr(filter_post_data_parameters=["key"])
def test_it(vcr):
    requests.post(URL + "/a", data={"key": "value"}, timeout=10)
    get("/b")
    assert [each.body for each in vcr.requests] == [b"", None]
"""


UNSET = """
@pytest.fixture
def vcr_config():
    return {"filter_sensitive_data": {"<MY_TOKEN>": os.environ.get("MY_TOKEN")}}

@pytest.mark.vcr
def test_it():
    token = os.environ.get("MY_TOKEN") or "<MY_TOKEN>"
    assert token in requests.post(URL + "/a", json={"token": token}, timeout=10).text
"""


def test_a_secret_that_is_not_set_stands_for_nothing(
    pytester: pytest.Pytester, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded with it replays where nobody has it, such as on a build server, with the word in its place."""
    suite(pytester, service, f"import os\n{UNSET}")
    monkeypatch.setenv("MY_TOKEN", "kept-elsewhere")
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    monkeypatch.setenv("MY_TOKEN", "")
    pytester.runpytest().assert_outcomes(passed=1)
    monkeypatch.delenv("MY_TOKEN")
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_request_with_a_type_has_a_body(pytester: pytest.Pytester, service: Service) -> None:
    """A suite asks whether its filter took everything out, and gets bytes, as in vcrpy."""
    suite(pytester, service, EMPTIED)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    pytester.runpytest().assert_outcomes(passed=1)

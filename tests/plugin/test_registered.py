"""What a suite registers in the hook, matchers, serializers and persisters with their formats; what its hooks get."""

from __future__ import annotations

import json

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

pytest_plugins = ["pytester"]

REGISTERED = """
import json

class Store:
    texts = {}
    @staticmethod
    def load_cassette(path, serializer):
        from vcr.persisters.filesystem import CassetteNotFoundError
        from vcr.serialize import deserialize
        if str(path) not in Store.texts:
            raise CassetteNotFoundError
        return deserialize(Store.texts[str(path)], serializer)
    @staticmethod
    def save_cassette(path, cassette, serializer):
        from vcr.serialize import serialize
        Store.texts[str(path)] = serialize(cassette, serializer)

class Lines:
    @staticmethod
    def serialize(document):
        return "# lines" + chr(10) + json.dumps(document)
    @staticmethod
    def deserialize(text):
        return json.loads(text.partition(chr(10))[2])

def same_tenant(sent, stored):
    assert sent.headers.get("x-tenant") == stored.headers.get("x-tenant"), "another tenant"

def pytest_recording_configure(config, vcr):
    vcr.register_matcher("tenant", same_tenant)
    vcr.register_serializer("lines", Lines)
    if config.getoption("--keep"):
        vcr.register_persister(Store)

def pytest_addoption(parser):
    parser.addoption("--keep", action="store_true")
"""
TENANTS = """
import sys

@pytest.mark.vcr(match_on=["method", "uri", "tenant"], serializer="lines", record_mode="once")
@pytest.mark.parametrize("run", [1, 2])
@pytest.mark.default_cassette("shared")
def test_it(run):
    assert get("/poll", headers={"x-tenant": "one"}).json()["number"] == 1
    assert get("/poll", headers={"x-tenant": "two"}).json()["number"] == 2
"""


def test_a_suite_registers_matchers_and_serializers(pytester: pytest.Pytester, service: Service) -> None:
    """A matcher may assert, and a serializer decides what is in the file and its suffix."""
    pytester.makeconftest(REGISTERED)
    cassettes = suite(pytester, service, TENANTS)
    pytester.runpytest("-k", "1").assert_outcomes(passed=1, deselected=1)
    assert (cassettes / "shared.lines").read_text(encoding="utf-8").startswith('# lines\n{"header": ')
    pytester.runpytest("--record-mode=none").assert_outcomes(passed=2)
    assert len(service.hits) == 2
    text = (pytester.path / "test_it.py").read_text(encoding="utf-8").replace('"one"', '"three"')
    (pytester.path / "test_it.py").write_text(text, encoding="utf-8")
    pytester.runpytest("--record-mode=none").assert_outcomes(failed=2)


MADE_UP = """
class Notes:
    def serialize(self, document):
        return str(len(document["interactions"]))

    def deserialize(self, text):
        request = {"method": "GET", "uri": text.strip(), "headers": {}, "body": None}
        response = {"status": {"code": 203, "message": "OK"}, "headers": {}, "body": {"string": "{}"}}
        return {"interactions": [{"request": request, "response": response}]}

def pytest_recording_configure(config, vcr):
    vcr.register_serializer("notes", Notes())
"""


def test_a_serializer_may_make_up_what_is_replayed(pytester: pytest.Pytester, service: Service) -> None:
    """From a text that holds no cassette at all; interactions are all that it has to give."""
    pytester.makeconftest(MADE_UP)
    body = "@pytest.mark.vcr(serializer='notes')\ndef test_it():\n    assert get('/made-up').status_code == 203\n"
    cassettes = suite(pytester, service, body)
    cassettes.mkdir(parents=True)
    (cassettes / "test_it.notes").write_text(f"{service.url}/made-up\n", encoding="utf-8")
    pytester.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize("serializer", ["yaml", "lines"])
def test_a_persister_of_vcrpy_keeps_cassettes(pytester: pytest.Pytester, service: Service, serializer: str) -> None:
    """It gets all that a file would hold, as a serializer of the suite writes it, and nothing is written beside it."""
    pytester.makeconftest(REGISTERED)
    body = """
    @pytest.mark.vcr(record_mode="once", serializer="SERIALIZER")
    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("run", [1, 2])
    def test_it(vcr, run):
        assert get("/poll").json()["number"] == run
        assert vcr.get_metadata("name", "Ada") == "Ada"

    def test_there():
        import conftest
        (text,) = (each.replace('"', "") for each in conftest.Store.texts.values())
        assert text.startswith("# lines") == ("SERIALIZER" == "lines")
        assert "origin: live" in text and "name: Ada" in text and text.count("uri:") == 2
    """
    body = "\n".join(line[4:] for line in body.replace("SERIALIZER", serializer).splitlines())
    cassettes = suite(pytester, service, body)
    pytester.runpytest("--keep", "-p", "no:randomly").assert_outcomes(passed=3)
    assert not cassettes.exists()


def test_a_json_cassette_of_vcrpy_is_read_and_written(pytester: pytest.Pytester, service: Service) -> None:
    """With serializer="json" the file is JSON of version 1, and bytes that are no text are refused in a sentence."""
    body = (
        "@pytest.mark.vcr(serializer='json')\n@pytest.mark.parametrize('path', ['/a', '/binary'])\ndef test_it(path):\n"
    )
    cassettes = suite(pytester, service, f"{body}    get(path)\n")
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["a body that is no text can not be written as JSON; record * serializer='yaml'"])
    written = json.loads((cassettes / "test_it[%2Fa].json").read_text(encoding="utf-8"))
    assert written["interactions"][0]["request"]["uri"] == f"{service.url}/a"
    del written["header"]
    (cassettes / "test_it[%2Fa].json").write_text(json.dumps(written), encoding="utf-8")
    pytester.runpytest("-k", "not binary").assert_outcomes(passed=1, deselected=1)
    assert len(service.hits) == 2


TAKEN_OVER = """
import json

class Parsed:
    @staticmethod
    def serialize(document):
        for each in document["interactions"]:
            each["response"]["parsed"] = json.loads(each["response"].pop("body")["string"])
        return json.dumps(document)

    @staticmethod
    def deserialize(text):
        document = json.loads(text)
        for each in document["interactions"]:
            each["response"]["body"] = {"string": json.dumps(each["response"].pop("parsed"))}
        return document

def alike(sent, stored):
    assert sent.method.upper() == stored.method.upper()

def pytest_recording_configure(config, vcr):
    vcr.register_serializer("yaml", Parsed)
    vcr.register_matcher("method", alike)
"""
POLLS = "@pytest.mark.vcr\ndef test_it():\n    assert get('/poll').json()['number'] == 1\n"


def test_a_serializer_named_yaml_takes_the_place_of_ours(pytester: pytest.Pytester, service: Service) -> None:
    """It writes and reads every cassette, though no setting names it."""
    pytester.makeconftest(TAKEN_OVER)
    cassettes = suite(pytester, service, POLLS)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    assert '"parsed": {"number": 1, ' in (cassettes / "test_it.yaml").read_text(encoding="utf-8")
    pytester.runpytest().assert_outcomes(passed=1)
    assert len(service.hits) == 1


@pytest.mark.parametrize("header", ["kept", "lost"])
def test_a_matcher_named_method_takes_the_place_of_ours(
    pytester: pytest.Pytester, service: Service, header: str
) -> None:
    """It decides, in cassettes of this recorder and of others, though no setting names it."""
    pytester.makeconftest(TAKEN_OVER)
    cassettes = suite(pytester, service, POLLS)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    document = json.loads((cassettes / "test_it.yaml").read_text(encoding="utf-8"))
    document["interactions"][0]["request"]["method"] = "get"
    if header == "lost":
        del document["header"]
    (cassettes / "test_it.yaml").write_text(json.dumps(document), encoding="utf-8")
    pytester.runpytest().assert_outcomes(passed=1)
    document["interactions"][0]["request"]["method"] = "post"
    (cassettes / "test_it.yaml").write_text(json.dumps(document), encoding="utf-8")
    pytester.runpytest().assert_outcomes(failed=1)


WITH_URL = """
def read(request, response, cassette=None):
    assert response["url"] == "http://b/"
    return request, response

def noted(response):
    return response if response["url"] == "http://b/" else None

@pytest.mark.vcr(after_load_interaction=read, before_record_response=noted)
def test_it(vcr):
    assert get("/a").text == "x"
    assert vcr.responses[0]["url"] == "http://b/"
"""


def test_hooks_read_what_old_clients_left_in_an_answer(pytester: pytest.Pytester, service: Service) -> None:
    """A member that vcrpy wrote beside status, headers and body is handed to every hook."""
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "x"}, "url": "http://b/"}
    request: dict[str, object] = {"method": "GET", "uri": f"{service.url}/a", "headers": {}, "body": None}
    file = suite(pytester, service, WITH_URL) / "test_it.yaml"
    file.parent.mkdir(parents=True)
    whole = {"interactions": [{"request": request, "response": answer}], "version": 1}
    file.write_text(json.dumps(whole), encoding="utf-8")
    pytester.runpytest().assert_outcomes(passed=1)

"""A store of the suite's own for cassettes: a persister as vcrpy has them, registered in the hook."""

from __future__ import annotations

import gzip

import pytest
import requests  # noqa: F401  or each inner run would import it anew
from tests.recording.service import Service

from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

HOOK = """
def pytest_recording_configure(config, vcr):
    vcr.register_persister(Store)
"""
THROUGH_THE_SERIALIZER = (
    """
from pathlib import Path
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.serialize import deserialize, serialize

class Store:
    @classmethod
    def load_cassette(cls, cassette_path, serializer):
        place = Path("store", cassette_path.replace("/", "_"))
        if not place.exists():
            raise CassetteNotFoundError()
        return deserialize(place.read_text(), serializer)

    @staticmethod
    def save_cassette(cassette_path, cassette_dict, serializer):
        Path("store").mkdir(exist_ok=True)
        Path("store", cassette_path.replace("/", "_")).write_text(serialize(cassette_dict, serializer))
"""
    + HOOK
)
WITHOUT_IT = (
    """
import pickle
from pathlib import Path

class Store:
    @staticmethod
    def load_cassette(cassette_path, serializer):
        found = pickle.loads(Path("store").read_bytes())
        return found["requests"], found["responses"]

    @staticmethod
    def save_cassette(cassette_path, cassette_dict, serializer):
        Path("store").write_bytes(pickle.dumps(cassette_dict))
"""
    + HOOK
)
IN_THEIR_OWN_FORM = """
import json, gzip
from pathlib import Path
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.request import Request

class Packed:
    @staticmethod
    def serialize(given):
        asked = [[each.method, each.uri, each.body.decode(), dict(each.headers)] for each in given["requests"]]
        told = [{**each, "body": {"string": each["body"]["string"].decode()}} for each in given["responses"]]
        return gzip.compress(json.dumps([asked, told]).encode())

    @staticmethod
    def deserialize(data):
        asked, told = json.loads(gzip.decompress(data))
        return {"requests": [Request(*each) for each in asked], "responses": told}

class Store:
    @staticmethod
    def load_cassette(cassette_path, serializer):
        try:
            found = serializer.deserialize(Path("store").read_bytes())
        except FileNotFoundError:
            raise CassetteNotFoundError() from None
        return found["requests"], found["responses"]

    @staticmethod
    def save_cassette(cassette_path, cassette_dict, serializer):
        Path("store").write_bytes(serializer.serialize(cassette_dict))

def pytest_recording_configure(config, vcr):
    vcr.register_persister(Store)
    vcr.register_serializer("packed", Packed)
"""
SUITE = """
import pytest, requests

@pytest.mark.vcr
def test_it(vcr):
    headers = {{"Authorization": "Bearer of-bad-news"}}
    assert requests.post({url!r} + "/one", json={{"a": 1}}, headers=headers, timeout=10).json()["path"] == "/one"
"""


@pytest.mark.parametrize("conftest", [THROUGH_THE_SERIALIZER, WITHOUT_IT], ids=["our text", "its own form"])
def test_a_persister_of_the_suite_keeps_cassettes(pytester: pytest.Pytester, service: Service, conftest: str) -> None:
    """What is recorded is there, redacted, and nowhere else; what is not there is missing; modes work the same."""
    pytester.makeconftest(conftest)
    pytester.makepyfile(test_it=SUITE.format(url=service.url))
    missing = pytester.runpytest("--record-mode=none")
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*there is no cassette *test_it.yaml; record it: pytest test_it.py::test_it *"])
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    pytester.runpytest("--record-mode=rewrite").assert_outcomes(passed=1)
    service.close()
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 1 replayed, 0 live,*"])
    assert not list(pytester.path.rglob("cassettes"))
    files = (
        [pytester.path / "store"] if (pytester.path / "store").is_file() else list((pytester.path / "store").iterdir())
    )
    assert [b"of-bad-news" in file.read_bytes() for file in files] == [False]


def test_a_persister_that_lost_an_answer_is_one_sentence(pytester: pytest.Pytester, service: Service) -> None:
    """What is left is not put together in another way."""
    pytester.makeconftest(WITHOUT_IT)
    pytester.makepyfile(test_it=SUITE.format(url=service.url))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    pytester.makeconftest(WITHOUT_IT.replace('found["requests"], found["responses"]', 'found["requests"], []'))
    result = pytester.runpytest("--record-mode=none")
    result.stdout.fnmatch_lines(["*the persister has 1 requests and 0 answers for *test_it.yaml*"])


def test_what_a_persister_stores_is_our_cassette(pytester: pytest.Pytester, service: Service) -> None:
    """Through vcrpy's own way of serializing nothing of it is lost, the header first of all."""
    pytester.makeconftest(THROUGH_THE_SERIALIZER)
    pytester.makepyfile(test_it=SUITE.format(url=service.url))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    (file,) = (pytester.path / "store").iterdir()
    cassette = load(file)
    assert cassette.ours
    assert cassette.header.origin == "live"


def test_a_persister_and_a_serializer_of_a_suite_may_have_a_form_of_their_own(
    pytester: pytest.Pytester, service: Service
) -> None:
    """The persister hands its requests and answers to the serializer, which makes bytes of them and gives them back."""
    pytester.makeconftest(IN_THEIR_OWN_FORM)
    suite = SUITE.format(url=service.url).replace("@pytest.mark.vcr", "@pytest.mark.vcr(serializer='packed')")
    pytester.makepyfile(test_it=suite)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    assert b"of-bad-news" not in gzip.decompress((pytester.path / "store").read_bytes())
    service.close()
    result = pytester.runpytest("--record-mode=none")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 1 replayed, 0 live,*"])

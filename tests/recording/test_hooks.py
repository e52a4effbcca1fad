"""Hooks of a suite: what it does to requests, answers and interactions, and its own conditions."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from tests.recording.clients import CLIENTS
from tests.recording.service import Service

from acs_chat_testkit.errors import CassetteNotFound, UnrecordedRequest
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.hooks import Hooks


def only(word: str) -> Hooks:
    """Hooks that let every request out unrecorded whose address lacks the word."""
    return Hooks(request=lambda request: request if word in request.url else None)


def get(url: str) -> None:
    """Fetches the address."""
    requests.get(url, timeout=10)


def test_a_request_that_the_hook_drops_goes_out_and_is_not_recorded(service: Service, tape: Path) -> None:
    """It is counted as live in every mode, and the rest is recorded and replayed."""
    for mode, live in (("once", 2), ("none", 1)):
        with Recorder(tape, mode, hooks=only("/kept")) as recorder:
            get(f"{service.url}/kept")
            get(f"{service.url}/dropped")
        assert recorder.counts["live"] == live
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/kept"]


def test_answers_and_interactions_that_the_hooks_drop_are_not_written(service: Service, tape: Path) -> None:
    """An answer may be changed or dropped before it is written, an interaction before it is written or replayed."""
    hooks = Hooks(
        response=lambda response: replace(response, reason="Fine") if b"/b" not in response.body else None,
        save=lambda each: each if "/c" not in each.request.url else None,
        load=lambda each: each if "/d" not in each.request.url else None,
    )
    with Recorder(tape, "once", hooks=hooks):
        for path in "abcd":
            get(f"{service.url}/{path}")
    stored = load(tape).interactions
    assert [(each.request.url[-2:], each.response and each.response.reason) for each in stored] == [
        ("/a", "Fine"),
        ("/d", "Fine"),
    ]
    with Recorder(tape, hooks=hooks), pytest.raises(UnrecordedRequest):
        get(f"{service.url}/d")


@pytest.mark.parametrize("name", ["requests", "httpx", "aiohttp", "http.client"])
def test_a_hook_may_write_a_text_where_the_answer_was_packed(service: Service, tape: Path, name: str) -> None:
    """It has to know nothing of content codings: the client gets the text packed, as it gets the live answer."""
    hooks = Hooks(response=lambda response: replace(response, body=b"masked"))
    fields = [("Accept-Encoding", "gzip")]
    for mode in ("once", "none"):
        with Recorder(tape, mode, hooks=hooks):
            answer = CLIENTS[name]("GET", f"{service.url}/gzip", b"", fields)
    assert answer.all("content-encoding") == ["gzip"]
    assert (gzip.decompress(answer.body) if name == "http.client" else answer.body) == b"masked"


def test_a_hook_that_fails_does_so_at_the_end(service: Service, tape: Path) -> None:
    """Also where it does so once: the client would see the error in the middle of its answer, and gets all of it."""
    errors = [ValueError("cannot change it")]

    def broken(response: Response) -> Response:
        if errors:
            raise errors.pop()
        return response

    recorder = Recorder(tape, "once", hooks=Hooks(response=broken))
    recorder.open()
    assert requests.get(f"{service.url}/a", timeout=10).json()["path"] == "/a"
    with pytest.raises(ValueError, match="cannot change it"):
        recorder.close()
    assert not tape.exists()


def test_a_condition_of_the_suite_must_hold_too(service: Service, tape: Path) -> None:
    """A recorded answer is given to the first request for which the suite's own matcher says yes."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/a", headers={"x-tenant": "one"}, timeout=10)

    def same(sent: Request, stored: Request) -> bool:
        return sent.headers.get("x-tenant") == stored.headers.get("x-tenant")

    with Recorder(tape, hooks=Hooks(matchers=(same,))) as recorder:
        with pytest.raises(UnrecordedRequest):
            requests.get(f"{service.url}/a", headers={"x-tenant": "two"}, timeout=10)
        requests.get(f"{service.url}/a", headers={"x-tenant": "one"}, timeout=10)
    assert recorder.counts["replayed"] == 1


def test_the_suites_own_condition_may_be_the_only_one(service: Service, tape: Path) -> None:
    """Where no built-in matcher is asked for, none is used, whatever a cassette of ours has by default."""
    with Recorder(tape, "once"):
        get(f"{service.url}/a")
    with Recorder(tape, match_on=[], hooks=Hooks(matchers=(lambda sent, stored: "b" in sent.url,))):
        get(f"{service.url}/b")
        with pytest.raises(UnrecordedRequest):
            get(f"{service.url}/a")
    assert service.hits == [("GET", "/a")]


def test_more_cassettes_are_only_read(service: Service, tape: Path, tmp_path: Path) -> None:
    """What another cassette answers is neither asked for again nor copied; an absent one is named."""
    shared = tmp_path / "shared.yaml"
    with Recorder(shared, "once"):
        get(f"{service.url}/shared")
    with Recorder(tape, "new_episodes", extra=[shared]):
        get(f"{service.url}/shared")
        get(f"{service.url}/own")
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/own"]
    assert service.hits == [("GET", "/shared"), ("GET", "/own")]
    with (
        pytest.raises(CassetteNotFound, match=r"there is no cassette .*gone\.yaml"),
        Recorder(tape, extra=[tmp_path / "gone.yaml"]),
    ):
        pass


def test_an_optional_cassette_may_be_absent_until_a_request_comes(service: Service, tape: Path) -> None:
    """A test that asks for nothing needs no file; one that asks is told which file is missing."""
    with Recorder(tape, optional=True):
        pass
    with Recorder(tape, optional=True) as recorder, pytest.raises(UnrecordedRequest, match="there is no cassette"):
        get(f"{service.url}/a")
    assert len(recorder.misses) == 1
    assert service.hits == []

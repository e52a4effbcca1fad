"""Drift: what changed in the service's answers, and how much it matters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from tests.recording.service import Service

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import CassetteNotFound
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, journal, load
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.drift import Drift, Tier, compare
from acs_chat_testkit.recording.matchers import STRICT


def interaction(body: Any, status: int = 200, kind: str = "application/json", path: str = "/a") -> Interaction:
    """An answer to one request."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request("GET", f"https://service.example{path}")
    return Interaction(request, Response(status, Headers({"Content-Type": kind}), text))


def drift(was: Interaction, now: Interaction) -> list[Drift]:
    """What differs between two answers to one request."""
    return list(compare([was], [now], STRICT, ()))


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ({"a": 1}, {"a": 2}, []),
        ({"a": 1}, {"a": 1.5}, []),
        ({"a": [1, 2]}, {"a": []}, []),
        ({"a": []}, {"a": [{"b": 1}]}, []),
        ({"a": 1}, {"a": 1, "b": "x"}, ["info: body.b is new: string"]),
        ({"a": 1}, {"a": 1, "b": {"c": 1}}, ["info: body.b is new: object"]),
        ({"a": 1, "b": {"c": 1}}, {"a": 1}, ["warn: body.b was object, is gone"]),
        ({"a": 1}, {"a": "1"}, ["error: body.a was number, is string"]),
        ({"a": True}, {"a": 1}, ["error: body.a was boolean, is number"]),
        ({"a": "x"}, {"a": None}, ["warn: body.a was string, is null"]),
        ({"a": None}, {"a": "x"}, ["info: body.a was null, is string"]),
        ({"a": {"b": 1}}, {"a": [1]}, ["error: body.a was object, is list", "warn: body.a.b was number, is gone"]),
        ({"v": [{"a": 1}, {"b": 1}]}, {"v": [{"b": 1}, {"b": 2}]}, ["warn: body.v[].a was number, is gone"]),
        ({"v": [1]}, {"v": [1, "x"]}, ["error: body.v[] was number, is number or string"]),
        ([1], {"a": 1}, ["error: body was list, is object", "info: body.a is new: number"]),
        ({"a.b": 1, "c": 1}, {"c": 1}, ["warn: body.a.b was number, is gone"]),
        ({"c": 1}, {"c": 1, "a[]": 1}, ["info: body.a[] is new: number"]),
        (b"x", b"y", []),
        ([1], b"<html>", ["error: body was list, is no JSON"]),
        ([], b"", ["error: body was list, is nothing"]),
        (b'{"a": "caf\xe9"}', b'{"a": 1}', ["error: body.a was string, is number"]),
    ],
)
def test_a_difference_is_of_its_tier(was: Any, now: Any, found: list[str]) -> None:
    """New fields inform, removed ones warn, other types are errors; values and lengths of lists are no drift."""
    lines = [f"{each.tier}: {each.place} {each.text}" for each in drift(interaction(was), interaction(now))]
    assert lines == found


def test_other_statuses_types_and_failures_are_errors() -> None:
    """And where they differ, the body is not compared any further."""
    was = interaction({"a": 1})
    assert [str(each) for each in drift(was, interaction({"e": 1}, 404))] == [
        "error: GET https://service.example/a: status was 200, is 404"
    ]
    (kind,) = drift(was, interaction(b"<html>", kind="text/html; charset=utf-8"))
    assert (kind.tier, kind.place, kind.text) == (Tier.ERROR, "content-type", "was application/json, is text/html")
    (broken,) = drift(was, Interaction(was.request, None, "reset"))
    assert (broken.tier, broken.place, broken.text) == (Tier.ERROR, "connection", "was an answer, is reset")
    (mended,) = drift(Interaction(was.request, None, "reset"), was)
    assert (mended.tier, mended.place, mended.text) == (Tier.ERROR, "connection", "was reset, is an answer")


@pytest.mark.parametrize(("was", "now"), [(b"1", b"one"), (b"1", b"true"), (b'{"a": 1}', b"a, b"), (b"", b"x")])
def test_what_is_not_said_to_be_json_may_be_anything(was: bytes, now: bytes) -> None:
    """A text that reads like a number today, or like an object, is as good as any other."""
    assert drift(interaction(was, kind="text/plain"), interaction(now, kind="text/plain")) == []


def test_an_object_is_compared_whatever_its_answer_is_called() -> None:
    """As of the many services that send JSON as text."""
    found = drift(interaction({"a": 1}, kind="text/plain"), interaction({"a": "1"}, kind="text/plain"))
    assert [str(each.tier) for each in found] == ["error"]


def test_requests_that_have_no_partner_warn() -> None:
    """Both what is not recorded and what was not made; equal requests are paired in order."""
    poll = [interaction({"n": 1}), interaction({"n": "1"})]
    found = list(compare([*poll, interaction({}, path="/old")], [*poll, interaction({}, path="/new")], STRICT, ()))
    assert [str(each) for each in found] == [
        "warn: GET https://service.example/new: request is not in the cassette",
        "warn: GET https://service.example/old: request was recorded and not made now",
    ]


def test_polling_is_as_long_as_it_takes() -> None:
    """Equal requests are paired by status; how many there were is told, but where answers may be repeated."""
    wait, done = interaction({"n": 1}, 202), interaction({"n": "x"})
    for now, number in (([wait, done], 1), ([wait] * 4 + [done], 2)):
        assert [str(each.tier) for each in compare([wait, wait, done], now, STRICT, ())] == ["warn"] * number
        assert list(compare([wait, wait, done], now, STRICT, (), repeats=True)) == []
    other_way = [interaction({"n": "y"}), interaction({"n": 2}, 202)]
    assert list(compare([wait, done], other_way, STRICT, ())) == []
    assert [str(each.tier) for each in compare([wait, done], [wait, wait], STRICT, ())] == ["error"]
    (other,) = compare([done], [done] * 3 + [interaction({"n": "x"}, 201)], STRICT, (), repeats=True)
    assert other.place == "status"
    assert [each.text for each in compare([wait, done], [], STRICT, (), repeats=True)] == [
        "was recorded and not made now"
    ] * 2


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_nothing_drifts_from_itself(value: Any) -> None:
    """Whatever a service answers: the same answer again is no drift."""
    assert drift(interaction(value), interaction(value)) == []


def test_verify_asks_the_service_and_writes_nothing(service: Service, tape: Path) -> None:
    """The file is the very same, no journal is left, and the drift of a real answer is told."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/a", timeout=10)
        requests.get(f"{service.url}/poll", timeout=10)
    text = tape.read_text(encoding="utf-8")
    tape.write_text(text.replace('"path": "/a"', '"path": 1'), encoding="utf-8")
    before = tape.stat()
    with Recorder(tape, "verify") as recorder:
        for path in ("/a", "/poll", "/poll"):
            assert requests.get(f"{service.url}{path}", timeout=10).ok
        assert journal.salvage(tape) == []
    assert [f"{each.tier} {each.place} {each.text}" for each in recorder.drift] == [
        "error body.path was number, is string",
        "warn request is not in the cassette",
    ]
    assert (recorder.counts["live"], recorder.counts["replayed"], recorder.counts["recorded"]) == (3, 0, 0)
    assert (tape.stat().st_ino, tape.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(load(tape).interactions) == 2


def test_verify_tells_what_was_not_asked_for(service: Service, tape: Path) -> None:
    """Of a file as well as of values, in the order of the recording."""
    with Recorder(tape, "once"):
        for path in ("/a", "/b", "/c"):
            requests.get(f"{service.url}{path}", timeout=10)
    with Recorder(tape, "verify") as recorder:
        requests.get(f"{service.url}/b", timeout=10)
    assert [str(each) for each in recorder.drift] == [
        f"warn: GET {service.url}/{name}: request was recorded and not made now" for name in "ac"
    ]


def test_verify_knows_that_answers_may_be_repeated(service: Service, tape: Path) -> None:
    """Then more of equal requests are no drift."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/poll", timeout=10)
    for repeats, number in ((True, 0), (False, 1)):
        with Recorder(tape, "verify", allow_playback_repeats=repeats) as recorder:
            for _ in range(2):
                requests.get(f"{service.url}/poll", timeout=10)
        assert len(recorder.drift) == number


def test_verify_asks_for_what_is_recorded_in_another_cassette(service: Service, tape: Path, tmp_path: Path) -> None:
    """It is compared with that one; what else stands there is for others to ask for."""
    other = tmp_path / "other.yaml"
    for file, paths in ((tape, "a"), (other, "bc")):
        with Recorder(file, "once"):
            for path in paths:
                requests.get(f"{service.url}/{path}", timeout=10)
    other.write_text(other.read_text(encoding="utf-8").replace("code: 200", "code: 201", 1), encoding="utf-8")
    with Recorder(tape, "verify", extra=[other]) as recorder:
        for path in "ab":
            requests.get(f"{service.url}/{path}", timeout=10)
    assert [str(each) for each in recorder.drift] == [f"error: GET {service.url}/b: status was 201, is 200"]


def test_verify_needs_a_cassette(tape: Path) -> None:
    """There is nothing to compare with where nothing was recorded."""
    with pytest.raises(CassetteNotFound, match="there is no cassette"), Recorder(tape, "verify"):
        pass


def test_ids_of_another_run_are_no_drift(tape: Path) -> None:
    """Each run makes new threads and users; a request for another id is the same request."""
    for number, mode in ((1, "once"), (2, "verify")):
        thread = f"19:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{number}@thread.v2"
        other = f"19:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb{number}@thread.v2"
        with Recorder(tape, mode, profile=chat_profile()) as recorder:
            for each in (thread, other) if mode == "once" else (other, thread):
                request = Request(
                    "GET", f"https://c.communication.azure.com/chat/threads/{each}?api-version=2024-03-07"
                )
                recorder.take(request).keep(Response(200, body=b'{"id": "%s"}' % each.encode()))
    assert recorder.drift == []


def test_a_test_that_fails_still_tells_what_drifted(service: Service, tape: Path) -> None:
    """But not what it did not come to ask for."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/a", timeout=10)
        requests.get(f"{service.url}/b", timeout=10)
    recorder = Recorder(tape, "verify")
    recorder.open()
    requests.get(f"{service.url}/c", timeout=10)
    recorder.close(keep=False)
    assert [each.text for each in recorder.drift] == ["is not in the cassette"]

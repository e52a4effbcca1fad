"""Plain vcrpy replays what we write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
import vcr
from tests.recording.service import Service

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder, load

STRICT = ("method", "scheme", "host", "port", "path", "query", "body")


def traffic(url: str) -> list[tuple[int, bytes]]:
    """Requests of every shape, and their answers."""
    merge = {"Content-Type": "application/merge-patch+json"}
    answers = [
        requests.get(f"{url}/a?q=1&q=2", timeout=10),
        requests.post(f"{url}/a", json={"text": "héllo 😀", "n": [1, 2.5, None]}, timeout=10),
        requests.patch(f"{url}/a", data='{"topic": "x"}', headers=merge, timeout=10),
        requests.post(f"{url}/form", data={"a": "b c"}, timeout=10),
        requests.post(f"{url}/raw", data=bytes(range(256)), timeout=10),
        requests.get(f"{url}/binary", timeout=10),
        requests.get(f"{url}/latin1", timeout=10),
        requests.get(f"{url}/gzip", timeout=10),
        requests.get(f"{url}/empty", timeout=10),
        requests.get(f"{url}/twice", timeout=10),
        requests.head(f"{url}/a", timeout=10),
    ]
    return [(answer.status_code, answer.content) for answer in answers]


def equal(a: bytes, b: bytes) -> bool:
    """Equal bytes, or equal JSON values: vcrpy gives back the readable layout."""
    try:
        return bool(json.loads(a) == json.loads(b))
    except ValueError:
        return a == b


def test_plain_vcrpy_replays_what_we_write(service: Service, tape: Path) -> None:
    """Every interaction answers through vcrpy 9, body match included."""
    with Recorder(tape, "once"):
        wanted = traffic(service.url)
    service.close()
    with vcr.use_cassette(str(tape), record_mode="none", match_on=STRICT) as cassette:
        got = traffic(service.url)
    assert cassette.all_played
    for (status, body), (wanted_status, wanted_body) in zip(got, wanted, strict=True):
        assert status == wanted_status
        assert equal(body, wanted_body)


def test_ours_gives_back_the_very_bytes(service: Service, tape: Path) -> None:
    """What is laid out for reading in the file replays byte for byte."""
    with Recorder(tape, "once"):
        wanted = traffic(service.url)
    service.close()
    with Recorder(tape):
        assert traffic(service.url) == wanted


def test_we_replay_what_vcrpy_wrote(service: Service, tape: Path) -> None:
    """A cassette of vcrpy is matched vcrpy's way and needs no change."""
    with vcr.use_cassette(str(tape), record_mode="once"):
        wanted = traffic(service.url)
    service.close()
    assert not load(tape).ours
    with Recorder(tape):
        assert traffic(service.url) == wanted


@pytest.mark.parametrize("field", ["header", "request_layout", "layout"])
def test_our_own_keys_are_in_the_file(service: Service, tape: Path, field: str) -> None:
    """The test above means something: the file holds keys that vcrpy does not know."""
    with Recorder(tape, "once"):
        traffic(service.url)
    assert f"{field}:" in tape.read_text(encoding="utf-8")


OF_AIOHTTP = """interactions:
- request:
    body: {a: '1', b: x ü}
    headers: {}
    method: POST
    uri: http://service.example/a
  response:
    body: {string: heard}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""


def test_a_form_that_vcrpy_kept_as_an_object_is_compared_by_its_fields(tape: Path) -> None:
    """So it does with aiohttp, for a form and for JSON; another value is another body, and so is one field twice."""
    tape.parent.mkdir()
    tape.write_text(OF_AIOHTTP, encoding="utf-8")
    for sent in ({"data": {"b": "x ü", "a": "1"}}, {"json": {"a": "1", "b": "x ü"}}):
        with Recorder(tape, match_on=["method", "uri", "body"]):
            for other in ({"a": "2", "b": "x ü"}, {"a": ["0", "1"], "b": "x ü"}):
                with pytest.raises(UnrecordedRequest, match="body"):
                    requests.post("http://service.example/a", data=other, timeout=10)
            assert requests.post("http://service.example/a", timeout=10, **sent).text == "heard"  # type: ignore[arg-type]


def test_no_body_is_no_form_without_fields(tape: Path) -> None:
    """An empty object that was sent as JSON does not answer a request that sends nothing."""
    tape.parent.mkdir()
    tape.write_text(OF_AIOHTTP.replace("{a: '1', b: x ü}", "'{}'"), encoding="utf-8")
    with Recorder(tape, match_on=["method", "uri", "body"]), pytest.raises(UnrecordedRequest, match="body"):
        requests.post("http://service.example/a", timeout=10)


def by_vcrpy(tape: Path, *urls: str) -> None:
    """A cassette of vcrpy in which each answer says which one it is, from 0."""
    tape.parent.mkdir(exist_ok=True)
    recorded = (
        f"- request: {{method: GET, uri: '{url}', body: null, headers: {{}}}}\n"
        f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: '{number}'}}}}\n"
        for number, url in enumerate(urls)
    )
    tape.write_text(f"interactions:\n{''.join(recorded)}version: 1\n", encoding="utf-8")


def got(*urls: str) -> list[str]:
    """What the requests of a replay are answered, as far as they are."""
    answers = []
    for url in urls:
        try:
            answers.append(requests.get(url, timeout=10).text)
        except Exception:
            answers.append("refused")
    return answers


def test_repeats_are_those_of_vcrpy_in_its_cassettes(tape: Path) -> None:
    """The first of equal answers, again and again; a suite that moves over sees what it saw before."""
    a, b = "http://service.example/a", "http://service.example/b"
    by_vcrpy(tape, a, a, b, a)
    asked = (a, a, b, a, a, b, a)
    with vcr.use_cassette(str(tape), record_mode="none", allow_playback_repeats=True):
        wanted = got(*asked)
    with Recorder(tape, allow_playback_repeats=True) as recorder:
        assert got(*asked) == wanted == ["0", "0", "2", "0", "0", "2", "0"]
    assert recorder.playlist.played == [5, 0, 2, 0]


@pytest.mark.parametrize("match_on", [None, ["method", "query"], ["method", "uri"], ["method", "query", "uri"]])
@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        (["/?a="], ["/", "/"]),
        (["/"], ["/?a"]),
        (["/?a=&b=1"], ["/?b=1&c="]),
        (["/?b=1"], ["/?b="]),
        (["/?a=1&a="], ["/?a=1"]),
        (["/?a=1&b=2"], ["/?b=2&a=1"]),
        (["/", "/?a=", "/?b="], ["/", "/?a=", "/?b=", "/"]),
        (["/?a=", "/other"], ["/", "/other?a"]),
        (["/?a=", "/"], ["/", "/?a="]),
    ],
)
def test_parameters_without_a_value_count_as_with_vcrpy(
    tape: Path, recorded: list[str], asked: list[str], match_on: list[str] | None
) -> None:
    """It reads none of them, so its cassettes answer requests that have others, in their order."""
    recorded, asked = ([f"http://service.example{path}" for path in paths] for paths in (recorded, asked))
    by_vcrpy(tape, *recorded)
    with vcr.use_cassette(str(tape), record_mode="none", **({} if match_on is None else {"match_on": match_on})):
        wanted = got(*asked)
    with Recorder(tape, match_on=match_on):
        assert got(*asked) == wanted


def test_answers_to_other_parameters_without_a_value_are_counted(tape: Path) -> None:
    """They would not be given if this recorder had written the cassette."""
    urls = ("http://service.example/?a=1", "http://service.example/?b")
    by_vcrpy(tape, *urls)
    with Recorder(tape) as recorder:
        assert got(urls[0], "http://service.example/") == ["0", "1"]
    assert recorder.lenient == 1


def test_parameters_without_a_value_count_in_cassettes_of_ours(service: Service, tape: Path) -> None:
    """These are strict."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/?a=", timeout=10)
    with Recorder(tape):
        assert got(f"{service.url}/")[0] == "refused"

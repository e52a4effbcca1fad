"""Recording and replaying, mode by mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from tests.recording.service import Service

from acs_chat_testkit.errors import BrokenCassette, CassetteNotFound, UnrecordedRequest, UsageError
from acs_chat_testkit.recording import Recorder, load


def record(tape: Path, *urls: str, mode: str = "once") -> list[object]:
    """Fetches the urls while recording, and returns the JSON answers."""
    with Recorder(tape, mode):
        return [requests.get(url, timeout=10).json() for url in urls]


def test_a_recording_replays_without_the_service(service: Service, tape: Path) -> None:
    """Once recorded, the same requests get the same answers and nothing leaves the process."""
    wanted = record(tape, f"{service.url}/a", f"{service.url}/b?x=1")
    service.close()
    with Recorder(tape) as recorder:
        again = [requests.get(f"{service.url}{path}", timeout=10).json() for path in ("/b?x=1", "/a")]
    assert again == list(reversed(wanted))
    assert (recorder.counts["replayed"], recorder.counts["live"]) == (2, 0)
    assert recorder.unplayed == []


def test_mode_none_refuses_what_is_not_recorded(service: Service, tape: Path) -> None:
    """A request without a recording is refused, and the service never sees it."""
    record(tape, f"{service.url}/a")
    with Recorder(tape, "none") as recorder, pytest.raises(UnrecordedRequest, match="/other is not recorded in"):
        requests.get(f"{service.url}/other", timeout=10)
    assert service.hits == [("GET", "/a")]
    assert (recorder.counts["missed"], recorder.counts["live"]) == (1, 0)


def test_mode_none_needs_a_cassette(tape: Path) -> None:
    """A missing cassette fails when it is opened, even if no request is made."""
    with (
        pytest.raises(CassetteNotFound, match=r"there is no cassette .*tape\.yaml; record it: .* mode once$"),
        Recorder(tape),
    ):
        pass


def test_mode_once_replays_alone_when_there_is_a_cassette(service: Service, tape: Path) -> None:
    """The second run of mode once is mode none."""
    record(tape, f"{service.url}/a")
    with (
        pytest.raises(UnrecordedRequest, match="with mode new_episodes to add it, or rewrite to"),
        Recorder(tape, "once"),
    ):
        requests.get(f"{service.url}/b", timeout=10)
    assert len(load(tape).interactions) == 1


def test_mode_new_episodes_keeps_the_old_and_adds_the_new(service: Service, tape: Path) -> None:
    """What was recorded is replayed, and what was not is recorded behind it."""
    record(tape, f"{service.url}/a")
    record(tape, f"{service.url}/a", f"{service.url}/b", mode="new_episodes")
    assert service.hits == [("GET", "/a"), ("GET", "/b")]
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/a", f"{service.url}/b"]


def test_a_cassette_that_grows_says_what_it_said(service: Service, tape: Path) -> None:
    """Its header is that of the first recording, whatever answers later and whenever."""
    with Recorder(tape, "once", origin="emulator"):
        requests.get(f"{service.url}/dated?n=1", timeout=10)
    before = load(tape).header
    with Recorder(tape, "new_episodes", origin="live"):
        requests.get(f"{service.url}/dated?n=2", timeout=10)
    assert len(load(tape).interactions) == 2
    assert load(tape).header == before


def test_mode_new_episodes_never_replays_what_this_run_recorded(service: Service, tape: Path) -> None:
    """Polling a new address reaches the service each time."""
    record(tape, f"{service.url}/a")
    answers = record(tape, *[f"{service.url}/poll"] * 4, mode="new_episodes")
    assert [answer["number"] for answer in answers] == [1, 2, 3, 4]  # type: ignore[index]


@pytest.mark.parametrize("mode", ["rewrite", "all"])
def test_rewriting_replaces_the_whole_cassette(service: Service, tape: Path, mode: str) -> None:
    """Only what this run asked for is in the file afterwards."""
    record(tape, f"{service.url}/a")
    record(tape, f"{service.url}/b", mode=mode)
    assert [each.request.url for each in load(tape).interactions] == [f"{service.url}/b"]


def test_an_error_keeps_the_old_recording(service: Service, tape: Path) -> None:
    """A block that fails writes nothing."""
    record(tape, f"{service.url}/a")
    before = tape.read_bytes()

    def failing() -> None:
        with Recorder(tape, "rewrite"):
            requests.get(f"{service.url}/b", timeout=10)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert tape.read_bytes() == before


def test_what_is_closed_twice_is_written_once(service: Service, tape: Path) -> None:
    """A recorder may be closed before its block ends."""
    with Recorder(tape, "once") as recorder:
        requests.get(f"{service.url}/a", timeout=10)
        recorder.close()
    assert len(load(tape).interactions) == 1


def test_a_recorder_may_be_used_again(service: Service, tape: Path) -> None:
    """What it has recorded in one block is replayed in the next, as by any other recorder."""
    recorder = Recorder(tape, "once")
    for _ in range(2):
        with recorder:
            requests.get(f"{service.url}/a", timeout=10)
    assert service.hits == [("GET", "/a")]


def test_a_recorder_that_is_open_is_not_opened_again(service: Service, tape: Path) -> None:
    """The end of an inner block would end the outer one, whose requests would go out."""
    record(tape, f"{service.url}/a")
    with Recorder(tape) as recorder:
        with pytest.raises(UsageError, match=r"tape\.yaml is open in this very recorder; close it first"), recorder:
            pass
        with pytest.raises(UnrecordedRequest):
            requests.get(f"{service.url}/b", timeout=10)
    assert service.hits == [("GET", "/a")]


def test_a_service_that_is_down_keeps_the_old_recording(service: Service, tape: Path) -> None:
    """Recording again without a service leaves the file, even where the error is caught."""
    record(tape, f"{service.url}/a")
    before = tape.read_bytes()
    service.close()
    with Recorder(tape, "rewrite"), pytest.raises(requests.ConnectionError):
        requests.get(f"{service.url}/a", timeout=10)
    assert tape.read_bytes() == before


def test_an_equal_recording_does_not_touch_the_file(service: Service, tape: Path) -> None:
    """Recording the same again, at another time, leaves the very same file."""
    record(tape, f"{service.url}/dated")
    before = tape.stat()
    record(tape, f"{service.url}/dated", mode="rewrite")
    assert (tape.stat().st_ino, tape.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_identical_requests_are_answered_in_order_and_once(service: Service, tape: Path) -> None:
    """Polling ends where it ended, and one poll more is refused."""
    wanted = record(tape, *[f"{service.url}/poll"] * 3)
    with Recorder(tape):
        assert [requests.get(f"{service.url}/poll", timeout=10).json() for _ in wanted] == wanted
        with pytest.raises(UnrecordedRequest, match="its answer was already given"):
            requests.get(f"{service.url}/poll", timeout=10)


def test_repeats_give_the_last_answer_again(service: Service, tape: Path) -> None:
    """With repeats allowed, a loop sees every recorded answer and then the last one."""
    wanted = record(tape, *[f"{service.url}/poll"] * 3)
    with Recorder(tape, allow_playback_repeats=True):
        answers = [requests.get(f"{service.url}/poll", timeout=10).json() for _ in range(5)]
    assert answers == [*wanted, wanted[-1], wanted[-1]]


def test_bodies_decide(service: Service, tape: Path) -> None:
    """Two requests to one address get the answers of their own bodies, in whatever order they come."""

    def post(word: str) -> object:
        return requests.post(f"{service.url}/a", json={"word": word, "n": [1]}, timeout=10).json()

    with Recorder(tape, "once"):
        wanted = {word: post(word) for word in ("one", "two")}
    with Recorder(tape):
        assert {word: post(word) for word in ("two", "one")} == wanted


def test_json_is_compared_as_a_value(service: Service, tape: Path) -> None:
    """Order and spacing of a merge patch do not matter."""
    kind = {"Content-Type": "application/merge-patch+json"}
    with Recorder(tape, "once"):
        requests.patch(f"{service.url}/a", data='{"a": 1, "b": 2}', headers=kind, timeout=10)
    with Recorder(tape):
        assert requests.patch(f"{service.url}/a", data='{"b":2,"a":1}', headers=kind, timeout=10).ok


def test_a_miss_shows_the_nearest_request_and_every_difference(service: Service, tape: Path) -> None:
    """The message names what differs, down to the member, and how to record it."""
    with Recorder(tape, "once"):
        requests.post(f"{service.url}/far", timeout=10)
        requests.post(f"{service.url}/a?page=1", json={"content": {"text": "old"}, "n": 1}, timeout=10)
    with Recorder(tape, rerecord="make cassettes") as recorder, pytest.raises(UnrecordedRequest) as miss:
        requests.post(f"{service.url}/a?page=2", json={"content": {"text": "new"}, "n": 1}, timeout=10)
    text = str(miss.value)
    assert text.splitlines()[1:4] == [
        f"  recorded 2 of 2: POST {service.url}/a?page=1",
        "    query page: sent '2', recorded '1'",
        "    body.content.text: sent 'new', recorded 'old'",
    ]
    assert text.endswith("record it: make cassettes")
    assert recorder.misses == [text]


def test_unplayed_interactions_are_known(service: Service, tape: Path) -> None:
    """What nothing asked for is listed in recorded order."""
    record(tape, f"{service.url}/a", f"{service.url}/b", f"{service.url}/c")
    with Recorder(tape) as recorder:
        requests.get(f"{service.url}/b", timeout=10)
    assert [each.request.url for each in recorder.unplayed] == [f"{service.url}/a", f"{service.url}/c"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"mode": "any"}, "record mode 'any' does not exist; it is one of none, once"),
        ({"match_on": ["methd"]}, "matcher 'methd' does not exist; match_on takes method"),
        ({"origin": "moon"}, "origin 'moon' does not exist; it is one of live, emulator"),
    ],
)
def test_a_wrong_word_is_one_sentence(tape: Path, arguments: dict[str, object], sentence: str) -> None:
    """An unknown mode, matcher or origin is refused before anything happens, and the choices are named."""
    with pytest.raises(UsageError, match=sentence):
        Recorder(tape, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "what"), [({"n": 1}, "value of 'n'"), ({"n": None}, "value of 'n'"), ({1: "n"}, "name 1")]
)
def test_what_a_header_cannot_keep_is_refused_where_it_is_set(
    service: Service, tape: Path, given: dict[str, str], what: str
) -> None:
    """In whatever way it is set: the recording itself is not lost for it."""
    with Recorder(tape, "once") as recorder:
        requests.get(service.url, timeout=10)
        ((name, value),) = given.items()
        sentence = f"the variables of a cassette are texts, and the {what} is of type .*; give str"
        with pytest.raises(UsageError, match=sentence):
            recorder.variables[name] = value
        with pytest.raises(UsageError, match=sentence):
            recorder.variables.update(given)
        with pytest.raises(UsageError, match=sentence):
            recorder.variables = given
        with pytest.raises(UsageError, match=sentence):
            recorder.variables |= given
        recorder.variables |= {"kept": "yes"}
    assert load(tape).header.variables == {"kept": "yes"}


def test_a_query_that_is_new_in_every_run_is_told(service: Service, tape: Path) -> None:
    """With a time in the address, new_episodes would grow for ever: it says so, and match_on is the way out."""
    record(tape, f"{service.url}/a?time=1", f"{service.url}/b")
    with Recorder(tape, "new_episodes") as recorder:
        requests.get(f"{service.url}/a?time=2", timeout=10)
        requests.get(f"{service.url}/b", timeout=10)
        requests.get(f"{service.url}/c", timeout=10)
    assert [line.partition(" was recorded")[0] for line in recorder.grown] == [f"GET {service.url}/a?time=2"]
    with Recorder(tape, "new_episodes", match_on=["method", "path"]) as recorder:
        requests.get(f"{service.url}/a?time=3", timeout=10)
    assert recorder.grown == []
    assert len(load(tape).interactions) == 4


@pytest.mark.parametrize("cut", [0, 20, 300, 700, -2])
def test_a_file_that_is_cut_off_is_refused_with_name_and_line(service: Service, tape: Path, cut: int) -> None:
    """Wherever it ends: nothing goes out or is replayed, the file stays as it is, and an empty one is told as such."""
    record(tape, f"{service.url}/a", f"{service.url}/b")
    data = tape.read_bytes()[:cut]
    tape.write_bytes(data)
    for mode in ("none", "once", "new_episodes", "verify"):
        where = "line" if data else "is empty"
        with pytest.raises(BrokenCassette, match=rf"tape\.yaml.*{where}"), Recorder(tape, mode):
            requests.get(f"{service.url}/a", timeout=10)
    assert tape.read_bytes() == data
    assert len(service.hits) == 2


def test_what_vcrpy_keeps_beside_an_answer_outlives_a_recording(service: Service, tape: Path) -> None:
    """A file of vcrpy that grows loses neither what hooks read of an answer nor the values that tests ask for."""
    old = {
        "request": {"method": "GET", "uri": f"{service.url}/a", "headers": {}, "body": None},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {},
            "body": {"string": "x"},
            "url": "http://b/",
        },
    }
    tape.parent.mkdir()
    tape.write_text(json.dumps({"interactions": [old], "metadata": {"n": 1}, "version": 1}), encoding="utf-8")
    with Recorder(tape, "new_episodes"):
        requests.get(f"{service.url}/b", timeout=10)
    grown = load(tape)
    assert [each.others for each in grown.interactions] == [{"url": "http://b/"}, {}]
    assert (grown.header.variables, grown.header.metadata) == ({"n": "1"}, {"n": 1})

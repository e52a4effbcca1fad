"""Faults at will, and the path that controls them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests
from tests.emulator.clients import Person, person

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.faults import KINDS, Fault
from acs_chat_testkit.errors import EmulatorError


@pytest.fixture(scope="module")
def controlled() -> Iterator[Emulator]:
    """An emulator whose control path is open."""
    with Emulator(control=True) as running:
        yield running


@pytest.fixture
def carol(controlled: Emulator) -> Iterator[Person]:
    """A user of the controlled emulator, with a thread-free start and no fault in force."""
    controlled.reset()
    who = person(controlled)
    with who.session:
        yield who


def control(
    emulator: Emulator, method: str, name: str, body: object = None, key: str | None = None, **headers: str
) -> requests.Response:
    """A request on the control path."""
    given = {"x-testkit-key": key if key is not None else emulator.control_key or "", **headers}
    return requests.request(method, f"{emulator.endpoint}/testkit/{name}", json=body, headers=given, timeout=10)


def messages(who: Person, thread: str) -> int:
    """How many user messages are in a thread."""
    return sum(one["type"] == "text" for one in who.get(f"{thread}/messages")["value"])


def test_a_status_comes_as_often_as_told_and_runs_nothing(carol: Person) -> None:
    """Two requests meet 429 with Retry-After, the third one runs; other methods never meet it."""
    thread = carol.create_thread()
    carol.emulator.inject(Fault("status", times=2, method="POST", status=429, retry_after=3))
    codes = []
    for _ in range(3):
        answer = carol.call("POST", f"{thread}/messages", {"content": "x"})
        codes.append((answer.status_code, answer.headers.get("retry-after")))
        assert carol.call("GET", thread).status_code == 200
    assert codes == [(429, "3"), (429, "3"), (201, None)]
    assert messages(carol, thread) == 1


def test_every_nth_request_meets_it_until_it_is_cleared(carol: Person) -> None:
    """Every third request of this path fails, no other does."""
    thread = carol.create_thread()
    carol.emulator.inject(Fault("status", times=None, every=3, path="/messages"))
    codes = [carol.call("GET", f"{thread}/messages").status_code for _ in range(6)]
    assert codes == [200, 200, 503, 200, 200, 503]
    assert carol.call("GET", thread).status_code == 200
    carol.emulator.clear_faults()
    assert {carol.call("GET", f"{thread}/messages").status_code for _ in range(3)} == {200}


def test_a_path_is_neither_host_nor_query(carol: Person) -> None:
    """What a fault asks for is looked for in the path alone."""
    for elsewhere in ("127.0.0.1", "api-version"):
        carol.emulator.inject(Fault("status", path=elsewhere))
        assert carol.call("GET", "/chat/threads").status_code == 200


def test_a_request_that_met_a_status_was_answered(carol: Person) -> None:
    """A client that comes again after a 503 is seen twice."""
    carol.emulator.inject(Fault("status"))
    for _ in range(2):
        carol.call("GET", "/chat/threads")
    assert [one.status for one in carol.emulator.requests()] == [503, 200]


@pytest.mark.parametrize(("kind", "kept"), [("reset", 0), ("lost", 1), ("truncated", 1)])
def test_a_broken_connection_tells_nothing_about_what_was_done(carol: Person, kind: str, kept: int) -> None:
    """The client sees an error; before the request ran nothing is there, after it the message is."""
    thread = carol.create_thread()
    carol.emulator.inject(Fault(kind))  # type: ignore[arg-type]
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        carol.call("POST", f"{thread}/messages", {"content": "x"})
    assert messages(carol, thread) == kept


def test_a_reset_is_one_over_tls_too(carol: Person) -> None:
    """The connection breaks under the TLS layer."""
    carol.emulator.inject(Fault("reset"))
    with pytest.raises(requests.ConnectionError):
        requests.get(carol.emulator.https_endpoint, verify=str(carol.emulator.ca_file), timeout=10)


def test_a_malformed_body_has_its_length_and_is_no_json(carol: Person) -> None:
    """The status is fine, the end of the body is missing."""
    carol.emulator.inject(Fault("malformed"))
    answer = carol.call("GET", "/chat/threads")
    assert (answer.status_code, answer.text) == (200, '{"value":[]')


def test_a_wrong_content_type_comes_with_the_right_body(carol: Person) -> None:
    """JSON that says it is html."""
    carol.emulator.inject(Fault("content-type"))
    answer = carol.call("GET", "/chat/threads")
    assert (answer.headers["content-type"], answer.json()) == ("text/html", {"value": []})


@pytest.mark.parametrize("kind", ["latency", "slow"])
def test_waiting_takes_at_least_as_long_as_told(carol: Person, kind: str) -> None:
    """The answer is the same, only later; others are served meanwhile."""
    thread = carol.create_thread()
    plain = carol.get(thread)
    carol.emulator.inject(Fault(kind, milliseconds=30))  # type: ignore[arg-type]
    start = time.monotonic()
    assert carol.get(thread) == plain
    assert time.monotonic() - start >= 0.03


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"kind": "nonsense"},
        {"kind": ["status"]},
        {"kind": "status", "status": 200},
        {"kind": "status", "times": 0},
        {"kind": "status", "every": True},
        {"kind": "latency", "milliseconds": -1},
        {"kind": "latency", "milliseconds": 10**9},
        {"kind": "status", "method": 5},
        {"kind": "status", "path": None},
        {"kind": "status", "unknown": 1},
    ],
)
def test_a_fault_that_makes_no_sense_is_one_sentence(controlled: Emulator, members: dict[str, object]) -> None:
    """400 on the control path, and nothing is in force."""
    answer = control(controlled, "POST", "faults", members)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert requests.get(controlled.endpoint, timeout=10).status_code == 400


def test_the_control_path_does_what_the_context_manager_does(carol: Person) -> None:
    """Faults, clock, reset, the last requests and the facts, as JSON."""
    emulator = carol.emulator
    thread = carol.create_thread()
    assert control(emulator, "POST", "faults", {"kind": "status", "status": 500}).json()["kind"] == "status"
    assert carol.call("GET", thread).status_code == 500
    control(emulator, "POST", "faults", {"kind": "status", "times": None})
    assert control(emulator, "DELETE", "faults").status_code == 200
    assert carol.call("GET", thread).status_code == 200
    before = control(emulator, "POST", "clock", {"milliseconds": 0}).json()["now"]
    assert control(emulator, "POST", "clock", {"milliseconds": 60_000}).json()["now"] >= before + 60_000
    told = {fact["id"]: fact["mark"] for fact in control(emulator, "POST", "facts").json()["value"]}
    assert told["thread.get"] == "recorded"
    last = control(emulator, "GET", "requests").json()["value"][-1]
    assert (last["method"], last["target"], last["status"]) == ("GET", f"{thread}?api-version=2024-03-07", 200)
    assert last["headers"]["authorization"] == "***"
    assert control(emulator, "POST", "reset").status_code == 200
    assert carol.call("GET", thread).status_code == 401


def test_a_reset_with_a_seed_repeats_the_ids() -> None:
    """The resource stays the same; users and threads start over, and alike for the same seed."""
    with Emulator(clock="2024-03-07T12:00:00Z") as emulator:
        key = emulator.connection_string
        told = []
        for seed in (5, 5, 6):
            emulator.reset(seed)
            told.append((emulator.user_id, emulator.token, person(emulator).create_thread()))
        assert told[0] == told[1]
        assert told[0][0] != told[2][0]
        assert emulator.connection_string == key


def test_without_the_key_there_is_nothing(controlled: Emulator, emulator: Emulator) -> None:
    """A wrong key, no key, an emulator that was not asked for control, and a web page: all refused."""
    for running, key in ((controlled, "wrong"), (controlled, ""), (controlled, "schlüssel"), (emulator, "")):
        assert control(running, "POST", "reset", key=key).status_code == 404
    assert control(controlled, "POST", "reset", Origin="https://evil.example").status_code == 403
    assert control(controlled, "GET", "nonsense").status_code == 404
    assert control(controlled, "POST", "clock", [1]).status_code == 400
    assert control(controlled, "POST", "clock", {"milliseconds": 10**17}).status_code == 400
    assert control(controlled, "POST", "clock").status_code == 400
    assert control(controlled, "GET", "health", key="").json() == {"status": "ok"}


def test_the_last_requests_are_bounded_and_without_secrets(carol: Person) -> None:
    """A hundred of them, each with a bounded body; tokens and keys are never kept."""
    for number in range(105):
        carol.call("POST", "/chat/threads", {"topic": str(number) * 3000}, headers={"X-Api-Key": "hidden"})
    seen = carol.emulator.requests()
    assert len(seen) == 100
    assert max(len(one.body) for one in seen) == 4096
    assert carol.token not in repr(seen)
    assert "hidden" not in repr(seen)


def test_every_kind_is_told_apart(carol: Person) -> None:
    """A kind that nobody knows cannot be made; all others can."""
    for kind in KINDS:
        assert Fault(kind).kind == kind
    with pytest.raises(EmulatorError, match=r"no fault 'boom', use one of status, .*slow"):
        Fault("boom")  # type: ignore[arg-type]

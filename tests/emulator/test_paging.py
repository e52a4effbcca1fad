"""Lists, their links and their cursors."""

from __future__ import annotations

import contextlib
import struct
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.clients import Person, participant, person

from acs_chat_testkit.emulator import Emulator, cursors
from acs_chat_testkit.emulator.clock import LATEST, parse_instant, parse_start_time, us_date, whole_seconds
from acs_chat_testkit.emulator.problems import Problem

VERSIONS = st.integers(0, 2**62)


def test_the_link_of_messages_has_the_recorded_form(alice: Person) -> None:
    """Raw id, syncState in hex (mark, length, id, 1, last and newest version), a US date, page size, api-version."""
    thread = alice.create_thread()
    newest = alice.send(thread)
    page = alice.get(f"{thread}/messages?maxPageSize=2")
    thread_id, last = thread.rpartition("/")[2].encode(), int(page["value"][-1]["version"])
    state = struct.pack("<Bi", 0x3E, len(thread_id)) + thread_id + struct.pack("<Bqq", 1, last, int(newest))
    assert page["nextLink"] == (
        f"{alice.emulator.endpoint}{thread}/messages?syncState={state.hex()}"
        "&startTime=1%2F1%2F1970%2012%3A00%3A00%20AM%20%2B00%3A00&maxPageSize=2&api-version=2024-03-07"
    )


def test_links_lead_on_under_the_clients_own_encoding_and_version(alice: Person) -> None:
    """Clients re-encode the query and put their own api-version into it; the cursor is tied to the thread alone."""
    thread = alice.create_thread()
    alice.send(thread)
    link = alice.get(f"{thread}/messages?maxPageSize=2", version="2021-09-07")["nextLink"]
    parts = urlsplit(link)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "api-version"]
    again = f"{parts.path}?{urlencode(query, safe='/:')}"
    (last,) = alice.get(again)["value"]
    assert last["sequenceId"] == "1"
    assert "initiatorCommunicationIdentifier" in last["content"]


def test_what_changes_meanwhile_neither_repeats_nor_hides_the_rest(alice: Person) -> None:
    """A message edited between two pages leaves the second one; everything else still comes once."""
    thread = alice.create_thread()
    ids = [alice.send(thread, str(number)) for number in range(4)]
    first = alice.get(f"{thread}/messages?maxPageSize=2")
    alice.call("PATCH", f"{thread}/messages/{ids[0]}", {"content": "edited"})
    rest = [one["id"] for page in alice.pages(first["nextLink"]) for one in page]
    assert rest[0] == ids[1]
    assert ids[0] not in rest
    assert len(rest) == 3


def test_a_start_time_leaves_out_what_is_older() -> None:
    """Messages that arrived earlier and threads whose last message is older do not come, and links keep the time."""
    with Emulator() as emulator:
        alice = person(emulator)
        thread = alice.create_thread()
        old = alice.send(thread)
        emulator.jump(10_000)
        start = whole_seconds(int(alice.send(thread)))
        alice.call("PATCH", f"{thread}/messages/{old}", {"content": "edited"})
        path = f"{thread}/messages?maxPageSize=1&startTime={start}"
        assert [len(page) for page in alice.pages(path)] == [1, 0]
        assert len(alice.get(f"/chat/threads?startTime={start}")["value"]) == 1
        alice.create_thread()
        later = alice.get(f"/chat/threads?startTime={start}&maxPageSize=1")
        assert "startTime" in parse_qs(urlsplit(later["nextLink"]).query)


def test_threads_come_newest_first_and_each_once(alice: Person) -> None:
    """Five threads in pages of two; a message moves its thread to the front; no empty page at the end."""
    threads = [alice.create_thread(topic=str(number)) for number in range(5)]
    alice.send(threads[1])
    pages = list(alice.pages("/chat/threads?maxPageSize=2"))
    assert [[one["topic"] for one in page] for page in pages] == [["1", "4"], ["3", "2"], ["0"]]
    assert "nextLink" not in alice.get("/chat/threads?maxPageSize=5")


def test_receipts_and_participants_skip(alice: Person, bob: Person) -> None:
    """The link carries skip and page size; a skip beyond the end is an empty page."""
    thread = alice.create_thread(bob)
    message_id = alice.send(thread)
    for who in (alice, bob):
        who.call("POST", f"{thread}/readReceipts", {"chatMessageId": message_id})
    for what in ("participants", "readReceipts"):
        link = alice.get(f"{thread}/{what}?maxPageSize=1")["nextLink"]
        assert link == f"{alice.emulator.endpoint}{thread}/{what}?skip=1&maxPageSize=1&api-version=2024-03-07"
        assert len(alice.get(link)["value"]) == 1
        assert alice.get(f"{thread}/{what}?skip=2") == {"value": []}


def test_the_default_page_of_messages_is_ten(alice: Person) -> None:
    """Eleven messages: ten and a link that says so."""
    thread = alice.create_thread()
    for number in range(9):
        alice.send(thread, str(number))
    page = alice.get(f"{thread}/messages")
    assert len(page["value"]) == 10
    assert "maxPageSize=10" in page["nextLink"]


@pytest.mark.parametrize("value", ["0", "-1", "201", "x", "", "%C2%B2", "9" * 5000, "1&maxPageSize=1"])
def test_an_absurd_page_size_is_refused(alice: Person, value: str) -> None:
    """400 on every list."""
    thread = alice.create_thread()
    for path in ("/chat/threads", f"{thread}/messages", f"{thread}/participants", f"{thread}/readReceipts"):
        assert alice.call("GET", f"{path}?maxPageSize={value}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "startTime=yesterday",
        "startTime=2024-13-01T00:00:00Z",
        "startTime=1969-12-31T23:59:59Z",
        "startTime=13/1/2024%2012:00:00%20AM%20%2B00:00",
        "startTime=1/1/2024%200:00:00%20AM%20%2B00:00",
        "syncState=3e",
        "syncState=zz",
        "syncState=",
        "syncState=W10=",
        "syncState=" + "5b" * 3000,
    ],
)
def test_an_absurd_start_or_cursor_is_refused(alice: Person, query: str) -> None:
    """400 on the two lists that have them."""
    for path in ("/chat/threads", f"{alice.create_thread()}/messages"):
        assert alice.call("GET", f"{path}?{query}").status_code == 400


def test_a_cursor_of_another_thread_is_refused(alice: Person) -> None:
    """It would say where to go on in a list that this is not."""
    one, other = alice.create_thread(), alice.create_thread()
    query = urlsplit(alice.get(f"{one}/messages?maxPageSize=1")["nextLink"]).query
    assert alice.call("GET", f"{alice.emulator.endpoint}{other}/messages?{query}").status_code == 400


def test_a_share_of_history_begins_where_it_was_given() -> None:
    """A newcomer sees nothing from before, in lists, by id or in a receipt; the time comes back in whole seconds."""
    with Emulator(clock="2024-03-07T12:00:00Z") as emulator:
        check_share_of_history(person(emulator), person(emulator))


def check_share_of_history(alice: Person, bob: Person) -> None:
    """Bob joins a thread of Alice with the part of its history that begins five seconds after its start."""
    thread = alice.create_thread()
    old = alice.send(thread, "old")
    alice.emulator.jump(5_000)
    new = alice.send(thread, "new")
    newcomer = participant(bob.id, shareHistoryTime=whole_seconds(int(new))[:-1] + ".000999Z")
    alice.call("POST", f"{thread}/participants/:add", {"participants": [newcomer]})
    shown = bob.get(f"{thread}/messages")["value"]
    assert [one["type"] for one in shown] == ["participantAdded", "text"]
    assert bob.call("GET", f"{thread}/messages/{old}").status_code == 404
    assert bob.call("POST", f"{thread}/readReceipts", {"chatMessageId": old}).status_code == 404
    assert bob.get(f"{thread}/participants")["value"][1]["shareHistoryTime"] == whole_seconds(int(new))


@given(st.integers(0, LATEST // 1000))
def test_the_us_text_of_a_time_reads_back(second: int) -> None:
    """What the service writes into its links it understands again, like RFC 3339."""
    assert parse_start_time(us_date(second * 1000)) == second * 1000
    assert (
        parse_start_time(whole_seconds(second * 1000)) == parse_instant(whole_seconds(second * 1000)) == second * 1000
    )


@given(VERSIONS, VERSIONS)
def test_cursors_read_back(last: int, newest: int) -> None:
    """A cursor gives what was put into it."""
    thread_id = "19:x@thread.v2"
    assert cursors.read_messages(cursors.write_messages(thread_id, last, newest), thread_id) == (last, newest)
    assert cursors.read_threads(cursors.write_threads(last % 2**61, newest % 2**61)) == (last % 2**61, newest % 2**61)


@given(st.one_of(st.text(), st.binary().map(bytes.hex)))
def test_no_text_breaks_a_cursor(text: str) -> None:
    """A text is a cursor or a refusal, never another error."""
    for read in (cursors.read_threads, lambda cursor: cursors.read_messages(cursor, "19:x@thread.v2")):
        with contextlib.suppress(Problem):
            read(text)

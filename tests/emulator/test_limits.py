"""The documented limits."""

from __future__ import annotations

import pytest
from tests.emulator.clients import Person, participant, person

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.limits import MESSAGE_BYTES, RATES
from acs_chat_testkit.emulator.renderers.released import METADATA_BYTES
from acs_chat_testkit.emulator.routes import ROUTES, ChatRoute


def crowd(emulator: Emulator, number: int) -> list[dict[str, object]]:
    """So many participants."""
    return [participant(emulator.create_user()) for _ in range(number)]


def test_a_thread_takes_250_participants_in_requests_of_200(alice: Person) -> None:
    """201 in one request and the 251st in a thread are refused, and nobody of that request comes in."""
    people = crowd(alice.emulator, 250)
    assert alice.call("POST", "/chat/threads", {"topic": "T", "participants": people[:201]}).status_code == 400
    created = alice.call("POST", "/chat/threads", {"topic": "T", "participants": people[:200]})
    thread = f"/chat/threads/{created.json()['chatThread']['id']}"
    add = f"{thread}/participants/:add"
    assert alice.call("POST", add, {"participants": people[200:250]}).status_code == 400
    assert alice.call("POST", add, {"participants": people[200:249]}).status_code == 201
    assert alice.call("POST", add, {"participants": people[249:]}).status_code == 400
    assert [len(page) for page in alice.pages(f"{thread}/participants?maxPageSize=200")] == [200, 50]


def test_a_message_has_a_size(alice: Person) -> None:
    """Counted in bytes, when sent and when edited."""
    thread = alice.create_thread()
    full = "ä" * (MESSAGE_BYTES // 2)
    message_id = alice.send(thread, full)
    assert alice.call("POST", f"{thread}/messages", {"content": full + "a"}).status_code == 400
    assert alice.call("PATCH", f"{thread}/messages/{message_id}", {"content": full + "a"}).status_code == 400
    metadata = {"k": "v" * METADATA_BYTES}
    assert alice.call("POST", f"{thread}/messages", {"content": "x", "metadata": metadata}).status_code == 400


def test_signals_end_beyond_20_participants(alice: Person) -> None:
    """Typing and receipts work with 20, and not with 21."""
    thread = alice.create_thread()
    message_id = alice.send(thread)

    def signal() -> set[int]:
        receipt = alice.call("POST", f"{thread}/readReceipts", {"chatMessageId": message_id})
        return {receipt.status_code, alice.call("POST", f"{thread}/typing").status_code}

    alice.call("POST", f"{thread}/participants/:add", {"participants": crowd(alice.emulator, 19)})
    assert signal() == {200}
    alice.call("POST", f"{thread}/participants/:add", {"participants": crowd(alice.emulator, 1)})
    assert signal() == {400}


def test_rates_are_kept_when_asked_for() -> None:
    """The sixth topic in ten seconds is 429; ten seconds later it is fine; without the switch nobody counts."""
    with Emulator(clock="2024-03-07T12:00:00Z", rate_limits=True) as emulator:
        alice = person(emulator)
        thread = alice.create_thread()
        codes = [alice.call("PATCH", thread, {"topic": str(number)}).status_code for number in range(6)]
        assert codes == [204] * 5 + [429]
        other = alice.create_thread()
        assert alice.call("PATCH", other, {"topic": "T"}).status_code == 204
        emulator.jump(10_000)
        assert alice.call("PATCH", thread, {"topic": "T"}).status_code == 204


def test_a_reset_and_a_jump_back_leave_no_calls() -> None:
    """Who comes back under the same id has all calls before them; so has everybody before the time of their calls."""
    with Emulator(clock="2024-03-07T12:00:00Z", rate_limits=True) as emulator:

        def codes() -> set[int]:
            who = person(emulator)
            with who.session:
                return {who.call("GET", "/chat/threads").status_code for _ in range(50)}

        emulator.reset(1)
        assert codes() == {200}
        emulator.reset(1)
        assert codes() == {200}
        emulator.reset(1)
        emulator.jump(10_000)
        carol = person(emulator)
        with carol.session:
            assert {carol.call("GET", "/chat/threads").status_code for _ in range(51)} == {200, 429}
            emulator.jump(-1)
            assert carol.call("GET", "/chat/threads").status_code == 200


def test_a_long_window_counts_too() -> None:
    """Ten messages in ten seconds, and thirty in a minute."""
    with Emulator(clock="2024-03-07T12:00:00Z", rate_limits=True) as emulator:
        alice = person(emulator)
        thread = alice.create_thread()
        for _ in range(3):
            assert [alice.call("POST", f"{thread}/messages", {"content": "x"}).status_code for _ in range(10)] == [
                201
            ] * 10
            emulator.jump(10_000)
        refused = alice.call("POST", f"{thread}/messages", {"content": "x"})
        assert refused.status_code == 429
        assert refused.json()["CommunicationError"]["Code"] == "TooManyRequests"


@pytest.mark.parametrize("route", [route for route in ROUTES.values() if isinstance(route, ChatRoute)])
def test_every_operation_has_its_rates(route: ChatRoute) -> None:
    """An operation without rates would fail under the switch."""
    assert RATES[route.handler.__name__]

"""The chat operations of the default api-version, seen from a client."""

from __future__ import annotations

from tests.emulator.clients import Person, identifier, participant


def test_a_new_thread_starts_with_two_system_messages(alice: Person, bob: Person) -> None:
    """First who was added, in request order, then the topic; neither has a sender; the first user message is 3."""
    thread = alice.create_thread(bob)
    alice.send(thread)
    text, topic, added = alice.get(f"{thread}/messages")["value"]
    assert [one["sequenceId"] for one in (added, topic, text)] == ["1", "2", "3"]
    assert [one["type"] for one in (added, topic, text)] == ["participantAdded", "topicUpdated", "text"]
    people = [participant(one.id, shareHistoryTime="1970-01-01T00:00:00Z") for one in (alice, bob)]
    assert added["content"] == {"participants": people, "initiatorCommunicationIdentifier": identifier(alice.id)}
    assert topic["content"] == {"topic": "Lunch", "initiatorCommunicationIdentifier": identifier(alice.id)}
    assert not {"senderCommunicationIdentifier", "senderDisplayName"} & (set(added) | set(topic))


def test_a_message_is_echoed_with_its_defaults(alice: Person) -> None:
    """Type, display name and attachments are there even when they were not given."""
    thread = alice.create_thread()
    message_id = alice.send(thread, "hello")
    message = alice.get(f"{thread}/messages/{message_id}")
    keys = "id type sequenceId version content senderDisplayName createdOn senderCommunicationIdentifier"
    assert list(message) == keys.split()
    assert (message["id"], message["version"], message["type"]) == (message_id, message_id, "text")
    assert message["content"] == {"message": "hello", "attachments": []}
    assert message["senderDisplayName"] == ""


def test_an_edit_and_a_deletion_move_a_message_to_the_top(alice: Person) -> None:
    """Lists follow the version, newest first; a deleted message stays as a tombstone without its edit."""
    thread = alice.create_thread()
    first, second = alice.send(thread, "one"), alice.send(thread, "two")
    assert alice.call("PATCH", f"{thread}/messages/{first}", {"content": "won"}).status_code == 204
    listed = alice.get(f"{thread}/messages")["value"]
    assert [one["id"] for one in listed[:2]] == [first, second]
    assert (listed[0]["content"]["message"], listed[0]["sequenceId"]) == ("won", "3")
    assert "editedOn" in listed[0]
    assert alice.call("DELETE", f"{thread}/messages/{first}").status_code == 204
    tombstone = alice.get(f"{thread}/messages")["value"][0]
    assert (tombstone["id"], tombstone["content"]) == (first, {"message": "", "attachments": []})
    assert "deletedOn" in tombstone
    assert "editedOn" not in tombstone


def test_a_full_page_of_messages_links_on_even_to_nothing(alice: Person) -> None:
    """With 4 messages and pages of 2 there are three pages, the last one empty; every message comes once."""
    thread = alice.create_thread()
    alice.send(thread)
    alice.send(thread)
    pages = list(alice.pages(f"{thread}/messages?maxPageSize=2"))
    assert [len(page) for page in pages] == [2, 2, 0]
    assert [one["sequenceId"] for page in pages for one in page] == ["4", "3", "2", "1"]


def test_participants_come_and_go(alice: Person, bob: Person) -> None:
    """An added one is listed in join order and can read; a removed one is refused, and both are told in the thread."""
    thread = alice.create_thread()
    assert bob.call("GET", thread).status_code == 403
    added = alice.call(
        "POST", f"{thread}/participants/:add", {"participants": [participant(bob.id, displayName="Bob")]}
    )
    assert (added.status_code, added.json()) == (201, {})
    assert [one["communicationIdentifier"]["rawId"] for one in bob.get(f"{thread}/participants")["value"]] == [
        alice.id,
        bob.id,
    ]
    assert alice.call("POST", f"{thread}/participants/:remove", identifier(bob.id)).status_code == 204
    assert bob.call("GET", thread).status_code == 403
    assert [one["type"] for one in alice.get(f"{thread}/messages")["value"]][:2] == [
        "participantRemoved",
        "participantAdded",
    ]


def test_skipped_lists_link_on_only_while_more_remains(alice: Person, bob: Person) -> None:
    """Two participants in pages of one: two pages, and no empty third one."""
    thread = alice.create_thread(bob)
    assert [len(page) for page in alice.pages(f"{thread}/participants?maxPageSize=1")] == [1, 1]


def test_one_receipt_a_participant_and_the_latest_wins(alice: Person, bob: Person) -> None:
    """Three receipts of two people are listed as two, the older reading first."""
    thread = alice.create_thread(bob)
    first, second = alice.send(thread), alice.send(thread)
    for who, message_id in ((alice, first), (bob, first), (alice, second)):
        sent = who.call("POST", f"{thread}/readReceipts", {"chatMessageId": message_id})
        assert (sent.status_code, sent.content, sent.headers["content-length"]) == (200, b"", "0")
    receipts = alice.get(f"{thread}/readReceipts")["value"]
    assert [(one["senderCommunicationIdentifier"]["rawId"], one["chatMessageId"]) for one in receipts] == [
        (bob.id, first),
        (alice.id, second),
    ]


def test_the_same_repeatability_id_makes_one_thread(alice: Person) -> None:
    """Again 201 with the same thread and Location; another id makes another thread."""
    headers = {"repeatability-request-id": "one"}
    first, again, other = (
        alice.call("POST", "/chat/threads", {"topic": "T"}, headers=given)
        for given in (headers, headers, {"repeatability-request-id": "two"})
    )
    assert again.status_code == 201
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    assert other.json() != first.json()


def test_a_deleted_thread_is_gone_and_still_listed(alice: Person) -> None:
    """Its list entry says when; everything else answers 404."""
    thread = alice.create_thread()
    assert alice.call("DELETE", thread).status_code == 204
    assert alice.call("GET", thread).status_code == 404
    assert "deletedOn" in alice.get("/chat/threads")["value"][0]


def test_a_refusal_comes_in_the_recorded_envelope(alice: Person) -> None:
    """Indented, CRLF, PascalCase, and a content type without a charset."""
    answer = alice.call("GET", "/chat/threads/19:00000000000000000000000000000000@thread.v2")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == (
        b'{\r\n  "CommunicationError": {\r\n    "Code": "NotFound",\r\n'
        b'    "Message": "The specified thread id is not found.",\r\n    "Details": []\r\n  }\r\n}'
    )
    assert answer.status_code == 404


def test_without_a_valid_token_the_answer_is_empty(alice: Person) -> None:
    """401 has no body, no type and no list of versions."""
    alice.token = alice.token[:-4] + "AAAA"
    answer = alice.call("GET", "/chat/threads")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (401, b"", "0")
    assert not {"content-type", "api-supported-versions", "www-authenticate"} & {
        name.lower() for name in answer.headers
    }

"""One state, seen through each api-version."""

from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.clients import Person, identifier, participant, person

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.renderers import CHAT

PREVIEW3 = "2020-11-01-preview3"
RELEASED = [version for version in CHAT if version != PREVIEW3]


def test_the_first_version_names_users_by_plain_strings(alice: Person, bob: Person) -> None:
    """Every identifier of 2020-11-01-preview3 is a string under its own key; nothing of later versions shows."""
    thread = alice.create_thread(bob)
    message_id = alice.send(thread)
    alice.call("POST", f"{thread}/readReceipts", {"chatMessageId": message_id})
    alice.version = PREVIEW3
    assert alice.get(thread)["createdBy"] == alice.id
    assert [one["id"] for one in alice.get(f"{thread}/participants")["value"]] == [alice.id, bob.id]
    sent, topic, added = alice.get(f"{thread}/messages")["value"]
    assert (sent["senderId"], sent["content"]) == (alice.id, {"message": "hi"})
    assert topic["content"] == {"topic": "Lunch", "initiator": alice.id}
    assert added["content"]["participants"][1] == {"id": bob.id, "shareHistoryTime": "1970-01-01T00:00:00Z"}
    (receipt,) = alice.get(f"{thread}/readReceipts")["value"]
    assert (receipt["senderId"], list(receipt)) == (alice.id, ["senderId", "chatMessageId", "readOn"])
    assert "CommunicationIdentifier" not in alice.call("GET", f"{thread}/messages").text


def test_the_first_version_takes_plain_strings_and_removes_by_delete(alice: Person, bob: Person) -> None:
    """Create, add and remove in the form of 2020-11-01-preview3; a refused participant is one level deeper."""
    alice.version = PREVIEW3
    absent = f"{alice.id[:-4]}0000"
    body = {"topic": "T", "participants": [{"id": alice.id}, {"id": absent}]}
    created = alice.call("POST", "/chat/threads", body)
    assert created.status_code == 201
    assert created.json()["errors"] == {
        "invalidParticipants": [{"code": "404", "message": "Not found", "target": absent}]
    }
    thread = f"/chat/threads/{created.json()['chatThread']['id']}"
    added = alice.call("POST", f"{thread}/participants/:add", {"participants": [{"id": bob.id}]})
    assert (added.status_code, added.json()) == (201, {})
    assert alice.call("DELETE", f"{thread}/participants/{bob.id.replace(':', '%3A')}").status_code == 204
    assert len(alice.get(f"{thread}/participants")["value"]) == 1
    assert alice.call("POST", f"{thread}/participants/:remove", identifier(bob.id)).status_code == 404


@pytest.mark.parametrize("version", RELEASED)
def test_fields_come_with_their_version(alice: Person, version: str) -> None:
    """Metadata of messages from 2021-09-07 on, attachments from 2023-11-07 on, neither earlier."""
    alice.version = version
    thread = alice.create_thread()
    body = {"content": "hi", "metadata": {"a": "b"}}
    message_id = alice.call("POST", f"{thread}/messages", body).json()["id"]
    shown = {one: alice.get(f"{thread}/messages/{message_id}", version=one) for one in RELEASED}
    taken = version >= "2021-09-07"
    assert {one for one, message in shown.items() if "metadata" in message} == {
        one for one in RELEASED if taken and one >= "2021-09-07"
    }
    assert {one for one, message in shown.items() if "attachments" in message["content"]} == {
        one for one in RELEASED if one >= "2023-11-07"
    }


def test_the_newest_version_has_metadata_and_retention_of_threads(alice: Person, bob: Person) -> None:
    """2025-03-15 takes, keeps and shows them; 2024-03-07 shows the same thread without."""
    alice.version = "2025-03-15"
    body: dict[str, Any] = {
        "topic": "T",
        "metadata": {"a": "b"},
        "participants": [participant(bob.id, metadata={"c": "d"})],
        "retentionPolicy": {"kind": "threadCreationDate", "deleteThreadAfterDays": 30},
    }
    created = alice.call("POST", "/chat/threads", body, headers={"repeatability-request-id": "x"}).json()["chatThread"]
    assert (created["metadata"], created["retentionPolicy"]) == (body["metadata"], body["retentionPolicy"])
    assert created["id"].startswith("19:acsV1_")
    thread = f"/chat/threads/{created['id']}"
    assert alice.get(f"{thread}/participants")["value"][1]["metadata"] == {"c": "d"}
    assert "metadata" not in alice.get(f"{thread}/messages")["value"][1]["content"]["participants"][1]
    assert alice.call("PATCH", thread, {"metadata": {"e": "f", "a": ""}}).status_code == 204
    assert alice.get(thread)["metadata"] == {"e": "f"}
    assert alice.call("PATCH", thread, {"retentionPolicy": None}).status_code == 204
    assert alice.get(thread)["retentionPolicy"] == {"kind": "none"}
    older = alice.get(thread, version="2024-03-07")
    assert list(older) == ["id", "topic", "createdOn", "createdByCommunicationIdentifier"]
    assert "metadata" not in alice.get(f"{thread}/participants", version="2024-03-07")["value"][1]


@pytest.mark.parametrize(
    ("version", "key"), [(PREVIEW3, "Error"), *((version, "CommunicationError") for version in RELEASED)]
)
def test_each_version_has_its_envelope(alice: Person, version: str, key: str) -> None:
    """The bytes are indented by two, with CRLF; a case without a message lacks the key."""
    unknown = alice.call("GET", f"{alice.create_thread()}/messages/5", version=version)
    lines = ["{", f'  "{key}": {{', '    "Code": "NotFound",', '    "Details": []', "  }", "}"]
    assert unknown.content.decode() == "\r\n".join(lines)
    assert unknown.headers["content-type"] == "application/json"


@pytest.mark.parametrize("version", CHAT)
def test_the_headers_are_those_of_the_versions_time(alice: Person, version: str) -> None:
    """Until 2021 answers came in chunks; later they have a length and are exposed; each lists itself as supported."""
    answer = alice.call("GET", "/chat/threads", version=version)
    early = version < "2022"
    assert ("transfer-encoding" in answer.headers) == early
    assert ("content-length" in answer.headers) != early
    assert ("access-control-expose-headers" in answer.headers) != early
    assert ("x-cache" in answer.headers) == (version > "2021-03-07")
    assert version in answer.headers["api-supported-versions"].split(", ")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert {"date", "ms-cv", "strict-transport-security", "x-processing-time", "x-azure-ref"} <= {
        name.lower() for name in answer.headers
    }


def test_an_operation_lists_only_the_versions_that_have_it(alice: Person) -> None:
    """Typing leaves out 2021-03-07 and older, participants leave out the first preview."""
    thread = alice.create_thread()
    typing = alice.call("POST", f"{thread}/typing", {}).headers["api-supported-versions"]
    assert typing.startswith("2021-04-05-preview6, 2021-09-07")
    early = alice.call("POST", f"{thread}/typing", version="2021-03-07").headers["api-supported-versions"]
    assert early.endswith(", 2021-03-07")
    people = alice.call("GET", f"{thread}/participants", version=PREVIEW3).headers["api-supported-versions"]
    assert people.startswith("2020-11-01-preview3, ")
    assert (
        alice.call("GET", thread, version=PREVIEW3).headers["api-supported-versions"].startswith("2020-09-21-preview2")
    )


@pytest.mark.parametrize(
    ("switch", "version", "moves"),
    [(None, PREVIEW3, True), (None, "2024-03-07", False), (True, "2024-03-07", True), (False, PREVIEW3, False)],
)
def test_the_sequence_number_of_an_edit_follows_the_version_or_the_switch(
    switch: bool | None, version: str, moves: bool
) -> None:
    """Recorded both ways: a new one at 2020-11-01-preview3, the same at 2025-03-15."""
    with Emulator(edits_resequence=switch) as emulator:
        alice = person(emulator)
        thread = alice.create_thread()
        message_id = alice.send(thread)
        for method, body in (("PATCH", {"content": "edited"}), ("DELETE", None)):
            before = int(alice.get(f"{thread}/messages/{message_id}")["sequenceId"])
            assert alice.call(method, f"{thread}/messages/{message_id}", body, version=version).status_code == 204
            after = int(alice.get(f"{thread}/messages/{message_id}")["sequenceId"])
            assert (after > before) == moves
        alice.send(thread)
        assert alice.get(f"{thread}/messages")["value"][0]["sequenceId"] == ("6" if moves else "4")


EXTENSION = {"userId": "1" * 8, "tenantId": "2" * 8, "resourceId": "3" * 8}
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "microsoftTeamsApp": ({"appId": "d", "cloud": "public"}, "2024-03-07"),
    "teamsExtensionUser": (
        {name: f"{digits}-0000-0000-0000-000000000000" for name, digits in EXTENSION.items()} | {"cloud": "gcch"},
        "2025-03-15",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_identifier_comes_with_its_version(alice: Person, kind: str) -> None:
    """Teams apps are typed from 2024-03-07 on, extension users in 2025-03-15; earlier both are a raw id alone."""
    member, since = KINDS[kind]
    thread = alice.create_thread()
    body = {"participants": [{"communicationIdentifier": {kind: member}}]}
    assert alice.call("POST", f"{thread}/participants/:add", body, version=since).status_code == 201
    for version in RELEASED:
        shown = alice.get(f"{thread}/participants", version=version)["value"][1]["communicationIdentifier"]
        assert shown.get(kind) == (member if version >= since else None)
        assert shown["rawId"].startswith(("28:orgid:", "8:gcch-acs:3"))
    assert alice.call("POST", f"{thread}/participants/:add", body, version="2021-03-07").status_code == 400


def test_errors_can_be_asked_for_as_the_definition_has_them() -> None:
    """Lower case, with a code and always a message, in each version; an empty 401 stays empty."""
    with Emulator(swagger_errors=True) as emulator:
        alice = person(emulator)
        for version in CHAT:
            refused = alice.call("GET", "/chat/threads/nonsense", version=version)
            assert (refused.status_code, refused.json()) == (
                400,
                {"error": {"code": "BadRequest", "message": "BadRequest"}},
            )
        assert alice.call("GET", "/chat/threads", version="none").json()["error"]["code"] == "BadRequest"
        alice.token = "none"
        assert (alice.call("GET", "/chat/threads").status_code, alice.call("GET", "/chat/threads").text) == (401, "")


def test_the_id_of_a_request_comes_back_to_who_asks_for_it(alice: Person) -> None:
    """As recorded with the client that does."""
    sent = {"x-ms-client-request-id": "one", "x-ms-return-client-request-id": "true"}
    assert alice.call("GET", "/chat/threads", headers=sent).headers["x-ms-client-request-id"] == "one"
    unasked = alice.call("GET", "/chat/threads", headers={"x-ms-client-request-id": "one"})
    assert "x-ms-client-request-id" not in unasked.headers

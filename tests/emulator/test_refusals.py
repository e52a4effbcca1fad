"""What is refused, with which status, code and message."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from tests.emulator.clients import Person, identifier, participant

NOWHERE = "/chat/threads/19:00000000000000000000000000000000@thread.v2"
BAD_USER = "8:acs:not-a-user"


def problem(answer: requests.Response) -> tuple[int, str, str | None]:
    """Status, code and message of a refusal."""
    inner = answer.json()["CommunicationError"]
    assert inner["Details"] == []
    return answer.status_code, inner["Code"], inner.get("Message")


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", NOWHERE, None, (404, "NotFound", "The specified thread id is not found.")),
        ("DELETE", "/chat/threads/nonsense", None, (400, "BadRequest", None)),
        ("GET", "{thread}/messages/abc", None, (400, "BadRequest", "The value for MessageId (abc) is not valid.")),
        ("PATCH", "{thread}/messages/a%2Fb", {}, (400, "BadRequest", "The value for MessageId (a/b) is not valid.")),
        ("DELETE", "{thread}/messages/1", None, (404, "NotFound", None)),
        ("GET", "{thread}/messages/01", None, (400, "BadRequest", "The value for MessageId (01) is not valid.")),
        ("POST", "{thread}/readReceipts", {"chatMessageId": "1"}, (404, "NotFound", None)),
        ("POST", "{thread}/messages", {}, (400, "BadRequest", "The value of 'content' is required.")),
        (
            "POST",
            "{thread}/messages",
            {"content": "x", "type": "topicUpdated"},
            (400, "BadRequest", "The message type must be one of text, html."),
        ),
        ("POST", "{thread}/messages", [1], (400, "BadRequest", "The request body must be a JSON object.")),
        ("POST", "/chat/threads", {"topic": 7}, (400, "BadRequest", "The value of 'topic' must be a string.")),
        ("PUT", "{thread}", {}, (405, "MethodNotAllowed", "This path answers DELETE, GET, PATCH only.")),
        ("GET", "/chat/threads/", None, (404, "NotFound", "There is nothing at this path.")),
        ("GET", "/", None, (404, "NotFound", "There is nothing at this path.")),
    ],
)
def test_a_bad_request_is_refused_by_name(
    alice: Person, method: str, path: str, body: Any, expected: tuple[int, str, str | None]
) -> None:
    """Status, code and message say what was wrong with it."""
    thread = alice.create_thread()
    assert problem(alice.call(method, path.format(thread=thread), body)) == expected


def test_a_method_that_is_not_allowed_names_those_that_are(alice: Person) -> None:
    """RFC 9110, section 15.5.6: 405 has an Allow header."""
    assert alice.call("PUT", f"{alice.create_thread()}/messages").headers["allow"] == "GET, POST"


def test_a_malformed_user_is_quoted(alice: Person) -> None:
    """In create, add and remove the id stands in brackets."""
    thread = alice.create_thread()
    expected = (400, "BadRequest", f"Identifier format is invalid. [{BAD_USER}]")
    people = {"topic": "T", "participants": [participant(BAD_USER)]}
    assert problem(alice.call("POST", "/chat/threads", people)) == expected
    assert problem(alice.call("POST", f"{thread}/participants/:add", people)) == expected
    assert problem(alice.call("POST", f"{thread}/participants/:remove", identifier(BAD_USER))) == expected


def test_what_others_may_not(alice: Person, bob: Person) -> None:
    """Who is not in a thread may nothing; who is in it may not change what others wrote, nor what the system did."""
    thread = alice.create_thread()
    message_id = alice.send(thread)
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("PATCH", "", {"topic": "T"}),
        ("DELETE", "", None),
        ("POST", "/messages", {"content": "x"}),
        ("GET", "/messages", None),
        ("POST", "/typing", {}),
        ("GET", "/participants", None),
        ("GET", "/readReceipts", None),
        ("POST", "/participants/:remove", identifier(alice.id)),
    ]
    assert {bob.call(method, thread + path, body).status_code for method, path, body in calls} == {403}
    alice.call("POST", f"{thread}/participants/:add", {"participants": [participant(bob.id)]})
    system = alice.get(f"{thread}/messages")["value"][-1]["id"]
    for who, what in ((bob, message_id), (alice, system)):
        assert who.call("PATCH", f"{thread}/messages/{what}", {"content": "x"}).status_code == 403
        assert who.call("DELETE", f"{thread}/messages/{what}").status_code == 403


def test_who_cannot_be_let_in_is_listed_and_the_rest_comes_in(alice: Person, bob: Person) -> None:
    """201 with the error of each: 404 for a user the resource does not have, 403 for one of another resource."""
    absent, foreign = alice.id[:-4] + "0000", "8:acs:" + "0" * 8 + alice.id[14:]
    body = {"participants": [participant(one) for one in (absent, bob.id, foreign)]}
    refused = [
        {"code": "404", "message": "Not found", "target": absent},
        {"code": "403", "message": "Permissions check failed", "target": foreign},
    ]
    created = alice.call("POST", "/chat/threads", {"topic": "T", **body})
    assert (created.status_code, created.json()["invalidParticipants"]) == (201, refused)
    thread = f"/chat/threads/{created.json()['chatThread']['id']}"
    people = [one["communicationIdentifier"]["rawId"] for one in alice.get(f"{thread}/participants")["value"]]
    assert people == [alice.id, bob.id]
    again = alice.call("POST", f"{thread}/participants/:add", body)
    assert (again.status_code, again.json()) == (201, {"invalidParticipants": refused})
    assert len(alice.get(f"{thread}/messages")["value"]) == 2


def test_other_kinds_of_participants_keep_their_kind(alice: Person) -> None:
    """Phone numbers, Teams users, their guests and apps come back as the object that was sent, cloud in lower case."""
    sent: list[dict[str, Any]] = [
        {"rawId": "4:+112345556789", "phoneNumber": {"value": "+112345556789"}},
        {"rawId": "8:orgid:a", "microsoftTeamsUser": {"userId": "a", "isAnonymous": False, "cloud": "PUBLIC"}},
        {"rawId": "8:gcch:b", "microsoftTeamsUser": {"userId": "b", "isAnonymous": False, "cloud": "gcch"}},
        {"rawId": "8:teamsvisitor:c", "microsoftTeamsUser": {"userId": "c", "isAnonymous": True, "cloud": "public"}},
        {"rawId": "28:dod:d", "microsoftTeamsApp": {"appId": "d", "cloud": "dod"}},
        {"rawId": "28:something"},
    ]
    body = {"topic": "T", "participants": [{"communicationIdentifier": one} for one in sent]}
    thread = f"/chat/threads/{alice.call('POST', '/chat/threads', body).json()['chatThread']['id']}"
    sent[1]["microsoftTeamsUser"]["cloud"] = "public"
    shown = [one["communicationIdentifier"] for one in alice.get(f"{thread}/participants")["value"]]
    assert shown == [identifier(alice.id), *sent]


@pytest.mark.parametrize("version", [None, "", "2019-01-01", "2024-03-07&api-version=2024-03-07"])
def test_an_api_version_is_required(alice: Person, version: str | None) -> None:
    """Missing, empty, unknown or doubled: 400 in the envelope of the default version."""
    query = "" if version is None else f"?api-version={version}"
    answer = alice.call("GET", f"{alice.emulator.endpoint}/chat/threads{query}")
    assert problem(answer)[:2] == (400, "BadRequest")


@pytest.mark.parametrize("body", [b'{"content":"\\ud800"}', b'{"content":"x","content":"y"}', b'{"content":NaN}',
    b'{"content":"\xff"}', b'{"content":"x"', b"[" * 100_000, b""])  # fmt: skip
def test_a_broken_body_is_refused(alice: Person, body: bytes) -> None:
    """Half a surrogate pair, a key twice, a number JSON does not have, no UTF-8, cut off, too deep, none: 400."""
    thread = alice.create_thread()
    answer = alice.session.post(
        f"{alice.emulator.endpoint}{thread}/messages?api-version=2024-03-07",
        data=body,
        headers={"Authorization": f"Bearer {alice.token}"},
        timeout=10,
    )
    assert problem(answer) == (400, "BadRequest", "The request body is not valid JSON.")
    assert len(alice.get(f"{thread}/messages")["value"]) == 2

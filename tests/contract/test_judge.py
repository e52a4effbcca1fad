"""The judge: an exchange that keeps to the contract has no violation, and each broken rule is named."""

import copy
import gzip
import json
from typing import Any

import pytest

from acs_chat_testkit.contract import Contract, Exchange, Tier, load, violations
from acs_chat_testkit.contract.judge import CHECKS, LARGEST_BODY
from acs_chat_testkit.http import Headers, Request, Response

VERSION = "api-version=2024-03-07"
THREAD = "/chat/threads/19%3Ameeting%40thread.v2"
ADA = {"rawId": "8:acs:ada", "communicationUser": {"id": "8:acs:ada"}}
JSON = "application/json"
MERGE = "application/merge-patch+json"
CREATED = {
    "chatThread": {
        "id": "19:meeting@thread.v2",
        "topic": "x",
        "createdOn": "2024-01-02T03:04:05Z",
        "createdByCommunicationIdentifier": ADA,
    }
}
MESSAGE = {
    "id": "1",
    "type": "text",
    "sequenceId": "3",
    "version": "1",
    "content": {"message": "hello", "attachments": []},
    "senderDisplayName": "Ada",
    "createdOn": "2024-01-02T03:04:05Z",
    "senderCommunicationIdentifier": ADA,
}


def request(method: str, target: str, body: Any = None, media_type: str = JSON) -> Request:
    """A request with a JSON body, or with none."""
    headers, raw = ({}, b"") if body is None else ({"content-type": media_type}, json.dumps(body).encode())
    return Request(method, f"https://chat.communication.example{target}", Headers(headers), raw)


def response(status: int, body: Any = None, **headers: str) -> Response:
    """A response with a JSON body, or with none."""
    fields = {"content-type": f"{JSON}; charset=utf-8"} if body is not None else {}
    return Response(status, Headers(fields | headers), b"" if body is None else json.dumps(body).encode())


def found(request: Request, response: Response | None = None) -> list[tuple[str, str, str]]:
    """Check, place and tier of each violation; every check that is found is one of those that are listed."""
    broken = violations(Exchange(request, response))
    assert {one.check for one in broken} <= CHECKS.keys()
    return [(one.check, one.where, one.tier) for one in broken]


GET_MESSAGE = request("GET", f"{THREAD}/messages/1?{VERSION}")
LIST = request("GET", f"/chat/threads?{VERSION}")

GOOD = {
    "create": (request("POST", f"/chat/threads?{VERSION}", {"topic": "x"}), response(201, CREATED)),
    "create with participants": (
        request("POST", f"/chat/threads?{VERSION}", {"topic": "x", "participants": [{"communicationIdentifier": ADA}]}),
        response(201, CREATED | {"invalidParticipants": [{"code": "403", "message": "no", "target": "8:acs:ben"}]}),
    ),
    "list threads": (
        request("GET", f"/chat/threads?maxPageSize=2&startTime=2024-01-02T03%3A04%3A05.000Z&{VERSION}"),
        response(200, {"value": [{"id": "1", "topic": "x"}], "nextLink": "https://other/chat/threads?syncState=a"}),
    ),
    "a page by the service's own link": (
        request(
            "GET",
            f"/chat/threads/19:meeting@thread.v2/messages?syncState=3e&startTime=1%2F1%2F1970%2012%3A00%3A00%20AM%20%2B00"
            f"%3A00&maxPageSize=1&{VERSION}",
        ),
        response(200, {"value": []}),
    ),
    "get message": (GET_MESSAGE, response(200, MESSAGE)),
    "update": (request("PATCH", f"{THREAD}?{VERSION}", {"topic": "y"}, MERGE), response(204)),
    "delete": (request("DELETE", f"{THREAD}/messages/1?{VERSION}"), response(204)),
    "add": (
        request("POST", f"{THREAD}/participants/:add?{VERSION}", {"participants": [{"communicationIdentifier": ADA}]}),
        response(201, {}),
    ),
    "remove by the typed member alone": (
        request("POST", f"{THREAD}/participants/:remove?{VERSION}", {"communicationUser": {"id": "8:acs:ben"}}),
        response(204),
    ),
    "typing without a body": (request("POST", f"{THREAD}/typing?{VERSION}"), response(200)),
    "typing": (request("POST", f"{THREAD}/typing?{VERSION}", {}), response(200)),
    "receipt": (request("POST", f"{THREAD}/readReceipts?{VERSION}", {"chatMessageId": "1"}), response(200)),
    "an error as recorded": (
        GET_MESSAGE,
        Response(404, Headers({"content-type": JSON}), b'{"CommunicationError":{"Code":"NotFound","Details":[]}}'),
    ),
    "an error as published": (GET_MESSAGE, response(403, {"error": {"code": "Forbidden", "message": "no"}})),
    "a bad token": (GET_MESSAGE, response(401)),
    "no answer": (GET_MESSAGE, None),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_keeps_to_the_contract_has_no_violation(name: str) -> None:
    """Traffic as the service and its published clients were seen to exchange it is right."""
    assert found(*GOOD[name]) == []


def with_body(**changes: Any) -> Response:
    """The message with some fields changed, or without those that are None."""
    return response(200, {key: value for key, value in (MESSAGE | changes).items() if value is not None})


E, W, INFO = Tier.ERROR, Tier.WARN, Tier.INFO
BAD: dict[str, tuple[Request, Response | None, list[tuple[str, str, str]]]] = {
    "path": (request("GET", f"/chat/rooms?{VERSION}"), None, [("request.path", "path", E)]),
    "method": (request("PUT", f"/chat/threads?{VERSION}"), None, [("request.method", "method", E)]),
    "an escaped verb": (
        request("POST", f"{THREAD}/participants/%3Aadd?{VERSION}"),
        None,
        [("request.path", "path", E)],
    ),
    "no api-version": (request("GET", "/chat/threads"), None, [("request.missing-parameter", "query/api-version", E)]),
    "other api-version": (
        request("GET", "/chat/threads?api-version=1999-01-01"),
        None,
        [("request.value", "query/api-version", E)],
    ),
    "api-version twice": (
        request("GET", f"/chat/threads?{VERSION}&{VERSION}"),
        None,
        [("request.repeated-parameter", "query/api-version", E)],
    ),
    "unknown parameter": (
        request("GET", f"/chat/threads?top=1&{VERSION}"),
        None,
        [("request.unknown-parameter", "query/top", W)],
    ),
    "page size": (
        request("GET", f"/chat/threads?maxPageSize=two&{VERSION}"),
        None,
        [("request.value", "query/maxPageSize", E)],
    ),
    "start time": (
        request("GET", f"/chat/threads?startTime=yesterday&{VERSION}"),
        None,
        [("request.value", "query/startTime", E)],
    ),
    "no body": (request("POST", f"/chat/threads?{VERSION}"), None, [("request.missing-body", "body", E)]),
    "a body where none belongs": (
        request("DELETE", f"{THREAD}?{VERSION}", {}),
        None,
        [("request.unexpected-body", "body", E)],
    ),
    "patch as plain JSON": (
        request("PATCH", f"{THREAD}?{VERSION}", {"topic": "y"}),
        None,
        [("request.media-type", "header/content-type", E)],
    ),
    "no topic": (request("POST", f"/chat/threads?{VERSION}", {}), None, [("request.missing-field", "body/topic", E)]),
    "unknown field": (
        request("POST", f"/chat/threads?{VERSION}", {"topic": "x", "a/b": 1}),
        None,
        [("request.new-field", "body/a~1b", E)],
    ),
    "type of a field": (
        request("POST", f"/chat/threads?{VERSION}", {"topic": 5}),
        None,
        [("request.type", "body/topic", E)],
    ),
    "identifier as text": (
        request("POST", f"{THREAD}/participants/:add?{VERSION}", {"participants": [{"communicationIdentifier": "8:"}]}),
        None,
        [("request.type", "body/participants/0/communicationIdentifier", E)],
    ),
    "type of a message": (
        request("POST", f"{THREAD}/messages?{VERSION}", {"content": "x", "type": "topicUpdated"}),
        None,
        [("request.new-value", "body/type", E)],
    ),
    "no JSON": (
        Request("POST", f"https://h/chat/threads?{VERSION}", Headers({"content-type": JSON}), b"{"),
        None,
        [("request.json", "body", E)],
    ),
    "status": (LIST, response(201, {"value": []}), [("response.status", "status", E)]),
    "no body in the answer": (LIST, response(200), [("response.missing-body", "body", E)]),
    "a body after 204": (
        request("DELETE", f"{THREAD}?{VERSION}"),
        response(204, {}),
        [("response.unexpected-body", "body", E)],
    ),
    "media type of the answer": (
        LIST,
        Response(200, Headers({"content-type": "text/html"}), b'{"value": []}'),
        [("response.media-type", "header/content-type", E)],
    ),
    "location": (
        request("POST", f"/chat/threads?{VERSION}", {"topic": "x"}),
        response(201, CREATED, Location="/threads/1"),
        [("response.value", "header/Location", E)],
    ),
    "new field in the answer": (GET_MESSAGE, with_body(policy={}), [("response.new-field", "body/policy", INFO)]),
    "new type of message": (GET_MESSAGE, with_body(type="poll"), [("response.new-value", "body/type", W)]),
    "field gone": (GET_MESSAGE, with_body(version=None), [("response.missing-field", "body/version", E)]),
    "number for text": (GET_MESSAGE, with_body(sequenceId=3), [("response.type", "body/sequenceId", E)]),
    "a date without a zone": (
        GET_MESSAGE,
        with_body(createdOn="2024-01-02T03:04:05"),
        [("response.value", "body/createdOn", E)],
    ),
    "an identifier of two kinds": (
        GET_MESSAGE,
        with_body(senderCommunicationIdentifier=ADA | {"phoneNumber": {"value": "+1"}}),
        [("response.value", "body/senderCommunicationIdentifier", E)],
    ),
    "an unknown content coding": (
        LIST,
        Response(200, Headers({"content-type": JSON, "content-encoding": "br"}), b"x"),
        [("response.content-coding", "body", E)],
    ),
    "a content coding that is a lie": (
        LIST,
        Response(200, Headers({"content-type": JSON, "content-encoding": "gzip"}), b"x"),
        [("response.content-coding", "body", E)],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_broken_rule_is_named_with_its_place_and_tier(name: str) -> None:
    """Each rule, broken alone, gives exactly its own violation."""
    asked, answered, wanted = BAD[name]
    assert found(asked, answered) == wanted


def test_a_compressed_body_is_judged() -> None:
    """A content coding is undone first."""
    packed = gzip.compress(json.dumps({"value": [], "extra": 1}).encode())
    answer = Response(200, Headers({"content-type": JSON, "content-encoding": "gzip"}), packed)
    assert found(LIST, answer) == [("response.new-field", "body/extra", INFO)]


def test_a_compressed_bomb_is_not_unpacked() -> None:
    """A body that unpacks beyond the bound is a violation, and no more than the bound is ever held."""
    packed = gzip.compress(bytes(LARGEST_BODY + 1))
    answer = Response(200, Headers({"content-type": JSON, "content-encoding": "gzip"}), packed)
    assert found(LIST, answer) == [("response.content-coding", "body", E)]


@pytest.mark.parametrize("number", ["--5", "5" * 5000, "٣", "five"])
def test_what_is_no_number_is_a_violation(number: str) -> None:
    """Whatever a recording says, the judge says what is wrong with it."""
    listed = request("GET", f"/chat/threads?maxPageSize={number}&{VERSION}")
    assert found(listed) == [("request.value", "query/maxPageSize", Tier.ERROR)]


def test_a_body_without_an_end_to_its_nesting_is_no_json() -> None:
    """Python's own parser gives up on it."""
    deep = Response(200, Headers({"content-type": JSON}), b"[" * 100_000)
    assert found(LIST, deep) == [("response.json", "body", Tier.ERROR)]


def test_a_message_names_no_content() -> None:
    """What people wrote, their names and their ids do not show up in a violation."""
    private = {"message": 5, "topic": "private topic", "participants": "private people"}
    answer = with_body(content=private, senderDisplayName=["private name"], id={"private": "id"})
    text = " ".join(one.message for one in violations(Exchange(GET_MESSAGE, answer)))
    assert text
    assert "private" not in text.replace("private is not in the contract", "")


def test_a_required_header_must_be_there() -> None:
    """No contract of ours requires one; that of somebody else may."""
    document = copy.deepcopy(dict(load().document))
    document["paths"]["/chat/threads"]["get"]["parameters"].append(
        {"name": "X-Room", "in": "header", "required": True, "schema": {"type": "string"}}
    )
    contract = Contract(document)
    [broken] = violations(Exchange(LIST), contract)
    assert (broken.check, broken.where, broken.tier) == ("request.missing-parameter", "header/x-room", E)
    with_it = Request(LIST.method, LIST.url, Headers({"X-Room": "blue"}), LIST.body)
    assert violations(Exchange(with_it), contract) == []

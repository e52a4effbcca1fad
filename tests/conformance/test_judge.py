"""The judge of outcomes: equal passes, and the least difference is told with its place."""

from typing import Any

import pytest

from acs_chat_conformance.judge import ABSENT, differences, judge, kind_of, request_differences
from acs_chat_conformance.vectors import Expected, Step
from acs_chat_testkit.http import Headers, Request

EQUAL: list[tuple[Any, Any]] = [
    (1, 1),
    ("a", "a"),
    (None, None),
    ([1, {"a": None}], [1, {"a": None}]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"$dt": "2021-02-03T04:05:06Z"}, {"$dt": "2021-02-03T04:05:06+00:00"}),
    ({"$dt": "2021-02-03T04:05:06"}, {"$dt": "2021-02-03T04:05:06"}),
    ({"$match": "a.c"}, "abc"),
    ({"$uuid": True}, "B66D6031-fdcc-41df-8306-e524c9f226b8"),
    ({"$any": True}, 0),
    ({"$ignore": True}, ABSENT),
    ({"$unordered": [1, {"a": 2}]}, [{"a": 2}, 1]),
    ({"id": "1"}, {"$model": "ChatThread", "id": "1", "topic": None}),
]

DIFFERENT: list[tuple[Any, Any, str]] = [
    ("5", 5, ""),
    (1, True, ""),
    (1, 1.0, ""),
    (None, ABSENT, ""),
    ({}, {"a": None}, "/a"),
    ({"a": 1}, {}, "/a"),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "/a/b"),
    ([1, 2], [1, 3], "/1"),
    ([1], [1, 1], ""),
    ([], None, ""),
    ({"$dt": "2021-02-03T04:05:06Z"}, {"$dt": "2021-02-03T06:05:06+02:00"}, ""),
    ({"$dt": "2021-02-03T04:05:06Z"}, {"$dt": "2021-02-03T04:05:06"}, ""),
    ({"$dt": "2021-02-03T04:05:06Z"}, "2021-02-03T04:05:06Z", ""),
    ({"$dt": "2021-02-03T04:05:06Z"}, {"$dt": "soon"}, ""),
    ({"$dt": "2021-02-03T04:05:06Z"}, {"$dt": 5}, ""),
    ({"$size": 1}, [], ""),
    ({"$size": 1}, {}, ""),
    ({"$match": "a.c"}, "abcd", ""),
    ({"$match": "1"}, 1, ""),
    ({"$uuid": True}, "b66d6031", ""),
    ({"$any": True}, None, ""),
    ({"$any": True}, ABSENT, ""),
    ({"$unordered": [1, 1]}, [1], ""),
    ({"$unordered": [1]}, [1, 1], ""),
    ({"$unordered": []}, None, ""),
    ({"id": "1"}, {"$model": "ChatThread", "id": "1", "topic": "x"}, "/topic"),
    ({"$model": "ChatThread"}, {"$model": "ChatThreadInfo"}, "/$model"),
]


@pytest.mark.parametrize(("wanted", "got"), EQUAL)
def test_what_is_wanted_passes(wanted: Any, got: Any) -> None:
    """Equal values have no difference."""
    assert [*differences(wanted, got)] == []


@pytest.mark.parametrize(("wanted", "got", "at"), DIFFERENT)
def test_what_is_not_wanted_is_told_with_its_place(wanted: Any, got: Any, at: str) -> None:
    """Types, offsets, absence and order count."""
    assert [difference.at for difference in differences(wanted, got)] == [at]


WANTED = {
    "method": "POST",
    "path": "/chat/threads/19:a@thread.v2/participants/:add",
    "query": {"api-version": "1", "skip": 0},
    "headers": {"accept": "application/json", "x-old": None},
    "body": {"a": 1},
}


def seen(**changes: Any) -> Request:
    """The wanted request as a server sees it, with some parts changed."""
    parts = {
        "method": "POST",
        "url": "/chat/threads/19%3Aa%40thread.v2/participants/:add?skip=0&api-version=1",
        "headers": {"Accept": "application/json"},
        "body": b'{"a": 1}',
    } | changes
    return Request(parts["method"], parts["url"], Headers(parts["headers"]), parts["body"])


def test_a_request_passes_however_its_ids_are_escaped() -> None:
    """The sync transport escapes what the async one does not; both name the same resource."""
    raw = seen(url="/chat/threads/19:a@thread.v2/participants/:add?api-version=1&skip=0")
    assert [*request_differences(WANTED, seen(), ""), *request_differences(WANTED, raw, "")] == []


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"method": "PUT"}, "/method"),
        ({"url": "/chat/threads/19%3Aa%40thread.v2/participants/%3Aadd?skip=0&api-version=1"}, "/path"),
        ({"url": "/chat/threads/19%253Aa%2540thread.v2/participants/:add?skip=0&api-version=1"}, "/path"),
        ({"url": "//chat/threads/19%3Aa%40thread.v2/participants/:add?skip=0&api-version=1"}, "/path"),
        ({"url": "/chat/threads/19%3Aa%40thread.v2/participants/:add?api-version=1"}, "/query/skip"),
        ({"url": "/chat/threads/19%3Aa%40thread.v2/participants/:add?skip=0&api-version=2"}, "/query/api-version"),
        ({"url": "/chat/threads/19%3Aa%40thread.v2/participants/:add?skip=0&skip=0&api-version=1"}, "/query/skip"),
        ({"url": "/chat/threads/19%3Aa%40thread.v2/participants/:add?skip=0&api-version=1&top=1"}, "/query/top"),
        ({"headers": {}}, "/headers/accept"),
        ({"headers": {"accept": "application/json", "x-old": "1"}}, "/headers/x-old"),
        ({"body": b""}, "/body"),
        ({"body": b"a=1"}, "/body"),
        ({"body": b'{"a": 1, "b": null}'}, "/body/b"),
        ({"body": b'{"a": "1"}'}, "/body/a"),
    ],
)
def test_each_part_of_a_request_counts(changes: dict[str, Any], at: str) -> None:
    """Method, path, query, the named headers and the whole body are compared."""
    assert [difference.at for difference in request_differences(WANTED, seen(**changes), "")] == [at]


def test_a_body_that_is_not_wanted_is_a_difference() -> None:
    """Without a wanted body there must be none."""
    bare = {key: value for key, value in WANTED.items() if key != "body"}
    assert [difference.at for difference in request_differences(bare, seen(), "")] == ["/body"]


ERROR = {"error": {"classes": ["ResourceNotFoundError", "HttpResponseError", "Exception"], "text": "(NotFound) gone"}}


def places(expected: Expected, outcome: dict[str, Any], requests: list[Request] | None = None) -> list[str]:
    """Where an outcome differs."""
    return [difference.at for difference in judge(expected, outcome, requests or [])]


def test_a_value_and_an_error_are_not_taken_for_each_other() -> None:
    """A call that must return may not raise, one that must raise may not return, and the kind counts."""
    assert places(Expected(value=1), {"value": 1}) == []
    assert places(Expected(value=None), ERROR) == ["/value"]
    assert places(Expected(error={"kind": "not-found"}), ERROR) == []
    assert places(Expected(error={"kind": "not-found"}), {"value": None}) == ["/error"]
    assert places(Expected(error={"kind": "http"}), ERROR) == ["/error/kind"]
    assert places(Expected(error={"kind": "not-found", "text": ["gone", "NotFound"]}), ERROR) == []
    assert places(Expected(error={"kind": "not-found", "text": ["other"]}), ERROR) == ["/error/text"]


def test_an_error_of_no_promised_class_is_a_crash() -> None:
    """A class that is not promised is never the wanted kind."""
    assert kind_of({"classes": ["KeyError", "LookupError", "Exception"]}) == "crash"


def test_a_part_of_a_value_can_be_picked() -> None:
    """Only the picked part is compared; where it is not there, that is a difference."""
    assert places(Expected(value=2, pick="a/1"), {"value": {"a": [1, 2]}}) == []
    assert places(Expected(value=2, pick="a/2"), {"value": {"a": [1, 2]}}) == ["/value/a/2"]
    assert places(Expected(value=2, pick="b"), {"value": 2}) == ["/value/b"]


def test_a_wanted_warning_must_be_logged() -> None:
    """Each wanted text stands in a logged warning."""
    assert places(Expected(logs=("foo",)), {"value": None, "logs": ["foo is unknown"]}) == []
    assert places(Expected(logs=("foo",)), {"value": None, "logs": ["bar"]}) == ["/logs"]


def test_a_missing_and_a_further_request_are_differences() -> None:
    """Exactly the wanted exchanges go over the wire."""
    one = Step(WANTED, {"status": 201})
    assert places(Expected(steps=(one,)), {"value": None}, [seen()]) == []
    assert places(Expected(steps=(one,)), {"value": None}) == ["/exchanges/0/request"]
    assert places(Expected(steps=(one,)), {"value": None}, [seen(), seen()]) == ["/exchanges/1/request"]


def test_an_error_may_be_one_of_several_kinds() -> None:
    """Where two kinds are right, either passes and a third does not."""
    assert places(Expected(error={"kind": ["http", "not-found"]}), ERROR) == []
    assert places(Expected(error={"kind": ["http", "value"]}), ERROR) == ["/error/kind"]


def test_a_header_can_be_wanted_the_same_in_all_requests() -> None:
    """The first request may have any value, and the others must have that one."""
    steps = tuple(Step(WANTED | {"headers": {"x-id": {"$same": "id"}}}, {}) for _ in range(2))
    one, other = seen(headers={"x-id": "1"}), seen(headers={"x-id": "2"})
    assert places(Expected(steps=steps), {"value": None}, [one, one]) == []
    assert places(Expected(steps=steps), {"value": None}, [one, other]) == ["/exchanges/1/request/headers/x-id"]

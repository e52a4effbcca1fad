"""The values that every room speaks."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acs_chat_testkit.http import Headers, Request, Response

FIELD_NAMES = st.text("abcABC-", min_size=1, max_size=6)
FIELDS = st.lists(st.tuples(FIELD_NAMES, st.text(max_size=5)), max_size=8)


@given(FIELDS)
def test_a_field_is_found_in_any_case_and_repeated_fields_keep_their_order(fields: list[tuple[str, str]]) -> None:
    """Look-up folds case; what was sent is kept as it was sent."""
    headers = Headers(fields)
    assert headers.fields == tuple(fields)
    for name, _ in fields:
        values = [value for other, value in fields if other.lower() == name.lower()]
        assert headers.get_all(name.swapcase()) == values
        assert headers[name.upper()] == ", ".join(values)
        assert name.lower() in headers


@given(FIELDS)
def test_headers_that_differ_in_case_alone_are_equal_and_hash_alike(fields: list[tuple[str, str]]) -> None:
    """Equality follows RFC 9110: names fold case, values do not."""
    folded = Headers((name.swapcase(), value) for name, value in fields)
    assert Headers(fields) == folded
    assert hash(Headers(fields)) == hash(folded)
    assert Headers([*fields, ("x", "1")]) != Headers(fields)


def test_an_absent_field_is_a_key_error_an_empty_list_or_the_default() -> None:
    """A mapping's three ways of asking all work."""
    headers = Headers({"Accept": "a"})
    assert headers.get("x") is None
    assert headers.get_all("x") == []
    with pytest.raises(KeyError):
        headers["x"]


def test_without_drops_every_field_of_the_name_and_keeps_the_rest() -> None:
    """The copy lacks the field in every spelling."""
    headers = Headers([("Set-Cookie", "a"), ("X", "1"), ("set-cookie", "b")])
    assert headers.without("SET-COOKIE").fields == (("X", "1"),)
    assert len(headers.get_all("set-cookie")) == 2


def test_the_repr_names_the_fields_and_never_shows_a_value() -> None:
    """A header value may be a token, and a repr ends in logs."""
    assert "opaque" not in repr(Request("GET", "https://chat.example/", Headers({"Authorization": "opaque"})))


@pytest.mark.parametrize("value", [Request("GET", "https://chat.example/"), Response(200)])
def test_the_values_are_frozen(value: Request | Response) -> None:
    """What one room hands to the next can not be changed behind its back."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.body = b"x"  # type: ignore[misc]

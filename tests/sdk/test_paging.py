"""Lists: pages are followed, but only to the endpoint's own origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, DeserializationError, HttpResponseError
from tests.sdk.flavours import Flavour
from tests.sdk.server import Answer, Server


def page(*ids: str, link: Any = None) -> Answer:
    """A page of messages."""
    return Answer(200, {"value": [{"id": name} for name in ids], "nextLink": link})


def test_links_are_followed_verbatim(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """The next request has the link's path and query as they are, whatever they say, and the usual headers."""
    server = serve(page("1", "2"))
    target = "/chat/threads/19:x@thread.v2/messages?syncState=3e&startTime=1%2F1%2F1970&api-version=2021-09-07"
    server.answers = [page("1", "2", link=server.endpoint + target), page("3", link="")]
    client = sdk.thread(server)
    assert [message.id for message in client.list_messages()] == ["1", "2", "3"]
    second = server.asked[1]
    assert second.target == target
    assert second.headers["Accept"] == "application/json"
    assert second.headers["Authorization"].startswith("Bearer ")


def test_pages_are_pages(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """by_page gives the pages as the service made them, empty ones too, and goes on from a continuation token."""
    server = serve(page())
    link = f"{server.endpoint}/next"
    server.answers = [page("1", "2", link=link), page(link=link), page("3")]
    client = sdk.thread(server)
    assert [[message.id for message in found] for found in client.list_messages().by_page()] == [["1", "2"], [], ["3"]]
    server.answers = [page("4")]
    assert [[message.id for message in found] for found in client.list_messages().by_page(link)] == [["4"]]
    assert server.asked[-1].target == "/next"


def test_a_list_can_be_read_twice(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """Each iteration asks anew, with a request id of its own."""
    server = serve(page("1"))
    client = sdk.thread(server)
    for _ in range(2):
        assert [message.id for message in client.list_messages()] == ["1"]
    assert len({request.headers["x-ms-client-request-id"] for request in server.asked}) == 2


def test_a_relative_link_leads_to_the_endpoint(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A link without a host is one of the endpoint."""
    server = serve(page("1", link="/chat/next?skip=1"), page("2"))
    assert len(list(sdk.thread(server).list_messages())) == 2
    assert server.asked[1].target == "/chat/next?skip=1"


FOREIGN = [
    "{other}/chat/next",
    "//{other_host}/chat/next",
    "{scheme}://{host}@{other_host}/chat/next",
    "{scheme}://{other_host}\\@{host}/chat/next",
    "{scheme}://{other_host}/chat/next#@{host}",
    "\t{other}/chat/next",
    "https://{host}/chat/next",
    "{scheme}://{host}.example/chat/next",
    "ftp://{host}/chat/next",
    "javascript:alert(1)",
    "{endpoint}/chat next",
    "{scheme}://",
    "//[",
]


@pytest.mark.parametrize("link", FOREIGN)
def test_a_link_to_another_origin_raises(sdk: Flavour, serve: Callable[..., Server], link: str) -> None:
    """Neither a request nor the token reaches another origin, by whatever spelling; both servers are real."""
    server, other = serve(page()), serve(page("stolen"))
    scheme, host = server.endpoint.split("://")
    other_host = other.endpoint.split("://")[1]
    names = {"endpoint": server.endpoint, "other": other.endpoint, "scheme": scheme}
    link = link.format(**names, host=host, other_host=other_host)
    server.answers = [page("1", link=link)]
    with pytest.raises(HttpResponseError, match="nextLink"):
        list(sdk.thread(server).list_messages())
    with pytest.raises(HttpResponseError, match="nextLink"):
        list(sdk.thread(server).list_messages().by_page(link))
    assert other.asked == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_raises(sdk: Flavour, serve: Callable[..., Server], status: int) -> None:
    """A redirect is no way round: neither request nor token nor message leaves."""
    other = serve(Answer(200, {"id": "stolen"}))
    server = serve(Answer(status, headers={"Location": f"{other.endpoint}/x"}))
    client = sdk.thread(server)
    with pytest.raises((ClientAuthenticationError, HttpResponseError)):
        client.get_message("1")
    with pytest.raises((ClientAuthenticationError, HttpResponseError)):
        client.send_message("secret")
    assert other.asked == []


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": []}])
def test_a_page_without_values_is_empty(sdk: Flavour, serve: Callable[..., Server], body: Any) -> None:
    """A page that lists nothing is no failure."""
    assert list(sdk.thread(serve(Answer(200, body))).list_messages()) == []


@pytest.mark.parametrize("body", [{"value": 5}, {"value": [5]}, [], "text", None, {"value": [{"createdOn": "junk"}]}])
def test_what_is_no_page_is_named(sdk: Flavour, serve: Callable[..., Server], body: Any) -> None:
    """An answer that is no page, or holds what is no message, raises at once and says which operation it was."""
    with pytest.raises(DeserializationError, match=r"list_messages|ChatMessage"):
        list(sdk.thread(serve(Answer(200, body))).list_messages())


def test_arguments_are_checked_before_the_first_page(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A wrong argument raises where the list is asked for, not while iterating."""
    client = sdk.thread(serve(page()))
    for wrong in ({"results_per_page": "many"}, {"start_time": "yesterday"}):
        with pytest.raises(ValueError, match="list_messages"):
            client.list_messages(**wrong)

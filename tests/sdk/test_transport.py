"""The session that prepares requests by hand sends what requests would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from azure.core.pipeline.transport import RequestsTransport
from tests.sdk.flavours import Sync
from tests.sdk.server import Answer, Asked, Server


@pytest.fixture
def plain() -> Iterator[Sync]:
    """The sync clients."""
    with Sync() as flavour:
        yield flavour


def sent(plain: Sync, server: Server, transport: Any) -> list[Asked]:
    """What arrives when a client uses a transport."""
    client = plain.thread(server, transport=transport, request_id="same")
    client.send_message("Grüße")
    client.delete_message("a/b")
    list(client.list_messages(results_per_page=1))
    asked, server.asked = server.asked, []
    return asked


def answers() -> list[Answer]:
    """What a client is told that does the above."""
    return [Answer(201, {"id": "1"}), Answer(204), Answer(200, {"value": []})]


def test_it_sends_what_requests_would_send(plain: Sync, serve: Callable[..., Server]) -> None:
    """Method, target, body and every header but those of the connection are the same."""
    from azure.communication.chat._transport import Transport

    server = serve(*answers())
    ours = sent(plain, server, Transport())
    server.answers = list(answers())
    theirs = sent(plain, server, RequestsTransport())
    for one, other in zip(ours, theirs, strict=True):
        assert (one.method, one.target, one.body) == (other.method, other.target, other.body)
        drop = {"authorization"}
        assert {k: one.headers[k] for k in one.headers if k not in drop} == {
            k: other.headers[k] for k in other.headers if k not in drop
        }


def test_a_proxy_of_the_environment_is_used(
    plain: Sync, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that is set between two calls is used by the second; one that is unset no more by the third."""
    server, proxy = serve(Answer(204)), serve(Answer(204))
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client = plain.thread(server)
    client.delete_message("1")
    monkeypatch.setenv("http_proxy", proxy.endpoint)
    client.delete_message("2")
    monkeypatch.delenv("http_proxy")
    client.delete_message("3")
    assert [request.segments[-1] for request in server.asked] == ["1", "3"]
    assert [request.target.split("?")[0] for request in proxy.asked] == [
        f"{server.endpoint}/chat/threads/19%3Aabc%40thread.v2/messages/2"
    ]


def test_without_the_environment_no_proxy_is_used(
    plain: Sync, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """use_env_settings=False means what it says; a proxy of the call is used all the same."""
    server, proxy = serve(Answer(204)), serve(Answer(204))
    monkeypatch.setenv("http_proxy", proxy.endpoint)
    client = plain.thread(server, use_env_settings=False)
    client.delete_message("1")
    assert (len(server.asked), len(proxy.asked)) == (1, 0)
    client.delete_message("1", proxies={"http": proxy.endpoint})
    assert (len(server.asked), len(proxy.asked)) == (1, 1)


def test_netrc_does_not_replace_the_token(
    plain: Sync, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A password that the machine has for a host is not sent in place of the token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password pass\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(Answer(204))
    plain.thread(server).delete_message("1")
    assert server.asked[0].headers["Authorization"].startswith("Bearer ")


def test_threads_do_not_share_what_they_ask_for() -> None:
    """Whether certificates are checked is what this call says, also while a call of another thread says otherwise."""
    from azure.communication.chat._transport import Session

    session = Session()

    class Bundle(str):
        def __eq__(self, other: object) -> bool:
            if isinstance(other, Bundle):
                session._settings("https://a.example/", False, None)  # what another thread does just then
            return isinstance(other, Bundle)

        __hash__ = str.__hash__

    for _ in range(2):
        assert session._settings("https://a.example/", Bundle("ca.pem"), None)["verify"] is not False


def test_adapters_and_sessions_of_the_caller_are_used(plain: Sync, serve: Callable[..., Server]) -> None:
    """What is hooked into requests' adapters sees the request; a session of the caller is left as it is."""
    seen: list[str | None] = []

    class Adapter(requests.adapters.HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            seen.append(request.method)
            return super().send(request, *args, **kwargs)

    server = serve(Answer(204))
    client = plain.thread(server)
    client._connection._pipeline._transport.session.mount("http://", Adapter())
    client.delete_message("1")
    session = requests.Session()
    session.mount("http://", Adapter())
    other = plain.thread(server, transport=RequestsTransport(session=session, session_owner=False))
    other.delete_message("1")
    other.close()
    assert seen == ["DELETE", "DELETE"]
    assert session.get(server.endpoint).status_code == 204


def test_cookies_are_not_sent_back(plain: Sync, serve: Callable[..., Server]) -> None:
    """The service needs none; a redirect with one is no obstacle."""
    server = serve(Answer(204, headers={"Set-Cookie": "a=b"}))
    client = plain.thread(server)
    for _ in range(2):
        client.delete_message("1")
    assert ["Cookie" in request.headers for request in server.asked] == [False, False]

"""The credential: when a token expires, who refreshes it, and that nobody sees it."""

from __future__ import annotations

import asyncio
import copy
import logging
import math
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError
from tests.sdk.flavours import Aio, Flavour, Sync
from tests.sdk.server import Answer, Server
from tests.sdk.tokens import jwt, make_token

from azure.communication.chat import CommunicationTokenCredential, CommunicationTokenRefreshOptions
from azure.communication.chat.aio import CommunicationTokenCredential as AsyncCredential

MARGIN = CommunicationTokenCredential.ON_DEMAND_REFRESHING_INTERVAL_MINUTES * 60


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A time zone of the machine."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def options(token: str, refresher: Any = None) -> CommunicationTokenRefreshOptions:
    """The options of a credential."""
    return CommunicationTokenRefreshOptions(token, refresher)


def asyncio_token(credential: AsyncCredential) -> AccessToken:
    """What an async credential gives."""
    return asyncio.run(credential.get_token())


GETTERS: list[Callable[[CommunicationTokenRefreshOptions], AccessToken]] = [
    lambda given: CommunicationTokenCredential(given).get_token(),
    lambda given: asyncio_token(AsyncCredential(given)),
]


@pytest.fixture(params=GETTERS, ids=["sync", "aio"])
def get(request: pytest.FixtureRequest) -> Callable[[CommunicationTokenRefreshOptions], AccessToken]:
    """Gets a token from a credential of each kind."""
    found: Callable[[CommunicationTokenRefreshOptions], AccessToken] = request.param
    return found


def test_expiry_does_not_depend_on_the_time_zone(zone: str, get: Any) -> None:
    """Expiry is seconds since 1970 in every zone of the machine."""
    token = jwt({"exp": 1893456000})
    assert options(token).get_token() == AccessToken(token, 1893456000)
    assert get(options(token)) == AccessToken(token, 1893456000)


def test_scopes_and_options_are_accepted() -> None:
    """get_token takes what the protocol of azure-core passes."""
    credential = CommunicationTokenCredential(options(make_token()))
    assert credential.get_token("scope", "other", claims="x", tenant_id="y").expires_on > time.time()


@pytest.mark.parametrize("left", [-5.0, 0.0, MARGIN - 5.0])
@pytest.mark.parametrize("kind", ["str", "AccessToken"])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_token_is_refreshed_before_it_expires(get: Any, left: float, kind: str, is_async: bool) -> None:
    """Within two minutes of its expiry a token is replaced, by a sync or async refresher that gives either type."""
    fresh = make_token(9000)
    result = fresh if kind == "str" else AccessToken(fresh, 4102444800)

    async def later() -> Any:
        return result

    found = get(options(make_token(left), later if is_async else lambda: result))
    assert found.token == fresh
    assert found.expires_on > time.time() + 8000


def test_a_token_with_time_left_is_kept(get: Any) -> None:
    """More than two minutes before its expiry nobody is asked for another one."""
    token = make_token(MARGIN + 10)
    assert get(options(token, lambda: pytest.fail("refreshed too early"))).token == token


def test_without_a_refresher_an_expired_token_is_given(get: Any) -> None:
    """The service says what is wrong with it."""
    token = make_token(-10)
    assert get(options(token)).token == token


def test_a_fresh_token_is_kept(get: Any) -> None:
    """One refresh serves until the new token runs out."""
    calls: list[int] = []

    def refresher() -> str:
        calls.append(1)
        return make_token(9000)

    credential = CommunicationTokenCredential(options(make_token(1), refresher))
    assert len({credential.get_token().token for _ in range(5)}) == 1
    assert len(calls) == 1


def test_one_thread_refreshes_while_the_others_use_the_valid_token() -> None:
    """Under many threads there is one refresh, and who finds a token that is still valid does not wait for it."""
    old, new = make_token(30), make_token(9000)
    began, finish = threading.Event(), threading.Event()
    calls: list[int] = []

    def refresher() -> str:
        calls.append(1)
        began.set()
        assert finish.wait(10)
        return new

    credential = CommunicationTokenCredential(options(old, refresher))
    with ThreadPoolExecutor(17) as pool:
        leader = pool.submit(credential.get_token)
        assert began.wait(10)
        others = [pool.submit(credential.get_token) for _ in range(64)]
        assert {other.result(10).token for other in others} == {old}
        finish.set()
        assert leader.result(10).token == new
    assert credential.get_token().token == new
    assert len(calls) == 1


def test_with_an_expired_token_all_threads_wait_for_one_refresh() -> None:
    """Who has no valid token waits, and gets the one that somebody else fetched."""
    new = make_token(9000)
    calls: list[int] = []
    began = threading.Event()
    waiting = threading.Barrier(9)

    def refresher() -> str:
        calls.append(1)
        began.set()
        waiting.wait(10)
        return new

    credential = CommunicationTokenCredential(options(make_token(-5), refresher))

    def wait_and_get() -> str:
        assert began.wait(10)
        waiting.wait(10)
        return credential.get_token().token

    with ThreadPoolExecutor(9) as pool:
        leader = pool.submit(credential.get_token)
        others = [pool.submit(wait_and_get) for _ in range(8)]
        assert {found.result(10) for found in others} == {new} == {leader.result(10).token}
    assert len(calls) == 1


def test_tasks_and_threads_share_one_refresh() -> None:
    """The async credential refreshes once too, whatever the number of tasks and loops that wait."""
    new = make_token(9000)
    calls: list[int] = []

    async def refresher() -> str:
        calls.append(1)
        await asyncio.sleep(0.05)
        return new

    credential = AsyncCredential(options(make_token(-5), refresher))

    async def many() -> set[str]:
        return {found.token for found in await asyncio.gather(*(credential.get_token() for _ in range(50)))}

    with ThreadPoolExecutor(4) as pool:
        assert [found.result(10) for found in [pool.submit(asyncio.run, many()) for _ in range(4)]] == [{new}] * 4
    assert len(calls) == 1


@pytest.mark.parametrize("left", [-5.0, 30.0])
def test_a_refresher_that_raises_leaves_nothing_locked(left: float) -> None:
    """The error reaches the caller, and the next call asks again."""
    new = make_token(9000)
    outcomes: list[Any] = [ConnectionError("offline"), ConnectionError("offline"), new]

    def refresher() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return str(outcome)

    credential = CommunicationTokenCredential(options(make_token(left), refresher))
    for _ in range(2):
        with pytest.raises(ConnectionError, match="offline"):
            credential.get_token()
    assert credential.get_token().token == new


def test_waiters_get_the_error_of_the_refresh() -> None:
    """Nobody hangs when the refresh that they wait for fails."""
    began, finish = threading.Event(), threading.Event()

    def refresher() -> str:
        began.set()
        assert finish.wait(10)
        raise ConnectionError("offline")

    credential = CommunicationTokenCredential(options(make_token(-5), refresher))
    with ThreadPoolExecutor(5) as pool:
        calls = [pool.submit(credential.get_token)]
        assert began.wait(10)
        calls += [pool.submit(credential.get_token) for _ in range(4)]
        finish.set()
        assert [type(call.exception(10)) for call in calls] == [ConnectionError] * 5


def test_a_cancelled_refresh_leaves_nothing_locked() -> None:
    """When the task that refreshes is cancelled, the next one takes over."""
    new = make_token(9000)

    async def run() -> str:
        started = asyncio.Event()

        async def refresher() -> str:
            if not started.is_set():
                started.set()
                await asyncio.sleep(60)
            return new

        credential = AsyncCredential(options(make_token(-5), refresher))
        first = asyncio.create_task(credential.get_token())
        await started.wait()
        second = asyncio.create_task(credential.get_token())
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return (await asyncio.wait_for(second, 10)).token

    assert asyncio.run(run()) == new


def test_an_async_refresher_inside_a_running_loop() -> None:
    """The sync credential cannot await there: it says which one can, and leaves nothing locked."""

    async def refresher() -> str:
        return make_token(9000)

    credential = CommunicationTokenCredential(options(make_token(-5), refresher))

    async def run() -> None:
        with pytest.raises(TypeError, match=r"aio\.CommunicationTokenCredential"):
            credential.get_token()

    asyncio.run(run())
    assert credential.get_token().expires_on > time.time() + 8000


@pytest.mark.parametrize("payload", [{"exp": 4102444800, "sub": "ÿ>?~ü世界🙂" * 3}, {"exp": 4102444800.9}])
def test_any_payload_of_a_jwt_is_read(payload: Any) -> None:
    """base64url letters, characters beyond ASCII and a fraction in exp are no obstacle."""
    assert options(jwt(payload)).get_token().expires_on == 4102444800


@pytest.mark.parametrize("token", [None, 5, b"a.b.c", ["x"], object()])
def test_a_token_that_is_no_text(token: Any) -> None:
    """A TypeError names the type that was given."""
    with pytest.raises(TypeError, match=type(token).__name__):
        options(token)


NO_JWT = ["", "abc", "a.b", "a.b.c", "....", jwt({"exp": 1}) + ".x", jwt({}), jwt([1]), jwt("x"), jwt(None)]
NO_JWT += [jwt({"exp": value}) for value in ("soon", None, True, [1], "4102444800", math.inf, math.nan)]


@pytest.mark.parametrize("token", NO_JWT, ids=range(len(NO_JWT)))
def test_a_token_that_is_no_jwt(token: str, get: Any) -> None:
    """A ValueError says what is wrong without showing the token, at once and from a refresher."""
    with pytest.raises(ValueError, match=r"^token (is not a JWT|has no number)") as caught:
        options(token)
    assert len(token) < 8 or token not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(ValueError, match=r"^token "):
        get(options(make_token(-5), lambda: token))


@pytest.mark.parametrize("token", [None, 5, b"x"])
def test_a_refresher_that_returns_no_token(token: Any, get: Any) -> None:
    """A TypeError says what a refresher has to return."""
    with pytest.raises(TypeError, match="token must be a JWT as str or an AccessToken"):
        get(options(make_token(-5), lambda: token))


@pytest.mark.parametrize("expiry", [None, "4102444800", math.inf, 10**400], ids=["none", "text", "inf", "huge"])
def test_a_refresher_whose_token_never_expires(expiry: Any, get: Any) -> None:
    """Nobody could tell when to replace it; a ValueError says so."""
    with pytest.raises(ValueError, match="no number as its expires_on"):
        get(options(make_token(-5), lambda: AccessToken("x", expiry)))


@pytest.mark.parametrize(
    "text", ["x" * 20 + "\n", " " + "x" * 20, "\x00" + "x" * 20, "ü" + "x" * 20, "", None, b"x" * 20]
)
def test_a_token_that_no_header_can_hold(sdk: Flavour, serve: Callable[..., Server], text: Any) -> None:
    """Whatever a credential of the caller returns, nothing is sent, and the error does not show the token."""

    class Credential:
        def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
            return AccessToken(text, 4102444800)

    server = serve(Answer(204))
    with pytest.raises((TypeError, ValueError), match="of the credential") as caught:
        sdk.thread(server, Credential()).delete_message("1")
    assert "x" * 20 not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize("given", ["token", None, AccessToken("x", 5)])
@pytest.mark.parametrize("credential", [CommunicationTokenCredential, AsyncCredential])
def test_a_credential_of_something_else(credential: Any, given: Any) -> None:
    """The error names what a credential is made from."""
    with pytest.raises(TypeError, match="CommunicationTokenRefreshOptions"):
        credential(given)


def test_a_refresher_that_cannot_be_called() -> None:
    """A TypeError comes where the mistake is, not at the first refresh."""
    with pytest.raises(TypeError, match="token_refresher"):
        options(make_token(), "token")


def test_the_options_give_back_their_refresher() -> None:
    """What went in comes out."""
    refresher = make_token
    assert options(make_token(), refresher).get_token_refresher() is refresher
    assert options(make_token()).get_token_refresher() is None


def test_any_object_with_get_token_is_a_credential(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """The async client takes sync and async credentials; the sync one refuses to send without a token."""
    server = serve(Answer(204))
    sdk.chat(server, Sync().credential()).delete_chat_thread("t")
    chat = sdk.chat(server, Aio().credential())
    if isinstance(sdk, Aio):
        chat.delete_chat_thread("t")
        assert len(server.asked) == 2
    else:
        with pytest.raises(TypeError, match=r"azure\.communication\.chat\.aio"):
            chat.delete_chat_thread("t")
        assert len(server.asked) == 1


@pytest.mark.parametrize(("credential", "error"), [("token", TypeError), (object(), TypeError), (None, ValueError)])
def test_what_has_no_get_token_is_no_credential(sdk: Flavour, credential: Any, error: type[Exception]) -> None:
    """The error comes when the client is made and names what is missing."""
    with pytest.raises(error, match="credential"):
        sdk.package.ChatClient("https://chat.communication.example", credential)


def test_the_token_is_fetched_for_each_request(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """A refreshed token is used by the next request of a client that is kept."""
    first, second = make_token(100, n=1), make_token(9000, n=2)
    server = serve(Answer(204))
    client = sdk.thread(server, sdk.credential(first, lambda: second))
    client.delete_message("1")
    assert server.asked[0].headers["Authorization"] == f"Bearer {second}"


def test_the_token_never_appears(
    sdk: Flavour, serve: Callable[..., Server], caplog: pytest.LogCaptureFixture, naps: list[float]
) -> None:
    """Neither logs at their loudest, nor reprs, nor exceptions with their chains show it."""
    token = make_token(60, secret="x" * 20)
    caplog.set_level(logging.DEBUG)
    server = serve(Answer(503), Answer(401, {"error": {"code": "Denied"}}))
    given = options(token, lambda: token)
    credential = sdk.package.CommunicationTokenCredential(given)
    client = sdk.thread(server, credential, logging_enable=True)
    with pytest.raises(AzureError) as caught:
        client.get_message("1")
    assert [request.headers["Authorization"] for request in server.asked] == [f"Bearer {token}"] * 2
    texts = [caplog.text, *traceback.format_exception(caught.value), repr(caught.value), str(caught.value)]
    response: Any = caught.value.response  # type: ignore[attr-defined]
    texts += [repr(response), repr(dict(response.request.headers)), repr(given), repr(vars(given)), repr(credential)]
    texts += [repr(vars(credential)), repr(given.get_token()), str(given.get_token()), f"{given.get_token()}"]
    assert [text for text in texts if token in text or token.split(".")[1] in text] == []


def test_no_error_keeps_the_token(sdk: Flavour, serve: Callable[..., Server]) -> None:
    """It may be pickled for another process, or shown with all that it holds: answered or not."""
    token = make_token(60)
    client = sdk.thread(serve(Answer(401)), sdk.credential(token))
    with pytest.raises(AzureError) as refused:
        client.get_message("1")
    assert token.encode() not in pickle.dumps(refused.value)
    with pytest.raises(AzureError) as unreached:
        sdk.thread("http://127.0.0.1:9", sdk.credential(token), retry_total=0).get_message("1")
    request = getattr(unreached.value.inner_exception, "request", None)
    assert token not in repr(vars(request) if request else "")


def test_an_access_token_stays_an_access_token() -> None:
    """That it does not show its token changes nothing else about it."""
    token = options(make_token()).get_token()
    assert isinstance(token, AccessToken)
    assert tuple(token) == (token.token, token.expires_on)
    assert copy.copy(token) == token == pickle.loads(pickle.dumps(token))

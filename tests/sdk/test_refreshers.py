"""Refreshers that ask the credential that waits for them: they are told, and everybody else waits as ever."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import Context
from typing import Any

import pytest
from tests.sdk.tokens import make_token

from azure.communication.chat import ChatThreadClient, CommunicationTokenCredential, CommunicationTokenRefreshOptions
from azure.communication.chat.aio import ChatThreadClient as AsyncThreadClient
from azure.communication.chat.aio import CommunicationTokenCredential as AsyncCredential

PATIENCE = 10
"""Seconds after which a call that waits for itself is given up."""
UNREACHABLE = "http://127.0.0.1:9"


def started(call: Callable[[], Any]) -> Future[Any]:
    """What becomes of a call, in a thread that keeps no test from ending."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def expired(kind: Any, refresher: Callable[[Any], Any]) -> Any:
    """A credential whose token has expired, and whose refresher is called with the credential itself."""
    credential = kind(CommunicationTokenRefreshOptions(make_token(-5), lambda: refresher(credential)))
    return credential


def token_of(credential: Any) -> str:
    """What a credential of either kind gives, in an event loop where it needs one."""
    found = credential.get_token()
    token: str = (asyncio.run(found) if asyncio.iscoroutine(found) else found).token
    return token


def directly(credential: CommunicationTokenCredential) -> Any:
    """Asks as itself."""
    return credential.get_token()


async def as_a_coroutine(credential: CommunicationTokenCredential) -> Any:
    """Asks in the event loop that the sync credential runs it in."""
    return credential.get_token()


def by_a_client(credential: CommunicationTokenCredential) -> Any:
    """Makes a request that needs the token."""
    with ChatThreadClient(UNREACHABLE, credential, "19:a@thread.v2") as client:
        client.delete_message("1")


def by_another_credential(credential: CommunicationTokenCredential) -> Any:
    """Asks one that asks the first in its turn."""
    return expired(CommunicationTokenCredential, lambda other: credential.get_token()).get_token()


async def awaited(credential: AsyncCredential) -> Any:
    """Asks as itself."""
    return await credential.get_token()


async def in_a_task(credential: AsyncCredential) -> Any:
    """Asks in a task that it waits for."""
    return await asyncio.create_task(credential.get_token())


async def by_an_async_client(credential: AsyncCredential) -> Any:
    """Makes a request that needs the token."""
    async with AsyncThreadClient(UNREACHABLE, credential, "19:a@thread.v2") as client:
        await client.delete_message("1")


async def by_another_async_credential(credential: AsyncCredential) -> Any:
    """Asks one that asks the first in its turn."""
    return await expired(AsyncCredential, lambda other: credential.get_token()).get_token()


SYNC = [directly, as_a_coroutine, by_a_client, by_another_credential]
ASYNC = [awaited, in_a_task, by_an_async_client, by_another_async_credential]
WAYS = [(CommunicationTokenCredential, way) for way in SYNC] + [(AsyncCredential, way) for way in ASYNC]


@pytest.mark.parametrize(("kind", "way"), WAYS, ids=[way.__name__ for _, way in WAYS])
def test_a_refresher_that_asks_its_own_expired_credential(kind: Any, way: Callable[[Any], Any]) -> None:
    """It would wait for itself, so it gets an error that says what to do, each time; nothing stays locked."""
    credential = expired(kind, way)
    for _ in range(2):
        error = started(lambda: token_of(credential)).exception(PATIENCE)
        assert type(error) is RuntimeError
        assert "asked the credential that is waiting for it" in str(error)
        assert "without this credential" in str(error)


def test_threads_wait_for_a_refresher_that_asked_itself() -> None:
    """It may do without the token that it was refused; who waits in another thread gets the new one, as ever."""
    new = make_token(9000)
    waiting = threading.Barrier(5)
    calls: list[int] = []

    def refresher(credential: CommunicationTokenCredential) -> str:
        calls.append(1)
        with pytest.raises(RuntimeError, match="waiting for it"):
            credential.get_token()
        waiting.wait(PATIENCE)
        time.sleep(0.05)
        return new

    credential = expired(CommunicationTokenCredential, refresher)

    def wait_and_get() -> str:
        waiting.wait(PATIENCE)
        return token_of(credential)

    leader = started(lambda: token_of(credential))
    others = [started(wait_and_get) for _ in range(4)]
    assert [one.result(PATIENCE) for one in (leader, *others)] == [new] * 5
    assert len(calls) == 1


def test_tasks_wait_for_a_refresher_that_asked_itself() -> None:
    """So do the tasks of its event loop, whether they began before the refresh or while it goes on."""
    new = make_token(9000)
    calls: list[int] = []

    async def refresher(credential: AsyncCredential) -> str:
        calls.append(1)
        with pytest.raises(RuntimeError, match="waiting for it"):
            await credential.get_token()
        await asyncio.sleep(0.05)
        return new

    credential = expired(AsyncCredential, refresher)

    async def many() -> list[str]:
        asked: list[Awaitable[Any]] = [asyncio.create_task(credential.get_token()) for _ in range(4)]
        await asyncio.sleep(0)
        asked += [asyncio.create_task(credential.get_token()) for _ in range(4)]
        return [found.token for found in await asyncio.gather(*asked)]

    assert started(lambda: asyncio.run(many())).result(PATIENCE) == [new] * 8
    assert len(calls) == 1


def test_a_task_that_outlives_its_refresh_waits_for_the_next_one() -> None:
    """What a refresher leaves behind in the background is part of its own refresh alone."""
    new = make_token(9000)
    again = asyncio.Event()
    left: list[asyncio.Task[Any]] = []

    async def later(credential: AsyncCredential) -> Any:
        await again.wait()
        return await credential.get_token()

    async def refresher(credential: AsyncCredential) -> str:
        if not left:
            left.append(asyncio.create_task(later(credential)))
            return make_token(-5)
        again.set()
        await asyncio.sleep(0.05)
        return new

    credential = expired(AsyncCredential, refresher)

    async def twice() -> list[str]:
        await credential.get_token()
        return [(await credential.get_token()).token, (await left[0]).token]

    assert started(lambda: asyncio.run(twice())).result(PATIENCE) == [new, new]


def test_a_refresh_that_is_over_is_forgotten() -> None:
    """A thread that lives for years keeps nothing of what it refreshed."""
    credential = expired(CommunicationTokenCredential, lambda _: make_token(-5))
    context = Context()
    context.run(credential.get_token)
    before = [*context.values()]
    context.run(credential.get_token)
    assert [*context.values()] == before

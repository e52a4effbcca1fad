"""One way to use the sync and the async clients, so that one test holds both to the same promise."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any, Self

from azure.core.async_paging import AsyncItemPaged
from tests.sdk.server import Server
from tests.sdk.tokens import make_token

from azure.communication import chat
from azure.communication.chat import CommunicationTokenRefreshOptions, aio

THREAD = "19:abc@thread.v2"


class Flavour:
    """Makes clients that close with it."""

    package: Any = chat

    def __enter__(self) -> Self:
        self._clients: list[Any] = []
        return self

    def __exit__(self, *args: object) -> None:
        for client in self._clients:
            client.close()

    def credential(self, *args: Any) -> Any:
        """A credential of this flavour; by default its token is valid for an hour."""
        return self.package.CommunicationTokenCredential(CommunicationTokenRefreshOptions(*args or (make_token(),)))

    def chat(self, server: Server | str, credential: Any = None, **options: Any) -> Any:
        """A chat client."""
        endpoint = server if isinstance(server, str) else server.endpoint
        return self._kept(self.package.ChatClient(endpoint, credential or self.credential(), **options))

    def thread(self, server: Server | str, credential: Any = None, thread_id: str = THREAD, **options: Any) -> Any:
        """The client of a thread."""
        endpoint = server if isinstance(server, str) else server.endpoint
        client = self.package.ChatThreadClient(endpoint, credential or self.credential(), thread_id, **options)
        return self._kept(client)

    def _kept(self, client: Any) -> Any:
        self._clients.append(self.wrapped(client))
        return self._clients[-1]

    def wrapped(self, client: Any) -> Any:
        """The client as tests use it."""
        return client


class Sync(Flavour):
    """The sync clients."""


class Aio(Flavour):
    """The async clients, each call run to its end."""

    package = aio

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        return super().__enter__()

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)
        self._runner.close()

    def chat(self, *args: Any, **options: Any) -> Any:
        """A chat client."""
        return self._in_loop(lambda: super(Aio, self).chat(*args, **options))

    def thread(self, *args: Any, **options: Any) -> Any:
        """The client of a thread."""
        return self._in_loop(lambda: super(Aio, self).thread(*args, **options))

    def wrapped(self, client: Any) -> Any:
        """The client, blocking."""
        return Blocking(client, self._runner)

    def _in_loop(self, make: Any) -> Any:
        async def made() -> Any:
            return make()

        return self._runner.run(made())


class Blocking:
    """An async client whose calls are run to their end."""

    def __init__(self, client: Any, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return self._blocking(found) if inspect.ismethod(found) else found

    def _blocking(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.isawaitable(result):
                result = self._runner.run(_wait_for(result))
            if isinstance(result, AsyncItemPaged):
                return BlockingPages(result, self._runner)
            return Blocking(result, self._runner) if isinstance(result, aio.ChatThreadClient) else result

        return call


class BlockingPages:
    """An async iterator of items, blocking."""

    def __init__(self, pages: AsyncItemPaged[Any], runner: asyncio.Runner) -> None:
        self._pages = pages
        self._runner = runner

    def __iter__(self) -> Iterator[Any]:
        return self._drain(self._pages)

    def by_page(self, continuation_token: str | None = None) -> Iterator[Iterator[Any]]:
        """The pages."""
        for page in self._drain(self._pages.by_page(continuation_token)):
            yield self._drain(page)

    def _drain(self, items: Any) -> Iterator[Any]:
        iterator = aiter(items)
        while True:
            try:
                yield self._runner.run(_wait_for(anext(iterator)))
            except StopAsyncIteration:
                return


async def _wait_for(result: Any) -> Any:
    return await result

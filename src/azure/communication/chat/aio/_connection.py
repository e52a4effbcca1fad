"""The async connection: the same exchanges, awaited."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from azure.core.async_paging import AsyncItemPaged, AsyncList
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.policies import AsyncRedirectPolicy

from azure.communication.chat import _policies
from azure.communication.chat._connection import Target
from azure.communication.chat._exchange import Exchange, owned

Values = Mapping[str, Any]


class AsyncConnection(Target):
    """A connection whose calls are awaited; it takes the same arguments and raises the same errors."""

    def __init__(self, endpoint: str, credential: Any, options: Values) -> None:
        super().__init__(endpoint, credential, options)
        chain = _policies.chain(
            options,
            retry=_policies.AsyncRetryPolicy,
            redirect=AsyncRedirectPolicy,
            bearer=_policies.AsyncBearerPolicy(self.endpoint, credential),
        )
        self._pipeline: AsyncPipeline[Any, Any] = AsyncPipeline(options.get("transport") or _aiohttp(options), chain)

    async def call(self, name: str, arguments: Values, options: Values) -> Any:
        """Calls an operation and returns its result."""
        exchange = self.prepare(name, arguments, options)
        return exchange.result(await self.send(exchange))

    async def send(self, exchange: Exchange) -> Any:
        """Sends the request of an exchange."""
        return await self._pipeline.run(exchange.request, **exchange.options)

    def pages(self, name: str, arguments: Values, options: Values) -> AsyncItemPaged[Any]:
        """The items of a paged operation; requests are made while iterating."""
        prepare = partial(self.prepare, name, arguments, options)
        exchange = prepare()

        async def get_next(link: str | None) -> Any:
            self.check_open()
            request = prepare().request if link is None else exchange.follow(owned(self.endpoint, link))
            return await self._pipeline.run(request, **exchange.options)

        async def extract(response: Any) -> tuple[str | None, AsyncList[Any]]:
            link, models = exchange.page(response, self.endpoint)
            return link, AsyncList(models)

        return AsyncItemPaged(get_next, extract)

    async def open(self) -> None:
        """Opens the transport."""
        self.check_open()
        await self._pipeline.__aenter__()

    async def close(self) -> None:
        """Closes the transport, for good."""
        self.closed = True
        await self._pipeline.__aexit__()


def _aiohttp(options: Values) -> Any:
    try:
        from ._transport import Transport
    except ImportError as error:
        raise ImportError("azure.communication.chat.aio needs aiohttp: pip install 'acs-chat-testkit[aio]'") from error
    return Transport(**options)

"""The async credential: the same rules, awaited."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, Self

from azure.communication.chat import _credential as shared

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken


class CommunicationTokenCredential:
    """Authenticates as a user of an Azure Communication resource.

    One caller at a time refreshes; the others use the token as long as it is valid and wait only when it has expired.

    Args:
        communication_token_refresh_options: The token and its refresher, which may be a coroutine function.

    Raises:
        TypeError: The argument is something else.
    """

    ON_DEMAND_REFRESHING_INTERVAL_MINUTES = shared.CommunicationTokenCredential.ON_DEMAND_REFRESHING_INTERVAL_MINUTES

    def __init__(self, communication_token_refresh_options: shared.CommunicationTokenRefreshOptions) -> None:
        self._source = shared.TokenSource(
            shared.checked(communication_token_refresh_options), self.ON_DEMAND_REFRESHING_INTERVAL_MINUTES * 60
        )

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """The token; with a refresher a fresh one as soon as it has less than two minutes to live.

        Args:
            *scopes: Ignored; the token has its scopes already.
            **kwargs: Ignored.

        Raises:
            RuntimeError: The token has expired, and it is its refresher, or a task of it, that asks for the next one.
            TypeError: The refresher returned no token.
            ValueError: The refresher returned text that is no JWT, or an AccessToken without an expiry.
            Exception: Whatever the refresher raised.
        """
        while True:
            token, refresh = self._source.claim()
            if token is not None:
                return token
            if refresh is None:
                return await self._refreshed()
            await asyncio.wrap_future(refresh)

    async def _refreshed(self) -> AccessToken:
        token = error = None
        try:
            assert self._source.refresher is not None
            fresh = self._source.refresher()
            token = shared.read(await fresh if inspect.isawaitable(fresh) else fresh)
            return token
        except Exception as raised:
            error = raised
            raise
        finally:
            self._source.settle(token, error)

    async def close(self) -> None:
        """Does nothing; async credentials have it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

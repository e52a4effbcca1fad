"""The credential: a user access token, and a callback that brings the next one in time."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

TokenRefresher = Callable[[], "AccessToken | str | Awaitable[AccessToken | str]"]


class CommunicationTokenRefreshOptions:
    """A token and how to replace it.

    Args:
        token: A user access token (JWT).
        token_refresher: Returns the next token, as an AccessToken or a str; it may be a coroutine function.

    Raises:
        TypeError: The token is no text, or the refresher cannot be called.
        ValueError: The token is no JWT with an expiry.
    """

    def __init__(self, token: str, token_refresher: TokenRefresher | None = None) -> None:
        if not isinstance(token, str):
            raise TypeError(f"token must be a string, not {type(token).__name__}")
        if token_refresher is not None and not callable(token_refresher):
            raise TypeError("token_refresher must be a function that returns a token")
        self._token = read(token)
        self._token_refresher = token_refresher

    def get_token(self) -> AccessToken:
        """The token that was given, with its expiry in seconds since 1970."""
        return self._token

    def get_token_refresher(self) -> TokenRefresher | None:
        """The callback that was given."""
        return self._token_refresher


_inside: ContextVar[frozenset[Future[None]]] = ContextVar("inside", default=frozenset())
"""The refreshes whose refresher runs this code, itself or in a task: to wait for one here would never end."""


class TokenSource:
    """The state of a credential: which token to use, and who refreshes it; shared by the sync and the async one.

    Args:
        options: The first token and its refresher.
        margin: How many seconds before its expiry a token is replaced.
    """

    def __init__(self, options: CommunicationTokenRefreshOptions, margin: float) -> None:
        self._token = options.get_token()
        self.refresher = options.get_token_refresher()
        self._margin = margin
        self._lock = threading.Lock()
        self._refresh: Future[None] | None = None

    def claim(self) -> tuple[AccessToken | None, Future[None] | None]:
        """What a caller is to do now.

        Returns:
            A token to use; or None and the refresh of somebody else to wait for; or None and None: the caller is the
            one who refreshes, and must `settle`.

        Raises:
            RuntimeError: The refresh to wait for is the one that the caller is part of.
        """
        if self.refresher is None or self._remaining() > self._margin:
            return self._token, None
        with self._lock:
            remaining = self._remaining()
            if remaining > self._margin:
                return self._token, None
            if self._refresh is not None:
                if remaining > 0:
                    return self._token, None
                if self._refresh in _inside.get():
                    raise RuntimeError(
                        "token_refresher asked the credential that is waiting for it, which would never end: "
                        "let it fetch the token without this credential"
                    )
                return None, self._refresh
            self._refresh = Future()
            self._refresh.set_running_or_notify_cancel()  # no waiter can cancel it
            _inside.set(_inside.get() | {self._refresh})
            return None, None

    def settle(self, token: AccessToken | None, error: Exception | None = None) -> None:
        """Ends the refresh: the waiters go on with the new token, get the error, or (with neither) try themselves."""
        with self._lock:
            if token is not None:
                self._token = token
            done, self._refresh = self._refresh, None
        if done is None:
            return
        _inside.set(_inside.get() - {done})
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def _remaining(self) -> float:
        return self._token.expires_on - time.time()


class CommunicationTokenCredential:
    """Authenticates as a user of an Azure Communication resource.

    One caller at a time refreshes; the others use the token as long as it is valid and wait only when it has expired.

    Args:
        communication_token_refresh_options: The token and its refresher.

    Raises:
        TypeError: The argument is something else.
    """

    ON_DEMAND_REFRESHING_INTERVAL_MINUTES = 2

    def __init__(self, communication_token_refresh_options: CommunicationTokenRefreshOptions) -> None:
        self._source = TokenSource(
            checked(communication_token_refresh_options), self.ON_DEMAND_REFRESHING_INTERVAL_MINUTES * 60
        )

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """The token; with a refresher a fresh one as soon as it has less than two minutes to live.

        Args:
            *scopes: Ignored; the token has its scopes already.
            **kwargs: Ignored.

        Raises:
            RuntimeError: The token has expired, and it is its refresher, or a task of it, that asks for the next one.
            TypeError: The refresher returned no token, or is async while this thread runs an event loop.
            ValueError: The refresher returned text that is no JWT, or an AccessToken without an expiry.
            Exception: Whatever the refresher raised.
        """
        while True:
            token, refresh = self._source.claim()
            if token is not None:
                return token
            if refresh is None:
                return self._refreshed()
            refresh.result()

    def _refreshed(self) -> AccessToken:
        token = error = None
        try:
            assert self._source.refresher is not None
            token = read(_resolved(self._source.refresher()))
            return token
        except Exception as raised:
            error = raised
            raise
        finally:
            self._source.settle(token, error)


def checked(options: Any) -> CommunicationTokenRefreshOptions:
    """The options of a credential.

    Raises:
        TypeError: They are something else.
    """
    if not isinstance(options, CommunicationTokenRefreshOptions):
        raise TypeError(
            "a credential is made from CommunicationTokenRefreshOptions(token), not from " + type(options).__name__
        )
    return options


def _resolved(fresh: Any) -> Any:
    """What a refresher returned, or what its coroutine returns."""
    if not inspect.isawaitable(fresh):
        return fresh
    import asyncio  # slow to import, and rarely needed here

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_wait_for(fresh))
    if inspect.iscoroutine(fresh):
        fresh.close()
    raise TypeError(
        "token_refresher is async and get_token would block the running event loop: "
        "use azure.communication.chat.aio.CommunicationTokenCredential"
    )


async def _wait_for(fresh: Awaitable[Any]) -> Any:
    return await fresh


def read(token: Any) -> AccessToken:
    """An AccessToken from a JWT or from another AccessToken.

    Raises:
        TypeError: It is neither text nor an AccessToken.
        ValueError: The text is no JWT with a number as ``exp``.
    """
    from . import _access_token  # brings azure-core and PyJWT, which are slow to import

    return _access_token.read(token)

"""The client of a resource: its threads."""

# mypy: disable-error-code="no-any-return"
# What the caller's own `cls` returns is of any type.

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from azure.communication.chat import _arguments

from ._chat_thread_client import ChatThreadClient

if TYPE_CHECKING:
    from azure.core.async_paging import AsyncItemPaged

    from azure.communication.chat._models import ChatThread, ChatThreadInfo, ChatThreadParticipant

    from ._credential import CommunicationTokenCredential


class ChatClient:
    """Creates, finds, lists and deletes chat threads.

    Args:
        endpoint: The endpoint of the resource, ``https://<resource>.communication.azure.com``; plain http is for
            loopback alone.
        credential: Whose threads these are; any object with a ``get_token``.
        **kwargs: ``api_version`` (default 2024-03-07), ``error_map``, ``transport``, and the options of azure-core's
            policies.

    Raises:
        TypeError: The credential has no ``get_token``.
        ValueError: The credential is None, or the endpoint or the api-version cannot be used.
    """

    def __init__(self, endpoint: str, credential: CommunicationTokenCredential, **kwargs: Any) -> None:
        from ._connection import AsyncConnection  # brings azure-core's pipeline, which is slow to import

        self._defaults = {"error_map": kwargs.pop("error_map", None)}
        self._connection = AsyncConnection(endpoint, credential, kwargs)

    async def create_chat_thread(
        self,
        topic: str,
        thread_participants: list[ChatThreadParticipant],
        repeatability_request_id: str | None = None,
        **kwargs: Any,
    ) -> ChatThreadClient:
        """Creates a chat thread.

        Args:
            topic: The topic; not empty.
            thread_participants: Who takes part beside the caller.
            repeatability_request_id: Names this request: the service answers a second one of the same name with the
                same thread. By default a new one is made.
            **kwargs: Options of this call.

        Returns:
            The client of the new thread.

        Raises:
            azure.communication.chat.models.PartialFailureError: The thread exists, but lacks some participants.
            azure.core.exceptions.HttpResponseError: The service refused.
            ValueError: An argument is missing or does not fit.
        """
        arguments = _arguments.new_thread(topic, thread_participants, repeatability_request_id)
        exchange = self._connection.prepare("create_chat_thread", arguments, self._options(kwargs))
        return exchange.created(await self._connection.send(exchange), self.get_chat_thread_client)

    def get_chat_thread_client(self, thread_id: str, **kwargs: Any) -> ChatThreadClient:
        """The client of a thread, without a request. It shares the connections of this client.

        Args:
            thread_id: The id of the thread.
            **kwargs: Options for each call of the new client.

        Raises:
            ValueError: The id is missing.
        """
        return ChatThreadClient._sharing(self._connection, thread_id, self._options(kwargs))

    async def get_chat_thread(self, thread_id: str, **kwargs: Any) -> ChatThread:
        """Gets a chat thread.

        Args:
            thread_id: The id of the thread.
            **kwargs: ``cls``, and options of this call.

        Returns:
            The thread, or the result of ``cls(response, thread, headers)``.

        Raises:
            azure.core.exceptions.HttpResponseError: The service refused.
            ValueError: The id is missing, or the answer cannot be read.
        """
        return await self._call("get_chat_thread", thread_id, kwargs)

    def list_chat_threads(
        self, *, results_per_page: int | None = None, start_time: datetime | None = None, **kwargs: Any
    ) -> AsyncItemPaged[ChatThreadInfo]:
        """Lists the threads of the user.

        Args:
            results_per_page: How many threads a page has at most.
            start_time: Leaves out what is older; without a time zone it is UTC.
            **kwargs: ``cls``, called with the list of each page, and options of the calls.

        Returns:
            An iterator that fetches pages as it goes.

        Raises:
            azure.core.exceptions.HttpResponseError: The service refused, or a link leads to another origin.
            ValueError: An argument does not fit, or an answer cannot be read.
        """
        arguments = {"results_per_page": results_per_page, "start_time": start_time}
        return self._connection.pages("list_chat_threads", arguments, self._options(kwargs))

    async def delete_chat_thread(self, thread_id: str, **kwargs: Any) -> None:
        """Deletes a chat thread.

        Args:
            thread_id: The id of the thread.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.

        Raises:
            azure.core.exceptions.HttpResponseError: The service refused.
            ValueError: The id is missing.
        """
        return await self._call("delete_chat_thread", thread_id, kwargs)

    async def close(self) -> None:
        """Closes the connections of this client and of the thread clients made from it."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

    def _options(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return _arguments.merged(self._defaults, kwargs)

    async def _call(self, name: str, thread_id: str, kwargs: dict[str, Any]) -> Any:
        arguments = {"thread_id": _arguments.required("thread_id", thread_id)}
        return await self._connection.call(name, arguments, self._options(kwargs))

"""The client of one chat thread."""

# mypy: disable-error-code="no-any-return"
# What the caller's own `cls` returns is of any type.

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from azure.communication.chat import _arguments
from azure.communication.chat._arguments import required
from azure.communication.chat._models import ChatMessageType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.async_paging import AsyncItemPaged

    from azure.communication.chat._identifiers import CommunicationUserIdentifier
    from azure.communication.chat._models import ChatMessage, ChatMessageReadReceipt, ChatThreadParticipant

    from ._connection import AsyncConnection
    from ._credential import CommunicationTokenCredential


class ChatThreadClient:
    """Sends and reads messages of one thread, and says who takes part in it.

    Usually made by `ChatClient.create_chat_thread` or `ChatClient.get_chat_thread_client`.

    Args:
        endpoint: The endpoint of the resource, ``https://<resource>.communication.azure.com``; plain http is for
            loopback alone.
        credential: Who speaks; any object with a ``get_token``.
        thread_id: The id of the thread.
        **kwargs: ``api_version`` (default 2024-03-07), ``error_map``, ``transport``, and the options of azure-core's
            policies.

    Raises:
        TypeError: The credential has no ``get_token``.
        ValueError: The thread id or the credential is missing, or the endpoint or the api-version cannot be used.

    Every method takes options of azure-core's policies for its call alone, such as ``headers`` or ``retry_total``, and
    raises azure.core.exceptions.HttpResponseError where the service refuses, ValueError where an argument does not fit.
    """

    _connection: AsyncConnection
    _owner: bool
    _thread_id: str
    _defaults: Mapping[str, Any]

    def __init__(self, endpoint: str, credential: CommunicationTokenCredential, thread_id: str, **kwargs: Any) -> None:
        from ._connection import AsyncConnection  # brings azure-core's pipeline, which is slow to import

        self._thread_id = required("thread_id", thread_id)
        self._defaults = {"error_map": kwargs.pop("error_map", None)}
        self._connection = AsyncConnection(endpoint, credential, kwargs)
        self._owner = True

    @classmethod
    def _sharing(cls, connection: AsyncConnection, thread_id: str, defaults: Mapping[str, Any]) -> Self:
        """A client on the connection of its parent."""
        made = cls.__new__(cls)
        made._thread_id = required("thread_id", thread_id)
        made._defaults = defaults
        made._connection = connection
        made._owner = False
        return made

    @property
    def thread_id(self) -> str:
        """The id of the thread."""
        return self._thread_id

    async def update_topic(self, topic: str | None = None, **kwargs: Any) -> None:
        """Changes the topic.

        Args:
            topic: The new topic; with None the update succeeds and changes nothing.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.
        """
        return await self._call("update_topic", kwargs, topic=topic)

    async def send_read_receipt(self, message_id: str, **kwargs: Any) -> None:
        """Tells the others up to which message the user has read.

        Args:
            message_id: The id of the latest message that was read.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.
        """
        return await self._call("send_read_receipt", kwargs, message_id=required("message_id", message_id))

    def list_read_receipts(
        self, *, results_per_page: int | None = None, skip: int | None = None, **kwargs: Any
    ) -> AsyncItemPaged[ChatMessageReadReceipt]:
        """Lists how far the participants have read.

        Args:
            results_per_page: How many receipts a page has at most.
            skip: How many receipts to leave out at the start.
            **kwargs: ``cls``, called with the list of each page, and options of the calls.

        Returns:
            An iterator that fetches pages as it goes.
        """
        return self._pages("list_read_receipts", kwargs, results_per_page=results_per_page, skip=skip)

    async def send_typing_notification(self, **kwargs: Any) -> None:
        """Tells the others that the user is typing.

        Args:
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.
        """
        return await self._call("send_typing_notification", kwargs)

    async def send_message(
        self,
        content: str,
        *,
        chat_message_type: ChatMessageType | str | None = ChatMessageType.TEXT,
        sender_display_name: str | None = None,
        **kwargs: Any,
    ) -> str:
        """Sends a message.

        Args:
            content: What it says; not empty.
            chat_message_type: ``ChatMessageType.TEXT`` or ``HTML``, or its name in any case.
            sender_display_name: The name of the sender, for push notifications.
            **kwargs: ``cls``, and options of this call.

        Returns:
            The id of the message, or the result of ``cls(response, SendChatMessageResult, headers)``.
        """
        arguments = _arguments.message(content, chat_message_type, sender_display_name)
        return _arguments.message_id(await self._call("send_message", kwargs, **arguments))

    async def get_message(self, message_id: str, **kwargs: Any) -> ChatMessage:
        """Gets a message.

        Args:
            message_id: The id of the message.
            **kwargs: ``cls``, and options of this call.

        Returns:
            The message, or the result of ``cls(response, message, headers)``.
        """
        return await self._call("get_message", kwargs, message_id=required("message_id", message_id))

    def list_messages(
        self, *, results_per_page: int | None = None, start_time: datetime | None = None, **kwargs: Any
    ) -> AsyncItemPaged[ChatMessage]:
        """Lists the messages, the latest first.

        Args:
            results_per_page: How many messages a page has at most.
            start_time: Leaves out what is older; without a time zone it is UTC.
            **kwargs: ``cls``, called with the list of each page, and options of the calls.

        Returns:
            An iterator that fetches pages as it goes.
        """
        return self._pages("list_messages", kwargs, results_per_page=results_per_page, start_time=start_time)

    async def update_message(self, message_id: str, content: str | None = None, **kwargs: Any) -> None:
        """Changes what a message says.

        Args:
            message_id: The id of the message.
            content: The new content; with None the update succeeds and changes nothing.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.
        """
        return await self._call(
            "update_message", kwargs, message_id=required("message_id", message_id), content=content
        )

    async def delete_message(self, message_id: str, **kwargs: Any) -> None:
        """Deletes a message.

        Args:
            message_id: The id of the message.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.
        """
        return await self._call("delete_message", kwargs, message_id=required("message_id", message_id))

    def list_participants(
        self, *, results_per_page: int | None = None, skip: int | None = None, **kwargs: Any
    ) -> AsyncItemPaged[ChatThreadParticipant]:
        """Lists who takes part.

        Args:
            results_per_page: How many participants a page has at most.
            skip: How many participants to leave out at the start.
            **kwargs: ``cls``, called with the list of each page, and options of the calls.

        Returns:
            An iterator that fetches pages as it goes.
        """
        return self._pages("list_participants", kwargs, results_per_page=results_per_page, skip=skip)

    async def add_participant(self, thread_participant: ChatThreadParticipant, **kwargs: Any) -> None:
        """Adds one participant; who takes part already is not changed.

        Args:
            thread_participant: Who is added.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.

        Raises:
            azure.communication.chat.models.PartialFailureError: The participant was not added.
        """
        return await self.add_participants([required("thread_participant", thread_participant)], **kwargs)

    async def add_participants(self, thread_participants: list[ChatThreadParticipant], **kwargs: Any) -> None:
        """Adds participants; who takes part already is not changed.

        Args:
            thread_participants: Who is added; not empty.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.

        Raises:
            azure.communication.chat.models.PartialFailureError: Some participants were not added.
        """
        arguments = {
            "thread_id": self._thread_id,
            "thread_participants": required("thread_participants", thread_participants),
        }
        exchange = self._connection.prepare("add_participants", arguments, _arguments.merged(self._defaults, kwargs))
        return exchange.added(await self._connection.send(exchange))

    async def remove_participant(self, user: CommunicationUserIdentifier, **kwargs: Any) -> None:
        """Removes a participant.

        Args:
            user: Who is removed.
            **kwargs: ``cls``, and options of this call.

        Returns:
            None, or the result of ``cls(response, None, headers)``.
        """
        return await self._call("remove_participant", kwargs, user=required("user", user))

    async def close(self) -> None:
        """Closes the connections, unless they are those of the client that made this one."""
        if self._owner:
            await self._connection.close()

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

    async def _call(self, name: str, kwargs: dict[str, Any], **arguments: Any) -> Any:
        arguments["thread_id"] = self._thread_id
        return await self._connection.call(name, arguments, _arguments.merged(self._defaults, kwargs))

    def _pages(self, name: str, kwargs: dict[str, Any], **arguments: Any) -> AsyncItemPaged[Any]:
        arguments["thread_id"] = self._thread_id
        return self._connection.pages(name, arguments, _arguments.merged(self._defaults, kwargs))

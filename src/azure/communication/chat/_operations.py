"""The 16 operations of ACS Chat as data (REST api 2024-03-07); another api-version replaces rows in its own file.

A part names the argument of the documented method, where its value goes on the wire and as which kind.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ._kinds import IDENTIFIER, MOMENT, TEXT, WHOLE, Choice, Kind, ListOf, Nested
from ._models import (
    ChatMessage,
    ChatMessageReadReceipt,
    ChatMessageType,
    ChatThread,
    ChatThreadInfo,
    ChatThreadParticipant,
    SendChatMessageResult,
)

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class Part(NamedTuple):
    """Where one argument goes.

    Args:
        key: The name of the query parameter, the header or the member of the body.
        argument: The name of the argument; where its value is None nothing is sent.
        kind: How the value is written.
    """

    key: str
    argument: str
    kind: Kind


class Operation(NamedTuple):
    """One operation on the wire.

    Args:
        name: The documented method that stands for it.
        method: The HTTP method.
        path: Below the endpoint; ``{argument}`` is one percent-encoded segment.
        status: The one status that means success.
        query: Before api-version, in this order.
        headers: Beside the usual ones.
        body: The members of the JSON object that is sent, or the one value that is the body, or None for no body.
        media: The content type of the body.
        reads: The model that the answer holds, if it holds one.
        paged: Whether the answer is a page of such models.
    """

    name: str
    method: str
    path: str
    status: int
    query: tuple[Part, ...] = ()
    headers: tuple[Part, ...] = ()
    body: tuple[Part, ...] | Part | None = None
    media: str = JSON
    reads: Any = None
    paged: bool = False


THREADS = "/chat/threads"
THREAD = THREADS + "/{thread_id}"
MESSAGES = THREAD + "/messages"
MESSAGE = MESSAGES + "/{message_id}"
PARTICIPANTS = THREAD + "/participants"
RECEIPTS = THREAD + "/readReceipts"

_PARTICIPANT_LIST = Part("participants", "thread_participants", ListOf(Nested(ChatThreadParticipant)))
_PAGE_SIZE = Part("maxPageSize", "results_per_page", WHOLE)
_SINCE = (_PAGE_SIZE, Part("startTime", "start_time", MOMENT))
_SKIP = (_PAGE_SIZE, Part("skip", "skip", WHOLE))
_MESSAGE_BODY = (
    Part("content", "content", TEXT),
    Part("senderDisplayName", "sender_display_name", TEXT),
    Part("type", "chat_message_type", Choice(ChatMessageType)),
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation(
            "create_chat_thread",
            "POST",
            THREADS,
            201,
            headers=(Part("repeatability-request-id", "repeatability_request_id", TEXT),),
            body=(Part("topic", "topic", TEXT), _PARTICIPANT_LIST),
            reads=ChatThread,
        ),
        Operation("list_chat_threads", "GET", THREADS, 200, query=_SINCE, reads=ChatThreadInfo, paged=True),
        Operation("get_chat_thread", "GET", THREAD, 200, reads=ChatThread),
        Operation("update_topic", "PATCH", THREAD, 204, body=(Part("topic", "topic", TEXT),), media=MERGE_PATCH),
        Operation("delete_chat_thread", "DELETE", THREAD, 204),
        Operation("send_message", "POST", MESSAGES, 201, body=_MESSAGE_BODY, reads=SendChatMessageResult),
        Operation("get_message", "GET", MESSAGE, 200, reads=ChatMessage),
        Operation("list_messages", "GET", MESSAGES, 200, query=_SINCE, reads=ChatMessage, paged=True),
        Operation("update_message", "PATCH", MESSAGE, 204, body=(Part("content", "content", TEXT),), media=MERGE_PATCH),
        Operation("delete_message", "DELETE", MESSAGE, 204),
        Operation("list_participants", "GET", PARTICIPANTS, 200, query=_SKIP, reads=ChatThreadParticipant, paged=True),
        Operation("add_participants", "POST", PARTICIPANTS + "/:add", 201, body=(_PARTICIPANT_LIST,)),
        Operation("remove_participant", "POST", PARTICIPANTS + "/:remove", 204, body=Part("", "user", IDENTIFIER)),
        Operation("send_typing_notification", "POST", THREAD + "/typing", 200, body=()),
        Operation("send_read_receipt", "POST", RECEIPTS, 200, body=(Part("chatMessageId", "message_id", TEXT),)),
        Operation("list_read_receipts", "GET", RECEIPTS, 200, query=_SKIP, reads=ChatMessageReadReceipt, paged=True),
    )
}

"""Random models and random pages of the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from azure.communication.chat import (
    ChatMessage,
    ChatMessageContent,
    ChatMessageReadReceipt,
    ChatMessageType,
    ChatThread,
    ChatThreadInfo,
    ChatThreadParticipant,
    CommunicationUserIdentifier,
    SendChatMessageResult,
)

texts = st.text(st.characters(codec="utf-8"), max_size=20)
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC) | zones)
raw_ids = st.builds(
    lambda prefix, rest: prefix + rest,
    st.sampled_from(["8:acs:", "8:spool:", "4:+", "8:orgid:", "8:teamsvisitor:", "28:orgid:", "28:gcch:", "xx:", ""]),
    texts.filter(bool),
)
identifiers = st.builds(CommunicationUserIdentifier, raw_ids)
types = st.sampled_from(list(ChatMessageType)) | texts.filter(lambda text: text not in list(ChatMessageType))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value or None."""
    return st.none() | strategy


participants = st.builds(
    ChatThreadParticipant, user=identifiers, display_name=maybe(texts), share_history_time=maybe(moments)
)
contents = st.builds(
    ChatMessageContent,
    message=maybe(texts),
    topic=maybe(texts),
    participants=st.lists(participants, max_size=3),
    initiator=maybe(raw_ids),
)
messages = st.builds(
    ChatMessage,
    id=maybe(texts),
    type=maybe(types),
    sequence_id=maybe(texts),
    version=maybe(texts),
    content=maybe(contents),
    sender_display_name=maybe(texts),
    created_on=maybe(moments),
    sender_id=maybe(identifiers),
    deleted_on=maybe(moments),
    edited_on=maybe(moments),
)
receipts = st.builds(
    ChatMessageReadReceipt, sender=maybe(identifiers), chat_message_id=maybe(texts), read_on=maybe(moments)
)
threads = st.builds(
    ChatThread,
    id=maybe(texts),
    topic=maybe(texts),
    created_on=maybe(moments),
    created_by=maybe(identifiers),
    participants=maybe(st.lists(participants, max_size=3)),
    deleted_on=maybe(moments),
)
infos = st.builds(ChatThreadInfo, id=maybe(texts), topic=maybe(texts), deleted_on=maybe(moments))
results = st.builds(SendChatMessageResult, id=maybe(texts))
models = st.one_of(participants, contents, messages, receipts, threads, infos, results)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
dates = st.sampled_from(
    ["2021-02-03T04:05:06Z", "2021-02-03T04:05:06.1234567Z", "2021-02-03t04:05:06z", "2021-02-03T04:05:06+02:00",
     "2021-02-03T24:00:00Z", "2021-02-30T04:05:06Z", "2021-W05-3T04:05:06Z", "2021-02-03T04:05:06", "junk", ""]
)  # fmt: skip
objects = st.fixed_dictionaries(
    {},
    optional={
        "rawId": maybe(raw_ids),
        "communicationUser": maybe(st.fixed_dictionaries({}, optional={"id": texts, "more": texts})),
        "phoneNumber": st.just({"value": "+1"}),
        "microsoftTeamsUser": st.just({"userId": "u"}),
        "kind": st.just("communicationUser"),
        "more": json_values,
    },
)
who = maybe(objects | texts | json_values)
wire_participants = st.fixed_dictionaries(
    {},
    optional={
        "communicationIdentifier": who,
        "id": who,
        "displayName": maybe(texts) | json_values,
        "shareHistoryTime": maybe(dates),
        "metadata": json_values,
        "more": json_values,
    },
)
wire_contents = st.fixed_dictionaries(
    {},
    optional={
        "message": maybe(texts) | json_values,
        "topic": maybe(texts),
        "participants": maybe(st.lists(maybe(wire_participants), max_size=2)) | json_values,
        "initiatorCommunicationIdentifier": who,
        "initiator": who,
        "attachments": json_values,
        "more": json_values,
    },
)
wire_messages = st.fixed_dictionaries(
    {},
    optional={
        "id": maybe(texts) | json_values,
        "type": maybe(st.sampled_from(["text", "html", "topicUpdated", "Text", "new"])) | json_values,
        "sequenceId": maybe(texts),
        "version": maybe(texts),
        "content": maybe(wire_contents) | json_values,
        "senderDisplayName": maybe(texts),
        "createdOn": maybe(dates),
        "senderCommunicationIdentifier": who,
        "senderId": who,
        "deletedOn": maybe(dates),
        "metadata": json_values,
        "more": json_values,
    },
)
pages = st.fixed_dictionaries(
    {"value": st.lists(wire_messages, max_size=3)}, optional={"nextLink": maybe(texts), "more": json_values}
)

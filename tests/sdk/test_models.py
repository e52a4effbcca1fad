"""The documented models beyond the observed rows: lenient reading, strict writing, identifiers, types."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import pytest
from azure.core.exceptions import DeserializationError, SerializationError

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

BOB = CommunicationUserIdentifier("8:acs:bob")
NOON = datetime(2021, 2, 3, 12, tzinfo=UTC)
NOON_TEXT = "2021-02-03T12:00:00.000Z"
BOB_OBJECT = {"rawId": "8:acs:bob", "communicationUser": {"id": "8:acs:bob"}}
PARTICIPANT = ChatThreadParticipant(user=BOB, display_name="Bob", share_history_time=NOON)
PARTICIPANT_WIRE = {"communicationIdentifier": BOB_OBJECT, "displayName": "Bob", "shareHistoryTime": NOON_TEXT}
FULL: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (PARTICIPANT, PARTICIPANT_WIRE, {"user": "8:acs:bob", "display_name": "Bob", "share_history_time": NOON_TEXT}),
    (
        ChatMessageContent(message="hi", topic="t", participants=[PARTICIPANT], initiator="8:acs:bob"),
        {
            "message": "hi",
            "topic": "t",
            "participants": [PARTICIPANT_WIRE],
            "initiatorCommunicationIdentifier": BOB_OBJECT,
        },
        {
            "message": "hi",
            "topic": "t",
            "participants": [{"user": "8:acs:bob", "display_name": "Bob", "share_history_time": NOON_TEXT}],
            "initiator": "8:acs:bob",
        },
    ),
    (
        ChatMessage(
            id="1",
            type=ChatMessageType.HTML,
            sequence_id="3",
            version="2",
            content=ChatMessageContent(message="hi"),
            sender_display_name="Bob",
            created_on=NOON,
            sender_id=BOB,
            deleted_on=NOON,
            edited_on=NOON,
        ),
        {
            "id": "1",
            "type": "html",
            "sequenceId": "3",
            "version": "2",
            "content": {"message": "hi"},
            "senderDisplayName": "Bob",
            "createdOn": NOON_TEXT,
            "senderCommunicationIdentifier": BOB_OBJECT,
            "deletedOn": NOON_TEXT,
            "editedOn": NOON_TEXT,
        },
        {
            "id": "1",
            "type": "html",
            "sequence_id": "3",
            "version": "2",
            "content": {"message": "hi"},
            "sender_display_name": "Bob",
            "created_on": NOON_TEXT,
            "sender_id": "8:acs:bob",
            "deleted_on": NOON_TEXT,
            "edited_on": NOON_TEXT,
        },
    ),
    (
        ChatMessageReadReceipt(sender=BOB, chat_message_id="1", read_on=NOON),
        {"senderCommunicationIdentifier": BOB_OBJECT, "chatMessageId": "1", "readOn": NOON_TEXT},
        {"sender": "8:acs:bob", "chat_message_id": "1", "read_on": NOON_TEXT},
    ),
    (
        ChatThread(id="1", topic="t", created_on=NOON, created_by=BOB, participants=[PARTICIPANT], deleted_on=NOON),
        {
            "id": "1",
            "topic": "t",
            "createdOn": NOON_TEXT,
            "createdByCommunicationIdentifier": BOB_OBJECT,
            "participants": [PARTICIPANT_WIRE],
            "deletedOn": NOON_TEXT,
        },
        {
            "id": "1",
            "topic": "t",
            "created_on": NOON_TEXT,
            "created_by": "8:acs:bob",
            "participants": [{"user": "8:acs:bob", "display_name": "Bob", "share_history_time": NOON_TEXT}],
            "deleted_on": NOON_TEXT,
        },
    ),
    (
        ChatThreadInfo(id="1", topic="t", deleted_on=NOON),
        {"id": "1", "topic": "t", "deletedOn": NOON_TEXT},
        {"id": "1", "topic": "t", "deleted_on": NOON_TEXT},
    ),
    (SendChatMessageResult(id="1"), {"id": "1"}, {"id": "1"}),
]
SENT = {
    ChatThreadParticipant: {"communicationIdentifier", "displayName", "shareHistoryTime"},
    ChatMessageContent: {"message", "topic", "participants", "initiatorCommunicationIdentifier"},
    ChatMessage: set(),
    ChatMessageReadReceipt: set(),
    ChatThread: {"topic", "participants"},
    ChatThreadInfo: {"id", "topic", "deletedOn"},
    SendChatMessageResult: {"id"},
}
by_name = pytest.mark.parametrize(("model", "wire", "named"), FULL, ids=[type(row[0]).__name__ for row in FULL])


@by_name
def test_a_full_model(model: Any, wire: dict[str, Any], named: dict[str, Any]) -> None:
    """Every attribute has its key on the wire, its name in as_dict, and its way back from both."""
    kind = type(model)
    assert model.serialize(keep_readonly=True) == wire
    assert model.as_dict() == named
    assert kind.deserialize(wire) == model
    assert kind.from_dict(wire) == model
    assert kind.from_dict(named).serialize(keep_readonly=True) == wire
    assert model.validate() == []
    assert kind.is_xml_model() is False


@by_name
def test_only_what_is_not_read_only_is_sent(model: Any, wire: dict[str, Any], named: dict[str, Any]) -> None:
    """Documented: what only the service fills is ignored when sending."""
    assert model.serialize().keys() == SENT[type(model)]
    assert model.as_dict(keep_readonly=False).keys() == {
        field.name for field in model._fields if not field.readonly and field.name in named
    }


@by_name
def test_the_constructor_keeps_what_it_is_given(model: Any, wire: dict[str, Any], named: dict[str, Any]) -> None:
    """Values are neither changed nor checked; what is missing is None, a list that is missing is empty."""
    kind = type(model)
    marks = {field.name: object() for field in model._fields if field.init}
    assert {name: getattr(kind(**marks), name) for name in marks} == marks
    needed = {field.name: None for field in model._fields if field.required}
    empty = vars(kind(**needed))
    assert {name: value for name, value in empty.items() if value not in (None, [], {})} == {}
    assert empty.keys() == {"additional_properties", *[field.name for field in model._fields]}


@by_name
def test_a_useful_repr(model: Any, wire: dict[str, Any], named: dict[str, Any]) -> None:
    """The class and every attribute that has a value."""
    text = repr(model)
    assert text.startswith(f"{type(model).__name__}(")
    assert [name for name in named if f"{name}=" not in text] == []


@by_name
def test_null_everywhere(model: Any, wire: dict[str, Any], named: dict[str, Any]) -> None:
    """A null is as good as a missing key."""
    kind = type(model)
    assert kind.deserialize(dict.fromkeys(wire)) == kind.deserialize({})


@by_name
def test_through_xml(model: Any, wire: dict[str, Any], named: dict[str, Any]) -> None:
    """Nested models, lists and identifiers survive XML."""
    document = ElementTree.tostring(model.serialize(keep_readonly=True, is_xml=True), encoding="unicode")
    assert type(model).deserialize(document, "application/xml") == model
    assert type(model).from_dict(document, content_type="application/xml") == model


def test_xml_with_a_document_type_is_refused() -> None:
    """A document that could expand without bound is not read."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x><id>&a;</id></x>'
    with pytest.raises(DeserializationError, match="DOCTYPE"):
        SendChatMessageResult.deserialize(bomb, "application/xml")


@pytest.mark.parametrize("kind", [ChatMessage, ChatThread, ChatMessageReadReceipt, ChatThreadParticipant])
def test_a_bad_date_fails_at_deserialize(kind: Any) -> None:
    """Not later, when the attribute is read; and the error names class and attribute."""
    name, key = {
        ChatMessage: ("created_on", "createdOn"),
        ChatThread: ("created_on", "createdOn"),
        ChatMessageReadReceipt: ("read_on", "readOn"),
        ChatThreadParticipant: ("share_history_time", "shareHistoryTime"),
    }[kind]
    with pytest.raises(DeserializationError, match=f"{kind.__name__}.{name}"):
        kind.deserialize({key: "yesterday"})


@pytest.mark.parametrize("content_type", ["application/json", "application/xml"])
def test_what_is_nested_too_deeply_is_refused(content_type: str) -> None:
    """A document that would exhaust the stack is an error of reading like any other."""
    depth = 100_000
    for document in ("[" * depth, '{"content":' * depth, "<a>" * depth + "</a>" * depth):
        with pytest.raises(DeserializationError):
            ChatMessage.deserialize(document, content_type)


class Frozen(datetime):
    """What pandas, freezegun and others derive from datetime."""


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2))])
def test_any_kind_of_datetime_is_written(zone: timezone) -> None:
    """A datetime of a derived class is a datetime."""
    moment = Frozen(2021, 2, 3, 4, 5, 6, 7000, zone)
    expected = datetime(2021, 2, 3, 4, 5, 6, 7000, zone)
    message = ChatMessage(created_on=moment), ChatMessage(created_on=expected)
    assert message[0].serialize(True) == message[1].serialize(True)


def test_a_transformer_that_gives_no_key() -> None:
    """A key that no dict can have is an error of writing like any other."""
    with pytest.raises(SerializationError, match=r"ChatMessage\.id"):
        ChatMessage(id="1").as_dict(keep_readonly=True, key_transformer=lambda name, desc, value: ({}, value))


def test_a_bad_date_deep_inside_is_named() -> None:
    """The path to the value is in the error."""
    wire = {"content": {"participants": [{"id": "8:acs:1", "shareHistoryTime": "yesterday"}]}}
    with pytest.raises(DeserializationError, match=r"ChatMessage\.content.*participants.*share_history_time"):
        ChatMessage.deserialize(wire)


@pytest.mark.parametrize("digits", range(10))
def test_fractions_are_cut(digits: int) -> None:
    """None to nine digits of a second are read and cut, never rounded; ten are no timestamp."""
    fraction = "." + "9" * digits if digits else ""
    message = ChatMessage.deserialize({"createdOn": f"2021-02-03T04:05:06{fraction}Z"})
    assert message is not None
    assert message.created_on == datetime(
        2021, 2, 3, 4, 5, 6, int("9" * min(digits, 6) + "0" * (6 - min(digits, 6))), UTC
    )
    with pytest.raises(DeserializationError):
        ChatMessage.deserialize({"createdOn": "2021-02-03T04:05:06.9999999999Z"})


@pytest.mark.parametrize("text", ["Text", "ThreadActivity/AddMember", "TEXT", "", "new"])
def test_an_unknown_type_stays_text(text: str) -> None:
    """A message type that is not documented is kept as it came, and goes back as it came."""
    message = ChatMessage.deserialize({"type": text})
    assert message is not None
    assert message.type == text
    assert type(message.type) is str
    assert message.serialize(keep_readonly=True) == {"type": text}


@pytest.mark.parametrize("member", ChatMessageType)
def test_a_known_type_is_a_member(member: ChatMessageType) -> None:
    """What is documented is the member, and a member is its text on the wire."""
    message = ChatMessage.deserialize({"type": member.value})
    assert message is not None
    assert message.type is member
    assert member == member.value == str(member)
    assert hash(member) == hash(member.value)


def test_members_are_found_by_name_in_any_case() -> None:
    """As enums of Azure SDKs do."""
    assert ChatMessageType["text"] is ChatMessageType.TEXT is ChatMessageType["TEXT"]
    assert ChatMessageType.topic_updated is ChatMessageType.TOPIC_UPDATED
    with pytest.raises(KeyError):
        ChatMessageType["bold"]
    with pytest.raises(AttributeError):
        ChatMessageType.bold  # noqa: B018
    assert {member.name: member.value for member in ChatMessageType} == {
        "TEXT": "text",
        "HTML": "html",
        "TOPIC_UPDATED": "topicUpdated",
        "PARTICIPANT_ADDED": "participantAdded",
        "PARTICIPANT_REMOVED": "participantRemoved",
    }


def test_a_message_of_the_service_itself() -> None:
    """System messages have no sender; their content names who did it, as plain text."""
    added = ChatMessage.deserialize(
        {
            "id": "1",
            "type": "participantAdded",
            "content": {
                "participants": [{"communicationIdentifier": BOB_OBJECT, "shareHistoryTime": "1970-01-01T00:00:00Z"}],
                "initiatorCommunicationIdentifier": BOB_OBJECT,
            },
        }
    )
    assert added is not None
    assert added.sender_id is None
    assert added.content is not None
    assert added.content.initiator == "8:acs:bob"
    assert [found.user for found in added.content.participants] == [BOB]
    assert added.content.participants[0].share_history_time == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_message_without_participants_lists_none() -> None:
    """The list is empty, so that it can be gone through; it is not written."""
    content = ChatMessageContent.deserialize({"message": "hi"})
    assert content is not None
    assert content.participants == []
    assert content.serialize() == {"message": "hi"}


TEAMS = {"rawId": "8:orgid:u", "microsoftTeamsUser": {"userId": "u", "isAnonymous": False, "cloud": "DOD", "more": 1}}


@pytest.mark.parametrize(
    ("wire", "identifier", "again"),
    [
        (BOB_OBJECT, "8:acs:bob", BOB_OBJECT),
        ("8:acs:bob", "8:acs:bob", BOB_OBJECT),
        ({"communicationUser": {"id": "8:acs:bob"}}, "8:acs:bob", BOB_OBJECT),
        ({"kind": "communicationUser", **BOB_OBJECT}, "8:acs:bob", BOB_OBJECT),
        ({"rawId": "8:acs:bob"}, "8:acs:bob", {"rawId": "8:acs:bob"}),
        ({"rawId": "8:acs:x", "communicationUser": {"id": "8:acs:bob"}}, "8:acs:bob", BOB_OBJECT),
        (TEAMS, "8:orgid:u", TEAMS),
        ({"rawId": "4:+1", "phoneNumber": {"value": "+1"}}, "4:+1", {"rawId": "4:+1", "phoneNumber": {"value": "+1"}}),
    ],
)
def test_identifiers_of_all_kinds(wire: Any, identifier: str, again: Any) -> None:
    """Whoever takes part is read by the raw id; what is no user goes back exactly as it came."""
    participant = ChatThreadParticipant.deserialize({"communicationIdentifier": wire})
    assert participant is not None
    assert participant.user == CommunicationUserIdentifier(identifier)
    assert participant.serialize() == {"communicationIdentifier": again}


@pytest.mark.parametrize("wire", [5, [], {}, {"rawId": None}, {"rawId": 5}, {"communicationUser": {}}, True])
def test_what_is_no_identifier(wire: Any) -> None:
    """An identifier without an id is named."""
    with pytest.raises(DeserializationError, match=r"ChatThreadParticipant\.user"):
        ChatThreadParticipant.deserialize({"communicationIdentifier": wire})


def test_the_shape_of_the_wire_that_is_asked_for_comes_first() -> None:
    """Where both shapes are there, that of the released versions counts, in whatever order they come."""
    both = {"senderId": "8:acs:old", "senderCommunicationIdentifier": BOB_OBJECT}
    for wire in (both, dict(reversed(both.items()))):
        receipt = ChatMessageReadReceipt.deserialize(wire)
        assert receipt is not None
        assert receipt.sender == BOB


def test_an_identifier_cannot_change() -> None:
    """It is a value: what is hashed stays what it is."""
    with pytest.raises(AttributeError):
        BOB.identifier = "8:acs:eve"  # type: ignore[misc]
    assert repr(BOB) == "CommunicationUserIdentifier('8:acs:bob')"
    assert {BOB: 1}[CommunicationUserIdentifier("8:acs:bob")] == 1


@pytest.mark.parametrize(
    "model",
    [
        ChatThreadParticipant(user="8:acs:bob"),  # type: ignore[arg-type]
        ChatThreadParticipant(user=CommunicationUserIdentifier(None)),  # type: ignore[arg-type]
        ChatThreadParticipant(user=CommunicationUserIdentifier(5)),  # type: ignore[arg-type]
        ChatThreadParticipant(user=BOB, display_name=["Bob"]),  # type: ignore[arg-type]
        ChatThreadParticipant(user=BOB, share_history_time="tomorrow"),  # type: ignore[arg-type]
        ChatMessageContent(participants="8:acs:bob"),  # type: ignore[arg-type]
        ChatMessageContent(participants={"a": 1}),  # type: ignore[arg-type]
        ChatMessageContent(participants=[BOB]),  # type: ignore[list-item]
        ChatMessageContent(participants=5),  # type: ignore[arg-type]
        ChatMessage(content="hi"),  # type: ignore[arg-type]
        ChatMessage(type=5.5j),  # type: ignore[arg-type]
    ],
)
def test_writing_is_strict(model: Any) -> None:
    """What does not fit its field is not sent; the error names class and attribute."""
    with pytest.raises(SerializationError, match=rf"{type(model).__name__}\.\w+: "):
        model.serialize(keep_readonly=True)


def test_a_missing_user_is_refused() -> None:
    """The one thing that a participant cannot do without, as documented."""
    with pytest.raises(TypeError, match="user"):
        ChatThreadParticipant(display_name="Bob")  # type: ignore[call-arg]
    [error] = ChatThreadParticipant(user=None).validate()  # type: ignore[arg-type]
    assert (error.rule, error.target) == ("required", "ChatThreadParticipant.user")


def test_validation_goes_into_nested_models() -> None:
    """Errors of models in lists and attributes are reported with their own class."""
    nobody = ChatThreadParticipant(user=None)  # type: ignore[arg-type]
    message = ChatMessage(content=ChatMessageContent(participants=[nobody, PARTICIPANT, nobody]))
    assert [error.target for error in message.validate()] == ["ChatThreadParticipant.user"] * 2


def test_unknown_keywords_of_every_model_are_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A misspelled keyword is named in the log."""
    with caplog.at_level(logging.WARNING):
        assert ChatMessage(idd="1") == ChatMessage()  # type: ignore[call-arg]
    assert "idd is not a known attribute of class" in caplog.text


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_a_naive_datetime_is_utc_in_every_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The machine's zone plays no part."""
    import time

    with monkeypatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        assert (
            ChatThreadInfo(id="1", topic="t", deleted_on=datetime(2021, 2, 3, 12)).serialize()["deletedOn"] == NOON_TEXT
        )
    time.tzset()


def test_additional_properties_are_sent_by_the_class_that_was_told_to() -> None:
    """Each class has its own switch, and it reaches models inside models."""

    class Open(ChatThreadParticipant):
        """A participant that sends what it does not know."""

    Open.enable_additional_properties_sending()
    wire = {"communicationIdentifier": BOB_OBJECT, "metadata": {"a": "b"}}
    opened, closed = Open.deserialize(wire), ChatThreadParticipant.deserialize(wire)
    assert opened is not None
    assert closed is not None
    assert opened.serialize() == wire
    assert closed.serialize() == {"communicationIdentifier": BOB_OBJECT}
    assert ChatMessageContent(participants=[opened, closed]).serialize()["participants"] == [wire, closed.serialize()]

"""Rows of observed model behaviour: deserialize (i, k, t), from_dict (f), additional properties and XML (x)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from azure.core.exceptions import DeserializationError as DesErr
from azure.core.exceptions import SerializationError as SerErr
from tests.sdk.rows import (
    D_TEXT,
    DT,
    Z2,
    Z2_AT,
    Z_AT,
    I,
    J,
    P,
    R,
    Row,
    U,
    Z,
    again,
    apx,
    fresh,
    full,
    hours,
    made,
    read,
    sending,
    vl,
    xml,
)

from azure.communication.chat import models as S  # the name of the observation

LOST = "Ignoring extracted value '2022-02-03T04:05:06Z' from <function "


def some(model: Any) -> Any:
    """A model that is there."""
    assert model is not None
    return model


def moment(microsecond: int = 0, tz: Any = UTC) -> datetime:
    """A datetime of the day of the observation, from microseconds on or whole."""
    return datetime(2021, 2, 3, 4, 5, 6, microsecond, tzinfo=tz)


TEXT = '{"id":"m"}'

INPUTS = [
    Row("i01", "req", lambda: R.deserialize({"id": "m"}), made(R, id="m")),
    Row("i02", "quirk", lambda: R.deserialize(TEXT), made(R, id="m"), why="documented: JSON by default"),
    Row("i03", "req", lambda: R.deserialize(TEXT, J), made(R, id="m")),
    Row("i04", "req", lambda: R.deserialize(TEXT.encode(), J), made(R, id="m")),
    Row("i05", "obs", lambda: R.deserialize(b"\xef\xbb\xbf" + TEXT.encode(), J), made(R, id="m")),
    Row("i06", "obs", lambda: R.deserialize("\ufeff" + TEXT, J), made(R, id="m")),
    Row("i07", "obs", lambda: R.deserialize(io.BytesIO(TEXT.encode()), J), made(R, id="m")),
    Row(
        "i08",
        "quirk",
        lambda: R.deserialize(TEXT, "application/json; charset=utf-8"),
        DesErr,
        why="the documentation knows two content types; kept strict",
    ),
    Row("i09", "quirk", lambda: R.deserialize(TEXT, "APPLICATION/JSON"), DesErr, why="as i08"),
    Row("i10", "obs", lambda: R.deserialize(TEXT, "text/json"), made(R, id="m")),
    Row("i11", "obs", lambda: R.deserialize(TEXT, "application/problem+json"), made(R, id="m")),
    Row("i12", "quirk", lambda: R.deserialize(TEXT, "application/merge-patch+json"), DesErr, why="as i08"),
    Row("i13", "obs", lambda: R.deserialize(TEXT, "text/plain"), DesErr),
    Row("i14", "obs", lambda: R.deserialize(TEXT, "application/xml"), made(R, id="m")),
    Row("i15", "obs", lambda: R.deserialize("<x><id>m</id></x>", "application/xml"), made(R, id="m")),
    Row("i16", "obs", lambda: R.deserialize("rubbish", "application/xml"), DesErr, ("Wasn't XML not JSON, failing",)),
    Row("i17", "req", lambda: R.deserialize("{bad", J), DesErr),
    Row("i18", "req", lambda: R.deserialize("", J), DesErr),
    Row("i19", "req", lambda: R.deserialize(None), None),
    Row("i20", "req", lambda: R.deserialize("null", J), None),
    Row("i21", "req", lambda: R.deserialize({}), made(R)),
    Row("i22", "req", lambda: R.deserialize([]), DesErr),
    Row("i23", "req", lambda: R.deserialize(5), DesErr),
    Row("i24", "req", lambda: R.deserialize("true", J), DesErr),
    Row(
        "i25",
        "obs",
        lambda: R.deserialize(b"\xff\xfe{}", J),
        DesErr,
        why="documented: DeserializationError if something went wrong; observed: a raw UnicodeDecodeError",
    ),
    Row("i26", "obs", lambda: R.deserialize(R(id="m")), made(R, id="m")),
    Row(
        "i27",
        "quirk",
        lambda: R.deserialize(I(id="a", topic="b")),
        DesErr,
        why="documented: an instance of this model; observed: any model as it is",
    ),
]

VALUES = [
    Row("k01", "obs", lambda: R.deserialize({"id": 5}), made(R, id="5")),
    Row("k02", "obs", lambda: R.deserialize({"id": True}), made(R, id="True")),
    Row("k03", "req", lambda: R.deserialize({"id": None}), made(R)),
    Row("k04", "req", lambda: R.deserialize({"id": ""}), made(R, id="")),
    Row("k05", "quirk", lambda: R.deserialize({"id": [1]}), DesErr, why="a list is no id; observed: its Python text"),
    Row("k06", "req", lambda: R.deserialize({"ID": "m"}), made(R, {"ID": "m"})),
    Row(
        "k07",
        "req",
        lambda: I.deserialize(P(deleted_on=Z)),
        made(I, {"deleted_on": Z}, id="t1", topic="x"),
    ),
    Row("k08", "req", lambda: I.deserialize(P(zzz=[1])), made(I, {"zzz": [1]}, id="t1", topic="x")),
    Row("k09", "req", lambda: some(I.deserialize(P(zzz=1))).serialize(), P()),
    Row(
        "k10",
        "req",
        lambda: I.deserialize(P(deletedOn=Z, lastMessageReceivedOn=Z2)),
        made(I, id="t1", topic="x", deleted_on=Z_AT, last_message_received_on=Z2_AT),
    ),
    Row("k11", "req", lambda: I.deserialize({"id": "t"}), made(I, id="t")),
    Row("k12", "req", lambda: I.deserialize(P(deletedOn=None)), made(I, id="t1", topic="x")),
]


DATES_IN = [
    Row(f"t{number:02}", level, lambda text=text: read(text), gives, why=why)  # type: ignore[misc]
    for number, level, text, gives, why in [
        (1, "req", "2021-02-03T04:05:06Z", moment(), ""),
        (2, "rec", "2021-02-03t04:05:06z", moment(), ""),
        (3, "req", "2021-02-03T04:05:06.1Z", moment(100000), ""),
        (4, "req", "2021-02-03T04:05:06.123Z", moment(123000), ""),
        (5, "req", "2021-02-03T04:05:06.123456Z", moment(123456), ""),
        (6, "req", "2021-02-03T04:05:06.1234567Z", moment(123456), ""),
        (7, "req", "2021-02-03T04:05:06.9999999Z", moment(999999), ""),
        (8, "obs", "2021-02-03T04:05:06.123456789Z", moment(123456), ""),
        (9, "req", "2021-02-03T04:05:06+00:00", moment(), ""),
        (10, "req", "2021-02-03T04:05:06+02:00", moment(tz=hours(2)), ""),
        (11, "req", "2021-02-03T04:05:06-05:30", moment(tz=hours(-5, -30)), ""),
        (12, "obs", "2021-02-03T04:05:06+0200", moment(tz=hours(2)), ""),
        (13, "obs", "2021-02-03T04:05:06+02", moment(tz=hours(2)), ""),
        (14, "req", "2021-02-03T04:05:06.1234567+02:00", moment(123456, tz=hours(2)), ""),
        (15, "obs", "2021-02-03T04:05:06", moment(tz=None), ""),
        (16, "quirk", "2021-02-03T04:05:06,5Z", DesErr, "documented: RFC 3339, which knows no comma"),
        (17, "req", "2021-02-03 04:05:06Z", DesErr, ""),
        (18, "req", "2021-02-03", DesErr, ""),
        (19, "obs", "2021-02-03T04:05Z", DesErr, ""),
        (20, "obs", "20210203T040506Z", DesErr, ""),
        (21, "req", "2021-02-30T04:05:06Z", DesErr, ""),
        (22, "req", "2021-13-03T04:05:06Z", DesErr, ""),
        (23, "obs", "2021-02-03T24:00:00Z", DesErr, ""),
        (24, "obs", "2021-12-31T23:59:60Z", DesErr, ""),
        (25, "obs", "0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC), ""),
        (26, "obs", "0000-01-01T00:00:00Z", DesErr, ""),
        (27, "obs", "0001-01-01T00:00:00+01:00", DesErr, ""),
        (28, "obs", "9999-12-31T23:59:59.9999999Z", datetime.max.replace(tzinfo=UTC), ""),
        (29, "obs", "2021-02-03T04:05:06.Z", DesErr, ""),
        (30, "obs", "2021-02-03T04:05:06Z ", DesErr, ""),
        (31, "req", "2021-02-03T04:05:06Zjunk", DesErr, ""),
        (32, "req", "junk", DesErr, ""),
        (33, "req", "", DesErr, ""),
        (34, "req", "Wed, 03 Feb 2021 04:05:06 GMT", DesErr, ""),
        (35, "req", 5, DesErr, ""),
        (36, "req", True, DesErr, ""),
        (37, "req", [], DesErr, ""),
        (38, "req", None, None, ""),
        (39, "obs", datetime(2021, 1, 1), datetime(2021, 1, 1), ""),
    ]
]

FROM_DICT = [
    Row("f01", "req", lambda: R.from_dict({"ID": "m"}), made(R, {"ID": "m"}, id="m")),
    Row(
        "f02",
        "req",
        lambda: I.from_dict(P(deleted_on=Z)),
        made(I, {"deleted_on": Z}, id="t1", topic="x", deleted_on=Z_AT),
    ),
    Row("f03", "req", lambda: I.from_dict(P(deletedOn=Z)), made(I, id="t1", topic="x", deleted_on=Z_AT)),
    Row(
        "f04",
        "req",
        lambda: I.from_dict({"Id": "a", "TOPIC": "b", "DELETEDON": Z}),
        made(I, {"Id": "a", "DELETEDON": Z, "TOPIC": "b"}, id="a", topic="b", deleted_on=Z_AT),
    ),
    Row(
        "f05",
        "req",
        lambda: I.from_dict(P(last_message_received_on=Z)),
        made(I, {"last_message_received_on": Z}, id="t1", topic="x", last_message_received_on=Z_AT),
    ),
    Row(
        "f06",
        "obs",
        lambda: I.from_dict(P(deleted_on=Z, deletedOn=Z2)),
        made(I, {"deleted_on": Z}, id="t1", topic="x", deleted_on=Z_AT),
        (LOST + "rest_key", LOST + "last_rest"),
    ),
    Row(
        "f07",
        "obs",
        lambda: I.from_dict({"deletedOn": Z2, "deleted_on": Z, **P()}),
        made(I, {"deleted_on": Z}, id="t1", topic="x", deleted_on=Z_AT),
        (LOST + "rest_key", LOST + "last_rest"),
    ),
    Row(
        "f08",
        "obs",
        lambda: I.from_dict(P(deleted_on=None, deletedOn=Z2)),
        made(I, {"deleted_on": None}, id="t1", topic="x", deleted_on=Z2_AT),
    ),
    Row(
        "f09",
        "obs",
        lambda: I.from_dict({"ID": "2", "id": "1", "topic": "x"}),
        made(I, {"ID": "2"}, id="2", topic="x"),
    ),
    Row("f10", "req", lambda: I.from_dict(P(zzz=1)), made(I, {"zzz": 1}, id="t1", topic="x")),
    Row("f11", "req", lambda: I.from_dict({}), made(I)),
    Row("f12", "obs", lambda: I.from_dict(None), None),
    Row("f13", "req", lambda: I.from_dict([]), DesErr),
    Row("f14", "req", lambda: I.from_dict("str"), DesErr),
    Row("f15", "obs", lambda: I.from_dict('{"id":"a","topic":"b"}', content_type=J), made(I, id="a", topic="b")),
    Row("f16", "obs", lambda: I.from_dict({1: 2}), DesErr),
    Row("f17", "req", lambda: I.from_dict(P(deletedOn="junk")), DesErr),
    Row(
        "f18",
        "obs",
        lambda: some(I.from_dict(P(deleted_on=DT(2021, 1, 1, tzinfo=U)))).deleted_on,
        DT(2021, 1, 1, tzinfo=U),
    ),
    Row(
        "f19",
        "req",
        lambda: I.from_dict({"ID": "a", "id": "b", "topic": "c"}, key_extractors=[S.rest_key_extractor]),
        made(I, {"ID": "a"}, id="b", topic="c"),
    ),
    Row(
        "f20",
        "req",
        lambda: some(I.from_dict(P(deletedOn=Z, deleted_on=Z2), key_extractors=[S.attribute_key_extractor])).deleted_on,
        Z2_AT,
    ),
    Row(
        "f21",
        "req",
        lambda: (
            some(
                I.from_dict(
                    P(deletedOn=Z, deleted_on=Z2),
                    key_extractors=[S.rest_key_case_insensitive_extractor, S.attribute_key_case_insensitive_extractor],
                )
            ).deleted_on
        ),
        Z_AT,
        (LOST + "attribute_key",),
    ),
    Row("f22", "obs", lambda: I.from_dict(P(), key_extractors=[]), made(I)),
    Row(
        "f23",
        "req",
        lambda: R.from_dict({"q": 1}, key_extractors=[lambda a, d, data: a + "!" + d["key"] + "!" + d["type"]]),
        made(R, {"q": 1}, id="id!id!str"),
    ),
    Row("f24", "obs", lambda: R.from_dict({"q": 1}, key_extractors=[lambda a, d, data: data["x"]]), DesErr),
    Row(
        "f25",
        "quirk",
        lambda: R.from_dict({"q": 1}, key_extractors=[lambda a, d, data: int("z")]),
        DesErr,
        why="documented: DeserializationError if something went wrong; observed: a raw ValueError",
    ),
    Row(
        "f26",
        "req",
        lambda: (lambda o: I.from_dict(o.serialize(keep_readonly=True)) == o)(
            some(I.deserialize(P(deletedOn=Z, lastMessageReceivedOn=Z)))
        ),
        True,
    ),
    Row(
        "f27",
        "quirk",
        lambda: (lambda o: I.from_dict(o.as_dict()) == o)(some(I.deserialize(P(deletedOn=Z)))),
        False,
        why="follows from f02 and e08, which are required: a Python name is kept as unknown key too, and that counts",
    ),
    Row("f28", "req", lambda: (lambda o: I.from_dict(o.as_dict()) == o)(some(I.deserialize(P()))), True),
]

XML_INFO = (
    f"<ChatThreadInfo><id>t1</id><topic>x</topic><deletedOn>{D_TEXT}</deletedOn>"
    f"<lastMessageReceivedOn>{D_TEXT}</lastMessageReceivedOn></ChatThreadInfo>"
)


def parent_is_switched_on_by_its_child() -> bool:
    """Whether enabling a class changes the class it derives from."""
    parent = fresh()
    child: Any = type("Child", (parent,), {})
    child.enable_additional_properties_sending()
    return "a" in apx({"a": 1}, model=parent)


EXTRAS_AND_XML = [
    Row("x01", "req", lambda: apx({"a": 1}, model=fresh()), {"id": "m"}),
    Row("x02", "req", lambda: fresh().enable_additional_properties_sending(), None),
    Row("x03", "req", lambda: apx({"a": 1, "b": None}), {"id": "m", "a": 1, "b": None}),
    Row("x04", "req", lambda: apx({"a": 1}, "as_dict"), {"id": "m", "a": 1}),
    Row("x05", "quirk", lambda: apx({"id": "evil"}), SerErr, why="documentation silent; observed: overwrites the id"),
    Row(
        "x06",
        "quirk",
        lambda: apx({"c": DT(2021, 1, 1, tzinfo=U)}),
        {"id": "m", "c": "2021-01-01T00:00:00.000Z"},
        why="documented: a JSON compatible object; observed: the datetime itself",
    ),
    Row("x07", "obs", lambda: apx(None), {"id": "m"}),
    Row("x08", "quirk", lambda: apx("str"), SerErr, why="documentation silent; observed: a raw ValueError"),
    Row("x09", "obs", lambda: sending()(id="m", additional_properties={"z": 1}).additional_properties, {"z": 1}),
    Row(
        "x10",
        "req",
        lambda: some(sending().deserialize({"id": "m", "zz": {"y": [1]}})).serialize(),
        {"id": "m", "zz": {"y": [1]}},
    ),
    Row("x11", "req", lambda: vl(sending()(id="m")), []),
    Row(
        "x12",
        "quirk",
        parent_is_switched_on_by_its_child,
        False,
        why="each class has its own switch; observed: a subclass switches its parent on",
    ),
    Row("x13", "req", lambda: [I.is_xml_model(), R.is_xml_model()], [False, False]),
    Row(
        "x14",
        "obs",
        lambda: xml(R(id="m").serialize(is_xml=True)),
        b"<SendChatMessageResult><id>m</id></SendChatMessageResult>",
    ),
    Row("x15", "obs", lambda: xml(full().as_dict(is_xml=True)), XML_INFO.encode()),
    Row(
        "x16",
        "obs",
        lambda: xml(I(id="t", topic="").serialize(is_xml=True)),
        b"<ChatThreadInfo><id>t</id><topic /></ChatThreadInfo>",
    ),
    Row(
        "x17",
        "obs",
        lambda: xml(I(id="t", topic=None).serialize(is_xml=True)),
        b"<ChatThreadInfo><id>t</id></ChatThreadInfo>",
    ),
    Row(
        "x18",
        "obs",
        lambda: (lambda o: again(o) == o)(some(I.deserialize(P(deletedOn="2021-02-03T04:05:06.5Z")))),
        True,
    ),
    Row(
        "x19",
        "obs",
        lambda: I.deserialize(
            "<ChatThreadInfo><id>a</id><q>1</q><topic/><deletedOn/></ChatThreadInfo>", "application/xml"
        ),
        made(I, {"q": "1"}, id="a", topic=""),
    ),
]

ROWS_IN = [*INPUTS, *VALUES, *DATES_IN, *FROM_DICT, *EXTRAS_AND_XML]

"""How a row of observed model behaviour is written down, and the small words that the rows use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, NamedTuple
from xml.etree import ElementTree

from azure.communication.chat import ChatThreadInfo, SendChatMessageResult
from azure.communication.chat._model import Model

R = SendChatMessageResult
I = ChatThreadInfo  # noqa: E741  # the observation's name
DT = datetime
U = UTC
J = "application/json"
D = DT(2021, 2, 3, 4, 5, 6, 789012, U)
Z, Z2 = "2021-02-03T04:05:06Z", "2022-02-03T04:05:06Z"
Z_AT, Z2_AT = DT(2021, 2, 3, 4, 5, 6, tzinfo=U), DT(2022, 2, 3, 4, 5, 6, tzinfo=U)
D_TEXT = "2021-02-03T04:05:06.789012Z"


class Row(NamedTuple):
    """One observation.

    Args:
        id: Section letter and number.
        level: ``req``, ``rec`` or ``obs`` hold as they were observed; a ``quirk`` was decided.
        call: What is done.
        gives: The result, or the class of the exception.
        logs: How the warnings begin.
        why: Where we decided against the observation: why.
    """

    id: str
    level: str
    call: Callable[[], Any]
    gives: Any
    logs: tuple[str, ...] = ()
    why: str = ""


class Made(NamedTuple):
    """A model as it shows itself: class, attributes, additional properties."""

    model: type[Model]
    attributes: dict[str, Any]
    extra: dict[str, Any]


def made(model: type[Model], extra: dict[str, Any] | None = None, **attributes: Any) -> Made:
    """What a model is expected to show; attributes that are not named are None."""
    names = [field.name for field in model._fields]
    return Made(model, {name: _plain(attributes.get(name)) for name in names}, extra or {})


def shown(value: Any) -> Any:
    """A result in a form that can be compared: models by content, datetimes with their offset."""
    if isinstance(value, Made):
        return value
    if isinstance(value, Model):
        attributes = {name: _plain(member) for name, member in vars(value).items()}
        return Made(type(value), attributes, attributes.pop("additional_properties"))
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return ("moment", value.isoformat())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return value


class E(Enum):
    """Some enum."""

    A = "aa"


class Sub(R):
    """A class derived from a documented one."""


def fresh() -> type[R]:
    """A class of its own, for what changes classes."""
    return type("RR", (R,), {})


def mk(**attributes: Any) -> I:
    """A thread info with attributes set after construction."""
    info = I(id="t1", topic="x")
    for name, value in attributes.items():
        setattr(info, name, value)
    return info


def full() -> I:
    """A thread info with both dates."""
    return mk(deleted_on=D, last_message_received_on=D)


def P(**members: Any) -> dict[str, Any]:  # the name of the observation
    """A thread info on the wire."""
    return {"id": "t1", "topic": "x", **members}


def dv(value: Any) -> str:
    """A date as it is written."""
    written: str = mk(deleted_on=value).serialize()["deletedOn"]
    return written


def read(text: Any) -> Any:
    """A date as it is read."""
    info = I.deserialize(P(deletedOn=text))
    assert info is not None
    return info.deleted_on


def without(name: str) -> I:
    """A thread info that lost an attribute."""
    info = mk()
    delattr(info, name)
    return info


def vl(model: Any) -> list[Any]:
    """What validation reports: class, rule, target, text."""
    return [[type(error).__name__, error.rule, error.target, str(error)] for error in model.validate()]


def required(target: str) -> list[str]:
    """A report that something required is missing."""
    return ["ValidationError", "required", target, f"Parameter {target!r} can not be None."]


def sending() -> type[R]:
    """A class of its own that sends additional properties."""
    model = fresh()
    model.enable_additional_properties_sending()
    return model


def apx(extra: Any, method: str = "serialize", model: type[R] | None = None) -> Any:
    """What is written of additional properties."""
    result = (model or sending())(id="m")
    result.additional_properties = extra
    return getattr(result, method)()


def xml(element: Any) -> bytes:
    """The bytes of an element."""
    text: bytes = ElementTree.tostring(element)
    return text


def again(info: I) -> I | None:
    """Through XML and back."""
    text = ElementTree.tostring(info.serialize(is_xml=True, keep_readonly=True), encoding="unicode")
    return I.deserialize(text, "application/xml")


def hours(count: float, minutes: int = 0, seconds: int = 0) -> timezone:
    """An offset."""
    return timezone(timedelta(hours=count, minutes=minutes, seconds=seconds))


def seen_by_transformer() -> list[Any]:
    """What a key transformer is called with for deleted_on, and whether spoiling the description has an effect."""
    calls: list[Any] = []

    def spy(name: str, desc: dict[str, str], value: Any) -> Any:
        calls.append([name, dict(desc), type(value).__name__])
        desc["key"] = "spoiled"
        return name, value

    full().as_dict(key_transformer=spy)
    full().as_dict(key_transformer=spy)
    assert calls[2] == calls[6]
    found: list[Any] = calls[2]
    return found

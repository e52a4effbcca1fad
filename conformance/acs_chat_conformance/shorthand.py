"""Spells out what a case of a vector file leaves out, so that a new case costs a line or two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from acs_chat_conformance.surface import surface

CLASS_METHODS = {"new", "deserialize", "from_dict", "is_xml_model", "enable_additional_properties_sending"}
TAKES_DATA = CLASS_METHODS | {"=="}
MERGED = {"request", "respond", "names", "options"}
Fields = Mapping[str, Any]


class Incomplete(Exception):
    """A case that does not say all that it must."""


def schema_of(name: str) -> str:
    """The schema that the files of a set keep to."""
    return name.partition("/")[0]


def merged(layers: Iterable[Fields]) -> dict[str, Any]:
    """What set, file, group and case say together: the later wins; what is in MERGED is merged field by field."""
    whole: dict[str, Any] = {}
    for layer in _with_templates(layers):
        for key, value in layer.items():
            whole[key] = _joined(whole.get(key), value, deep=2) if key in MERGED else value
        if "error" in layer:
            whole.pop("want", None)
        if "want" in layer:
            whole.pop("error", None)
    filled: dict[str, Any] = fill(whole, whole.pop("names", {}))
    return filled


def _with_templates(layers: Iterable[Fields]) -> Iterator[Fields]:
    """Puts in front of a layer with ``like`` the template of that name from the set's shared fields."""
    templates: Fields = {}
    for layer in layers:
        templates = layer.get("templates", templates)
        if "like" in layer:
            if layer["like"] not in templates:
                raise Incomplete(f"there is no template {layer['like']!r}")
            yield templates[layer["like"]]
        yield {key: value for key, value in layer.items() if key not in {"like", "templates"}}


def _joined(old: Any, new: Any, deep: int) -> Any:
    if deep == 0 or not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {key: _joined(old.get(key), value, deep - 1) if key != "body" else value for key, value in new.items()}


def fill(node: Any, names: Mapping[str, str]) -> Any:
    """Puts names in for their placeholders, such as ``{thread}``, in every text; an unknown one stays as it is."""
    if isinstance(node, str):
        return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), node)
    if isinstance(node, dict):
        return {key: fill(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [fill(value, names) for value in node]
    return node


def spelled_out(name: str, fields: Fields) -> dict[str, Any]:
    """The subject, question, error and exchanges of a case.

    Raises:
        Incomplete: It does not say what to do, what it rests on, or what must follow.
    """
    if "source" not in fields:
        raise Incomplete("a case, its group or its file needs a source")
    if name.startswith("service/"):
        return _service(fields)
    if "want" not in fields and "error" not in fields:
        raise Incomplete("a case needs want or error")
    return _wire(fields) if name.startswith("wire/") else _python_surface(fields)


def _python_surface(fields: Fields) -> dict[str, Any]:
    model, do = fields["model"], fields.get("do")
    if do is None:
        raise Incomplete("a case or its group needs do")
    on = fields.get("on") or ({"$class": model} if do in CLASS_METHODS else None)
    if on is None:
        raise Incomplete(f"{do} needs on: what it is called on")
    touched = {f"${key}": fields[key] for key in ("set", "unset") if key in fields}
    args = list(fields.get("args", ()))
    if "data" in fields and do in TAKES_DATA:
        plus = fields.get("plus")
        args.insert(0, fields["data"] | plus if plus else fields["data"])
    question = {"do": do, "on": on | touched, "args": args, "kwargs": fields.get("kwargs", {})}
    question |= {key: fields[key] for key in ("let", "tz") if key in fields}
    error = {"kind": fields["error"], "text": fields.get("says", ())} if "error" in fields else None
    return {"subject": model, "question": question, "error": error, "exchanges": ()}


def _service(fields: Fields) -> dict[str, Any]:
    if "operation" not in fields:
        raise Incomplete("a case, its group or its file needs an operation")
    steps = [*fields.get("before", ()), *fields.get("steps", ())]
    if not steps:
        raise Incomplete("a case needs steps")
    exchanges = [{"request": one["send"], "respond": one["answer"]} for one in steps]
    return {
        "subject": fields["operation"],
        "question": {"send": [one["send"] for one in steps]},
        "error": None,
        "exchanges": exchanges,
    }


def _wire(fields: Fields) -> dict[str, Any]:
    operation = fields.get("operation")
    do = fields.get("do", operation)
    if operation is None:
        raise Incomplete("a case, its group or its file needs an operation")
    client = fields.get("client") or surface().client_of(do)
    if client is None:
        raise Incomplete(f"no documented client has a method {do}")
    options = {"thread_id": fields.get("thread")} if client == "ChatThreadClient" else {}
    question = {
        "do": do,
        "client": client,
        "kwargs": fields.get("call", {}),
        "options": options | {"endpoint": "{endpoint}"} | fields.get("options", {}),
        "credential": {"token": "{token}"} | fields.get("credential", {}),
    }
    return {
        "subject": operation,
        "question": question,
        "error": fields.get("error"),
        "exchanges": [_exchange(fields, one) for one in fields.get("exchanges", [{}])],
    }


def _exchange(fields: Fields, one: Fields) -> dict[str, Any]:
    request = _joined(fields.get("request", {}), one.get("request", {}), deep=2)
    if "method" not in request or "path" not in request:
        raise Incomplete("a request needs method and path")
    return {"request": request, "respond": _joined(fields.get("respond", {}), one.get("respond", {}), deep=2)}

"""What must hold for all that a contract allows: each law draws vectors, with what must follow from the contract.

Arguments, bodies and outcomes come from the contract and from `surface.yaml`; nothing here is about one model or one
operation. So a law that is broken by an example has written a vector.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from acs_chat_conformance.meaning import attributes, documented, item_of, said, written
from acs_chat_conformance.strategies import bodies, segments, texts, times
from acs_chat_conformance.surface import surface
from acs_chat_testkit.contract import DEFAULT_VERSION, Contract, Operation
from acs_chat_testkit.contract.reader import Schema

Case = dict[str, Any]
Cases = Callable[[Any, list[Contract], str], Case]
LEFT_OUT = {"invalidParticipants", "errors"}
"""Members of a success that tell of a part that failed; they are no success then."""

KINDS = {401: "unauthorized", 404: "not-found", 409: "conflict"}
WILD: tuple[Any, ...] = (None, True, 5, "", "x", [], {}, {"$dt": "2024-01-02T03:04:05"})
STATUSES = (200, 201, 202, 204, 207, 400, 401, 403, 404, 409, 412, 418)


@dataclass(frozen=True, slots=True)
class Law:
    """One law.

    Args:
        name: In the id of its checks.
        says: What must hold, in a sentence.
        kind: Of the sets that it is asked of: ``python-surface`` or ``wire``.
        case: Draws one case: the fields of a vector about a subject.
        judged: Whether the case says what must follow; otherwise two implementations are compared.
    """

    name: str
    says: str
    kind: str
    case: Cases
    judged: bool = True

    def cases(self, contracts: list[Contract], subject: str) -> st.SearchStrategy[Case]:
        """The cases about a model or an operation.

        Args:
            contracts: That of the set; of the documented surface all that the implementation speaks, the newest first.
            subject: The model or the operation.
        """
        return st.composite(self.case)(contracts, subject)


def _read(draw: Any, contracts: list[Contract], model: str, *, users: bool = False) -> tuple[Contract, Any]:
    contract = draw(st.sampled_from(contracts))
    schema = contract.document["components"]["schemas"][surface().models[model]["schema"]]
    return contract, draw(bodies(contract, schema, users=users))


def _told(model: str, body: Any, contract: Contract) -> Any:
    return _with_more(said(model, body, contract.version, names=True))


def _with_more(told: Any) -> Any:
    """What is told of models that may have kept what they do not know."""
    if isinstance(told, list):
        return [_with_more(one) for one in told]
    if not isinstance(told, dict) or "$model" not in told:
        return told
    return {key: _with_more(value) for key, value in told.items()} | {"additional_properties": {"$ignore": True}}


def _reads(draw: Any, contracts: list[Contract], model: str) -> Case:
    contract, body = _read(draw, contracts, model)
    return {
        "do": draw(st.sampled_from(["deserialize", "from_dict"])),
        "data": body,
        "want": _told(model, body, contract),
    }


def _lenient(draw: Any, contracts: list[Contract], model: str) -> Case:
    contract, body = _read(draw, contracts, model)
    names = st.text(string.ascii_lowercase, min_size=3, max_size=8).map(lambda name: f"x{name}")
    more = draw(st.dictionaries(names, st.one_of(texts(), st.none(), st.just([1]), st.just({"a": 1})), max_size=3))
    keys = [key for _, key, _ in attributes(model, contract.version) if key not in body]
    nothing = {key: None for key in keys if draw(st.booleans())}
    return {"do": "deserialize", "data": body, "plus": more | nothing, "want": _told(model, body, contract)}


def _again(draw: Any, contracts: list[Contract], model: str) -> Case:
    contract, body = _read(draw, contracts, model)
    body = documented(model, body, contract.version)
    on = {"$class": model}
    written_down = {"$do": "serialize", "on": {"$ref": "read"}, "kwargs": {"keep_readonly": True}}
    again = {"$do": "deserialize", "on": on, "args": [written_down]}
    return {"do": "==", "let": {"read": _reading(model, body)}, "on": {"$ref": "read"}, "args": [again], "want": True}


def _writes(draw: Any, contracts: list[Contract], model: str) -> Case:
    contract, body = _read(draw, contracts[:1], model, users=True)
    body = documented(model, body, contract.version)
    want = written(model, body, contract.version, contract.version)
    return {"do": "serialize", "on": _reading(model, body), "kwargs": {"keep_readonly": True}, "want": want}


def _sends_no_read_only(draw: Any, contracts: list[Contract], model: str) -> Case:
    contract, body = _read(draw, contracts[:1], model, users=True)
    body = documented(model, body, contract.version)
    want = written(model, body, contract.version, contract.version, readonly=False)
    return {"do": "serialize", "on": _reading(model, body), "want": want}


def _reading(model: str, body: Any) -> Case:
    return {"$do": "deserialize", "on": {"$class": model}, "args": [body]}


def _calls(draw: Any, contracts: list[Contract], name: str) -> Case:
    (contract,) = contracts
    operation = contract.operations[name]
    case = _called(draw, contract, operation)
    returns = surface().returns.get(name, {})
    if item_of(returns.get("type", "")):
        return _paged(draw, contract, operation, case.pop("request")) | case
    respond, body = _success(draw, contract, operation)
    return case | {"respond": respond, "want": _returned(returns, body, contract)}


def _called(draw: Any, contract: Contract, operation: Operation) -> Case:
    """The call and the request that follows from it."""
    given = {name: _argument(draw, contract, operation, name) for name in _names(draw, operation)}
    thread = draw(segments()) if "thread_id" not in given else ""
    sent = {surface().arguments[name]["key"]: wire for name, (_, wire) in given.items() if wire is not None}
    keywords = surface().keywords.get(operation.id, {})
    sent = {surface().arguments[name]["key"]: one for name, one in keywords.items() if one is not None} | sent
    path = "/" + "/".join(_segment(part, {"chatThreadId": thread, **sent}) for part in operation.template)
    request: Case = {"method": operation.method, "path": path, "query": {"api-version": contract.version}}
    places = {"query": request["query"], "header": request.setdefault("headers", {})}
    for key, value in sent.items():
        for place, into in places.items():
            if (place, key) in operation.parameters:
                into[key] = value
    request |= _body(contract, operation, sent)
    if operation.body.required:
        (media,) = operation.body.content
        request["headers"]["content-type"] = {"$match": f"{re.escape(media)}.*"}
    call = {name: argument for name, (argument, _) in given.items()}
    options = {"api_version": contract.version} if contract.version != DEFAULT_VERSION else {}
    return {"call": call, "options": options, "request": request} | ({"thread": thread} if thread else {})


def _names(draw: Any, operation: Operation) -> list[str]:
    signature = surface().signature(operation.id)
    return [name for name, default in signature.items() if default == "*" or draw(st.booleans())]


def _argument(draw: Any, contract: Contract, operation: Operation, name: str) -> tuple[Any, Any]:
    """An argument as the caller says it, and as it goes over the wire."""
    kind = surface().arguments[name]["type"]
    least = int(surface().signature(operation.id)[name] == "*")
    wire = draw(_values(contract, operation, name, kind, least))
    argument = said(kind, wire, contract.version, names=True)
    return argument, written(kind, wire, contract.version, contract.version)


def _values(contract: Contract, operation: Operation, name: str, kind: str, least: int) -> st.SearchStrategy[Any]:
    key = surface().arguments[name]["key"]
    if ("path", key) in operation.parameters:
        return segments()
    if ("header", key) in operation.parameters:
        return st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=36)
    if kind == "datetime":
        return times()
    if kind == "int":
        return st.integers(0, 1000)
    schema = _sent(contract, operation)
    if key not in schema.get("properties", {}):
        return bodies(contract, schema, users=True)
    values = bodies(contract, schema["properties"][key], users=True)
    return values.filter(bool) if least else values


def _segment(part: str, sent: Mapping[str, Any]) -> str:
    return quote(sent[part[1:-1]], safe="") if part.startswith("{") else part


def _sent(contract: Contract, operation: Operation) -> Schema:
    (schema,) = operation.body.content.values()
    return contract.resolve(schema)


def _body(contract: Contract, operation: Operation, sent: Mapping[str, Any]) -> Case:
    if not operation.body.content:
        return {}
    if not operation.body.required:
        return {"body": {"$ignore": True}}
    properties = _sent(contract, operation).get("properties", {})
    whole = [value for key, value in sent.items() if key not in properties and isinstance(value, dict)]
    return {"body": whole[0] if whole else {key: value for key, value in sent.items() if key in properties}}


def _success(draw: Any, contract: Contract, operation: Operation) -> tuple[Case, Any]:
    """An answer that is a success, and its body."""
    (status,) = (one for one in operation.answers if one < 300)
    content = operation.answers[status].body.content
    if not content:
        return {"status": status, "body": None}, None
    (schema,) = content.values()
    body = draw(bodies(contract, schema))
    body = {key: value for key, value in body.items() if key not in LEFT_OUT}
    return {"status": status, "body": body}, body


def _returned(returns: Mapping[str, Any], body: Any, contract: Contract) -> Any:
    if not returns:
        return None
    for step in returns.get("at", "").split("/") if "at" in returns else ():
        body = body[step]
    value = said(returns["type"], body, contract.version, names=False)
    return {"$model": returns["model"], returns["attribute"]: value} if "model" in returns else value


def _paged(draw: Any, contract: Contract, operation: Operation, first: Case) -> Case:
    """One to three pages, each linked to the next, and what the caller gets of them."""
    kind = surface().returns[operation.id]["type"]
    answers = [_success(draw, contract, operation)[0] for _ in range(draw(st.integers(1, 3)))]
    pages, exchanges = [answer["body"]["value"] for answer in answers], []
    for number, answer in enumerate(answers, 1):
        link = f"{{endpoint}}/chat/threads?syncState={number}&api-version={contract.version}"
        body = {"value": answer["body"]["value"]} | ({"nextLink": link} if number < len(answers) else {})
        query = {"syncState": str(number - 1), "api-version": contract.version}
        followed = {"method": operation.method, "path": "/chat/threads", "query": query}
        exchanges.append({"request": followed if number > 1 else first, "respond": {**answer, "body": body}})
    return {"exchanges": exchanges, "want": [said(kind, page, contract.version, names=False) for page in pages]}


def _fails(draw: Any, contracts: list[Contract], name: str) -> Case:
    (contract,) = contracts
    operation = contract.operations[name]
    status = draw(st.sampled_from([one for one in operation.answers if one >= 400]))
    (schema,) = operation.answers[status].body.content.values()
    told = {"status_code": status, "error": {"$ignore": True}}
    case = _called(draw, contract, operation)
    return case | {
        "options": case["options"] | {"retry_total": 0},
        "respond": {"status": status, "body": draw(bodies(contract, schema))},
        "error": {"kind": KINDS.get(status, "http"), "told": told},
    }


def _anything(draw: Any, contracts: list[Contract], name: str) -> Case:
    (contract,) = contracts
    operation = contract.operations[name]
    case = _called(draw, contract, operation)
    call = {key: draw(st.sampled_from(WILD)) if draw(st.booleans()) else value for key, value in case["call"].items()}
    json = st.recursive(st.none() | st.integers() | texts(), lambda one: st.lists(one, max_size=2) | _members(one))
    respond = draw(st.one_of(st.fixed_dictionaries({"body": json}), st.fixed_dictionaries({"text": texts()})))
    if draw(st.booleans()):
        respond = _success(draw, contract, operation)[0]
    status = draw(st.sampled_from(STATUSES))
    given = {"status": status, **respond} if status != 204 else {"status": status, "body": None}
    return case | {"call": call, "options": case["options"] | {"retry_total": 0}, "respond": given}


def _members(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(["id", "value", "error", "nextLink", "code", "x"]), values, max_size=3)


LAWS = (
    Law("reads", "Every body that the contract allows is read, each attribute from its key.", "python-surface", _reads),
    Law("lenient", "What a service adds or sends as null changes nothing of the rest.", "python-surface", _lenient),
    Law("again", "What was written is read as an equal model.", "python-surface", _again),
    Law("writes", "A model is written with the keys, types and times of the contract.", "python-surface", _writes),
    Law("read-only", "What only the service fills is not sent.", "python-surface", _sends_no_read_only),
    Law("calls", "A call is sent as the contract says, and all of its answer comes back.", "wire", _calls),
    Law("fails", "Every error of the contract is raised as the kind of its status.", "wire", _fails),
    Law("anything", "Two clients do the same, whatever they are given.", "wire", _anything, judged=False),
)


def subjects(kind: str, contract: Contract) -> list[str]:
    """What the laws of a kind are about."""
    if kind == "wire":
        return list(contract.operations)
    return [name for name, model in surface().models.items() if "schema" in model]

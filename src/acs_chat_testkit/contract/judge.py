"""Names every place where an exchange breaks the contract."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema.exceptions import ValidationError

from acs_chat_testkit.contract.exchange import Exchange, Tier, Violation
from acs_chat_testkit.contract.reader import DEFAULT_VERSION, Answer, Body, Contract, Operation, Schema, load, versions
from acs_chat_testkit.http import Headers, Request, Response

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of a decoded body beyond which it is not judged; a compressed bomb ends here."""

OF_REQUESTS = {
    "request.method": "the path takes no such method",
    "request.path": "no operation has this path",
    "request.missing-parameter": "a required query parameter or header is missing",
    "request.repeated-parameter": "a query parameter is given more than once",
    "request.unknown-parameter": "a query parameter is not in the contract",
}
OF_RESPONSES = {"response.status": "the status is not promised for this operation"}
OF_BODIES = {
    "missing-body": "there is no body, and there must be one",
    "unexpected-body": "there is a body, and there must be none",
    "media-type": "the content type is none of those that are promised",
    "content-coding": "the content coding is unknown, a lie, or hides more than 16 MiB",
    "json": "the body is no JSON text",
    "missing-field": "a required field is missing",
    "new-field": "a field is not in the contract",
    "new-value": "a value is none of the enumeration",
    "type": "a value has another type",
    "value": "a value does not keep to its format, pattern, length or form",
}
"""The same for requests and responses."""

CHECKS = {
    **OF_REQUESTS,
    **{f"request.{name}": said for name, said in OF_BODIES.items()},
    **OF_RESPONSES,
    **{f"response.{name}": said for name, said in OF_BODIES.items()},
}
"""Every check of an exchange, with what it finds. An id is never taken again for another check."""

TIERS = {
    "request.unknown-parameter": Tier.WARN,
    "response.new-field": Tier.INFO,
    "response.new-value": Tier.WARN,
}
"""Every check that is no error. A service may add fields and values; what it takes away or changes breaks somebody."""

KEYWORDS = {"required": "missing-field", "additionalProperties": "new-field", "enum": "new-value", "type": "type"}
"""The schema keywords with a check of their own; the others share ``value``."""

_INTEGER = re.compile(r"-?[0-9]{1,19}")
"""A number that a service could read; Python itself refuses to read one of several thousand digits."""
JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


class Finding(Exception):
    """A body that cannot be judged: the last part of the check's id, and the sentence."""


def violations(exchange: Exchange, contract: Contract | None = None) -> list[Violation]:
    """Judges one exchange.

    Args:
        exchange: What went over the wire.
        contract: The contract to judge by; without one, that of the request's api-version, or the default where it
            names none that has a contract.

    Returns:
        Every violation in the order request line, query, headers, body, status, response; an empty list is a pass.
    """
    contract = contract or contract_of(exchange.request) or load(DEFAULT_VERSION)
    path = urlsplit(exchange.request.url).path
    operation = contract.find(exchange.request.method, path)
    if operation is None:
        return [_stranger(contract, exchange.request.method, path)]
    found = [*_request(contract, operation, exchange.request)]
    if exchange.response is not None:
        found += _response(contract, operation, exchange.response)
    return [
        Violation(check, TIERS.get(check, Tier.ERROR), where, message, operation.id) for check, where, message in found
    ]


def contract_of(request: Request) -> Contract | None:
    """The contract of the api-version that a request names; None where it names none that has one."""
    named = dict(parse_qsl(urlsplit(request.url).query)).get("api-version")
    return load(named) if named in versions() else None


def _stranger(contract: Contract, method: str, path: str) -> Violation:
    there = sorted(operation.method for operation in contract.at(path))
    if there:
        message = f"{method} is no method of this path; {', '.join(there)} would be"
        return Violation("request.method", Tier.ERROR, "method", message)
    message = f"no operation of api-version {contract.version} has this path"
    return Violation("request.path", Tier.ERROR, "path", message)


Found = Iterator[tuple[str, str, str]]


def _request(contract: Contract, operation: Operation, request: Request) -> Found:
    query = urlsplit(request.url).query
    yield from _query(contract, operation, query)
    yield from _missing(operation, query, request.headers)
    for (place, name), parameter in operation.parameters.items():
        if place == "header" and name in request.headers:
            yield from _text(contract, "request", f"header/{name}", parameter.schema, request.headers[name])
    yield from _body(contract, "request", operation.body, request.headers, request.body)


def _query(contract: Contract, operation: Operation, query: str) -> Found:
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield "request.repeated-parameter", f"query/{name}", f"the parameter {name} is given more than once"
    for name, value in dict(pairs).items():
        parameter = operation.parameters.get(("query", name))
        if parameter is None:
            yield "request.unknown-parameter", f"query/{name}", f"the operation has no parameter {name}"
        else:
            yield from _text(contract, "request", f"query/{name}", parameter.schema, value)


def _missing(operation: Operation, query: str, headers: Headers) -> Found:
    there = {"query": dict(parse_qsl(query, keep_blank_values=True)), "header": headers}
    for (place, name), parameter in operation.parameters.items():
        if parameter.required and name not in there.get(place, (name,)):
            yield "request.missing-parameter", f"{place}/{name}", f"the required parameter {name} is missing"


def _text(contract: Contract, side: str, where: str, schema: Schema, text: str) -> Found:
    """Judges a text that stands in a url or a header: a number is written out there."""
    wanted = contract.resolve(schema).get("type")
    value: Any = int(text) if wanted == "integer" and _INTEGER.fullmatch(text) else text
    if error := next(iter(contract.validator(schema).iter_errors(value)), None):
        yield f"{side}.value", where, _sentence(error)


def _response(contract: Contract, operation: Operation, response: Response) -> Found:
    answer = operation.answers.get(response.status)
    if answer is None:
        known = ", ".join(str(status) for status in operation.answers)
        yield "response.status", "status", f"status {response.status} is not promised; {known} are"
        return
    yield from _headers(contract, answer, response.headers)
    yield from _body(contract, "response", answer.body, response.headers, response.body)


def _headers(contract: Contract, answer: Answer, headers: Headers) -> Found:
    for name, schema in answer.headers.items():
        if name in headers:
            yield from _text(contract, "response", f"header/{name}", schema, headers[name])


def _body(contract: Contract, side: str, body: Body, headers: Headers, raw: bytes) -> Found:
    if not raw:
        if body.required:
            yield f"{side}.missing-body", "body", "there must be a body"
        return
    if not body.content:
        yield f"{side}.unexpected-body", "body", "there must be no body"
        return
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in body.content:
        wanted = " or ".join(body.content)
        yield f"{side}.media-type", "header/content-type", f"the media type must be {wanted}, not {media_type!r}"
    schema = body.content.get(media_type) or next(iter(body.content.values()))
    try:
        value = json.loads(decoded(raw, headers.get("content-encoding", "")))
    except Finding as finding:
        yield f"{side}.content-coding", "body", str(finding)
    except (ValueError, RecursionError):
        yield f"{side}.json", "body", "the body is no JSON text, or is nested beyond all measure"
    else:
        yield from _schema(contract, side, schema, value)


def decoded(raw: bytes, coding: str) -> bytes:
    """Undoes a content coding (RFC 9110, section 8.4).

    Raises:
        Finding: The coding is unknown or a lie, or what it hides is larger than `LARGEST_BODY`.
    """
    name = coding.strip().lower()
    if name in {"", "identity"}:
        return raw
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise Finding(f"the content coding {name[:40]!r} is not supported")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | (16 if "gzip" in name else 0))
    try:
        plain = unpack.decompress(raw, LARGEST_BODY)
    except zlib.error as broken:
        raise Finding(f"the body is not {name}") from broken
    if unpack.unconsumed_tail:
        raise Finding(f"the decoded body is larger than {LARGEST_BODY} bytes")
    if not unpack.eof:
        raise Finding(f"the body is not {name}, or is cut off")
    return plain


def _schema(contract: Contract, side: str, schema: Schema, value: Any) -> Found:
    found: dict[tuple[str, str, str], None] = {}
    errors = list(contract.validator(schema).iter_errors(value))
    wrong_type = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    for error in errors:
        if error.validator != "type" and tuple(error.absolute_path) in wrong_type:
            continue
        check = f"{side}.{KEYWORDS.get(str(error.validator), 'value')}"
        pointer = "body" + "".join(f"/{_escaped(step)}" for step in error.absolute_path)
        for name, message in _details(error):
            found[check, pointer + (f"/{_escaped(name)}" if name else ""), message] = None
    yield from found


def _details(error: ValidationError) -> Iterable[tuple[str, str]]:
    """Each name that an error is about, with its sentence; an empty name where it is about the place itself."""
    there: Any = error.instance
    if error.validator == "required":
        wanted: Any = error.validator_value
        return [(name, f"{name} is missing") for name in wanted if name not in there]
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        return [(name, f"{name[:80]} is not in the contract") for name in there if name not in schema["properties"]]
    return [("", _sentence(error))]


def _sentence(error: ValidationError) -> str:
    """Says what was wanted; of what was there it shows no more than the type, or a value outside of an enum."""
    keyword: str = str(error.validator)
    wanted: Any = error.validator_value
    if keyword == "type":
        return f"must be {wanted}, is {JSON_TYPES.get(type(error.instance), 'null')}"
    if keyword == "enum":
        return f"{str(error.instance)[:40]!r} is none of {', '.join(map(str, wanted))}"
    if keyword == "const":
        return f"must be {wanted!r}, is {str(error.instance)[:40]!r}"
    if keyword in {"oneOf", "anyOf"}:
        return "fits none, or more than one, of the forms that are allowed here"
    return f"does not keep to {keyword} {wanted!r}"


def _escaped(step: object) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")

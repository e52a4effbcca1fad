"""Tells a service a story: sends it one request after another, and judges every answer, also by the contract."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from acs_chat_conformance.judge import ABSENT, Difference, differences
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.session import Session
from acs_chat_conformance.shorthand import fill
from acs_chat_conformance.vectors import Vector
from acs_chat_testkit.contract import Exchange, Tier, load, violations
from acs_chat_testkit.http import Headers, Request, Response

PATIENCE = 30.0
NAMES = ("ada", "ben", "eve")
People = Mapping[str, Mapping[str, str]]


def story(vector: Vector, session: Session) -> Result:
    """Asks for the service and for people who use it, and goes through the steps until one differs."""
    outcome = session.ask(vector, {"do": "serve"})
    try:
        endpoint: str = outcome["value"]["endpoint"]
        people: People = {name: dict(outcome["value"]["people"][name]) for name in NAMES}
        names = {"endpoint": endpoint, "uuid": str(uuid.uuid4())} | {name: people[name]["id"] for name in NAMES}
    except (LookupError, TypeError, ValueError):
        wanted = {"endpoint": "...", "people": {name: {"id": "...", "token": "..."} for name in NAMES}}
        return Result(vector, Status.CRASHED, (Difference("", wanted, dict(outcome)),))
    for index, step in enumerate(vector.expected.steps):
        at = f"/exchanges/{index}/response"
        request = _request(fill(dict(step.request), names), endpoint, people, vector.set.partition("/")[2])
        try:
            response = _answer(request)
        except (OSError, HTTPException) as broken:
            return Result(vector, Status.CRASHED, (Difference(at, "an answer", str(broken)),))
        wanted = fill(dict(step.respond), names)
        body = _json(response.body)
        found = [*_wrong(wanted, response, body, at), *_broken_promises(vector, request, response, at)]
        if found:
            return Result(vector, Status.FAILED, tuple(found))
        names |= {name: str(_at(body, pointer)) for name, pointer in wanted.get("keep", {}).items()}
    return Result(vector, Status.PASSED)


def _request(wanted: Mapping[str, Any], endpoint: str, people: People, version: str) -> Request:
    """The request of a step; api-version and token are added where it says nothing else about them."""
    url = wanted["path"] if "://" in wanted["path"] else f"{endpoint}{wanted['path']}"
    if "://" not in wanted["path"] and wanted.get("version", True):
        url += f"{'&' if '?' in url else '?'}api-version={version}"
    headers = {"accept": "application/json"}
    if wanted.get("as"):
        headers["authorization"] = f"Bearer {people[wanted['as']]['token']}"
    body = b""
    if "body" in wanted:
        body = json.dumps(wanted["body"]).encode()
        kind = "application/merge-patch+json" if wanted["method"] == "PATCH" else "application/json"
        headers["content-type"] = kind
    return Request(wanted["method"], url, Headers({**headers, **wanted.get("headers", {})}), body)


def _answer(request: Request) -> Response:
    parts = urlsplit(request.url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.netloc, timeout=PATIENCE)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(request.method, target, request.body or None, dict(request.headers.fields))
        answer = connection.getresponse()
        return Response(answer.status, Headers(answer.getheaders()), answer.read())
    finally:
        connection.close()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else ABSENT
    except ValueError:
        return {"$bytes": body.decode("latin-1")}


def _wrong(wanted: Mapping[str, Any], response: Response, body: Any, at: str) -> Iterator[Difference]:
    yield from differences(wanted["status"], response.status, f"{at}/status")
    for name, value in wanted.get("headers", {}).items():
        yield from differences(value, response.headers.get(name, ABSENT), f"{at}/headers/{name}")
    for pointer, value in wanted.get("holds", {}).items():
        yield from differences(value, _at(body, pointer), f"{at}/body{pointer}")


def _at(body: Any, pointer: str) -> Any:
    """What lies at a JSON pointer (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        if isinstance(body, list):
            body = body[int(step)] if step.isdecimal() and int(step) < len(body) else ABSENT
        else:
            body = body.get(step, ABSENT) if isinstance(body, dict) else ABSENT
    return body


def _broken_promises(vector: Vector, request: Request, response: Response, at: str) -> Iterator[Difference]:
    """Where an answer breaks the contract of the set's api-version; a request may break it on purpose."""
    contract = load(vector.set.partition("/")[2])
    for violation in violations(Exchange(request, response), contract):
        if violation.tier is Tier.ERROR and violation.check.startswith("response."):
            yield Difference(f"{at}/{violation.where}", violation.message, violation.check)

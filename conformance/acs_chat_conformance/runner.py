"""Runs vectors: asks the implementation, answers as its server, and lets the judge compare."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from acs_chat_conformance.implementation import Implementation, Session
from acs_chat_conformance.judge import Difference, judge
from acs_chat_conformance.listener import Listener
from acs_chat_conformance.shorthand import fill
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Exchange, Expected, Vector
from acs_chat_testkit.http import Headers, Response

TOKEN_EXPIRY = 4102444800
"""Seconds since 1970 of 2100-01-01, when the suite's token expires."""


class Status(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Result:
    """One check that was run.

    Args:
        vector: What was asked and wanted.
        status: What became of it.
        differences: What was wrong; empty for a pass.
    """

    vector: Vector
    status: Status
    differences: tuple[Difference, ...] = ()


def run(vectors: Iterable[Vector], implementation: Implementation) -> Iterator[Result]:
    """Runs vectors in their order against an implementation."""
    with ExitStack() as stack:
        session = stack.enter_context(Session(implementation))
        listener: Listener | None = None
        for vector in vectors:
            if vector.is_wire and listener is None:
                listener = stack.enter_context(Listener())
            yield _run(vector, session, listener)


def _run(vector: Vector, session: Session, listener: Listener | None) -> Result:
    names = {"token": token()} | ({"endpoint": listener.endpoint} if listener else {})
    expected = _filled(vector.expected, names)
    if listener is not None:
        listener.expect(_response(exchange.respond) for exchange in expected.exchanges)
    question = fill(dict(vector.question), names) | {"attributes": surface().attributes}
    if vector.is_wire:
        question["token"] = names["token"]
    outcome = session.ask(question, wire=vector.is_wire)
    if "crash" in outcome:
        return Result(vector, Status.CRASHED, (Difference("", "an answer", outcome["crash"]),))
    found = judge(expected, outcome, listener.seen() if listener else [])
    return Result(vector, Status.FAILED if found else Status.PASSED, tuple(found))


def _filled(expected: Expected, names: dict[str, str]) -> Expected:
    exchanges = tuple(Exchange(fill(one.request, names), fill(one.respond, names)) for one in expected.exchanges)
    value, error = fill(expected.value, names), fill(expected.error, names)
    return Expected(value, error, expected.logs, expected.pick, exchanges)


def _response(respond: Any) -> Response:
    headers = {name: value for name, value in respond.get("headers", {}).items() if value is not None}
    if "text" in respond:
        return Response(respond["status"], Headers(headers), respond["text"].encode())
    if "body" not in respond or respond["body"] is None:
        return Response(respond["status"], Headers(headers))
    headers.setdefault("content-type", "application/json; charset=utf-8")
    return Response(respond["status"], Headers(headers), json.dumps(respond["body"]).encode())


@lru_cache
def token() -> str:
    """A user access token that no service issued: three parts, and an expiry in 2100."""
    parts = [{"alg": "none", "typ": "JWT"}, {"skypeid": "acs:suite", "scp": 1792, "exp": TOKEN_EXPIRY}]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, "none"])

"""Runs vectors: asks the implementation, answers as its server, and lets the judge compare."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from acs_chat_conformance.judge import Difference, judge
from acs_chat_conformance.listener import Listener
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.session import Outcome, Session
from acs_chat_conformance.shorthand import fill
from acs_chat_conformance.story import story
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Expected, Step, Vector
from acs_chat_testkit.contract import Exchange, Tier, contract_of, violations
from acs_chat_testkit.http import Headers, Request, Response

TOKEN_EXPIRY = 4102444800
"""Seconds since 1970 of 2100-01-01, when the suite's token expires."""

EXPIRED = 946684800
"""Seconds since 1970 of 2000-01-01, when the suite's expired token did."""


URL_LETTERS = "???>>>~~~"
"""A text that base64url writes with - and _."""


def run(vectors: Iterable[Vector], session: Session) -> Iterator[Result]:
    """Runs vectors in their order."""
    with Runner(session) as runner:
        for vector in vectors:
            yield story(vector, session) if vector.is_service else runner.run(vector)


class Runner:
    """Runs vectors of clients for as long as the context is open; the server starts when it is first needed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._stack = ExitStack()
        self._listener: Listener | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, vector: Vector) -> Result:
        """Asks a vector's question, answers as its server, and judges."""
        listener = self._needed(vector)
        names = _names(listener)
        expected = _filled(vector.expected, names)
        outcome, seen = self._ask(vector, expected, names, listener)
        if "crash" in outcome:
            return Result(vector, Status.CRASHED, (Difference("", "an answer", outcome["crash"]),))
        gaps = listener.gaps() if listener else []
        found = [*judge(expected, outcome, seen), *_broken_promises(vector, seen), *_too_early(expected, gaps)]
        return Result(vector, Status.FAILED if found else Status.PASSED, tuple(found))

    def observe(self, vector: Vector) -> tuple[Outcome, list[Request]]:
        """Asks and answers, and does not judge: what the adapter told, and what came in."""
        listener = self._needed(vector)
        names = _names(listener)
        return self._ask(vector, _filled(vector.expected, names), names, listener)

    def _ask(
        self, vector: Vector, expected: Expected, names: dict[str, str], listener: Listener | None
    ) -> tuple[Outcome, list[Request]]:
        if listener:
            listener.expect(response(step.respond) for step in expected.steps)
        question = fill(dict(vector.question), names) | {"attributes": surface().attributes}
        outcome = self.session.ask(vector, question)
        return outcome, listener.seen() if listener else []

    def _needed(self, vector: Vector) -> Listener | None:
        if vector.is_wire and self._listener is None:
            self._listener = self._stack.enter_context(Listener())
        return self._listener if vector.is_wire else None


def _names(listener: Listener | None) -> dict[str, str]:
    return _tokens() | ({"endpoint": listener.endpoint, "elsewhere": listener.elsewhere} if listener else {})


def _too_early(expected: Expected, gaps: list[float]) -> Iterator[Difference]:
    """Where a request did not wait as long as the answer before it said."""
    for index, (step, gap) in enumerate(zip(expected.steps, gaps, strict=False)):
        if gap < step.request.get("after", 0):
            yield Difference(f"/exchanges/{index}/request/after", step.request["after"], round(gap, 3))


def _broken_promises(vector: Vector, seen: list[Request]) -> Iterator[Difference]:
    """Where a request breaks the contract of the vector's api-version, whatever the vector says."""
    for index, request in enumerate(seen):
        contract = contract_of(request)
        if contract is None or not vector.set.endswith(contract.version):
            continue
        for violation in violations(Exchange(request), contract):
            if violation.tier is Tier.ERROR:
                yield Difference(f"/exchanges/{index}/request/{violation.where}", violation.message, violation.check)


def _filled(expected: Expected, names: dict[str, str]) -> Expected:
    steps = tuple(Step(fill(one.request, names), fill(one.respond, names)) for one in expected.steps)
    value, error = fill(expected.value, names), fill(expected.error, names)
    return Expected(value, error, expected.logs, expected.pick, steps)


def response(respond: Any) -> Response:
    """The answer that a step of a vector describes; a body is JSON unless it says otherwise."""
    headers = {name: value for name, value in respond.get("headers", {}).items() if value is not None}
    if "text" in respond:
        return Response(respond["status"], Headers(headers), respond["text"].encode())
    if "body" not in respond or respond["body"] is None:
        return Response(respond["status"], Headers(headers))
    headers.setdefault("content-type", "application/json; charset=utf-8")
    return Response(respond["status"], Headers(headers), json.dumps(respond["body"]).encode())


def _tokens() -> dict[str, str]:
    """The tokens that a vector may name: one for long, one that is over, and those around a refreshing interval."""
    now = int(time.time())
    return {
        "token": token(TOKEN_EXPIRY),
        "expired_token": token(EXPIRED),
        "token_for_100_s": token(now + 100),
        "token_for_160_s": token(now + 160),
        "token_for_3500_s": token(now + 3500),
        "token_for_3630_s": token(now + 3630),
        "token_in_base64url": token(TOKEN_EXPIRY, name=URL_LETTERS),
        "token_without_expiry": token(None),
        "token_with_text_expiry": token("soon"),
        "token_with_true_expiry": token(True),
        "token_with_endless_expiry": token(math.inf),
        "token_with_latest_expiry": token(2**63 - 1),
        "token_beyond_clocks": token(2**63),
        "token_with_beginningless_expiry": token(-math.inf),
    }


@lru_cache(maxsize=32)
def token(expiry: float | str | None, **more: str) -> str:
    """A user access token that no service issued: three parts, and the expiry in seconds since 1970, if it has one."""
    claims: dict[str, Any] = {"skypeid": "acs:suite", "scp": 1792, **more} | ({} if expiry is None else {"exp": expiry})
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, "none"])

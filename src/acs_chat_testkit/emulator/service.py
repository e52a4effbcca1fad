"""The chat service as one function from request to response; it knows no sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import Lock

from acs_chat_testkit.emulator.calls import Answer, Call, split_url
from acs_chat_testkit.emulator.clock import http_date
from acs_chat_testkit.emulator.facts import Fact, facts
from acs_chat_testkit.emulator.gate import Gate
from acs_chat_testkit.emulator.identity import Tokens, check_signature
from acs_chat_testkit.emulator.limits import RateLimiter
from acs_chat_testkit.emulator.problems import Problem, bad_request, not_found
from acs_chat_testkit.emulator.reading import Query, read_query
from acs_chat_testkit.emulator.renderers import CHAT, DEFAULT, IDENTITIES, Identity, Released
from acs_chat_testkit.emulator.routes import IdentityRoute, Route, find
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.errors import EmulatorError
from acs_chat_testkit.http import Headers, Request, Response

FACTS_HEADER = "x-testkit-facts"
REQUEST_ID = "x-ms-client-request-id"
ECHO_HEADER = "x-ms-return-client-request-id"
_JSON = "application/json; charset=utf-8"
_DEFAULT_IDENTITY = IDENTITIES["2023-10-01"]


class Service:
    """Answers requests one after the other, each in a transaction of its own.

    Args:
        state: What the service knows.
        tokens: Issues and verifies access tokens.
        gate: Turns requests away at the door.
        rates: Counts calls; None lets everybody call as often as they like.
        chat: The renderers of the chat calls by api-version.
    """

    def __init__(
        self,
        state: State,
        tokens: Tokens,
        gate: Gate,
        rates: RateLimiter | None = None,
        chat: Mapping[str, Released] = CHAT,
    ) -> None:
        self.state = state
        self.tokens = tokens
        self.gate = gate
        self._rates = rates
        self._chat = chat
        self._lock = Lock()
        self._answered = 0
        self._facts: dict[str, None] = {}

    def answer(self, request: Request) -> Response:
        """The response to a request; every refusal comes in the envelope of its api-version."""
        base, path, raw_query = split_url(request.url)
        with self._lock:
            self._answered += 1
            renderer: Released | Identity = _DEFAULT_IDENTITY if path.startswith("/identities") else self._chat[DEFAULT]
            listed_since = ""
            try:
                self.gate.check(request)
                query = read_query(raw_query)
                renderer = self._renderer(renderer, query)
                route, ids = find(request.method, path)
                listed_since = route.listed_since if renderer.name >= route.listed_since else ""
                call = Call(renderer.name, base, ids, query, request.headers, request.body)
                answer = self._run(route, renderer, call, request)
                content, kind = _content(answer)
            except Problem as problem:
                content, kind = renderer.refusal(problem)
                answer = Answer(problem.status, rests_on=(problem.fact, renderer.error_fact), allow=problem.allow)
            answer = replace(answer, rests_on=(*answer.rests_on, *_facts_around(request, renderer, content)))
            self._facts.update(dict.fromkeys(answer.rests_on))
            return self._response(request, renderer, answer, content, kind, listed_since)

    def create_user(self) -> str:
        """Makes a user without a request and gives its id."""
        with self._lock, self.state.database.transaction():
            return self.state.users.create()

    def issue_token(self, user_id: str) -> str:
        """Signs a chat token for a user without a request.

        Raises:
            EmulatorError: The resource has no such user.
        """
        with self._lock:
            user = self.state.users.get(user_id)
            if user is None or user.deleted:
                raise EmulatorError(f"there is no user {user_id!r} to issue a token for, make one with create_user()")
            return self.tokens.issue(user_id, ["chat"]).token

    def take_facts(self) -> tuple[Fact, ...]:
        """The behaviours that answers rested on since this was last asked."""
        with self._lock:
            taken = tuple(facts()[fact] for fact in self._facts)
            self._facts.clear()
            return taken

    def jump(self, milliseconds: int) -> int:
        """Moves the clock and gives its time in milliseconds."""
        with self._lock:
            self.state.clock.jump(milliseconds)
            return self.state.clock.now()

    def reset(self, seed: int | None) -> None:
        """Forgets users and threads and starts the clock anew; a seed lets all further ids follow from it."""
        with self._lock:
            with self.state.database.transaction():
                self.state.database.clear()
            if seed is not None:
                self.state.ids.reseed(seed)
            self.state.clock.restart()
            if self._rates is not None:
                self._rates.reset()
            self._answered = 0
            self._facts.clear()

    def _renderer(self, kind: Released | Identity, query: Query) -> Released | Identity:
        known: Mapping[str, Released | Identity] = self._chat if isinstance(kind, Released) else IDENTITIES
        version = query.text("api-version")
        if version is None or version not in known:
            asked = "An api-version is required" if version is None else f"The api-version '{version[:64]}' is unknown"
            raise bad_request("request.api-version", f"{asked}, use one of {', '.join(known)}.")
        return known[version]

    def _run(self, route: Route, renderer: Released | Identity, call: Call, request: Request) -> Answer:
        if renderer.name not in route.versions:
            raise not_found("request.route", "There is nothing at this path in this api-version.")
        if isinstance(route, IdentityRoute):
            assert isinstance(renderer, Identity)
            check_signature(request, self.state.ids.access_key)
            with self.state.database.transaction():
                return route.handler(call, renderer, self.state, self.tokens)
        assert isinstance(renderer, Released)
        # Outside the transaction: the key that verifies tokens may be drawn here, and a refusal must not take it back.
        call = replace(call, caller=self.tokens.caller(request))
        if self._rates is not None:
            self._rates.check(route.handler.__name__, call)
        with self.state.database.transaction():
            return route.handler(call, renderer, self.state)

    def _response(
        self,
        request: Request,
        renderer: Released | Identity,
        answer: Answer,
        content: bytes,
        kind: str,
        listed_since: str,
    ) -> Response:
        era = renderer.era
        headers = {
            "date": http_date(self.state.clock.now()),
            "strict-transport-security": era.security,
            **self.state.ids.traces(self._answered),
            **era.headers,
        }
        if request.headers.get(ECHO_HEADER, "").lower() == "true" and REQUEST_ID in request.headers:
            headers[REQUEST_ID] = request.headers[REQUEST_ID]
        if kind or answer.status != 401:
            headers["api-supported-versions"] = era.listed(listed_since)
        if answer.location is not None:
            headers["location"] = answer.location
        if answer.allow is not None:
            headers["allow"] = answer.allow
        if kind:
            headers["content-type"] = kind
        if answer.status != 204 and not (era.chunked and content):
            headers["content-length"] = str(len(content))
        if FACTS_HEADER in request.headers:
            headers[FACTS_HEADER] = ", ".join(f"{fact}={facts()[fact].mark}" for fact in answer.rests_on)
        return Response(answer.status, Headers(headers), content)


def _facts_around(request: Request, renderer: Released | Identity, content: bytes) -> Iterator[str]:
    yield "answer.headers"
    if content:
        yield renderer.era.length_fact
    if "%" in request.url.partition("?")[0]:
        yield "request.path"
    if ECHO_HEADER in request.headers:
        yield "answer.request-id"


def _content(answer: Answer) -> tuple[bytes, str]:
    if answer.body is None:
        return b"", ""
    return json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode(), _JSON

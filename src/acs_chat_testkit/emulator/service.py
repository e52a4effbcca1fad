"""The chat service as one function from request to response; it knows no sockets."""

from __future__ import annotations

import json
from threading import Lock
from urllib.parse import urlsplit

from acs_chat_testkit.emulator.calls import Answer, Call
from acs_chat_testkit.emulator.clock import http_date
from acs_chat_testkit.emulator.identity import Tokens, check_signature
from acs_chat_testkit.emulator.problems import Problem, bad_request, not_found
from acs_chat_testkit.emulator.reading import Query, read_query
from acs_chat_testkit.emulator.renderers import DEFAULT, VERSIONS, Released
from acs_chat_testkit.emulator.routes import ChatRoute, IdentityRoute, Route, find
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.http import Headers, Request, Response

_JSON = "application/json; charset=utf-8"
_IDENTITY_SUPPORTED = (
    "2020-07-20-preview2, 2021-02-22-preview1, 2021-03-07, 2021-10-31-preview, 2021-11-01, 2022-06-01, "
    "2022-10-01, 2023-10-01"
)


class Service:
    """Answers requests one after the other, each in a transaction of its own.

    Args:
        state: What the service knows.
        tokens: Issues and verifies access tokens.
    """

    def __init__(self, state: State, tokens: Tokens) -> None:
        self.state = state
        self.tokens = tokens
        self._lock = Lock()
        self._answered = 0

    def answer(self, request: Request) -> Response:
        """The response to a request; every refusal comes in the envelope of its api-version."""
        with self._lock:
            self._answered += 1
            if urlsplit(request.url).path.startswith("/identities"):
                return self._answer_identity(request)
            return self._answer_chat(request)

    def create_user(self) -> str:
        """Makes a user without a request and gives its id."""
        with self._lock, self.state.database.transaction():
            return self.state.users.create()

    def issue_token(self, user_id: str) -> str:
        """Signs a chat token for a user without a request."""
        with self._lock:
            return self.tokens.issue(user_id, ["chat"]).token

    def _answer_chat(self, request: Request) -> Response:
        renderer = DEFAULT
        try:
            query = _query(request)
            renderer = _renderer(query)
            answer = self._run(request, query, renderer)
        except Problem as problem:
            return self._refuse_chat(problem, renderer)
        headers = {"api-supported-versions": renderer.supported, **self._common(renderer)}
        return _response(answer, headers, chunked=renderer.chunked)

    def _refuse_chat(self, problem: Problem, renderer: Released) -> Response:
        common = self._common(renderer)
        if problem.status == 401:
            return Response(401, Headers({**common, "content-length": "0"}))
        body = renderer.error(problem)
        length = {} if renderer.chunked else {"content-length": str(len(body))}
        headers = {"api-supported-versions": renderer.supported, **common, "content-type": "application/json", **length}
        return Response(problem.status, Headers(headers), body)

    def _answer_identity(self, request: Request) -> Response:
        common = {"api-supported-versions": _IDENTITY_SUPPORTED, "request-context": "appId=", **self._common(DEFAULT)}
        try:
            answer = self._run(request, _query(request), DEFAULT)
        except Problem as problem:
            error = {"code": problem.code, "message": problem.message or ""}
            answer = Answer(problem.status, {"error": error})
        return _response(answer, common, chunked=False)

    def _run(self, request: Request, query: Query, renderer: Released) -> Answer:
        url = urlsplit(request.url)
        route, ids = find(request.method, url.path)
        version = _version(query, route)
        call = Call(renderer, version, f"{url.scheme}://{url.netloc}", ids, query, request.headers, request.body)
        with self.state.database.transaction():
            if isinstance(route, IdentityRoute):
                check_signature(request, self.state.ids.access_key())
                return route.handler(call, self.state, self.tokens)
            return route.handler(call.by(self.tokens.caller(request)), self.state)

    def _common(self, renderer: Released) -> dict[str, str]:
        ids, number = self.state.ids, self._answered
        since_2021 = {"x-cache": "CONFIG_NOCACHE", "access-control-expose-headers": "*"}
        return {
            "date": http_date(self.state.clock.now()),
            "ms-cv": ids.correlation(number),
            "strict-transport-security": "max-age=2592000",
            "x-processing-time": ids.processing(number),
            "x-azure-ref": ids.reference(number),
            **({} if renderer.chunked else since_2021),
        }


def _query(request: Request) -> Query:
    return read_query(urlsplit(request.url).query)


def _renderer(query: Query) -> Released:
    version = query.text("api-version")
    if version is None:
        raise bad_request("An api-version is required.")
    if version not in VERSIONS:
        raise bad_request(f"The api-version '{version[:64]}' is not supported, use one of {', '.join(VERSIONS)}.")
    return VERSIONS[version]


def _version(query: Query, route: Route) -> str:
    version = query.text("api-version") or ""
    if version in route.versions:
        return version
    if isinstance(route, ChatRoute):
        raise not_found("There is nothing at this path in this api-version.")
    raise bad_request(f"The api-version '{version[:64]}' is not supported, use one of {', '.join(route.versions)}.")


def _response(answer: Answer, headers: dict[str, str], *, chunked: bool) -> Response:
    location = {"location": answer.location} if answer.location else {}
    if answer.status == 204:
        return Response(204, Headers({**headers, **location}))
    if answer.body is None:
        return Response(answer.status, Headers({**headers, **location, "content-length": "0"}))
    body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    length = {} if chunked else {"content-length": str(len(body))}
    return Response(answer.status, Headers({**headers, **location, "content-type": _JSON, **length}), body)

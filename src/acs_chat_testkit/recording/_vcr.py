"""vcrpy: the door of every client that has none of our own. The only file that imports vcr.

Its patches are put in once and never out, with a cassette that has no content: it passes each request on to the
recorder that is in force. What vcrpy does with real connections (undoing its patches for all threads while one of them
connects) does not happen, because clients with connections of that kind have doors of our own.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from acs_chat_testkit.errors import TestkitError, UnrecordedRequest
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import active, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.codings import opened_by_client
from acs_chat_testkit.recording.doors import wire
from acs_chat_testkit.recording.take import Take

OURS = ("httplib", "requests", "boto3", "urllib3", "httplib2", "aiohttp", "httpx")
"""vcrpy's names of the patches that are not wanted: these clients have doors of our own."""

TORNADO = {
    "tornado.simple_httpclient": "SimpleAsyncHTTPClient",
    "tornado.curl_httpclient": "CurlAsyncHTTPClient",
}
"""The modules of tornado's clients, and the clients that vcrpy patches."""

EFFECTIVE_URL = "X-Effective-Url"
"""The field in which we keep where tornado was redirected to: it shows nobody else the steps on the way."""

NOTHING: Mapping[str, Any] = {}


def install(_module: ModuleType) -> None:
    """Puts vcrpy's patches in, for all clients that it knows."""
    if _is_half_there():
        # It imports the clients itself, and `nested` comes back here when it has.
        return
    from vcr.patch import CassettePatcherBuilder

    _silence()
    _patch(CassettePatcherBuilder)


@functools.cache
def _patch(builder: Any) -> None:
    for patcher in builder(_Deck()).build():
        patcher.__enter__()
    for name, client in TORNADO.items():
        if name in sys.modules:
            tornado = getattr(sys.modules[name], client)
            tornado.fetch_impl = _answering(tornado.fetch_impl)


@functools.cache
def _silence() -> None:
    """Keeps vcrpy from naming addresses as they are in a log of everything, unless somebody asks for its own log."""
    import logging

    log = logging.getLogger("vcr")
    if log.level == logging.NOTSET:
        log.setLevel(logging.WARNING)


def _is_half_there() -> bool:
    """Whether vcrpy is being imported."""
    patch = sys.modules.get("vcr.patch")
    return patch is not None and not hasattr(patch, "CassettePatcherBuilder")


def _answering(fetch: Callable[..., None]) -> Callable[..., None]:
    """A refused request of tornado fails where somebody waits for it, as it does live."""

    @functools.wraps(fetch)
    def through(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
        from tornado.httpclient import HTTPResponse

        try:
            fetch(client, request, callback)
        except TestkitError as error:
            callback(HTTPResponse(request, 599, error=error))

    return through


class _Deck:
    """A cassette as vcrpy's patches use one."""

    _path = ""
    custom_patches = ()
    skip_patchers = OURS
    write_protected = False

    def can_play_response_for(self, request: Any) -> bool:
        """Asks the recorder, and keeps what it says with the request until it is asked for."""
        recorder = active.beneath()
        if recorder is None:
            request.outcome = None
            return False
        sent = read_request(request)
        request.outcome = recorder.play(sent) or recorder.take(sent)
        return isinstance(request.outcome, Interaction)

    def play_response(self, request: Any) -> dict[str, Any]:
        """The recorded answer in vcrpy's form."""
        response = request.outcome.response
        if response is None:
            raise failures.cause(request.outcome.error)
        played = response_of(replace(response, headers=response.headers.without(EFFECTIVE_URL)))
        return {**played, "url": response.headers.get(EFFECTIVE_URL, request.outcome.others.get("url"))}

    def append(self, request: Any, response: dict[str, Any]) -> None:
        """The answer has come."""
        if isinstance(request.outcome, Take):
            answer = read_response(response)
            if response.get("url") not in (None, request.uri):
                fields = (*answer.headers.fields, (EFFECTIVE_URL, response["url"]))
                answer = replace(answer, headers=Headers(fields))
            # In replay, too, vcrpy gives what is beneath the client that opened it, so it is not to be packed again.
            request.outcome.keep(opened_by_client(answer, request.outcome.request.headers)[0])

    def filter_request(self, request: Any) -> Any:
        """Every request counts."""
        return request


def request_of(request: Request) -> Any:
    """A request in vcrpy's form."""
    from vcr.request import Request as Theirs

    _silence()
    nothing = b"" if "content-type" in request.headers else None
    return Theirs(request.method, request.url, request.body or nothing, _by_name(request.headers))


def read_request(request: Any) -> Request:
    """A request from vcrpy's form."""
    return Request(request.method, request.uri, _read_headers(request.headers), wire.drain(request.body))


def response_of(response: Response, others: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """An answer in vcrpy's form, with what else a cassette keeps of it."""
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": _by_name(response.headers),
        "body": {"string": response.body},
        **others,
    }


def read_response(response: Mapping[str, Any]) -> Response:
    """An answer from vcrpy's form."""
    status, body = response["status"], response["body"].get("string") or b""
    body = body.encode() if isinstance(body, str) else body
    return Response(status["code"], _read_headers(response["headers"]), body, status["message"] or "")


def _by_name(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers.fields:
        found.setdefault(name, []).append(value)
    return found


def _read_headers(headers: Any) -> Headers:
    return Headers(
        (name, value.decode("latin-1") if isinstance(value, bytes) else str(value))
        for name, values in (headers.items() if isinstance(headers, Mapping) else headers)
        for value in (values if isinstance(values, (list, tuple)) else [values])
    )


def unhandled(text: str) -> Exception:
    """Vcrpy's error of a request that is not in the cassette."""
    from vcr.errors import UnhandledHTTPRequestError

    error: Exception = UnhandledHTTPRequestError(text)
    return error


def miss(text: str) -> UnrecordedRequest:
    """The error of a miss; where vcrpy is in use, code that catches vcrpy's own error catches it too."""
    errors = sys.modules.get("vcr.errors")
    return UnrecordedRequest(text) if errors is None else _both(errors)(text)


def _both(errors: ModuleType) -> type[UnrecordedRequest]:
    class Miss(UnrecordedRequest, errors.CannotOverwriteExistingCassetteException):  # type: ignore[name-defined, misc]
        """Both errors in one."""

        def __init__(self, text: str) -> None:
            Exception.__init__(self, text)

    Miss.__name__ = Miss.__qualname__ = UnrecordedRequest.__name__
    Miss.__module__ = UnrecordedRequest.__module__
    return Miss

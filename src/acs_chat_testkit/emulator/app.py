"""The rim: from an ASGI connection to a request value, and from a response value back."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from acs_chat_testkit.emulator.service import Service
from acs_chat_testkit.http import Headers, Request, Response


class Rim:
    """Hands every request to the service, whatever its path: the service parts paths before it decodes them.

    Args:
        service: Answers.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        incoming = Incoming(scope, receive)
        request = _value(incoming, await incoming.body())
        await _outgoing(self._service.answer(request))(scope, receive, send)


def build(service: Service) -> Starlette:
    """The application around a service."""
    return Starlette(routes=[Route("/{path:path}", Rim(service))])


def _value(incoming: Incoming, body: bytes) -> Request:
    scope = incoming.scope
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return Request(incoming.method, f"{scope['scheme']}://{headers.get('host', '')}{target}", headers, body)


def _outgoing(response: Response) -> Outgoing:
    outgoing = Outgoing(response.body, response.status)
    outgoing.raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.fields
    ]
    return outgoing

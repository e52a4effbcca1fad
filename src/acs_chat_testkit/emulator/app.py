"""The rim: from an ASGI connection to a request value, and from a response value back."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.types import Receive, Scope, Send

from acs_chat_testkit.emulator.control import Control
from acs_chat_testkit.emulator.faults import Fault
from acs_chat_testkit.emulator.gate import LARGEST_BODY
from acs_chat_testkit.http import Headers, Request, Response

TRANSPORT = "acs_chat_testkit.transport"
"""The key in the scope's state under which the server puts the connection's transport."""
_SIP = 16
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class App:
    """An ASGI application around the service.

    It takes every path: the service parts paths before it decodes them, which a router of the framework does not.

    Args:
        control: Leads to the service, and may put faults between.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        try:
            request = await _value(Incoming(scope, receive))
        except ClientDisconnect:
            return
        response = self._control.answer(request)
        if response is not None:
            await _outgoing(response)(scope, receive, send)
            return
        fault = self._control.faults.take(request)
        if fault is None:
            await _outgoing(self._noted(request, self._control.service.answer(request)))(scope, receive, send)
        else:
            await self._inflict(fault, request, scope, receive, send)

    def _noted(self, request: Request, response: Response) -> Response:
        self._control.note(request, response)
        return response

    async def _inflict(self, fault: Fault, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "latency":
            await asyncio.sleep(fault.milliseconds / 1000)
        if fault.kind == "reset":
            _break(scope)
            return
        answer = fault.answer() if fault.kind == "status" else self._control.service.answer(request)
        response = fault.spoil(self._noted(request, answer))
        if fault.kind == "lost":
            _break(scope)
        elif fault.kind in ("truncated", "slow"):
            await _sip(response, fault, scope, send)
        else:
            await _outgoing(response)(scope, receive, send)


async def _sip(response: Response, fault: Fault, scope: Scope, send: Send) -> None:
    """Sends a body slowly, or its first half and then nothing."""
    await send({"type": "http.response.start", "status": response.status, "headers": _raw(response.headers)})
    if fault.kind == "truncated":
        half = response.body[: len(response.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _transport(scope).close()
        return
    for start in range(0, len(response.body), _SIP):
        await asyncio.sleep(fault.milliseconds / 1000)
        await send({"type": "http.response.body", "body": response.body[start : start + _SIP], "more_body": True})
    await send({"type": "http.response.body"})


def _break(scope: Scope) -> None:
    transport = _transport(scope)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _transport(scope: Scope) -> Any:
    return scope["state"][TRANSPORT]


async def _value(incoming: Incoming) -> Request:
    scope = incoming.scope
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    url = f"{scope['scheme']}://{headers.get('host', '')}{target}"
    return Request(incoming.method, url, headers, await _bounded_body(incoming))


async def _bounded_body(incoming: Incoming) -> bytes:
    """The body; of one that is too large just enough to tell."""
    body = bytearray()
    async for chunk in incoming.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


def _outgoing(response: Response) -> Outgoing:
    outgoing = Outgoing(response.body, response.status)
    outgoing.raw_headers = _raw(response.headers)
    return outgoing


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.fields]

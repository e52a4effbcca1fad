"""The door of requests, and of azure-core's RequestsTransport: `HTTPAdapter.send`."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Callable, Iterable
from typing import Any

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import active

_lock = threading.Lock()
_installed = False


def install() -> None:
    """Puts the door in; does nothing the second time, or where requests is not installed."""
    global _installed
    try:
        from requests.adapters import HTTPAdapter
    except ModuleNotFoundError:
        return
    with _lock:
        if not _installed:
            HTTPAdapter.send = _door(HTTPAdapter.send)  # type: ignore[method-assign]
            _installed = True


def _door(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    def through(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        recorder = active.current()
        if recorder is None:
            return send(adapter, request, *args, **kwargs)
        sent = _request(request)
        played = recorder.play(sent)
        if played is not None:
            return adapter.build_response(request, _raw(played, request.method))
        take = recorder.take(sent)
        response = send(adapter, request, *args, **kwargs)
        got = _response(response)
        take.keep(got)
        response.raw = _raw(got, request.method)
        return response

    return through


def _request(prepared: Any) -> Request:
    body = prepared.body
    if body is None:
        body = b""
    elif isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        prepared.body = body = _drain(body)
    headers = (
        (name, value.decode("latin-1") if isinstance(value, bytes) else value)
        for name, value in prepared.headers.items()
    )
    return Request(prepared.method or "GET", prepared.url or "", Headers(headers), body)


def _drain(body: Iterable[Any]) -> bytes:
    """A body that is a file or an iterator, read once and then sent from memory."""
    if hasattr(body, "read"):
        data = body.read()
        return data.encode() if isinstance(data, str) else bytes(data)
    return b"".join(chunk.encode() if isinstance(chunk, str) else chunk for chunk in body)


def _response(response: Any) -> Response:
    """Reads a response to its end, in its content coding."""
    raw = response.raw
    body = raw.read(decode_content=False)
    raw.release_conn()
    return Response(response.status_code, Headers(raw.headers.items()), body, response.reason or "")


def _raw(response: Response, method: str) -> Any:
    """The response as urllib3 gives it to requests."""
    from urllib3 import HTTPHeaderDict, HTTPResponse

    headers = HTTPHeaderDict()
    for name, value in response.headers.fields:
        headers.add(name, value)
    return HTTPResponse(
        body=io.BytesIO(response.body),
        headers=headers,
        status=response.status,
        reason=response.reason,
        version=11,
        request_method=method,
        enforce_content_length=False,
        preload_content=False,
    )

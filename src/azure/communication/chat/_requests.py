"""The requests that operations become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from azure.core.pipeline.transport import HttpRequest

from ._endpoint import Endpoint
from ._identifiers import CommunicationUserIdentifier
from ._operations import Operation, Part
from ._wire import Wire

if TYPE_CHECKING:
    from ._model import Model

Arguments = Mapping[str, Any]


class PageRequest(HttpRequest):
    """Asks for a page and knows which models are on it."""

    model: type[Model]


def build(endpoint: Endpoint, wire: Wire, operation: Operation, arguments: Arguments) -> HttpRequest:
    """The request of an operation.

    Raises:
        ValueError: An argument does not fit its place.
    """
    query = [f"{key}={quote(str(value), safe='')}" for key, value in _written(operation.query, arguments, wire).items()]
    query.append(f"api-version={wire.api_version}")
    url = f"{endpoint.url}{operation.path.format_map(_Segments(arguments))}?{'&'.join(query)}"
    headers = {"Accept": "application/json", **_written(operation.headers, arguments, wire)}
    if operation.paged:
        return page(operation, url, headers)
    request = HttpRequest(operation.method, url, headers=headers)
    if operation.body is not None:
        request.data = _json(_body(operation.body, arguments, wire))
        request.headers["Content-Type"] = operation.media
        request.headers["Content-Length"] = str(len(request.data))
    return request


def page(operation: Operation, url: str, headers: Mapping[str, str]) -> PageRequest:
    """The request for a page of a paged operation."""
    request = PageRequest(operation.method, url, headers=headers)
    request.model = operation.reads
    return request


def _json(body: Any) -> bytes:
    try:
        return msgspec.json.format(msgspec.json.encode(body), indent=0)  # with spaces, as the published clients write
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can only escape
        return json.dumps(body).encode()


def _body(body: tuple[Part, ...] | Part, arguments: Arguments, wire: Wire) -> Any:
    if isinstance(body, Part):
        return body.kind.writer(wire.writing)(arguments[body.argument])
    return _written(body, arguments, wire)


def _written(parts: tuple[Part, ...], arguments: Arguments, wire: Wire) -> dict[str, Any]:
    written = {}
    for part in parts:
        value = arguments.get(part.argument)
        if value is not None:
            written[part.key] = part.kind.writer(wire.writing)(value)
    return written


class _Segments(dict[str, Any]):
    """Arguments as segments of a path."""

    def __getitem__(self, name: str) -> str:
        return _segment(name, super().__getitem__(name))


def _segment(name: str, value: Any) -> str:
    """An id as one segment of a path.

    Raises:
        ValueError: It is no text, or one that every HTTP stack takes for a step in the path.
    """
    text = value.identifier if isinstance(value, CommunicationUserIdentifier) else value
    if not isinstance(text, str) or not text:
        raise ValueError(f"{name} must be a text that is not empty, not {value!r}")
    if text in (".", ".."):
        raise ValueError(f"{name} {text!r} would leave its place in the path")
    return _quoted(text)


@lru_cache(maxsize=1024)  # a client says the same thread id again and again
def _quoted(text: str) -> str:
    return quote(text, safe="")

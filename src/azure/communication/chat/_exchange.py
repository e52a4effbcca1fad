"""One call: from the arguments of a documented method to the request, and from the answer to what the method returns.

No I/O happens here; the sync and the async client send what this prepares and hand the answer back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from azure.core.exceptions import DeserializationError, HttpResponseError, SerializationError
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.core.pipeline.transport import HttpRequest

from . import _errors, _requests
from ._endpoint import Endpoint
from ._operations import Operation
from ._pages import Page
from ._requests import Arguments
from ._wire import Wire


class Exchange(NamedTuple):
    """A call that is ready to be sent.

    Args:
        operation: What is called.
        request: The first request.
        options: What goes to the pipeline, for this call alone.
        cls: The caller's own result, as ``cls(pipeline_response, model, headers)``.
        error_map: The caller's own exceptions by status.
    """

    operation: Operation
    request: HttpRequest
    options: dict[str, Any]
    cls: Any
    error_map: Mapping[int, Any]

    @classmethod
    def prepare(
        cls, endpoint: Endpoint, wire: Wire, name: str, arguments: Arguments, options: Mapping[str, Any]
    ) -> Exchange:
        """Turns the arguments of a documented method into its request.

        Raises:
            azure.core.exceptions.SerializationError: An argument does not fit its place on the wire.
            ValueError: An id cannot be one segment of a path.
        """
        operation = wire.operations[name]
        try:
            request = _requests.build(endpoint, wire, operation, arguments)
        except SerializationError:
            raise
        except ValueError as error:
            raise SerializationError(f"{name}: {error}") from error
        own = {**options, "stream": False}
        return cls(operation, request, own, own.pop("cls", None), own.pop("error_map", None) or {})

    def check(self, response: Any) -> Any:
        """The decoded body of a successful answer.

        Raises:
            azure.core.exceptions.HttpResponseError: The status means something else than success.
        """
        if response.http_response.status_code != self.operation.status:
            raise _errors.failure(response.http_response, self.error_map)
        return decoded(response)

    def result(self, response: Any) -> Any:
        """The model of an answer, or what the caller's own `cls` makes of it."""
        data = self.check(response)
        return self.returned(response, self.read(data) if self.operation.reads else None)

    def read(self, data: Any) -> Any:
        """The model in a decoded body."""
        model = self.operation.reads.deserialize(data) if isinstance(data, dict) else None
        if model is None:
            raise DeserializationError(f"the answer to {self.operation.name} has no {self.operation.reads.__name__}")
        return model

    def created(self, response: Any, client_of: Callable[[str], Any]) -> Any:
        """The client of the thread in the answer to create.

        Raises:
            PartialFailureError: The thread lacks some participants; the error has the client.
        """
        data = self.check(response)
        thread = self.read(data.get("chatThread") if isinstance(data, dict) else None)
        if not thread.id:
            raise DeserializationError(f"the answer to {self.operation.name} has no id of the thread")
        client = client_of(thread.id)
        self._raise_for_participants(response, data, client)
        return self.returned(response, client)

    def added(self, response: Any) -> Any:
        """What add returns.

        Raises:
            PartialFailureError: Some participants were not added.
        """
        self._raise_for_participants(response, self.check(response))
        return self.returned(response, None)

    def _raise_for_participants(self, response: Any, data: Any, client: Any = None) -> None:
        invalid = _errors.invalid_participants(data)
        if invalid:
            raise _errors.PartialFailureError(invalid, response.http_response, client)

    def returned(self, response: Any, model: Any) -> Any:
        """What the method returns for a model."""
        if self.cls is None:
            return model
        return self.cls(response, model, dict(response.http_response.headers))

    def page(self, response: Any, endpoint: Endpoint) -> tuple[str | None, list[Any]]:
        """The link to the next page and the models of this one.

        Raises:
            azure.core.exceptions.HttpResponseError: The link leads to another origin.
            azure.core.exceptions.DeserializationError: An item cannot be read.
        """
        data = self.check(response)
        models, link = data if isinstance(data, Page) else self._read_page(data)
        if link is not None:
            link = owned(endpoint, link, response.http_response)
        return link, models if self.cls is None else self.cls(models)

    def _read_page(self, data: Any) -> Page:
        items = (data.get("value") or []) if isinstance(data, dict) else None
        if not isinstance(items, list):
            raise DeserializationError(f"the answer to {self.operation.name} is no page: it has no list of values")
        return Page([self.read(item) for item in items], data.get("nextLink") or None)

    def follow(self, link: str) -> HttpRequest:
        """The request for the next page: the link as it is."""
        return _requests.page(self.operation, link, {"Accept": "application/json"})


def owned(endpoint: Endpoint, link: Any, response: Any = None) -> str:
    """A link as an absolute url of the endpoint's own origin.

    Raises:
        azure.core.exceptions.HttpResponseError: It leads to another origin, which must never see the token.
    """
    url = endpoint.resolve(link) if isinstance(link, str) else ""
    if not endpoint.owns(url):
        raise HttpResponseError(f"nextLink {link!r:.200} does not lead to {endpoint.url}; it is not followed", response)
    return url


def decoded(response: Any) -> Any:
    """The parsed body, as the pipeline's decoding policy left it."""
    try:
        return response.context[ContentDecodePolicy.CONTEXT_NAME]
    except KeyError:  # the caller replaced the policies
        return ContentDecodePolicy.deserialize_from_http_generics(response.http_response)

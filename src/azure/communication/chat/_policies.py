"""The policies of the pipeline, and what ours do differently from azure-core's."""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
from azure.core.exceptions import ClientAuthenticationError, DecodeError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline import policies as core

from . import _pages
from ._endpoint import Endpoint
from ._errors import UNREADABLE
from ._operations import JSON
from ._requests import PageRequest
from ._version import VERSION

_REPEATABILITY = "repeatability-request-id"
_TOO_MANY_REQUESTS = 429
_LONGEST_PAUSE = 604800.0  # a week, after which azure-core gives up in any case


class NeverTwice:
    """A POST that the service may have carried out is not sent again, unless its repeatability id makes that safe."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to send the request again after this answer."""
        request, status = response.http_request, response.http_response.status_code
        if request.method == "POST" and _REPEATABILITY not in request.headers and status != _TOO_MANY_REQUESTS:
            return False
        if status == _TOO_MANY_REQUESTS and self.get_retry_after(response) is not None:
            return True
        decided: bool = super().is_retry(settings, response)  # type: ignore[misc]  # azure-core's, mixed in below
        return decided

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """The seconds to wait that the service names in seconds, milliseconds or as a date (RFC 9110, 10.2.3)."""
        headers = {name.lower(): value for name, value in response.http_response.headers.items()}
        if "retry-after" in headers:
            return _seconds_until(headers["retry-after"])
        for name in ("retry-after-ms", "x-ms-retry-after-ms"):
            if name in headers:
                milliseconds = _number(headers[name])
                return None if milliseconds is None else milliseconds / 1000
        return None


def _seconds_until(text: str) -> float | None:
    """The seconds in a Retry-After, or until its date; None for one that says nothing."""
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return _pause(max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - time.time()))


def _number(text: str) -> float | None:
    try:
        return _pause(float(text))
    except ValueError:
        return None


def _pause(number: float) -> float | None:
    """The number; None where no clock could sleep for so long."""
    return number if 0 <= number <= _LONGEST_PAUSE else None


class RetryPolicy(NeverTwice, core.RetryPolicy[Any, Any]):
    """azure-core's retries with our rule."""


class AsyncRetryPolicy(NeverTwice, core.AsyncRetryPolicy[Any, Any]):
    """azure-core's async retries with our rule."""


class RequestIdPolicy(core.RequestIdPolicy):
    """Names each request by a random UUID; azure-core's own (version 1) is slow and shows the machine's address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._random = "request_id" not in options and options.get("auto_request_id", True)
        self._header = options.get("request_id_header_name", "x-ms-client-request-id")

    def set_request_id(self, value: str) -> None:
        """Names every request so from now on."""
        self._random = False
        super().set_request_id(value)

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Names the request."""
        if self._random and "request_id" not in request.context.options:
            request.http_request.headers[self._header] = _random_uuid()
        else:
            super().on_request(request)


def _random_uuid() -> str:
    """A UUID of version 4 (RFC 9562); `uuid.uuid4` takes five times as long."""
    digits = os.urandom(15).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:]}"


class Decoding(core.ContentDecodePolicy):
    """Decodes bodies; an error answer that cannot be decoded (a proxy's HTML) stays the error that it is."""

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        """Decodes the body into the context."""
        try:
            found = _quickly_decoded(response)
            if found is None:
                super().on_response(request, response)
            else:
                response.context[self.CONTEXT_NAME] = found
        except (DecodeError, *UNREADABLE) as error:
            if response.http_response.status_code >= 400:
                response.context[self.CONTEXT_NAME] = None
            elif isinstance(error, DecodeError):
                raise
            else:
                raise DecodeError(f"the answer cannot be read: {error}", response=response.http_response) from error


def _quickly_decoded(response: PipelineResponse[Any, Any]) -> Any:
    """The page or the JSON in an answer; None where azure-core's policy has to decide."""
    answer, context = response.http_response, response.context
    media = (answer.content_type or JSON).partition(";")[0]
    if media != JSON or context.options.get("stream", True) or "response_encoding" in context:
        return None
    if answer.status_code == 200 and isinstance(response.http_request, PageRequest):
        page = _pages.decode(response.http_request.model, answer.body())
        if page is not None:
            return page
    try:
        return msgspec.json.decode(answer.body())
    except (msgspec.MsgspecError, ValueError):  # the former became the latter in 0.21
        return None


class _Bearer:
    """Puts the token on requests to the endpoint, only while they are being sent, and lets no other request pass."""

    def __init__(self, endpoint: Endpoint, credential: Any) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._own = endpoint.url + "/"
        self._credential = credential

    def _check(self, request: PipelineRequest[Any]) -> None:
        url = request.http_request.url
        if not (url.startswith(self._own) or self._endpoint.owns(url)):
            raise ClientAuthenticationError(f"the request would leave {self._endpoint.url}; it is not sent")
        request.context.options.pop("enforce_https", None)  # the endpoint was checked when the client was made

    @staticmethod
    def _header(token: Any) -> str:
        """The header for what a credential returned; it is checked, for an error of the transport would show it."""
        text = getattr(token, "token", None)
        if not isinstance(text, str):
            raise TypeError(f"get_token of the credential must return an AccessToken, not {type(token).__name__}")
        if not text or " " in text or not (text.isascii() and text.isprintable()):
            raise ValueError(
                "the token of the credential is empty, or has a line break or another character that no token has"
            )
        return f"Bearer {text}"


class BearerPolicy(_Bearer, core.HTTPPolicy[Any, Any]):
    """Authorizes the requests of a sync client."""

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Sends the request with the token."""
        self._check(request)
        token = self._credential.get_token()
        if inspect.isawaitable(token):
            if inspect.iscoroutine(token):
                token.close()
            raise TypeError("get_token of the credential is async: use the client of azure.communication.chat.aio")
        headers = request.http_request.headers
        headers["Authorization"] = self._header(token)
        try:
            return self.next.send(request)
        finally:
            del headers["Authorization"]


class AsyncBearerPolicy(_Bearer, core.AsyncHTTPPolicy[Any, Any]):
    """Authorizes the requests of an async client."""

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Sends the request with the token."""
        self._check(request)
        token = self._credential.get_token()
        if inspect.isawaitable(token):
            token = await token
        headers = request.http_request.headers
        headers["Authorization"] = self._header(token)
        try:
            return await self.next.send(request)
        finally:
            del headers["Authorization"]


def chain(options: Mapping[str, Any], *, retry: type, redirect: type, bearer: Any) -> list[Any]:
    """The policies from the caller to the transport.

    Args:
        options: The keywords of the client. Each policy takes its own; ``policies`` replaces the whole chain,
            ``<name>_policy`` one link, ``per_call_policies`` and ``per_retry_policies`` add to it.
        retry: The class that retries.
        redirect: The class that follows redirects.
        bearer: The policy that authorizes. It is the last link, so that no other policy ever sees the token.
    """
    if options.get("policies") is not None:
        return list(options["policies"])
    links = {
        "request_id_policy": RequestIdPolicy,
        "headers_policy": core.HeadersPolicy,
        "user_agent_policy": _user_agent,
        "proxy_policy": core.ProxyPolicy,
        "content_decode_policy": Decoding,
        "redirect_policy": redirect,
        "retry_policy": retry,
        "custom_hook_policy": core.CustomHookPolicy,
        "logging_policy": core.NetworkTraceLoggingPolicy,
        "distributed_tracing_policy": core.DistributedTracingPolicy,
        "sensitive_header_cleanup_policy": getattr(core, "SensitiveHeaderCleanupPolicy", None),  # since 1.26
        "http_logging_policy": core.HttpLoggingPolicy,
    }
    made: list[Any] = list(_several(options, "per_call_policies"))
    for name, make in links.items():
        if make is not None:
            made.append(options.get(name) or make(**options))
        if name == "retry_policy":
            made.extend(_several(options, "per_retry_policies"))
    return [*made, options.get("authentication_policy") or bearer]


def _user_agent(**options: Any) -> core.UserAgentPolicy:
    return core.UserAgentPolicy(**{"sdk_moniker": f"communication-chat/{VERSION}", **options})


def _several(options: Mapping[str, Any], name: str) -> list[Any]:
    given = options.get(name) or []
    return list(given) if isinstance(given, list | tuple) else [given]

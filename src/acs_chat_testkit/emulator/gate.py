"""What is turned away at the door: requests that a web page could have sent, and those beyond the bounds."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from acs_chat_testkit.emulator.problems import Problem, bad_request, forbidden
from acs_chat_testkit.http import Request

LARGEST_BODY = 1024 * 1024
_LONGEST_TARGET = 8 * 1024
_LARGEST_HEAD = 32 * 1024
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")


class Gate:
    """Knows by which names the emulator may be reached.

    Args:
        host: The address it listens on. One that is not this machine's own opens it to every name.
    """

    def __init__(self, host: str) -> None:
        self._host = host.lower()
        self._open = not is_loopback(host)

    def check(self, request: Request) -> None:
        """Lets a request pass.

        A page in a browser reaches a loopback port under a name of its own (its Host tells) or across origins (its
        Origin or Sec-Fetch-Site tells).

        Raises:
            Problem: 400, 403, 413, 414, 415 or 431.
        """
        self._check_bounds(request)
        hosts = request.headers.get_all("host")
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            raise bad_request("request.gate", "One valid Host header is required.")
        name = match[1].strip("[]").lower()
        if not (self._open or name == self._host or is_loopback(name)):
            raise forbidden("request.gate", "The emulator answers to the names of this machine only.")
        if not _from_here(request):
            raise forbidden("request.gate", "The emulator does not answer to web pages.")

    def _check_bounds(self, request: Request) -> None:
        if len(request.url) > _LONGEST_TARGET:
            raise Problem("request.size", 414, "UriTooLong", "The request target is too long.")
        if sum(len(name) + len(value) for name, value in request.headers.fields) > _LARGEST_HEAD:
            raise Problem("request.size", 431, "HeadersTooLarge", "The request headers are too large.")
        if len(request.body) > LARGEST_BODY:
            raise Problem("request.size", 413, "RequestTooLarge", "The request body is too large.")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem("request.size", 415, "UnsupportedMediaType", "The request body must not be compressed.")


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    host = host.lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _from_here(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin", "same-site"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        return is_loopback(urlsplit(origin).hostname or "")
    except ValueError:
        return False

"""The endpoint of a resource: where requests go, and the only origin that ever gets the token."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple, Self
from urllib.parse import SplitResult, urljoin, urlsplit

_PORTS = {"https": 443, "http": 80}
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")  # where parsers of urls disagree about the host

_MORE = re.compile("[?#;]")  # a query, a fragment, or the rest of a connection string


class Endpoint(NamedTuple):
    """An endpoint.

    Args:
        url: Scheme, host, port and any path, without a slash at the end.
        origin: Scheme, host and port.
    """

    url: str
    origin: tuple[str, str, int]

    @classmethod
    def parse(cls, endpoint: str) -> Self:
        """Reads an endpoint; without a scheme it is https, and plain http is for loopback alone.

        Raises:
            ValueError: It is no such endpoint.
        """
        if not isinstance(endpoint, str) or not endpoint:
            raise ValueError("endpoint must be a text such as https://<resource>.communication.azure.com")
        url = (endpoint if "://" in endpoint else f"https://{endpoint}").rstrip("/")
        origin = _origin(url)
        if origin is None or _MORE.search(url):  # it is not shown: a connection string holds a key
            raise ValueError(
                "endpoint is not of the form https://host[:port]; of a connection string take what 'endpoint=' says"
            )
        if origin[0] == "http" and not _is_loopback(origin[1]):
            raise ValueError(f"endpoint {endpoint!r} must be https: a token goes over plain http to loopback only")
        return cls(url, origin)

    def owns(self, url: str) -> bool:
        """Whether a url has this endpoint's scheme, host and port."""
        return _origin(url) == self.origin

    def resolve(self, link: str) -> str:
        """A link of the service as an absolute url; an absolute one comes back verbatim."""
        try:
            return link if _UNSAFE.search(link) or urlsplit(link).scheme else urljoin(self.url, link)
        except ValueError:  # such as half of an IPv6 address
            return link


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what has no clear one."""
    if _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        return _checked(parts)
    except ValueError:
        return None


def _checked(parts: SplitResult) -> tuple[str, str, int] | None:
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if parts.port is None else parts.port


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

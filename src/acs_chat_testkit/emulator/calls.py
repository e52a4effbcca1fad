"""What a handler gets and gives: values without sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from acs_chat_testkit.emulator.reading import Fields, Query, read_object
from acs_chat_testkit.emulator.renderers import Json
from acs_chat_testkit.http import Headers


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way into a handler: routed, its version known, its caller verified.

    Args:
        version: The api-version.
        base: Scheme and host as the client named them; links in answers start with it.
        path: The ids in the path, decoded.
        query: The decoded query.
        headers: All request headers.
        body: The bytes of the body.
        caller: Raw id of the user whose token came along; empty where the resource itself calls.
    """

    version: str
    base: str
    path: Mapping[str, str]
    query: Query
    headers: Headers
    body: bytes
    caller: str = ""

    def fields(self) -> Fields:
        """The JSON object in the body.

        Raises:
            Problem: 400, there is none.
        """
        return read_object(self.body)

    def optional_fields(self) -> Fields:
        """The JSON object in the body; one without members where there is no body."""
        return read_object(self.body) if self.body else Fields({})

    def link(self, path: str, **query: object) -> str:
        """An absolute link to a list of this service, at this api-version."""
        pairs = [*query.items(), ("api-version", self.version)]
        return f"{self.base}{path}?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in pairs)

    def location(self, thread_id: str, below: str = "") -> str:
        """The Location of a thread, or of something below it; of the id just the colon is escaped."""
        return f"{self.base}/chat/threads/{thread_id.replace(':', '%3A')}{below}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler decided.

    Args:
        status: The status code.
        body: A JSON object; None for an empty body.
        location: The Location header.
        rests_on: The behaviours that show in it, by their ids in facts.toml.
        allow: The Allow header.
    """

    status: int
    body: Json | None = None
    location: str | None = None
    rests_on: tuple[str, ...] = ()
    allow: str | None = None


def page(items: Sequence[Json], link: str | None, *rests_on: str) -> Answer:
    """A page of a list; `link` leads to the next one."""
    return Answer(200, {"value": items, **({"nextLink": link} if link else {})}, rests_on=rests_on)


def split_url(url: str) -> tuple[str, str, str]:
    """Scheme and host, path, and query of a request's url, as they stand there.

    The host is a header that anybody may fill with anything, so nothing here can fail.
    """
    scheme, _, rest = url.partition("://")
    host, _, tail = rest.partition("/")
    path, _, query = f"/{tail}".partition("?")
    return f"{scheme}://{host}", path, query

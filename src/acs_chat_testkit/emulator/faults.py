"""Faults at will: which request meets which one, and what it makes of a response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from acs_chat_testkit.emulator.calls import split_url
from acs_chat_testkit.errors import EmulatorError
from acs_chat_testkit.http import Headers, Request, Response

Kind = Literal["status", "latency", "reset", "lost", "truncated", "malformed", "content-type", "slow"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_LONGEST = 600_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Args:
        kind: ``status`` answers without running the request; ``latency`` waits first; ``reset`` breaks the connection
            before the request runs, ``lost`` after it ran; ``truncated`` promises the whole body and breaks off in
            its middle; ``malformed`` cuts the body's end, so that it is no JSON; ``content-type`` says text/html;
            ``slow`` sends the body in sips.
        times: How many requests meet it; None for all until `Faults.clear`.
        every: It meets each n-th matching request only.
        method: Only requests of this method; None for all.
        path: Only requests whose path contains this text.
        status: Of ``status``: the status code, 400 to 599.
        retry_after: Of ``status``: the seconds of the Retry-After header; None leaves it out.
        milliseconds: Of ``latency`` the wait, of ``slow`` the pause between two sips.

    Raises:
        EmulatorError: There is no such kind, or a value is out of its bounds.
    """

    kind: Kind
    times: int | None = 1
    every: int = 1
    method: str | None = None
    path: str = ""
    status: int = 503
    retry_after: int | None = None
    milliseconds: int = 1000

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise EmulatorError(f"there is no fault {self.kind!r}, use one of {', '.join(KINDS)}")
        if not (isinstance(self.path, str) and isinstance(self.method, str | None)):
            raise EmulatorError("method and path of a fault must be texts")
        _check("times", self.times, 1, _LONGEST)
        _check("every", self.every, 1, _LONGEST)
        _check("status", self.status, 400, 599)
        _check("retry_after", self.retry_after, 0, _LONGEST)
        _check("milliseconds", self.milliseconds, 0, _LONGEST)

    def matches(self, request: Request) -> bool:
        """Whether the request is one that this fault is for."""
        return self.method in (None, request.method) and self.path in split_url(request.url)[1]

    def answer(self) -> Response:
        """The response of a ``status`` fault."""
        retry = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return Response(self.status, Headers({**retry, "content-length": "0"}))

    def spoil(self, response: Response) -> Response:
        """What ``malformed`` and ``content-type`` make of a response; other kinds leave it as it is."""
        if self.kind == "malformed":
            body = response.body[:-1]
            return Response(response.status, _with(response.headers, "content-length", str(len(body))), body)
        if self.kind == "content-type":
            headers = _with(response.headers, "content-type", "text/html")
            return Response(response.status, headers, response.body)
        return response


@dataclass(slots=True)
class _Rule:
    fault: Fault
    seen: int = 0
    met: int = 0


@dataclass(slots=True)
class Faults:
    """The faults in force, the oldest first; a request meets at most one."""

    _rules: list[_Rule] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Puts a fault in force."""
        self._rules.append(_Rule(fault))

    def clear(self) -> None:
        """Ends all faults."""
        self._rules.clear()

    def take(self, request: Request) -> Fault | None:
        """The fault that this request meets."""
        for rule in self._rules:
            if rule.fault.matches(request):
                rule.seen += 1
                if rule.seen % rule.fault.every == 0:
                    return self._meet(rule)
        return None

    def _meet(self, rule: _Rule) -> Fault:
        rule.met += 1
        if rule.met == rule.fault.times:
            self._rules.remove(rule)
        return rule.fault


def fault_from(values: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object describes; its keys are the arguments of `Fault`.

    Raises:
        EmulatorError: A key or a value does not fit.
    """
    try:
        return Fault(**values)
    except TypeError:
        names = ", ".join(Fault.__slots__)
        raise EmulatorError(f"a fault has the members {names}, and a kind at least") from None


def _check(name: str, value: object, smallest: int, largest: int) -> None:
    if value is None and name in ("times", "retry_after"):
        return
    if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
        raise EmulatorError(f"{name} of a fault must be from {smallest} to {largest}, not {value!r}")


def _with(headers: Headers, name: str, value: str) -> Headers:
    if name not in headers:
        return headers
    return Headers((key, value if key.lower() == name else old) for key, old in headers.fields)

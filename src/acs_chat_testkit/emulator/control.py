"""The control path: faults, clock, reset, facts and the last requests, for who has the control key."""

from __future__ import annotations

import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from acs_chat_testkit.emulator.calls import split_url
from acs_chat_testkit.emulator.faults import Faults, fault_from
from acs_chat_testkit.emulator.problems import Problem, not_found
from acs_chat_testkit.emulator.service import Service
from acs_chat_testkit.errors import EmulatorError
from acs_chat_testkit.http import Headers, Request, Response

PREFIX = "/testkit/"
KEY_HEADER = "x-testkit-key"
_REMEMBERED = 100
_LONGEST_BODY = 4096
_SECRET = re.compile("auth|cookie|key|secret|signature|token", re.IGNORECASE)


@lru_cache(maxsize=256)
def _is_secret(header: str) -> bool:
    return _SECRET.search(header) is not None


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was answered, without what is secret in it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str
    status: int


@dataclass(slots=True)
class Control:
    """Everything that a test may do to the service, besides being its client.

    Args:
        service: What is controlled.
        key: Opens the control path over HTTP; None keeps it shut.
    """

    service: Service
    key: str | None = None
    faults: Faults = field(default_factory=Faults)
    _seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def note(self, request: Request, response: Response) -> None:
        """Remembers a request among the last hundred."""
        _, path, query = split_url(request.url)
        headers = {name: "***" if _is_secret(name) else value for name, value in request.headers.fields}
        body = request.body[:_LONGEST_BODY].decode("utf-8", "replace")
        target = f"{path}?{query}" if query else path
        self._seen.append(Seen(request.method, target, headers, body, response.status))

    def requests(self) -> tuple[Seen, ...]:
        """The last requests, the oldest first."""
        return tuple(self._seen)

    def reset(self, seed: int | None = None) -> None:
        """Forgets users, threads, faults and requests; a seed lets all further ids follow from it."""
        self.service.reset(seed)
        self.faults.clear()
        self._seen.clear()

    def answer(self, request: Request) -> Response | None:
        """The response to a request on the control path; None where it is none of these."""
        _, path, _ = split_url(request.url)
        if not path.startswith(PREFIX):
            return None
        if path == f"{PREFIX}health":
            return _json(200, {"status": "ok"})
        try:
            self.service.gate.check(request)
            return _json(200, self._command(request, path.removeprefix(PREFIX))(self, _members(request)))
        except Problem as problem:
            return _json(problem.status, {"error": problem.message})
        except EmulatorError as error:
            return _json(400, {"error": str(error)})

    def _command(self, request: Request, name: str) -> Command:
        command = _COMMANDS.get((request.method, name))
        given = request.headers.get(KEY_HEADER, "").encode()
        if self.key is None or command is None or not hmac.compare_digest(given, self.key.encode()):
            raise not_found("request.gate", "There is nothing here, or the control key is wrong.")
        return command


Command = Callable[[Control, Mapping[str, Any]], object]


def _inject(control: Control, members: Mapping[str, Any]) -> object:
    fault = fault_from(members)
    control.faults.add(fault)
    return asdict(fault)


def _clear(control: Control, members: Mapping[str, Any]) -> object:
    control.faults.clear()
    return {}


def _jump(control: Control, members: Mapping[str, Any]) -> object:
    milliseconds = _integer(members, "milliseconds")
    if milliseconds is None:
        raise EmulatorError("a jump of the clock needs its milliseconds")
    return {"now": control.service.jump(milliseconds)}


def _reset(control: Control, members: Mapping[str, Any]) -> object:
    control.reset(_integer(members, "seed"))
    return {}


def _requests(control: Control, members: Mapping[str, Any]) -> object:
    return {"value": [asdict(seen) for seen in control.requests()]}


def _facts(control: Control, members: Mapping[str, Any]) -> object:
    return {"value": [asdict(fact) for fact in control.service.take_facts()]}


_COMMANDS: dict[tuple[str, str], Command] = {
    ("POST", "faults"): _inject,
    ("DELETE", "faults"): _clear,
    ("POST", "clock"): _jump,
    ("POST", "reset"): _reset,
    ("GET", "requests"): _requests,
    ("POST", "facts"): _facts,
}


def _members(request: Request) -> Mapping[str, Any]:
    try:
        members = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise EmulatorError("the body must be a JSON object")
    return members


def _integer(members: Mapping[str, Any], name: str) -> int | None:
    value = members.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63):
        raise EmulatorError(f"{name} must be an integer")
    return value


def _json(status: int, value: object) -> Response:
    body = json.dumps(value).encode()
    headers = {"content-type": "application/json", "cache-control": "no-store", "content-length": str(len(body))}
    return Response(status, Headers(headers), body)

"""How much of a contract was seen, and only where nothing was wrong: operations, statuses, and fields by direction.

A field counts as seen where it was present; whether it was also seen absent (from an object that was there) and null
is kept beside that.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from acs_chat_testkit.contract import Contract, Exchange
from acs_chat_testkit.contract.comparison import fields
from acs_chat_testkit.contract.judge import decoded

Place = tuple[str, str, str]
"""An operation, a side such as ``request`` or ``response 200``, and a place in the body."""

PRESENT, ABSENT, NULL = "present", "absent", "null"
GATES = ("operations", "statuses", "fields", "request fields", "response fields")


@dataclass
class Coverage:
    """What was seen of one contract.

    Args:
        contract: The contract.
        operations: How often each operation was seen.
        statuses: How often each operation was seen with which status.
        states: Each field by operation, side and place, with how it was seen: present, absent or null.
    """

    contract: Contract
    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    states: dict[Place, set[str]] = field(default_factory=dict)

    @cached_property
    def promised(self) -> dict[tuple[str, str], list[str]]:
        """The places of every body that the contract names, of requests and of answers of success."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.contract.operations.values():
            bodies = {f"response {status}": answer.body for status, answer in one.answers.items() if status < 300}
            for side, body in {"request": one.body, **bodies}.items():
                found[one.id, side] = [place for place in fields(self.contract, body) if place]
        return found

    def add(self, operation: str, exchange: Exchange) -> None:
        """Counts an exchange that keeps to the contract."""
        request, response = exchange.request, exchange.response
        self.operations[operation] += 1
        self._add_body(operation, "request", request.headers, request.body)
        if response is not None:
            self.statuses[operation, response.status] += 1
            self._add_body(operation, f"response {response.status}", response.headers, response.body)

    def _add_body(self, operation: str, side: str, headers: Any, raw: bytes) -> None:
        places = self.promised.get((operation, side), ())
        if not raw or not places:
            return
        try:
            body = json.loads(decoded(raw, headers.get("content-encoding", "")))
        except ValueError:
            return  # what is no JSON has no fields
        for place in places:
            self.states.setdefault((operation, side, place), set()).update(_states(body, place.split("/")[1:]))

    def shares(self) -> dict[str, tuple[int, int]]:
        """How many were seen, and how many there are, by the names of `GATES`."""
        statuses = {(one.id, status) for one in self.contract.operations.values() for status in one.answers}
        places = [(operation, side, place) for (operation, side), all_ in self.promised.items() for place in all_]
        sent = [place for place in places if place[1] == "request"]
        seen = {place for place, states in self.states.items() if PRESENT in states}
        return {
            "operations": (len(self.operations), len(self.contract.operations)),
            "statuses": (len(self.statuses.keys() & statuses), len(statuses)),
            "fields": (len(seen), len(places)),
            "request fields": (len(seen.intersection(sent)), len(sent)),
            "response fields": (len(seen.difference(sent)), len(places) - len(sent)),
        }

    def fields_of(self, operation: str, *, sent: bool) -> tuple[int, int]:
        """How many fields of an operation were present, and how many there are; in requests or in answers."""
        sides = [(key, places) for key, places in self.promised.items() if key[0] == operation]
        mine = [(*key, place) for key, places in sides if (key[1] == "request") is sent for place in places]
        return sum(PRESENT in self.states.get(place, ()) for place in mine), len(mine)

    def unseen(self) -> dict[str, list[str]]:
        """What was not seen: operations, statuses, and fields that were never present."""
        promised = self.contract.operations.values()
        return {
            "operations": [one.id for one in promised if one.id not in self.operations],
            "statuses": [
                f"{one.id} {at}" for one in promised for at in one.answers if (one.id, at) not in self.statuses
            ],
            "fields": [
                f"{operation} {side}{place}"
                for (operation, side), places in self.promised.items()
                for place in places
                if PRESENT not in self.states.get((operation, side, place), ())
            ],
        }

    def as_json(self) -> dict[str, Any]:
        """The shares, how often each field state was seen, and what was not."""
        states = Counter(state for states in self.states.values() for state in states)
        fields_seen = {
            " ".join([one, side]) + place: sorted(states) for (one, side, place), states in self.states.items()
        }
        return {**self.shares(), "states": dict(states), "unseen": self.unseen(), "seen": fields_seen}


def _states(value: Any, steps: list[str]) -> Iterator[str]:
    if not steps:
        yield NULL if value is None else PRESENT
    elif steps[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from _states(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _states(value[steps[0]], steps[1:])
    elif isinstance(value, dict) and len(steps) == 1:
        yield ABSENT

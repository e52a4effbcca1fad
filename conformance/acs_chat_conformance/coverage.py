"""How much of a contract recorded traffic has shown: operations, statuses and fields, each where nothing was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from acs_chat_testkit.contract import Contract, Exchange
from acs_chat_testkit.contract.comparison import fields
from acs_chat_testkit.contract.judge import decoded

Seen = tuple[str, str, str]
"""An operation, a side such as ``request`` or ``response 200``, and a place in the body."""


@dataclass(slots=True)
class Coverage:
    """What was seen of one contract.

    Args:
        contract: The contract.
        operations: The operations that were seen.
        statuses: Operation and status.
        fields: Each field by operation, side and place.
    """

    contract: Contract
    operations: set[str] = field(default_factory=set)
    statuses: set[tuple[str, int]] = field(default_factory=set)
    fields: set[Seen] = field(default_factory=set)

    def add(self, operation: str, exchange: Exchange) -> None:
        """Counts an exchange that keeps to the contract."""
        self.operations.add(operation)
        request, response = exchange.request, exchange.response
        self.fields.update((operation, "request", place) for place in _places(request.headers, request.body))
        if response is not None:
            self.statuses.add((operation, response.status))
            side = f"response {response.status}"
            self.fields.update((operation, side, place) for place in _places(response.headers, response.body))

    def shares(self) -> dict[str, tuple[int, int]]:
        """How many were seen, and how many there are, of operations, statuses and fields."""
        promised = self.contract.operations.values()
        statuses = {(one.id, status) for one in promised for status in one.answers}
        all_fields = promised_fields(self.contract)
        return {
            "operations": (len(self.operations), len(self.contract.operations)),
            "statuses": (len(self.statuses & statuses), len(statuses)),
            "fields": (len(self.fields & all_fields), len(all_fields)),
        }


def promised_fields(contract: Contract) -> set[Seen]:
    """Every field that a contract names, in requests and in answers of success."""
    found: set[Seen] = set()
    for one in contract.operations.values():
        found.update((one.id, "request", place) for place in fields(contract, one.body) if place)
        for status, answer in one.answers.items():
            if status < 300:
                side = f"response {status}"
                found.update((one.id, side, place) for place in fields(contract, answer.body) if place)
    return found


def _places(headers: Any, raw: bytes) -> Iterator[str]:
    if raw:
        yield from _walk(json.loads(decoded(raw, headers.get("content-encoding", ""))), "")


def _walk(value: Any, place: str) -> Iterator[str]:
    if place:
        yield place
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _walk(item, f"{place}/{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{place}/*")

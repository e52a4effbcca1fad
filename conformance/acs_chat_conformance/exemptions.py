"""Where a law is known not to hold for an implementation: a failure is known only where it fails as that is written."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from acs_chat_conformance.implementation import Exemption, Implementation
from acs_chat_conformance.results import Result
from acs_chat_conformance.source import Problem


class Exempted:
    """The exemptions of an implementation, and which of them a run has come across.

    Args:
        implementation: What is run.
        today: For what expires.
    """

    def __init__(self, implementation: Implementation, today: datetime.date) -> None:
        self._all = [one for one in implementation.exemptions if today <= one.expires]
        self._used: set[Exemption] = set()

    def reason(self, check: str, case: Mapping[str, Any], result: Result) -> str | None:
        """Why a failure is known; None where it is not."""
        nodes = dict(_nodes(case, ""))
        for one in self._all:
            if _is_about(one, check) and _is_there(one, nodes) and _fails_so(one, result):
                self._used.add(one)
                return one.reason
        return None

    def unused(self, checks: Iterable[str]) -> list[Problem]:
        """A problem for each that is about one of the checks, and that no example was a case of."""
        run = list(checks)
        idle = [one for one in self._all if one not in self._used and any(_is_about(one, check) for check in run)]
        said = "no example of this run fails as this says: take it out, or mend it"
        return [
            Problem(file, int(line), ("exemptions",), said)
            for one in idle
            for file, _, line in [one.place.rpartition(":")]
        ]


def _is_about(exemption: Exemption, check: str) -> bool:
    return any(fnmatchcase(check, pattern) for pattern in exemption.checks)


def _is_there(exemption: Exemption, nodes: Mapping[str, str]) -> bool:
    """Whether for each pattern of a place there is a node whose JSON fits."""
    return all(
        any(fnmatchcase(at, place) and re.search(wanted, text) for at, text in nodes.items())
        for place, wanted in exemption.where
    )


def _fails_so(exemption: Exemption, result: Result) -> bool:
    return all(any(fnmatchcase(one.at, place) for place in exemption.at) for one in result.differences)


def _nodes(node: Any, at: str) -> Iterator[tuple[str, str]]:
    """Every node of a case by its JSON pointer: a text as it is, anything else as JSON with sorted keys."""
    yield at, node if isinstance(node, str) else json.dumps(node, sort_keys=True)
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from _nodes(value, f"{at}/{key}")

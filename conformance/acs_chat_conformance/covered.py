"""What of each contract the checks of a run have shown; a check that did not pass shows nothing."""

from __future__ import annotations

import json

from acs_chat_conformance.coverage import Coverage
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Status
from acs_chat_conformance.runner import response
from acs_chat_conformance.vectors import Step
from acs_chat_testkit.contract import Exchange, load
from acs_chat_testkit.http import Headers, Request


def coverages(report: Report) -> dict[str, Coverage]:
    """By api-version, what the passing checks on the wire have shown."""
    found: dict[str, Coverage] = {}
    for result in report.results:
        kind, _, version = result.vector.set.partition("/")
        if kind != "wire" or result.status is not Status.PASSED:
            continue
        coverage = found.setdefault(version, Coverage(load(version)))
        if result.vector.subject in coverage.contract.operations:
            for step in result.vector.expected.steps:
                coverage.add(result.vector.subject, _exchange(step))
    return found


def _exchange(step: Step) -> Exchange:
    wanted = step.request
    body = json.dumps(wanted["body"]).encode() if "body" in wanted else b""
    return Exchange(Request(wanted["method"], wanted["path"], Headers({}), body), response(step.respond))

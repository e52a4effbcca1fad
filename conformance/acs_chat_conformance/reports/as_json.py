"""The report for machines: everything that the others show."""

from __future__ import annotations

import json
import platform
import sys
import time
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from acs_chat_conformance.covered import coverages
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result, counts
from acs_chat_conformance.scores import measured
from acs_chat_conformance.vectors import Level
from acs_chat_testkit.contract.reader import HOME, versions


def render(report: Report) -> str:
    """The report as JSON, indented."""
    return json.dumps(content(report), indent=2) + "\n"


def content(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "implementation": report.implementation,
        "versions": dict(report.versions),
        "python": platform.python_version(),
        "platform": sys.platform,
        "time_zone": time.tzname[0],
        "contracts": {version: _hash(version) for version in versions()},
        "models": len(report.models),
        "operations": len(report.operations),
        "declared": report.declared,
        "not_asked": report.not_asked,
        **counts(report.results),
        "levels": {level: counts(_of(report, level)) for level in Level},
        "sets": [asdict(verdict) | {"conformant": verdict.conformant} for verdict in report.verdicts],
        "broken": [asdict(problem) | {"at": problem.field} for problem in report.problems],
        "coverage": {version: one.as_json() for version, one in coverages(report).items()},
        "self_test": measured(),
        "checks": {result.vector.id: result.status for result in report.results},
        "failures": [_failure(result) for result in report.failures],
        "known": [{"id": result.vector.id, "reason": result.note} for result in report.known],
    }


def _of(report: Report, level: Level) -> list[Result]:
    return [result for result in report.results if result.vector.level is level]


def _failure(result: Result) -> dict[str, Any]:
    vector = result.vector
    return {
        "id": vector.id,
        "title": vector.title,
        "level": vector.level,
        "status": result.status,
        "source": vector.source,
        "place": vector.place,
        "note": result.note,
        "given": vector.question,
        "differences": [asdict(difference) for difference in result.differences],
    }


def _hash(version: str) -> str:
    return sha256((HOME / f"chat-{version}.yaml").read_bytes()).hexdigest()

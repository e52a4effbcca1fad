"""A badge: the JSON that shields.io draws one from (its endpoint schema, version 1)."""

from __future__ import annotations

import json

from acs_chat_conformance.report import Report
from acs_chat_conformance.results import counts
from acs_chat_conformance.vectors import Level


def render(report: Report) -> str:
    """The share of the required checks that passed; green only where all were run and passed."""
    told = counts(result for result in report.results if result.vector.level is Level.REQUIRED)
    passed, run = told["passed"], told["executed"]
    color = "brightgreen" if run and passed == run else "orange" if passed * 2 > run else "red"
    message = f"{passed}/{run} required" if run else "not run"
    badge = {"schemaVersion": 1, "label": f"chat conformance: {report.implementation}", "message": message}
    return json.dumps(badge | {"color": color if run else "lightgrey"}) + "\n"

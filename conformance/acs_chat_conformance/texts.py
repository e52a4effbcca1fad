"""The words of a failure, and its values as a person can read them. What came over a wire is shown as JSON only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from acs_chat_conformance.report import Report
from acs_chat_conformance.requirements import SetVerdict
from acs_chat_conformance.results import Result, counts

LONGEST = 400
"""Characters of a value that are shown."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def shown(value: Any) -> str:
    """A value as JSON, which escapes what a terminal obeys; cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def plain(text: str) -> str:
    """A text without the characters that a terminal obeys and those that no encoding has."""
    return UNPRINTABLE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def broken(report: Report) -> list[str]:
    """What cannot be used, a line each."""
    return [plain(str(problem)) for problem in report.problems]


def lines(report: Report, result: Result) -> Iterator[tuple[str, str]]:
    """What is told of a check that did not pass: names and texts."""
    vector = result.vector
    yield "title", plain(vector.title)
    yield "source", plain(vector.source)
    yield "place", plain(vector.place)
    yield "note", plain(result.note)
    yield "given", shown(vector.question)
    for difference in result.differences:
        yield plain(f"at {difference.at}"), f"wanted {shown(difference.wanted)}, got {shown(difference.got)}"
    yield "again", report.rerun(result)


def of_set(verdict: SetVerdict) -> str:
    """What a run means for a set, in a line."""
    known = f", {verdict.known} known" if verdict.known else ""
    judged = "conformant" if verdict.conformant else f"not conformant{known}"
    return f"{verdict.set} {verdict.revision}: required {verdict.passed} of {verdict.required}, {judged}"


def in_short(report: Report) -> str:
    """The whole run in a line."""
    told = counts(report.results)
    parts = [f"{told['passed']} of {report.declared} checks passed", f"{told['failed']} failed"]
    parts += [f"{told['known']} known failures"] if told["known"] else []
    parts += [f"{len(report.problems)} broken"]
    parts += [f"{report.not_asked} not asked"] if report.not_asked else []
    subjects = f"{len(report.models)} models, {len(report.operations)} operations"
    return f"{report.implementation}: {', '.join(parts)}; {subjects}"

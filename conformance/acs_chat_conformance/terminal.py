"""What a run found, for people. What came over a wire is printed as JSON, which escapes what a terminal obeys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from acs_chat_conformance.recorded import Recorded
from acs_chat_conformance.report import Report, counts
from acs_chat_conformance.runner import Result
from acs_chat_conformance.vectors import Level
from acs_chat_testkit.contract import Tier

LONGEST = 400
"""Characters of a value that are shown."""

COLORS = {Tier.ERROR: "red", Tier.WARN: "yellow", Tier.INFO: "cyan"}


def show(console: Console, report: Report) -> None:
    """Prints a table with a row for each model and operation, then each failure, then the verdict."""
    console.print(_table(report))
    for problem in report.problems:
        console.print(Text(f"BROKEN  {problem}", "bold red"))
    for failure in report.failures:
        _show_failure(console, report, failure)
    told = counts(report.results)
    verdict = f"{report.implementation}: {told['passed']} of {report.declared} checks passed"
    about = f"{len(report.models)} models, {len(report.operations)} operations"
    style = "bold green" if report.exit_code == 0 else "bold red"
    console.print(Text(f"{verdict}, {told['failed']} failed, {len(report.problems)} broken; {about}", style))
    if not report.results:
        console.print(Text("nothing was run", "bold red"))


def _table(report: Report) -> Table:
    levels = [level for level in Level if any(result.vector.level is level for result in report.results)]
    table = Table("model or operation", *(Column(level, justify="right") for level in levels))
    subjects = dict.fromkeys((result.vector.is_wire, result.vector.subject) for result in report.results)
    for is_wire, subject in sorted(subjects):
        mine = [one for one in report.results if (one.vector.is_wire, one.vector.subject) == (is_wire, subject)]
        table.add_row(subject, *(_cell(one for one in mine if one.vector.level is level) for level in levels))
    table.add_section()
    table.add_row("all", *(_cell(one for one in report.results if one.vector.level is level) for level in levels))
    return table


def _cell(results: Iterable[Result]) -> Text:
    told = counts(results)
    if not told["executed"]:
        return Text("-", "dim")
    return Text(f"{told['passed']}/{told['executed']}", "red" if told["failed"] else "green")


def _show_failure(console: Console, report: Report, failure: Result) -> None:
    vector = failure.vector
    console.print(Text(f"{failure.status.upper()}  {vector.id}  ({vector.level})", "bold red"))
    lines = {"title": vector.title, "source": vector.source, "place": vector.place, "given": shown(vector.question)}
    for difference in failure.differences:
        lines[f"at {difference.at}"] = f"wanted {shown(difference.wanted)}, got {shown(difference.got)}"
    lines["again"] = f"acs-chat conformance --impl {report.implementation} --only '{vector.id}'"
    for name, text in lines.items():
        if text:
            console.print(Text(f"  {name:<7} {text}"), soft_wrap=True)


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def show_recorded(console: Console, recorded: Recorded) -> None:
    """Prints each finding with its file and line, then the counts."""
    for finding in recorded.findings:
        violation = finding.violation
        head = Text(f"{violation.tier.upper():<6}", COLORS[violation.tier])
        about = f"{finding.place}  {violation.operation or '-'}  {violation.check}"
        console.print(
            head + Text(f"{about}  {_escaped(violation.where)}: {_escaped(violation.message)}"), soft_wrap=True
        )
    for text in recorded.broken:
        console.print(Text(f"BROKEN  {text}", "bold red"))
    tiers = ", ".join(f"{recorded.tiers[tier]} {tier}" for tier in Tier)
    origins = ", ".join(f"{count} {origin}" for origin, count in recorded.origins.items()) or "none"
    console.print(f"{recorded.judged} judged: {tiers}; {recorded.outside} outside the contract")
    console.print(f"{len(recorded.operations)} of 16 operations seen; recorded: {origins}")


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]

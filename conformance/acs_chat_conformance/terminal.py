"""What a run found, for people at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from acs_chat_conformance.matrix import Cell, levels, rows
from acs_chat_conformance.recorded import Recorded
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result
from acs_chat_conformance.texts import broken, in_short, lines, of_set
from acs_chat_conformance.verdict import Exit
from acs_chat_testkit.contract import Tier
from acs_chat_testkit.printable import line

COLORS = {Tier.ERROR: "red", Tier.WARN: "yellow", Tier.INFO: "cyan"}


def show(console: Console, report: Report) -> None:
    """Prints a table with a row for each model and operation, then each failure, then the verdict."""
    console.print(_table(report))
    for problem in broken(report):
        console.print(Text(f"BROKEN  {problem}", "bold red"), soft_wrap=True)
    for failure in report.failures:
        _show_failure(console, report, failure)
    for verdict in report.verdicts:
        console.print(Text(of_set(verdict), "green" if verdict.conformant else "yellow"), soft_wrap=True)
    good = report.exit_code is Exit.PASSED
    console.print(Text(in_short(report), "bold green" if good else "bold red"), soft_wrap=True)
    if not report.results:
        console.print(Text("nothing was run", "bold red"))


def _table(report: Report) -> Table:
    table = Table("model or operation", *(Column(level, justify="right") for level in levels(report)))
    *subjects, whole = rows(report)
    for row in subjects:
        table.add_row(row.subject, *map(_cell, row.cells))
    table.add_section()
    table.add_row(whole.subject, *map(_cell, whole.cells))
    return table


def _cell(cell: Cell) -> Text:
    return Text(cell.text, "dim" if not cell.run else "red" if cell.failed else "yellow" if cell.known else "green")


def _show_failure(console: Console, report: Report, failure: Result) -> None:
    console.print(Text(f"{failure.status.upper()}  {failure.vector.id}  ({failure.vector.level})", "bold red"))
    for name, text in lines(report, failure):
        if text:
            console.print(Text(f"  {name:<7} {text}"), soft_wrap=True)


def show_recorded(console: Console, recorded: Recorded) -> None:
    """Prints each finding with its file and line, then the counts."""
    for finding in recorded.findings:
        violation = finding.violation
        head = Text(f"{violation.tier.upper():<6}", COLORS[violation.tier])
        about = f"{finding.place}  {violation.operation or '-'}  {violation.check}"
        said = f"{violation.where}: {violation.message}"
        console.print(head + Text(line(f"{about}  {said}")), soft_wrap=True)
    for text in recorded.broken:
        console.print(Text(f"BROKEN  {line(text)}", "bold red"), soft_wrap=True)
    tiers = ", ".join(f"{recorded.tiers[tier]} {tier}" for tier in Tier)
    origins = ", ".join(f"{count} {origin}" for origin, count in recorded.origins.items()) or "none"
    console.print(f"{recorded.judged} judged: {tiers}; {recorded.outside} outside the contract", soft_wrap=True)
    console.print(Text(f"recorded: {line(origins)}; live share {recorded.live_share:.0f} %"), soft_wrap=True)
    for version, coverage in recorded.coverages.items():
        seen = ", ".join(f"{name} {part} of {whole}" for name, (part, whole) in coverage.shares().items())
        console.print(f"{version}: {seen}", soft_wrap=True)
        unseen = coverage.unseen()["operations"]
        if unseen:
            console.print(f"  no {', '.join(unseen)}", soft_wrap=True)

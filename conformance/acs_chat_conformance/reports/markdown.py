"""Markdown for the summary of a job: verdicts, a table, and each failure behind a fold."""

from __future__ import annotations

import html

from acs_chat_conformance.matrix import levels, rows
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result
from acs_chat_conformance.scores import scores
from acs_chat_conformance.texts import broken, in_short, lines, of_set, plain


def render(report: Report) -> str:
    """The report as Markdown; every text is escaped, so that none of it is taken for markup."""
    there = levels(report)
    head = ["model or operation", *there]
    table = [
        f"| {' | '.join(head)} |",
        f"|---|{'---:|' * len(there)}",
        *(f"| {row.subject} | {' | '.join(cell.text for cell in row.cells)} |" for row in rows(report)),
    ]
    parts = [
        f"## {_escaped(in_short(report))}",
        *(f"- {_escaped(of_set(one))}" for one in report.verdicts),
        "",
        *table,
        "",
    ]
    parts += [f"- **broken** {_code(problem)}" for problem in broken(report)]
    parts += [_failure(report, result) for result in report.failures]
    parts += [f"- faults found in {_escaped(name)}: {_escaped(said)}" for name, said in scores().items()]
    if report.known:
        parts.append(f"<details><summary>{len(report.known)} known failures</summary>\n")
        parts += [f"- {_code(result.vector.id)} {_escaped(plain(result.note))}" for result in report.known]
        parts.append("\n</details>")
    return "\n".join(parts) + "\n"


def _failure(report: Report, result: Result) -> str:
    told = "\n".join(html.escape(f"{name:<8} {text}") for name, text in lines(report, result) if text)
    head = f"{result.status} {html.escape(result.vector.id)} ({result.vector.level})"
    return f"<details><summary>{head}</summary>\n\n<pre>{told}</pre>\n\n</details>"


def _escaped(text: str) -> str:
    shielded = "".join(f"\\{letter}" if letter in r"\`*_{}[]#|" else letter for letter in " ".join(text.split()))
    return html.escape(shielded)


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"

"""One HTML file that needs nothing else: verdicts, a table, and each failure behind a fold. No script runs in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from acs_chat_conformance.coverage import Coverage
from acs_chat_conformance.covered import coverages
from acs_chat_conformance.matrix import Cell, levels, rows
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result
from acs_chat_conformance.scores import scores
from acs_chat_conformance.texts import broken, in_short, lines, of_set
from acs_chat_conformance.verdict import Exit

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border: 1px solid #8886; padding: .2rem .7rem; text-align: right }
th:first-child, td:first-child { text-align: left }
table:not(.coverage) tr:last-child { font-weight: bold }
.passed { color: #17803d } .failed, .crashed, .stale { color: #c22 } .known { color: #a60 } .none { color: #888 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .7rem }
summary { cursor: pointer; overflow-wrap: anywhere }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Content that came over a wire is text here; were it ever more than that, the page would not let it act."""


def render(report: Report) -> str:
    """The report as a page."""
    good = report.exit_code is Exit.PASSED
    parts = [
        f'<h1>Chat conformance</h1><p class="{"passed" if good else "failed"}">{escape(in_short(report))}</p>',
        _list(of_set(one) for one in report.verdicts),
        _list(f"{name} {version}" for name, version in report.versions.items()),
        _table(report),
        *(_coverage(version, one) for version, one in coverages(report).items()),
        _self_test(),
    ]
    if report.problems:
        parts.append("<h2>Broken</h2>" + _list(broken(report)))
    if report.failures:
        parts.append("<h2>Failures</h2>" + "".join(_fold(report, result) for result in report.failures))
    if report.known:
        parts.append("<h2>Known failures</h2>" + "".join(_fold(report, result) for result in report.known))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Chat conformance of {escape(report.implementation)}</title><style>{STYLE}</style></head>\n"
        f"<body>{chr(10).join(parts)}</body></html>\n"
    )


def _list(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def _table(report: Report) -> str:
    head = "".join(f"<th>{level}</th>" for level in levels(report))
    body = "".join(f"<tr><td>{escape(row.subject)}</td>{''.join(map(_cell, row.cells))}</tr>" for row in rows(report))
    return f"<table><thead><tr><th>model or operation</th>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    state = "none" if not cell.run else "failed" if cell.failed else "known" if cell.known else "passed"
    return f'<td class="{state}">{cell.text}</td>'


def _coverage(version: str, coverage: Coverage) -> str:
    """The matrix of a contract: for each operation its statuses and its fields, as far as passing checks show them."""
    operations = coverage.contract.operations
    statuses = sorted({status for one in operations.values() for status in one.answers})
    rows_of = "".join(
        f"<tr><td>{escape(name)}</td>"
        + "".join(_seen(coverage.statuses[name, at], at in one.answers) for at in statuses)
        + "".join(_share(*coverage.fields_of(name, sent=sent)) for sent in (True, False))
        + "</tr>"
        for name, one in operations.items()
    )
    head = "".join(f"<th>{status}</th>" for status in statuses) + "<th>fields sent</th><th>fields read</th>"
    shares = ", ".join(f"{name} {seen} of {there}" for name, (seen, there) in coverage.shares().items())
    return (
        f"<h2>Shown of the contract {escape(version)}</h2><p>{shares}</p>"
        f'<table class="coverage"><thead><tr><th>operation</th>{head}</tr></thead><tbody>{rows_of}</tbody></table>'
    )


def _seen(count: int, promised: bool) -> str:
    state = "passed" if count else "failed" if promised else "none"
    return f'<td class="{state}">{count or (0 if promised else "-")}</td>'


def _share(seen: int, there: int) -> str:
    state = "none" if not there else "passed" if seen == there else "known"
    return f'<td class="{state}">{f"{seen}/{there}" if there else "-"}</td>'


def _self_test() -> str:
    """How many faults the suite itself finds."""
    items = _list(f"{name}: {said}" for name, said in scores().items())
    return f"<h2>Faults that this suite finds</h2>{items}" if items else ""


def _fold(report: Report, result: Result) -> str:
    told = escape("\n".join(f"{name:<8} {text}" for name, text in lines(report, result) if text))
    head = f'<span class="{result.status}">{result.status}</span> {escape(result.vector.id)} ({result.vector.level})'
    return f"<details><summary>{head}</summary><pre>{told}</pre></details>\n"

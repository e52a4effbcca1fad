"""One HTML file that needs nothing else: verdicts, a table, and each failure behind a fold. No script runs in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from acs_chat_conformance.matrix import Cell, levels, rows
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result
from acs_chat_conformance.texts import broken, in_short, lines, of_set
from acs_chat_conformance.verdict import Exit

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
th, td { border: 1px solid #8886; padding: .2rem .7rem; text-align: right }
th:first-child, td:first-child { text-align: left }
tr:last-child { font-weight: bold }
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


def _fold(report: Report, result: Result) -> str:
    told = escape("\n".join(f"{name:<8} {text}" for name, text in lines(report, result) if text))
    head = f'<span class="{result.status}">{result.status}</span> {escape(result.vector.id)} ({result.vector.level})'
    return f"<details><summary>{head}</summary><pre>{told}</pre></details>\n"

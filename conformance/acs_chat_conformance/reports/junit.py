"""JUnit XML: a suite for each model and operation, a case for each check."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from acs_chat_conformance.report import Report
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.texts import lines

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 cannot hold (section 2.2)."""


def render(report: Report) -> str:
    """The report as JUnit XML."""
    root = ElementTree.Element("testsuites", name=f"acs-chat conformance {report.implementation}")
    ordered = sorted(report.results, key=_subject)
    for subject, results in groupby(ordered, key=_subject):
        suite = ElementTree.SubElement(root, "testsuite", name=" ".join(subject))
        cases = [_case(suite, report, result) for result in results]
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    if report.problems:
        suite = ElementTree.SubElement(root, "testsuite", name="vectors", tests=str(len(report.problems)))
        suite.set("errors", str(len(report.problems)))
        for problem in report.problems:
            case = ElementTree.SubElement(suite, "testcase", classname="vectors", name=_text(str(problem)))
            ElementTree.SubElement(case, "error", message=_text(problem.message)).text = _text(str(problem))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _subject(result: Result) -> tuple[str, str]:
    return result.vector.set, result.vector.subject


def _case(suite: ElementTree.Element, report: Report, result: Result) -> ElementTree.Element:
    vector = result.vector
    case = ElementTree.SubElement(suite, "testcase", classname=f"{vector.set}.{vector.subject}", name=vector.id)
    properties = ElementTree.SubElement(case, "properties")
    for name, value in {"level": vector.level, "status": result.status, "source": vector.source}.items():
        ElementTree.SubElement(properties, "property", name=name, value=_text(value))
    told = _text("\n".join(f"{name}: {text}" for name, text in lines(report, result)))
    if result.status is Status.CRASHED:
        ElementTree.SubElement(case, "error", message="crashed").text = told
    elif result.status is Status.KNOWN:
        ElementTree.SubElement(case, "skipped", message=_text(f"known: {result.note}")).text = told
    elif result.status is not Status.PASSED:
        ElementTree.SubElement(case, "failure", message=_text(result.note or result.status)).text = told
    return case


def _text(text: str) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)

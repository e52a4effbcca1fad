"""The reports: each format says what the run found, and shows no content as anything but text."""

import io
import json
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from rich.console import Console

from acs_chat_conformance import Report
from acs_chat_conformance.judge import Difference
from acs_chat_conformance.reports import FORMATS, write
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.source import Problem
from acs_chat_conformance.terminal import show
from acs_chat_conformance.vectors import Expected, Level, Vector
from acs_chat_testkit.cli.app import app
from acs_chat_testkit.errors import UsageError

NASTY = "\x1b[31m<script>alert(1)</script> ]]> | `x` \x00 ::error::y [b]z[/b] \ud800"


def vector(number: int, level: Level = Level.REQUIRED) -> Vector:
    """A vector with content that tries to get out."""
    question = {"do": NASTY}
    return Vector(f"set/f#a.{number}", "set", "send_message", "", level, NASTY, "f:1", question, Expected())


RESULTS = (
    Result(vector(1), Status.PASSED),
    Result(vector(2), Status.FAILED, (Difference("/value", NASTY, {NASTY: NASTY}),), NASTY),
    Result(vector(3), Status.CRASHED, (Difference("", "an answer", NASTY),)),
    Result(vector(4), Status.KNOWN, (Difference("/value", 1, 2),), NASTY),
    Result(vector(5, Level.EXTENSION), Status.STALE, (), "passes"),
)
MIXED = Report("ours", 7, RESULTS, (Problem("f.yaml", 3, ("groups", 0), NASTY),))


def written(tmp_path: Path, ending: str, report: Report = MIXED) -> str:
    """A report in a format."""
    path = tmp_path / "sub" / f"report{ending}"
    write(report, path)
    return path.read_text(encoding="utf-8")


def test_the_command_that_runs_a_check_again_names_the_interpreter() -> None:
    """Without it, an implementation in an environment of its own would be looked for in this one."""
    report = Report("microsoft-1.3.0", 7, RESULTS, python="of mine/bin/python")
    assert report.rerun(RESULTS[1]) == (
        "acs-chat conformance --impl microsoft-1.3.0 --python 'of mine/bin/python' --only 'set/f#a.2'"
    )


def test_json_counts_every_check_once(tmp_path: Path) -> None:
    """Passed, failed and known add up to executed; executed and not asked add up to declared."""
    told = json.loads(written(tmp_path, ".json"))
    assert (told["declared"], told["executed"], told["not_asked"]) == (7, 5, 2)
    assert (told["passed"], told["failed"], told["known"][0]["reason"]) == (1, 3, NASTY)
    assert told["levels"]["required"] == {"executed": 4, "passed": 1, "failed": 2, "known": 1}
    assert [failure["status"] for failure in told["failures"]] == ["failed", "crashed", "stale"]
    assert told["checks"]["set/f#a.4"] == "known"
    assert told["broken"][0]["at"] == "/groups/0"
    assert set(told["contracts"]) == {"2020-11-01-preview3", "2024-03-07"}


def test_junit_is_xml_with_a_case_for_each_check(tmp_path: Path) -> None:
    """It parses, whatever characters were in the content, and its counts are those of its cases."""
    root = ElementTree.fromstring(written(tmp_path, ".xml"))
    suite, broken = root.findall("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "5",
        "2",
        "1",
        "1",
    )
    assert len(suite.findall("testcase")) == 5
    assert len(broken.findall("testcase/error")) == 1
    statuses = [one.get("value") for one in suite.iterfind("testcase/properties/property[@name='status']")]
    assert statuses == ["passed", "failed", "crashed", "known", "stale"]


class Tags(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Counts one."""
        self.seen[tag] += 1


def test_html_holds_all_in_one_file_and_runs_nothing(tmp_path: Path) -> None:
    """There is a fold for each check that did not pass, and no script, image or link, and a policy against them."""
    text = written(tmp_path, ".html")
    tags = Tags()
    tags.feed(text)
    assert tags.seen["details"] == 4
    assert not {"script", "img", "link", "iframe", "a"} & tags.seen.keys()
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")


def test_markdown_shows_content_as_text(tmp_path: Path) -> None:
    """No markup of the content gets through: no tag, no escape sequence, and every row of the table has its cells."""
    text = written(tmp_path, ".md")
    assert "<script" not in text
    assert "\x1b" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {4}
    assert table[-1] == "| all | 1/4 (1 known) | 0/1 |"


def test_the_terminal_shows_content_as_text() -> None:
    """Escape sequences and markup of the content are printed as what they are."""
    console = Console(record=True, width=200, force_terminal=True, file=io.StringIO())
    show(console, MIXED)
    text = console.export_text(styles=False)
    assert "\x1b" not in text
    assert "[b]z[/b]" in text


@pytest.mark.parametrize(
    ("results", "message", "color"),
    [
        (RESULTS[:1], "1/1 required", "brightgreen"),
        (RESULTS[:2], "1/2 required", "red"),
        ((*RESULTS[:2], Result(vector(6), Status.PASSED)), "2/3 required", "orange"),
        ((), "not run", "lightgrey"),
    ],
)
def test_a_badge_is_green_only_where_all_required_checks_passed(
    tmp_path: Path, results: tuple[Result, ...], message: str, color: str
) -> None:
    """Its JSON is what shields.io reads."""
    badge = json.loads(written(tmp_path, ".badge.json", Report("ours", len(results), results)))
    assert badge["schemaVersion"] == 1
    assert (badge["message"], badge["color"]) == (message, color)


def test_an_unknown_format_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """The error names the endings that there are."""
    with pytest.raises(UsageError, match=r"report.txt.*\.json, \.xml, \.md, \.html"):
        written(tmp_path, ".txt")
    result = CliRunner().invoke(app, ["conformance", "--report", str(tmp_path / "report.txt")])
    assert result.exit_code == 2
    assert "report.txt" in result.output
    assert len(FORMATS) == 5


def diff(tmp_path: Path, older: dict[str, str], newer: dict[str, str]) -> tuple[int, str]:
    """Compares two reports that have these checks."""
    for name, checks in (("older", older), ("newer", newer)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"checks": checks}))
    result = CliRunner().invoke(
        app, ["conformance", "diff", str(tmp_path / "older.json"), str(tmp_path / "newer.json")]
    )
    return result.exit_code, result.output


def test_two_reports_are_compared(tmp_path: Path) -> None:
    """What got worse, what got better, what came and went; only what got worse is a failure."""
    older = {"worse": "passed", "better": "known", "same": "passed", "gone": "passed", "other": "failed"}
    newer = {"worse": "failed", "better": "passed", "same": "passed", "new": "failed", "other": "known"}
    code, text = diff(tmp_path, older, newer)
    assert code == 1
    assert text == "1 regressions\n  worse\n1 changed\n  other\n1 fixes\n  better\n1 added\n  new\n1 removed\n  gone\n"
    assert diff(tmp_path, older, older) == (0, "0 regressions\n0 changed\n0 fixes\n0 added\n0 removed\n")


def test_a_file_that_is_no_report_is_named(tmp_path: Path) -> None:
    """One sentence, exit 2."""
    (tmp_path / "older.json").write_text("[]")
    older = str(tmp_path / "older.json")
    result = CliRunner().invoke(app, ["conformance", "diff", older, older])
    assert result.exit_code == 2
    assert "older.json is no JSON report" in result.output
    result = CliRunner().invoke(app, ["conformance", "diff", older, str(tmp_path / "no.json")])
    assert result.exit_code == 2
    assert "no.json" in result.output
    assert "does not exist" in result.output

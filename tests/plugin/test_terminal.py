"""What a run says: its header line, its summary, and nothing that a terminal or a build log obeys."""

from __future__ import annotations

import importlib.metadata

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

pytest_plugins = ["pytester"]

ONE = "@pytest.mark.vcr\ndef test_one():\n    get('/a')\n"


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ([], "mode none, cassettes/<file>/ beside each test file"),
        (["--record-mode=once"], "mode once, cassettes/<file>/ beside each test file"),
        (["--disable-recording"], "recording is disabled"),
        (["--chat-target=emulator"], "chat target emulator, no cassettes"),
        (["--chat-target=live", "--record-mode=once"], "chat target live, mode once, cassettes/<file>/ beside *"),
    ],
)
def test_the_header_says_mode_place_and_sdk(
    pytester: pytest.Pytester, service: Service, options: list[str], mode: str
) -> None:
    """In one line, without importing an SDK."""
    suite(pytester, service, "import sys\ndef test_it():\n    assert 'azure' not in sys.modules\n")
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(passed=1)
    version = importlib.metadata.version("acs-chat-testkit")
    result.stdout.fnmatch_lines(
        [f"acs-chat-testkit: {mode}; azure.communication.chat is {version} of acs-chat-testkit"]
    )
    result.stdout.no_fnmatch_line("*recorded,*")


def test_the_summary_counts_redactions_by_kind(pytester: pytest.Pytester, service: Service) -> None:
    """And a request that went out by itself is counted as live."""
    body = "@pytest.mark.vcr\ndef test_it():\n    get('/a', headers={'Authorization': 'Bearer abcdefgh12345678'})\n"
    suite(pytester, service, body)
    for options in ([], ["-n1"]):
        result = pytester.runpytest("--record-mode=rewrite", *options)
        result.stdout.fnmatch_lines(
            ["acs-chat-testkit: 1 recorded, 0 replayed, 1 live, 0 blocked, 0 unplayed", "  redacted: 1 secret"],
            consecutive=True,
        )


EVIL = r"""
@pytest.mark.vcr
@pytest.mark.default_cassette("evil\x1b[31m.yaml")
def test_left():
    get("/a")
    if SHORT:
        return
    get("/b")

@pytest.fixture
def refused():
    try:
        get("/%1b[31m::error::" + chr(0x202E))
    except Exception:
        pass

@pytest.mark.vcr(on_swallowed="warn")
def test_refused(refused): ...
"""


def test_nothing_from_outside_reaches_the_terminal_raw(pytester: pytest.Pytester, service: Service) -> None:
    """Neither from a file's name nor from a url: no escape, no workflow command, no turned writing."""
    suite(pytester, service, "SHORT = False\n" + EVIL)
    pytester.runpytest("--record-mode=once", "-k", "left").assert_outcomes(passed=1, deselected=1)
    suite(pytester, service, "SHORT = True\n" + EVIL)
    result = pytester.runpytest("--color=no", "-Wdefault", "--junitxml=junit.xml")
    result.assert_outcomes(passed=2, errors=1, warnings=1)
    said = result.stdout.str()
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert not [line for line in result.outlines if line.lstrip().startswith("::")]
    result.stdout.fnmatch_lines(["1 of 2 interactions of *evil?x1b?31m.yaml were not asked for *"])
    assert b"\x1b" not in (pytester.path / "junit.xml").read_bytes()


def test_a_long_recording_says_how_far_it_has_come(pytester: pytest.Pytester, service: Service) -> None:
    """Now and then, on a line of its own."""
    pytester.makeconftest("import acs_chat_testkit.plugin.summary as summary\n\nsummary.PAUSE = 0.0\n")
    suite(pytester, service, ONE + ONE.replace("one", "two"))
    result = pytester.runpytest("--record-mode=once")
    result.stdout.fnmatch_lines(
        ["acs-chat-testkit: 1 requests recorded so far", "acs-chat-testkit: 2 requests recorded so far"]
    )
    pytester.runpytest().stdout.no_fnmatch_line("*so far*")


SET_ON = """
import time

@pytest.fixture(scope="session", autouse=True)
def clock():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: 4e9)
        yield
"""


def test_a_clock_of_the_suite_makes_no_recording_long(pytester: pytest.Pytester, service: Service) -> None:
    """How far it has come is said by a clock that no test sets."""
    suite(pytester, service, SET_ON + ONE + ONE.replace("one", "two"))
    pytester.runpytest_subprocess("--record-mode=once").stdout.no_fnmatch_line("*so far*")


UNWRITABLE = """
import pathlib

@pytest.mark.vcr
def test_it():
    get("/a")
    pathlib.Path("cassettes").write_text("")
"""


def test_what_can_not_be_written_or_read_is_one_sentence(pytester: pytest.Pytester, service: Service) -> None:
    """It names the cassette, and what the file system says; a test never ends in our source."""
    file = suite(pytester, service, UNWRITABLE)
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"{file / 'test_it.yaml'} can not be written: *"])
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{file / 'test_it.yaml'} can not be read: Not a directory"])
    result.stdout.no_fnmatch_line("*OSError*")


def test_a_report_that_has_no_place_is_said_before_anything_runs(pytester: pytest.Pytester) -> None:
    """An hour of tests is not lost for a directory that is not there, or that is in its place."""
    pytester.makepyfile("def test_it(): pass")
    for file in ("absent/report.json", "."):
        result = pytester.runpytest(f"--cassette-report={file}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: --cassette-report={file} can not be written: make its directory, *"])


def test_a_report_lies_where_the_person_stood(pytester: pytest.Pytester) -> None:
    """A test may leave the process in another directory."""
    pytester.makepyfile("import os\ndef test_it(tmp_path):\n    os.chdir(tmp_path)\n")
    pytester.runpytest("--cassette-report=report.json").assert_outcomes(passed=1)
    assert (pytester.path / "report.json").is_file()

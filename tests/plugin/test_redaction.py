"""What a suite itself has redacted: values of environment variables, what people wrote, and rules of its own."""

from __future__ import annotations

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

pytest_plugins = ["pytester"]

RULE = r"""
import re
from acs_chat_testkit.recording.redaction import Rule

def pytest_recording_configure(config, vcr):
    vcr.register_rule(Rule("customer", re.compile(r"C-\d{6}"), lambda match, naming: "C-xxxxxx"))
"""
TEST = """
import os

@pytest.mark.vcr
def test_it():
    sent = {"content": "Good morning, Ada", "note": os.environ["OUR_WORD"], "customer": "C-123456"}
    answer = requests.post(URL + os.environ["ASKED"], json=sent, timeout=10)
    assert answer.status_code == 200
"""


def test_what_a_suite_names_is_in_no_file_and_no_message(
    pytester: pytest.Pytester, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced in both directions, still replays, and is not in what a miss prints."""
    monkeypatch.setenv("OUR_WORD", "tea at five")
    monkeypatch.setenv("ASKED", "/threads")
    pytester.makeconftest(RULE)
    pytester.makeini("[pytest]\nvcr_content = mask\nvcr_secret_variables = NOT_SET, OUR_WORD\n")
    cassettes = suite(pytester, service, TEST)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    pytester.runpytest().assert_outcomes(passed=1)
    monkeypatch.setenv("ASKED", "/others?of=C-123456&to=tea at five")
    missed = pytester.runpytest("--tb=line")
    missed.assert_outcomes(failed=1)
    for text in ((cassettes / "test_it.yaml").read_text(encoding="utf-8"), missed.stdout.str()):
        assert "C-xxxxxx" in text
        assert "-REDACTED-" in text
        assert not any(each in text for each in ("tea at five", "tea%20at", "tea+at", "C-123456", "Good morning"))
    assert len(service.hits) == 1


def test_content_that_does_not_exist_is_refused_before_anything_runs(pytester: pytest.Pytester) -> None:
    """A word that is misspelled would keep what people wrote."""
    pytester.makepyfile("import pytest\n\n@pytest.mark.vcr\ndef test_it(): pass")
    result = pytester.runpytest("-o", "vcr_content=maks", "--record-mode=none")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*content='maks' does not exist; it is one of keep, mask"])

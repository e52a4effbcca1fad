"""Known failures: a listed check must be run, fail, and fail as written; anything else is an error."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

import azure.communication.chat as chat
from acs_chat_conformance import Report, check
from acs_chat_conformance.results import Status

REST = "expires: 2026-12-31, checks: {python-surface/x#y: [/a]}}"
TODAY = datetime.date(2026, 11, 1)
SERIALIZE = "python-surface/SendChatMessageResult#serialize.id"
AS_DICT = "python-surface/SendChatMessageResult#as-dict.id"
ENTRY = """\
  - reason: the id is spelled otherwise on purpose
    expires: {expires}
    when: {{azure-core: "{when}"}}
    checks:
      {check}: [{at}]
"""


@pytest.fixture
def weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Runs two checks, of which serialize fails, with a list of one known failure."""
    monkeypatch.setattr(chat.SendChatMessageResult, "serialize", lambda self: {"id": "other"})

    def weighed(
        check_id: str = SERIALIZE,
        at: str = "/value/id",
        expires: str = "2026-11-01",
        when: str = ">=1",
        extra: str = "",
    ) -> Report:
        entry = ENTRY.format(check=check_id, at=at, expires=expires, when=when) + extra
        path = tmp_path / "mine.yaml"
        path.write_text(f"adapters: {{python-surface: models.py}}\nsets: [python-surface]\ndeviations:\n{entry}")
        return check(str(path), lambda vector: vector.id in {SERIALIZE, AS_DICT}, today=TODAY)

    return weighed


def statuses(report: Report) -> dict[str, Status]:
    """How each check ended."""
    return {result.vector.id: result.status for result in report.results}


def test_a_known_failure_is_neither_a_pass_nor_a_failure(weighed: Callable[..., Report]) -> None:
    """It is counted apart, its reason is told, and the run does not fail for it."""
    report = weighed()
    assert statuses(report) == {SERIALIZE: Status.KNOWN, AS_DICT: Status.PASSED}
    assert report.exit_code == 0
    assert report.known[0].note == "the id is spelled otherwise on purpose"


def test_a_listed_check_that_passes_is_stale(weighed: Callable[..., Report]) -> None:
    """It must be taken out of the list."""
    report = weighed(AS_DICT)
    assert statuses(report) == {SERIALIZE: Status.FAILED, AS_DICT: Status.STALE}
    assert "take it out" in next(one.note for one in report.failures if one.status is Status.STALE)


def test_a_listed_check_that_fails_otherwise_is_a_failure(weighed: Callable[..., Report]) -> None:
    """The places of the differences must be the ones that are written down."""
    report = weighed(at="/value")
    assert statuses(report)[SERIALIZE] is Status.FAILED
    assert "fails otherwise than mine.yaml:8 says" in report.failures[0].note


def test_a_known_failure_expires(weighed: Callable[..., Report]) -> None:
    """On its last day it is known, and a day later it is not."""
    report = weighed(expires="2026-10-31")
    assert statuses(report)[SERIALIZE] is Status.FAILED
    assert "was known until 2026-10-31" in report.failures[0].note


def test_a_known_failure_may_depend_on_a_version(weighed: Callable[..., Report]) -> None:
    """In an environment that it is not about it does not count."""
    assert statuses(weighed(when="<1"))[SERIALIZE] is Status.FAILED
    both = weighed(when="<1", extra=ENTRY.format(check=SERIALIZE, at="/value/id", expires="2026-12-31", when=">=1"))
    assert statuses(both)[SERIALIZE] is Status.KNOWN


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extra": f"  - {{reason: TODO this is still to be written, {REST}\n"}, "/deviations/1/reason"),
        ({"extra": f"  - {{reason: too short, {REST}\n"}, "/deviations/1/reason"),
        ({"extra": f"  - {{{REST}\n"}, "/deviations/1"),
        ({"expires": "soon"}, "/deviations/0/expires"),
        ({"check_id": "serialize"}, "/deviations/0/checks"),
    ],
)
def test_a_broken_entry_is_named_and_the_rest_still_runs(
    weighed: Callable[..., Report], changes: dict[str, str], field: str
) -> None:
    """File, line and field are told, and both checks are run."""
    report = weighed(**changes)
    assert [problem.field for problem in report.problems] == [field]
    assert report.problems[0].line > 3
    assert len(report.results) == 2
    assert report.exit_code == 2


def test_a_listed_check_that_never_runs_is_a_problem(tmp_path: Path) -> None:
    """After a whole run an entry for a check that does not exist is named."""
    entry = ENTRY.format(check="python-surface/x#no.such-check", at="/value", expires="2026-12-31", when=">=1")
    (tmp_path / "mine.yaml").write_text(
        f"adapters: {{python-surface: models.py}}\nsets: [python-surface]\ndeviations:\n{entry}"
    )
    report = check(str(tmp_path / "mine.yaml"), today=TODAY)
    assert [problem.message for problem in report.problems] == [
        "python-surface/x#no.such-check is listed, but there is no such check to run"
    ]
    assert report.exit_code == 2

"""The verdict at the end of a test: what it left over, what it swallowed, how old its cassette is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plugin.suites import by_vcrpy, suite
from tests.recording.service import Service

pytest_plugins = ["pytester"]

LEFT = "@pytest.mark.vcr{0}\ndef test_it():\n    get('/a')\n"
SWALLOWED = """
@pytest.mark.vcr{0}
def test_it():
    get("/a")
    get("/b")
    try:
        get("/other")
    except Exception:
        pass
"""
BOTH = "@pytest.mark.vcr\ndef test_it():\n    get('/a')\n    get('/b')\n"
COMMAND = "record it: pytest test_it.py::test_it --record-mode=rewrite"
UNPLAYED = f"1 of 2 interactions of *test_it.yaml were not asked for (GET http://*/b); {COMMAND}"
STALE = f"*test_it.yaml was recorded * days ago, and max_age is 1 days; {COMMAND}"


@pytest.mark.parametrize(
    ("body", "setting", "said"),
    [
        (LEFT, "on_unplayed", UNPLAYED),
        (SWALLOWED, "on_swallowed", "GET */other is not recorded in *"),
        (BOTH, "on_stale", STALE),
    ],
)
def test_each_is_ignored_warned_of_or_fails(
    pytester: pytest.Pytester, service: Service, body: str, setting: str, said: str
) -> None:
    """By the ini file, by vcr_config or by the mark, the nearest wins; the command to run next is said."""
    cassettes = suite(pytester, service, BOTH)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    _age(cassettes / "test_it.yaml")
    ages = ["-o", "vcr_max_age=1"] if setting == "on_stale" else []
    suite(pytester, service, body.format(""))
    result = pytester.runpytest("-o", f"vcr_{setting}=fail", *ages)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*{said}"])
    result = pytester.runpytest("-o", f"vcr_{setting}=warn", "-Wdefault", *ages)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines([f"*CassetteWarning: {said}"])
    pytester.runpytest("-o", f"vcr_{setting}=ignore", *ages).assert_outcomes(passed=1)
    if body is not BOTH:
        suite(pytester, service, body.format(f"({setting}='ignore')"))
        pytester.runpytest("-o", f"vcr_{setting}=fail").assert_outcomes(passed=1)


def test_three_of_those_left_over_are_named(
    pytester: pytest.Pytester, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how many more there are; what nothing is asked of would stay in a new recording, too."""
    body = "def test_it():\n    list(map(get, os.environ['PATHS'].split()))\n"
    suite(pytester, service, f"import os\n@pytest.mark.vcr\n{body}")
    monkeypatch.setenv("PATHS", "/a /b /c /d")
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    remove = f"where that is meant, remove them: rm {pytester.path}/cassettes/test_it/test_it.yaml"
    for paths, count, end in (("/d", 3, f"/c); {COMMAND}"), ("", 4, f"/c, and 1 more); {remove}")):
        monkeypatch.setenv("PATHS", paths)
        result = pytester.runpytest()
        result.stdout.fnmatch_lines([f"{count} of 4 interactions of * (GET http://*/a, GET */b, GET *{end}"])


def _age(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("recorded_at: '2026", "recorded_at: '2020"), encoding="utf-8")


def test_a_stale_cassette_is_warned_of_where_an_age_is_set(pytester: pytest.Pytester, service: Service) -> None:
    """Without an age none is; an age is days or a timedelta, and anything else is one sentence."""
    cassettes = suite(pytester, service, BOTH)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    _age(cassettes / "test_it.yaml")
    pytester.runpytest().assert_outcomes(passed=1)
    pytester.runpytest("-o", "vcr_max_age=1", "-Wdefault").assert_outcomes(passed=1, warnings=1)
    pytester.runpytest("-o", "vcr_max_age=1", "-Werror").assert_outcomes(passed=1, errors=1)
    result = pytester.runpytest("-o", "vcr_max_age=soon")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*vcr_max_age='soon' in the ini file is no number of days"])
    age = "(max_age=__import__('datetime').timedelta(days=9999))"
    suite(pytester, service, BOTH.replace(".vcr", f".vcr{age}"))
    pytester.runpytest("-o", "vcr_max_age=1").assert_outcomes(passed=1)


def test_a_stale_cassette_is_not_once_it_is_recorded_again(pytester: pytest.Pytester, service: Service) -> None:
    """Also where the service answers as it did; else an equal recording would leave the old one, and its age."""
    file = suite(pytester, service, BOTH) / "test_it.yaml"
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    _age(file)
    stale = file.read_bytes()
    pytester.runpytest("--record-mode=rewrite", "-o", "vcr_max_age=99999").assert_outcomes(passed=1)
    assert file.read_bytes() == stale
    pytester.runpytest("--record-mode=rewrite", "-o", "vcr_max_age=1000").assert_outcomes(passed=1)
    pytester.runpytest("-o", "vcr_max_age=1000", "-Werror").assert_outcomes(passed=1)


CLOCK = """
import datetime, sys

class Frozen(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2101, 1, 1, tzinfo=tz)

@pytest.fixture(scope="session", autouse=True)
def clock():
    with pytest.MonkeyPatch.context() as patch:
        for module in list(sys.modules.values()):
            if getattr(module, "datetime", None) is Frozen.__base__:
                patch.setattr(module, "datetime", Frozen)
        patch.setattr(datetime, "datetime", Frozen)
        yield
"""


def test_a_clock_of_the_suite_makes_nothing_stale(pytester: pytest.Pytester, service: Service) -> None:
    """Age is that at the start of the run, whatever freezegun or a fixture has done to the clock since."""
    last = "def test_last():\n    assert datetime.datetime.now().year == 2101\n"
    suite(pytester, service, CLOCK + LEFT.format("(max_age=1000, on_stale='fail')") + last)
    for mode in ("once", "none"):
        pytester.runpytest_subprocess(f"--record-mode={mode}").assert_outcomes(passed=2)


def test_a_cassette_of_the_emulator_is_never_stale(pytester: pytest.Pytester, service: Service) -> None:
    """Its clock says nothing of how old a recording is, and a new recording would have the same time."""
    file = suite(pytester, service, BOTH) / "test_it.yaml"
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    _age(file)
    file.write_text(file.read_text(encoding="utf-8").replace("origin: live", "origin: emulator"), encoding="utf-8")
    pytester.runpytest("-o", "vcr_max_age=1", "-o", "vcr_on_stale=fail").assert_outcomes(passed=1)


def test_a_failed_or_skipped_test_is_not_judged(pytester: pytest.Pytester, service: Service) -> None:
    """What it left over follows from what stopped it, and is not a second failure."""
    suite(pytester, service, BOTH)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    for end, outcome in (("assert 0", "failed"), ("pytest.skip()", "skipped")):
        suite(pytester, service, LEFT.format("") + f"    {end}\n")
        assert pytester.runpytest().parseoutcomes() == {outcome: 1}


SET_UP = """
@pytest.fixture(scope="module")
def wide():
    get("/wide")

@pytest.fixture
def narrow():
    get("/narrow")

@pytest.mark.vcr
def test_it(wide, narrow):
    get("/a")
"""


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only"])
def test_a_test_that_is_only_set_up_is_not_judged(pytester: pytest.Pytester, service: Service, option: str) -> None:
    """Nor is its half a recording kept."""
    cassettes = suite(pytester, service, SET_UP)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    before = (cassettes / "test_it.yaml").read_bytes()
    for mode in ("none", "rewrite"):
        assert pytester.runpytest(option, f"--record-mode={mode}").ret == pytest.ExitCode.OK
    assert (cassettes / "test_it.yaml").read_bytes() == before


FOREIGN = """
def post(body):
    return requests.post(URL + "/a", data=body).text

@pytest.mark.vcr
def test_same():
    assert post("one") == "answer to one"

@pytest.mark.vcr
def test_other_body():
    assert post("two") == "answer to one"

@pytest.mark.vcr
def test_left_over():
    assert post("one") == "answer to one"

@pytest.mark.vcr
def test_swallowed():
    post("one")
    with pytest.raises(Exception):
        post("two")
"""


def test_what_would_fail_strictly_is_counted(pytester: pytest.Pytester, service: Service) -> None:
    """A cassette of another recorder is as lenient as that was; the summary counts, and names the command."""
    cassettes = suite(pytester, service, FOREIGN)
    for name in ("same", "other_body", "swallowed"):
        by_vcrpy(cassettes / f"test_{name}.yaml", f"{service.url}/a", "one")
    by_vcrpy(cassettes / "test_left_over.yaml", f"{service.url}/a", "one", "three")
    for options in ([], ["-n2"]):
        result = pytester.runpytest(*options)
        result.assert_outcomes(passed=4)
        result.stdout.fnmatch_lines(
            [
                "  3 cassettes matched the way vcrpy does; 3 tests would fail strictly:",
                "    Next: acs-chat cassettes migrate --strict cassettes/test_it",
            ],
            consecutive=True,
        )
    assert pytester.runpytest("-o", "vcr_on_unplayed=fail").parseoutcomes() == {"passed": 4, "errors": 1}


def test_what_stands_in_the_way_of_strictness_alone_is_counted(pytester: pytest.Pytester, service: Service) -> None:
    """Not a test that fails as it is, and none where the suite has said what becomes of what is left over."""
    cassettes = suite(pytester, service, FOREIGN + "    assert 0\n")
    by_vcrpy(cassettes / "test_swallowed.yaml", f"{service.url}/a", "one")
    by_vcrpy(cassettes / "test_left_over.yaml", f"{service.url}/a", "one", "three")
    options = ("-k", "swallowed or left_over", "-o", "vcr_on_unplayed=ignore")
    result = pytester.runpytest(*options)
    result.assert_outcomes(passed=1, failed=1, deselected=2)
    result.stdout.no_fnmatch_line("*strictly*")


OF_TWO = """
@pytest.mark.vcr(match_on=["method", "path", "body"])
@pytest.mark.default_cassette("shared")
@pytest.mark.parametrize("body", ["one", "two"])
def test_it(body):
    requests.post(URL + "/a", data=body)
"""


@pytest.mark.parametrize("options", [[], ["-n2"]])
def test_a_shared_cassette_would_fail_its_tests_where_none_of_them_plays_it_all(
    pytester: pytest.Pytester, service: Service, options: list[str]
) -> None:
    """What one leaves over for the other is none of its own."""
    cassettes = suite(pytester, service, OF_TWO)
    by_vcrpy(cassettes / "shared.yaml", f"{service.url}/a", "one", "two")
    result = pytester.runpytest(*options)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*strictly*")
    by_vcrpy(cassettes / "shared.yaml", f"{service.url}/a", "one", "two", "three")
    result = pytester.runpytest(*options)
    result.stdout.fnmatch_lines(["  1 cassette matched the way vcrpy does; 2 tests would fail strictly:"])


NAMED = """
import vcr.errors

@pytest.mark.vcr({names})
def test_it():
    assert requests.post(URL + "/a", data="one").text == "answer to one"
    with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
        get("/b")
"""


def test_cassettes_that_the_mark_names_are_as_lenient(pytester: pytest.Pytester, service: Service) -> None:
    """Where all of them are another recorder's and the test has none of its own; one of ours is strict."""
    cassettes = suite(pytester, service, NAMED.format(names="'theirs'"))
    by_vcrpy(cassettes / "theirs.yaml", f"{service.url}/a", "one")
    result = pytester.runpytest()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["  1 cassette matched the way vcrpy does; 1 test would fail strictly:"])
    (cassettes / "ours.yaml").write_text("header:\n  format: acs-chat-testkit/1\ninteractions: []\nversion: 1\n")
    suite(pytester, service, NAMED.format(names="'theirs', 'ours'"))
    pytester.runpytest().assert_outcomes(failed=1)


MANY = """
@pytest.mark.vcr
@pytest.mark.default_cassette("shared")
@pytest.mark.parametrize("path", ["/a", "/b"])
def test_it(path):
    get(path)
"""


@pytest.mark.parametrize("options", [[], ["-n2"]])
def test_a_shared_cassette_is_judged_by_all_its_tests(
    pytester: pytest.Pytester, service: Service, options: list[str]
) -> None:
    """What none of them asked for fails the run; a part of them says nothing."""
    suite(pytester, service, MANY.replace('"/b"', '"/b", "/c"'))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)
    result = pytester.runpytest(*options)
    assert (result.ret, result.parseoutcomes()) == (0, {"passed": 3})
    assert pytester.runpytest("-k", "a", *options).ret == 0
    suite(pytester, service, MANY)
    result = pytester.runpytest(*options)
    assert (result.ret, result.parseoutcomes()) == (1, {"passed": 2})
    result.stdout.fnmatch_lines(
        [
            "  FAILED  1 interaction of *shared.yaml that none of its 2 tests asked for",
            "    Next: pytest 'test_it.py::test_it[[]/a]' 'test_it.py::test_it[[]/b]' --record-mode=rewrite",
        ],
        consecutive=True,
    )
    suite(pytester, service, MANY.replace("    get(path)", "    ..."))
    pytester.runpytest(*options).stdout.fnmatch_lines(["    Next: rm cassettes/test_it/shared.yaml"])


@pytest.mark.parametrize("options", [[], ["-n2"]])
@pytest.mark.parametrize(("end", "outcome"), [("pytest.skip()", "skipped"), ("1 / 0", "failed")])
def test_a_shared_cassette_is_not_judged_where_a_test_of_it_has_not_passed(
    pytester: pytest.Pytester, service: Service, options: list[str], end: str, outcome: str
) -> None:
    """What that one left over follows from what stopped it."""
    suite(pytester, service, MANY)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    suite(pytester, service, MANY.replace("    get", f"    path == '/b' and {end}\n    get"))
    result = pytester.runpytest(*options)
    assert (result.ret, result.parseoutcomes()) == (outcome == "failed", {"passed": 1, outcome: 1})
    result.stdout.no_fnmatch_line("*FAILED  *")


def test_verify_tells_where_answers_have_drifted(pytester: pytest.Pytester, service: Service) -> None:
    """The service is asked, nothing is written, and what breaks code fails the test."""
    cassettes = suite(pytester, service, BOTH)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    file = cassettes / "test_it.yaml"
    pytester.runpytest("--record-mode=verify").assert_outcomes(passed=1)
    file.write_text(file.read_text(encoding="utf-8").replace("code: 200", "code: 201", 1), encoding="utf-8")
    before = file.read_bytes()
    result = pytester.runpytest("--record-mode=verify")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["the service no longer answers as *test_it.yaml says", "  error: GET */a: status *"])
    assert file.read_bytes() == before


def test_verify_tells_why_a_test_fails(pytester: pytest.Pytester, service: Service) -> None:
    """Where it fails because the service answers otherwise, that is what it has to say; not what it did not come to."""
    cassettes = suite(pytester, service, BOTH.replace("get('/b')", "assert get('/a')\n    get('/b')"))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    file = cassettes / "test_it.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("code: 200", "code: 201", 1), encoding="utf-8")
    suite(pytester, service, BOTH.replace("get('/b')", "assert not get('/a')\n    get('/b')"))
    result = pytester.runpytest("--record-mode=verify")
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["the service no longer answers as *test_it.yaml says", "  error: GET */a: status *"])
    result.stdout.no_fnmatch_line("*recorded and not made now*")


def test_verify_warns_of_what_is_not_asked_for(pytester: pytest.Pytester, service: Service) -> None:
    """And of what is not recorded; but not where another test may ask for it."""
    suite(pytester, service, BOTH)
    result = pytester.runpytest("--record-mode=verify")
    result.stdout.fnmatch_lines(
        [f"*nothing is recorded in *test_it.yaml; {COMMAND}", "*warn: GET */a: request is not*"]
    )
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    suite(pytester, service, BOTH.replace("    get('/a')\n", ""))
    result = pytester.runpytest("--record-mode=verify")
    result.stdout.fnmatch_lines(["*the service answers otherwise*", "*warn: GET */a: request was recorded and not*"])
    suite(pytester, service, MANY)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    pytester.runpytest("--record-mode=verify").assert_outcomes(passed=2, warnings=0)


AGAIN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        item._initrequest()
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""


def test_a_test_that_is_run_again_is_judged_again(pytester: pytest.Pytester, service: Service) -> None:
    """That the verdict failed it the first time is no reason to pass it the second time."""
    suite(pytester, service, BOTH)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    suite(pytester, service, LEFT.format(""))
    pytester.makeconftest(AGAIN)
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([UNPLAYED])

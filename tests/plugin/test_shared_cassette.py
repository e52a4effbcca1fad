"""Tests that share one cassette, in one process and in several."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests  # noqa: F401  or each inner run would import it anew
from tests.cli.shelves import acs_chat
from tests.plugin.suites import suite
from tests.recording.service import Service

from acs_chat_testkit.recording import load
from acs_chat_testkit.recording.lock import private

pytest_plugins = ["pytester"]

TWELVE = """
import pytest, requests
URL = {url!r}

@pytest.mark.vcr
@pytest.mark.default_cassette("shared.yaml")
@pytest.mark.parametrize("number", range(12))
def test_it(number):
    assert requests.get(f"{{URL}}/{{number}}", timeout=10).json()["path"] == f"/{{number}}"
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The private directory, without what other runs on this machine put there."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    private.cache_clear()
    yield private()
    private.cache_clear()


@pytest.mark.parametrize(("mode", "workers"), [("once", 4), ("new_episodes", 0), ("rewrite", 0)])
def test_twelve_tests_keep_twelve_interactions(
    pytester: pytest.Pytester, service: Service, alone: Path, mode: str, workers: int
) -> None:
    """Whether one process runs them or four: all are in the file, and all replay; nothing of the run is left."""
    pytester.makepyfile(test_it=TWELVE.format(url=service.url))
    result = pytester.runpytest(f"--record-mode={mode}", "-n", str(workers))
    result.assert_outcomes(passed=12)
    tape: Path = pytester.path / "cassettes" / "test_it" / "shared.yaml"
    recorded = [each.request.url.rpartition("/")[2] for each in load(tape).interactions]
    assert sorted(recorded, key=int) == [str(number) for number in range(12)]
    service.close()
    pytester.runpytest().assert_outcomes(passed=12)
    assert list(tape.parent.iterdir()) == [tape]
    assert list(alone.glob("run-*")) == []


ELSEWHERE = """
@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return {place!r}

@pytest.mark.vcr
@pytest.mark.default_cassette("shared")
@pytest.mark.parametrize("path", {paths})
def test_it(path):
    get(path)
"""


@pytest.mark.parametrize("place", ["cassettes/test_it", "tapes"])
def test_the_next_command_loses_nothing_of_a_shared_cassette(
    pytester: pytest.Pytester, service: Service, place: str
) -> None:
    """It names all tests that have it, wherever it lies; the file, where others of it may have it or there are many.

    Where tests of other files may, it drops nothing.
    """
    suite(pytester, service, ELSEWHERE.format(place=place, paths=["/a", "/b"]))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    pytester.runpytest().assert_outcomes(passed=2)
    suite(pytester, service, ELSEWHERE.format(place=place, paths=["/a", "/c"]))
    both = "pytest 'test_it.py::test_it[[]/a]' 'test_it.py::test_it[[]/c]' --record-mode=rewrite"
    pytester.runpytest().stdout.fnmatch_lines([f"E *record it: {both}"])
    whole = "pytest test_it.py --record-mode=rewrite"
    added = "pytest 'test_it.py::test_it[[]/c]' --record-mode=new_episodes"
    unsure = added if place == "tapes" else whole
    pytester.runpytest("test_it.py::test_it[/c]").stdout.fnmatch_lines([f"E *record it: {unsure}"])
    suite(pytester, service, ELSEWHERE.format(place=place, paths=[f"/{number}" for number in range(11)]))
    pytester.runpytest().stdout.fnmatch_lines([f"E *record it: {whole}"])


FURTHER = """
@pytest.mark.vcr
def test_first():
    get("/a")

@pytest.mark.vcr("test_first", "nobodys")
def test_second():
    get("/a")
"""


def test_a_further_cassette_that_is_missing_names_the_test_that_records_it(
    pytester: pytest.Pytester, service: Service
) -> None:
    """Where a test has it; another one can only be recorded first."""
    cassettes = suite(pytester, service, FURTHER)
    command = "pytest test_it.py::test_first --record-mode=rewrite"
    result = pytester.runpytest("-k", "second")
    result.stdout.fnmatch_lines([f"*there is no cassette *test_first.yaml; record it first: {command}"])
    pytester.runpytest(*command.split()[1:]).assert_outcomes(passed=1)
    pytester.runpytest("-k", "second").stdout.fnmatch_lines(["*there is no cassette *nobodys.yaml; record it first"])
    (cassettes / "test_first.yaml").rename(cassettes / "nobodys.yaml")
    pytester.runpytest("-k", "second").stdout.fnmatch_lines([f"*record it first: {command}"])


MARKED = """
@pytest.mark.vcr
@pytest.mark.default_cassette("shared")
@pytest.mark.parametrize("path", {paths})
def test_it(path):
    get(path)
"""
BY_FIXTURE = """
@pytest.fixture
def {fixture}():
    return "one_for_all"

@pytest.mark.vcr
@pytest.mark.parametrize("path", {paths})
def test_it(path):
    get(path)
"""


@pytest.mark.parametrize("options", [[], ["-n2"]])
@pytest.mark.parametrize("fixture", ["default_cassette_name", "vcr_cassette_name"])
def test_a_cassette_that_a_fixture_names_is_judged_by_all_its_tests(
    pytester: pytest.Pytester, service: Service, fixture: str, options: list[str]
) -> None:
    """What none of them asked for fails the run; a part of them says nothing, however it was chosen."""
    suite(pytester, service, BY_FIXTURE.format(fixture=fixture, paths=["/a", "/b", "/c"]))
    pytester.runpytest("--record-mode=once", *options).assert_outcomes(passed=3)
    for whole in ([], ["test_it.py"]):
        result = pytester.runpytest(*whole, *options)
        assert (result.ret, result.parseoutcomes()) == (0, {"passed": 3})
    suite(pytester, service, BY_FIXTURE.format(fixture=fixture, paths=["/a", "/b"]))
    for part in (["-k", "/a"], ["test_it.py::test_it[/a]"], ["test_it.py::test_it"], ["--lf"]):
        assert pytester.runpytest(*part, *options).ret == 0, part
    result = pytester.runpytest(*options)
    assert (result.ret, result.parseoutcomes()) == (1, {"passed": 2})
    result.stdout.fnmatch_lines(
        [
            "  FAILED  1 interaction of *one_for_all.yaml that none of its 2 tests asked for",
            "    Next: pytest 'test_it.py::test_it[[]/a]' 'test_it.py::test_it[[]/b]' --record-mode=rewrite",
        ],
        consecutive=True,
    )


def test_a_cassette_that_one_test_alone_has_is_judged_as_a_whole(pytester: pytest.Pytester, service: Service) -> None:
    """Also where a fixture names it: of two equal requests the second one is missed if it is no longer made."""
    source = """
@pytest.fixture
def default_cassette_name(request):
    return request.node.name.replace("test", "tape")

@pytest.mark.vcr
def test_twice():
    for _ in range({times}):
        get("/a")

@pytest.mark.vcr
def test_other():
    get("/b")
"""
    suite(pytester, service, source.format(times=2))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    assert pytester.runpytest().ret == 0
    suite(pytester, service, source.format(times=1))
    result = pytester.runpytest()
    assert (result.ret, result.parseoutcomes()) == (1, {"passed": 2})
    result.stdout.fnmatch_lines(
        ["  FAILED  1 interaction of *tape_twice.yaml that test_it.py::test_twice never asked for"]
    )


def test_the_shards_of_a_cassette_that_a_fixture_names_are_judged_as_one_run(
    pytester: pytest.Pytester, service: Service
) -> None:
    """No shard can tell what the others ask for; all together can."""
    suite(pytester, service, BY_FIXTURE.format(fixture="default_cassette_name", paths=["/a", "/b", "/c"]))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)
    for left, paths in enumerate((["/a", "/b", "/c"], ["/a", "/b"])):
        suite(pytester, service, BY_FIXTURE.format(fixture="default_cassette_name", paths=paths))
        for name, part in (("1.json", "/a"), ("2.json", "not /a")):
            assert pytester.runpytest("-k", part, f"--cassette-report={name}").ret == 0
        assert acs_chat("cassettes", "report", "merge", "1.json", "2.json").exit_code == left
        assert acs_chat("cassettes", "report", "merge", "1.json").exit_code == 0


def test_the_next_command_loses_nothing_of_a_cassette_that_a_fixture_names(
    pytester: pytest.Pytester, service: Service
) -> None:
    """Any test of the file may have it, so all of them run."""
    suite(pytester, service, BY_FIXTURE.format(fixture="default_cassette_name", paths=["/a", "/b"]))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    suite(pytester, service, BY_FIXTURE.format(fixture="default_cassette_name", paths=["/a", "/c"]))
    for part in ([], ["test_it.py::test_it[/c]"]):
        result = pytester.runpytest(*part)
        result.stdout.fnmatch_lines(["E *record it: pytest test_it.py --record-mode=rewrite"])
    pytester.runpytest("test_it.py", "--record-mode=rewrite").assert_outcomes(passed=2)
    pytester.runpytest().assert_outcomes(passed=2)


FLAT = """
import pytest, requests

@pytest.mark.vcr
def test_both():
    for path in {both}:
        requests.get({url!r} + path, timeout=10)

@pytest.mark.vcr
def {own}():
    for path in {paths}:
        requests.get({url!r} + path, timeout=10)
"""
DIRECTORY = """
import pytest

@pytest.fixture(scope="module")
def vcr_cassette_dir(request):
    return {place}
"""


def flat(
    pytester: pytest.Pytester, service: Service, place: str, one: list[str], two: list[str], own: tuple[str, ...] = ()
) -> None:
    """Two test files, each with a test of one name and one of its own, and a directory for both."""
    pytester.makeconftest(DIRECTORY.format(place=place))
    pytester.makepyfile(
        test_one=FLAT.format(url=service.url, both=one, own="test_own_one", paths=own),
        test_two=FLAT.format(url=service.url, both=two, own="test_own_two", paths=own),
    )


def test_files_that_have_a_directory_together_may_share_a_cassette(pytester: pytest.Pytester, service: Service) -> None:
    """Tests of one name have one file there: one alone is not blamed for the other, and loses nothing of it."""
    flat(pytester, service, "'tapes'", ["/a"], ["/b", "/c"])
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=4)
    ignoring = (["--ignore=test_two.py"], ["--ignore-glob=*two.py"])
    for part in ([], ["-n2"], ["test_one.py"], ["test_one.py::test_both"], ["-k", "both and one"], *ignoring):
        assert pytester.runpytest(*part).ret == 0, part
    flat(pytester, service, "'tapes'", ["/a", "/more"], ["/b"])
    again = "test_one.py::test_both --record-mode=new_episodes"
    result = pytester.runpytest("test_one.py::test_both")
    result.stdout.fnmatch_lines([f"E *record it: pytest {again}"])
    pytester.runpytest(*again.split()).assert_outcomes(passed=1)
    assert len(load(pytester.path / "tapes" / "test_both.yaml").interactions) == 4
    result = pytester.runpytest()
    assert (result.ret, result.parseoutcomes()) == (1, {"passed": 4})
    result.stdout.fnmatch_lines(["  FAILED  1 interaction of tapes/test_both.yaml that none of its 2 tests asked for"])


@pytest.mark.parametrize("suite_says", [MARKED, BY_FIXTURE.replace("{fixture}", "default_cassette_name")])
def test_tests_that_share_a_cassette_may_ask_for_the_same(
    pytester: pytest.Pytester, service: Service, suite_says: str
) -> None:
    """Each records it, and each is given the first of them."""
    suite(pytester, service, suite_says.format(paths=["/a", "/a", "/b"]))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)
    result = pytester.runpytest()
    assert (result.ret, result.parseoutcomes()) == (0, {"passed": 3})
    suite(pytester, service, suite_says.format(paths=["/a", "/a"]))
    assert pytester.runpytest().ret == 1


def test_a_suite_may_have_one_cassette(pytester: pytest.Pytester, service: Service) -> None:
    """Where fixtures say both name and directory, all tests of all files may have it, and all judge it."""
    name = "'tapes'\n\n@pytest.fixture\ndef default_cassette_name():\n    return 'one_for_all'"
    flat(pytester, service, name, ["/a"], ["/b", "/c"], ("/own",))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=4)
    flat(pytester, service, name, ["/a"], ["/b"], ("/own",))
    for part in (["test_one.py"], ["test_one.py::test_both"], ["-k", "both"]):
        assert pytester.runpytest(*part).ret == 0, part
    result = pytester.runpytest()
    assert (result.ret, result.parseoutcomes()) == (1, {"passed": 4})
    result.stdout.fnmatch_lines(["  FAILED  1 interaction of *one_for_all.yaml that none of its 4 tests asked for"])
    flat(pytester, service, name, ["/more"], ["/b"], ("/own",))
    again = "test_one.py::test_both --record-mode=new_episodes"
    pytester.runpytest().stdout.fnmatch_lines([f"E *record it: pytest {again}"])


STRICT = {
    "a name that no other test has": ("'tapes'", []),
    "a directory for each file": ("'tapes/' + request.path.stem", ["test_one.py::test_own_one"]),
    "a directory for each module": ("'tapes/suite.' + request.module.__name__", ["test_one.py::test_own_one"]),
}


@pytest.mark.parametrize(("place", "options"), STRICT.values(), ids=STRICT)
def test_a_cassette_of_one_test_alone_is_judged_at_its_end(
    pytester: pytest.Pytester, service: Service, place: str, options: list[str]
) -> None:
    """Where a suite has moved it, too, as long as it can be told that no other test has it."""
    flat(pytester, service, place, ["/a"], ["/b"], ("/own", "/more"))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=4)
    flat(pytester, service, place, ["/a"], ["/b"], ("/own",))
    result = pytester.runpytest(*options)
    result.stdout.fnmatch_lines(["*1 of 2 interactions of *test_own_one.yaml were not asked for*"])


BY_PARAMETER = """
@pytest.mark.vcr
@pytest.mark.parametrize(("default_cassette_name", "path"), {rows})
def test_it(default_cassette_name, path):
    get(path)
    get({more!r})
"""


def test_a_cassette_that_a_parameter_names_is_judged_by_those_who_have_it(
    pytester: pytest.Pytester, service: Service
) -> None:
    """One test alone at its end; several at the end of the run."""
    rows = [("one", "/a"), ("two", "/b"), ("two", "/c")]
    suite(pytester, service, BY_PARAMETER.format(rows=rows, more="/more"))
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)
    pytester.runpytest().assert_outcomes(passed=3)
    suite(pytester, service, BY_PARAMETER.format(rows=rows, more="/more").replace("get('/more')", "..."))
    result = pytester.runpytest()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*1 of 2 interactions of *one.yaml were not asked for*",
            "  FAILED  2 interactions of *two.yaml that none of its 2 tests asked for",
        ]
    )

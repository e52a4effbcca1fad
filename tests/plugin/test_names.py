"""Names of cassettes: no two tests share one by accident, and files of no test are listed."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from tests.cli.shelves import acs_chat, lines
from tests.plugin.suites import by_vcrpy, suite
from tests.recording.service import Service

from acs_chat_testkit.plugin import names
from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

IDS = ["a/b", "a-b", "a:b", "a?b", "a%2Fb", "a.b", "tab\t", "n" * 300]
NAMED = f"""
@pytest.mark.vcr
@pytest.mark.parametrize("path", {IDS!r}, ids=str)
def test_ids(path):
    get("/" + str({IDS!r}.index(path)))

class TestA:
    class TestInner:
        @pytest.mark.vcr
        def test_x(self):
            get("/ax")

class TestB:
    class TestInner:
        @pytest.mark.vcr
        def test_x(self):
            get("/bx")

@pytest.mark.vcr
def test_{"語" * 90}():
    get("/long")
"""


def test_every_test_has_a_file_of_its_own(pytester: pytest.Pytester, service: Service) -> None:
    """Ids with letters that files may not have, inner classes, names of 270 bytes: each test replays its own."""
    cassettes = suite(pytester, service, NAMED)
    number = len(IDS) + 3
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=number)
    files = {file.name: load(file).interactions[0].request.url for file in cassettes.iterdir()}
    assert len(files) == number
    assert max(len(name.encode()) for name in files) <= 255
    assert unquote("test_ids[a%2Fb].yaml") == "test_ids[a/b].yaml"
    assert {"test_ids[a%2Fb].yaml", "test_ids[a%252Fb].yaml", "test_ids[a-b].yaml", "test_ids[a.b].yaml"} < files.keys()
    assert files["TestA.TestInner.test_x.yaml"] == f"{service.url}/ax"
    pytester.runpytest().assert_outcomes(passed=number)
    assert len(service.hits) == number


@pytest.mark.parametrize("name", ["test[a/b%]", "plain", "\x01\n", "test[😀]"])
def test_a_name_can_be_read_back(name: str) -> None:
    """As long as it is not cut, what stands for a letter tells which one."""
    assert unquote(names.safe(name)) == name


@pytest.mark.parametrize("letter", ["a", "é", "語", "😀"])
def test_a_cut_name_fits_and_differs(letter: str) -> None:
    """It is cut between letters, never within the bytes of one, and names that differ behind the cut differ."""
    one, other = names.safe(letter * 300 + "1"), names.safe(letter * 300 + "2")
    assert one != other
    assert names.LONGEST - 4 < len(one.encode()) <= names.LONGEST


@pytest.mark.parametrize(
    ("body", "first", "second"),
    [
        ("def test_case(): ...\n@pytest.mark.vcr\ndef test_Case(): ...", "test_case", "test_Case"),
        (
            "def test_case(): ...\n@pytest.mark.vcr\n@pytest.mark.default_cassette('test_case')\ndef test_y(): ...",
            "test_case",
            "test_y",
        ),
    ],
)
@pytest.mark.parametrize("option", ["-p no:xdist", "-n1"])
def test_a_collision_is_an_error_that_names_both(
    pytester: pytest.Pytester, service: Service, body: str, first: str, second: str, option: str
) -> None:
    """Also where two names differ in case alone, which is one file on other systems; neither runs."""
    suite(pytester, service, f"@pytest.mark.vcr\n{body}\n")
    result = pytester.runpytest_subprocess(*option.split())
    assert result.ret != 0
    said = "\n".join([*result.outlines, *result.errlines])
    assert f"test_it.py::{first} and test_it.py::{second} would have the same cassette cassettes/test_it/" in said
    assert "default_cassette" in said
    assert "passed" not in said


OLD = """
class TestA:
    class TestInner:
        @pytest.mark.vcr(record_mode="new_episodes")
        def test_x(self):
            requests.post(URL + "/a", data="one")

@pytest.mark.vcr
@pytest.mark.parametrize("path", ["a/b"])
def test_ids(path):
    requests.post(URL + "/a", data="two")
"""


def test_the_names_of_pytest_recording_are_found(pytester: pytest.Pytester, service: Service) -> None:
    """Where there is no file of the new name, the old one is read, and recorded again in its place."""
    cassettes = suite(pytester, service, OLD)
    by_vcrpy(cassettes / "TestInner.test_x.yaml", f"{service.url}/a", "one")
    by_vcrpy(cassettes / "test_ids[a-b].yaml", f"{service.url}/a", "two")
    before = sorted(cassettes.iterdir())
    pytester.runpytest().assert_outcomes(passed=2)
    assert service.hits == []
    pytester.runpytest("--record-mode=rewrite").assert_outcomes(passed=2)
    assert sorted(cassettes.iterdir()) == before
    assert all(load(file).ours for file in before)


FLAT = """
class TestA:
    @pytest.mark.vcr
    def test_x(self):
        requests.post(URL + "/a", data="one")

@pytest.mark.vcr
def test_y():
    requests.post(URL + "/a", data="two")
"""


NAMED_FLAT = """
import pytest

@pytest.fixture
def vcr_cassette_name(request):
    return "named-" + request.node.name
"""


@pytest.mark.parametrize(
    ("conftest", "first", "second"),
    [("", "TestA.test_x", "test_y"), (NAMED_FLAT, "named-test_x", "named-test_y")],
    ids=["by-test", "by-the-suite"],
)
def test_the_files_of_pytest_vcr_are_read(
    pytester: pytest.Pytester, service: Service, conftest: str, first: str, second: str
) -> None:
    """They lie in one directory for all test files; recorded again, each test has its file in one of its own."""
    pytester.makeconftest(conftest)
    cassettes = suite(pytester, service, FLAT)
    by_vcrpy(cassettes.parent / f"{first}.yaml", f"{service.url}/a", "one")
    by_vcrpy(cassettes.parent / f"{second}.yaml", f"{service.url}/a", "two")
    for mode in ("none", "once"):
        pytester.runpytest(f"--record-mode={mode}").assert_outcomes(passed=2)
    assert service.hits == []
    pytester.runpytest("--record-mode=rewrite").assert_outcomes(passed=2)
    assert [file.name for file in sorted(cassettes.iterdir())] == [f"{first}.yaml", f"{second}.yaml"]
    assert not load(cassettes.parent / f"{second}.yaml").ours


SAME = """
class TestA:
    class TestInner:
        @pytest.mark.vcr
        def test_x(self):
            requests.post(URL + "/a", data="one")

class TestB(TestA):
    pass
"""


def test_an_old_file_of_several_tests_is_read_and_never_written(pytester: pytest.Pytester, service: Service) -> None:
    """Inner classes of one name had one file with pytest-recording; recorded again, each test has its own."""
    cassettes = suite(pytester, service, SAME)
    by_vcrpy(cassettes / "TestInner.test_x.yaml", f"{service.url}/a", "one")
    pytester.runpytest().assert_outcomes(passed=2)
    assert service.hits == []
    pytester.runpytest("--record-mode=rewrite").assert_outcomes(passed=2)
    found = {file.name: load(file).ours for file in cassettes.iterdir()}
    assert found == {
        "TestInner.test_x.yaml": False,
        "TestA.TestInner.test_x.yaml": True,
        "TestB.TestInner.test_x.yaml": True,
    }


def test_names_that_differ_in_case_alone_may_stay_where_each_has_its_file(
    pytester: pytest.Pytester, service: Service
) -> None:
    """They were recorded and kept apart before; a third one has to have another name."""
    marks = "@pytest.mark.vcr\n@pytest.mark.parametrize('path', {})\ndef test_ids(path):\n"
    body = f"{marks}    requests.post(URL + '/a', data='one')\n"
    cassettes = suite(pytester, service, body.format(["a/b", "A/b"]))
    for name in ("a-b", "A-b"):
        by_vcrpy(cassettes / f"test_ids[{name}].yaml", f"{service.url}/a", "one")
    pytester.runpytest().assert_outcomes(passed=2)
    suite(pytester, service, body.format(["a/b", "A/b", "A/B"]))
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_ids[[]a/b[]] and *test_ids[[]A/B[]] would have the same cassette*"])


def test_an_old_name_that_two_tests_mean_is_nobodys(pytester: pytest.Pytester, service: Service) -> None:
    """What belongs to another test by its own name is not taken for an old name, and never written over."""
    marks = "@pytest.mark.vcr\n@pytest.mark.parametrize('path', ['a-b', 'a/b'])\n"
    cassettes = suite(pytester, service, f"{marks}def test_ids(path):\n    get('/' + path)\n")
    pytester.runpytest("--record-mode=once", "-k", "a-b").assert_outcomes(passed=1, deselected=1)
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    assert sorted(file.name for file in cassettes.iterdir()) == ["test_ids[a%2Fb].yaml", "test_ids[a-b].yaml"]


def test_the_long_name_of_pytest_recording_is_found(pytester: pytest.Pytester, service: Service) -> None:
    """It ends in three dots and a hash; this one was written by pytest-recording itself."""
    body = f"@pytest.mark.vcr\n@pytest.mark.parametrize('path', ['{'日' * 90}'])\ndef test_x(path):\n"
    cassettes = suite(pytester, service, f"{body}    requests.post(URL + '/a', data='one')\n")
    start = "test_x[" + "-u65e5" * 90
    by_vcrpy(cassettes / f"{start[:215]}...3ac2ceb9253489eb2721f17c8552e92c.yaml", f"{service.url}/a", "one")
    pytester.runpytest().assert_outcomes(passed=1)
    assert service.hits == []


SOME = """
@pytest.fixture(scope="module")
def login():
    get("/login")

@pytest.mark.vcr
def test_here(login): get("/a")

@pytest.mark.vcr("more")
def test_there(): get("/a")

def test_unmarked(): ...
"""


def lost(pytester: pytest.Pytester, *options: str) -> tuple[list[str], list[str]]:
    """What is listed as belonging to no test: on the terminal, in the report."""
    result = pytester.runpytest(*options, "--cassette-report=report.json")
    listed = [line.strip() for line in result.outlines]
    report = json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))
    return [line for line in listed if line.startswith("cassettes/")], report["orphans"]


def test_files_of_no_test_are_listed(pytester: pytest.Pytester, service: Service) -> None:
    """In a run, a part of one, on workers and by collecting alone; never where a run could not know."""
    cassettes = suite(pytester, service, SOME)
    by_vcrpy(cassettes / "more.yaml", f"{service.url}/more", "one")
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=3)
    assert lost(pytester) == ([], [])
    for name in ("test_gone.yaml", "fixture.gone.yaml"):
        by_vcrpy(cassettes / name, f"{service.url}/a", "one")
    (cassettes / "notes.txt").write_text("no cassette", encoding="utf-8")
    gone = ["cassettes/test_it/fixture.gone.yaml", "cassettes/test_it/test_gone.yaml"]
    for options in ([], ["-k", "here"], ["-n2"], ["--collect-only"]):
        assert lost(pytester, *options) == (gone, gone), options
    assert lost(pytester, "test_it.py::test_here") == ([], [])
    assert lost(pytester, "--lf") == ([], [])
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(["  2 cassettes of no test:", "    Next: acs-chat cassettes orphans cassettes/test_it"])
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef default_cassette_name(): return 'one'\n")
    assert lost(pytester) == ([], [])


def test_a_directory_that_may_not_be_listed(pytester: pytest.Pytester, service: Service) -> None:
    """Its files are read by their names; what else lies there is nobody's to know."""
    suite(pytester, service, "@pytest.mark.vcr\ndef test_here(): get('/a')\n")
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=1)
    pytester.makeconftest("""
import os
listed = os.listdir
def refused(path="."):
    if str(path).endswith("test_it"):
        raise PermissionError(13, "Permission denied", str(path))
    return listed(path)
os.listdir = refused
""")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    assert result.ret == 0


def test_the_command_reads_what_a_collection_tells(pytester: pytest.Pytester, service: Service) -> None:
    """`acs-chat cassettes orphans` collects the suite itself, and finds the same."""
    cassettes = suite(pytester, service, SOME)
    by_vcrpy(cassettes / "test_gone.yaml", f"{service.url}/a", "one")
    assert lines(acs_chat("cassettes", "orphans", "."))[:2] == [
        "  cassettes/test_it/test_gone.yaml",
        "1 cassette of no test",
    ]

"""Fixtures that a suite may override are asked where one does, and only there."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

MIXED = """
import pytest

pytestmark = pytest.mark.vcr

def test_a(vcr):
    assert vcr.path.parts[-2:] == ("test_it", "test_a.yaml")

def test_b(vcr):
    assert vcr.path.parts[-2:] == ("test_it", "test_b.yaml")

@pytest.mark.parametrize("default_cassette_name", ["given"])
def test_c(default_cassette_name, vcr):
    assert vcr.path.name == "given.yaml"

@pytest.mark.default_cassette("marked")
def test_d(vcr):
    assert vcr.path.name == "marked.yaml"

class TestOwn:
    @pytest.fixture(name="default_cassette_name")
    def named(self):
        return "own"

    def test_e(self, vcr):
        assert vcr.path.name == "own.yaml"

    @pytest.mark.vcr(record_mode="none")
    def test_f(self, vcr):
        assert vcr.path.name == "own.yaml"

class TestAgain:
    def test_g(self, vcr):
        assert vcr.path.name == "TestAgain.test_g.yaml"

    def test_h(self, vcr):
        assert vcr.path.name == "TestAgain.test_h.yaml"

class TestWrapped:
    @pytest.fixture
    def vcr(self, vcr):
        return "wrapped", vcr

    def test_i(self, vcr):
        assert vcr[0] == "wrapped" and vcr[1].path.name == "TestWrapped.test_i.yaml"

    def test_j(self, vcr):
        assert vcr[0] == "wrapped"
"""
DEEP = """
import pytest

@pytest.fixture(scope="session")
def vcr_config():
    return {"cassette_library_dir": "elsewhere"}
"""
PLACED = """
import pytest

@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_it(vcr, number):
    assert vcr.path.parent.name == "elsewhere"
"""


def test_an_override_is_asked_wherever_it_holds(pytester: pytest.Pytester) -> None:
    """In one class, as a parameter, under another name, for a directory: after tests of the same file without one."""
    pytester.makepyfile(test_it=MIXED)
    deep = pytester.mkdir("test_later")
    (deep / "conftest.py").write_text(DEEP, encoding="utf-8")
    (deep / "test_one.py").write_text(PLACED, encoding="utf-8")
    (deep / "test_two.py").write_text(PLACED.replace("test_it", "test_two"), encoding="utf-8")
    pytester.runpytest_subprocess().assert_outcomes(passed=14)


OF_PYTEST_VCR = """
import pytest

pytestmark = pytest.mark.vcr

def test_i(vcr):
    assert vcr.path.name == "test_i.yaml"

@pytest.mark.parametrize("vcr_cassette_name", ["parameter"])
def test_j(vcr_cassette_name, vcr):
    assert vcr.path.name == "parameter.yaml"

class TestOfPytestVcr:
    @pytest.fixture
    def vcr_cassette_name(self):
        return "theirs"

    def test_k(self, vcr):
        assert vcr.path.name == "theirs.yaml"

    def test_l(self, vcr):
        assert vcr.path.name == "theirs.yaml"
"""


def test_the_name_that_pytest_vcr_asks_for_is_asked_in_the_same_way(pytester: pytest.Pytester) -> None:
    """By a parameter of a test for it alone, by a fixture of a class for all its tests."""
    pytester.makepyfile(OF_PYTEST_VCR)
    pytester.runpytest_subprocess().assert_outcomes(passed=4)


FIVE = """
import pytest

@pytest.mark.vcr
@pytest.mark.parametrize("number", range(5))
def test_it(number):
    pass
"""


def test_one_test_of_a_file_asks_for_all(pytester: pytest.Pytester) -> None:
    """Where nothing is overridden, the others set none of these fixtures up."""
    pytester.makepyfile(FIVE)
    result = pytester.runpytest_subprocess("--setup-show")
    result.assert_outcomes(passed=5)
    for name in (
        "F _acs_chat_cassette",
        "M vcr_config",
        "M vcr_cassette_dir",
        "F default_cassette_name",
        "F vcr_cassette_name",
    ):
        assert sum(f"{line.strip()} ".startswith(f"SETUP    {name} ") for line in result.outlines) == 1, name


SKIPPING = """
import pytest

def pytest_runtest_setup(item):
    if item.name == "test_skipped":
        pytest.skip("by the suite")
"""


def test_a_suite_that_skips_a_test_skips_its_cassette_too(pytester: pytest.Pytester) -> None:
    """A chat test without a cassette is an error, but not where a hook of the suite skips it."""
    pytester.makeconftest(SKIPPING)
    pytester.makepyfile(
        "import pytest\n@pytest.mark.vcr\ndef test_first(): pass\n"
        "@pytest.mark.vcr\ndef test_skipped(chat_users): pass\n"
        "@pytest.mark.vcr\ndef test_missing(chat_users): pass"
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1, skipped=1, errors=1)


THEIRS = """
import pytest

@pytest.fixture(scope="module")
def vcr():
    return "theirs"
"""
BESIDE = """
import socket
import pytest

@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_marked(number):
    socket.create_connection(("192.0.2.1", 80), timeout=0.1)

@pytest.mark.vcr
def test_both(vcr):
    assert vcr == "theirs"
    socket.create_connection(("192.0.2.1", 80), timeout=0.1)

def test_unmarked(vcr):
    assert vcr == "theirs"
"""


def test_a_marked_test_replays_whatever_its_suite_calls_vcr(pytester: pytest.Pytester) -> None:
    """A suite of pytest-vcr has a fixture of that name, which opens cassettes where it is told to."""
    pytester.makeconftest(THEIRS)
    pytester.makepyfile(test_it=BESIDE)
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=3)
    assert sum(line.startswith("E ") and "NetworkBlocked" in line for line in result.outlines) == 3

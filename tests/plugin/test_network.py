"""The network block: who passes, and who does not."""

from __future__ import annotations

import pytest
from tests.plugin.suites import suite
from tests.recording.service import Service

pytest_plugins = ["pytester"]

HOSTS = """
@pytest.mark.block_network
def test_closed():
    with pytest.raises(RuntimeError, match="^Network is disabled for host "):
        get("/a")

@pytest.mark.block_network(allowed_hosts=["{0}"])
def test_open():
    get("/b")
"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.0/8", "127.*", ".*host", "(local|other)host"])
def test_a_name_an_address_or_a_network_passes(pytester: pytest.Pytester, service: Service, host: str) -> None:
    """Whichever of them the mark gives; others do not pass."""
    suite(pytester, service, HOSTS.format(host))
    pytester.runpytest().assert_outcomes(passed=2)
    assert service.hits == [("GET", "/b")]


def test_brackets_are_for_addresses_and_for_letters(pytester: pytest.Pytester, service: Service) -> None:
    """The command line takes an address as it stands in a url, and a pattern of names with a choice of letters."""
    suite(pytester, service, "def test_open():\n    get('/b')\n")
    pytester.runpytest("--block-network", "--allowed-hosts=[::1],loca[lm]host").assert_outcomes(passed=1)
    assert service.hits == [("GET", "/b")]


@pytest.mark.parametrize("host", ["calhost", "localhos", "127.0.0.", "10.0.0.0/8", ".*hos", "(local|other)"])
def test_a_host_is_compared_as_a_whole(pytester: pytest.Pytester, service: Service, host: str) -> None:
    """A part of a name or of an address admits nobody."""
    suite(pytester, service, HOSTS.format(host))
    pytester.runpytest().assert_outcomes(passed=1, failed=1)
    assert service.hits == []


CONFIGURED = """
@pytest.fixture(scope="module")
def vcr_config():
    return {"allowed_hosts": ["localhost"]}

def test_it(allowed_hosts):
    get("/a")
"""


def test_the_command_line_decides_who_passes(pytester: pytest.Pytester, service: Service) -> None:
    """Over `vcr_config`, which decides where it says nothing."""
    suite(pytester, service, CONFIGURED)
    pytester.runpytest("--block-network").assert_outcomes(passed=1)
    pytester.runpytest("--block-network", "--allowed-hosts=192.0.2.1, other.example").assert_outcomes(failed=1)
    pytester.runpytest("--block-network", "--allowed-hosts=192.0.2.1,::1,127.0.0.1").assert_outcomes(passed=1)
    assert len(service.hits) == 2


def test_a_text_names_hosts_too(pytester: pytest.Pytester, service: Service) -> None:
    """As in pytest-recording, `vcr_config` may give the hosts as one text; none of its characters stands for itself."""
    suite(pytester, service, CONFIGURED.replace('["localhost"]', '"127.0.0.*, ::1"'))
    pytester.runpytest("--block-network").assert_outcomes(passed=1)
    suite(pytester, service, CONFIGURED.replace('["localhost"]', '"192.0.2.*,other.example"'))
    pytester.runpytest("--block-network").assert_outcomes(failed=1)
    assert len(service.hits) == 1


def test_a_broken_pattern_is_said_before_anything_runs(pytester: pytest.Pytester, service: Service) -> None:
    """On the command line it is wrong for every test."""
    suite(pytester, service, CONFIGURED)
    result = pytester.runpytest("--block-network", "--allowed-hosts=(a")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: the allowed host '(a' is no regular expression: *"])


@pytest.mark.parametrize(
    ("hosts", "sentence"),
    [
        ("http://x", "--allowed-hosts takes hosts without scheme, port or path: write x"),
        ("b.example, https://me@a.example:8443/page", "--allowed-hosts takes hosts without *: write a.example"),
        ("localhost:8080", "--allowed-hosts takes hosts without scheme, port or path: write localhost"),
        ("https://[[]::1]:8443/", "--allowed-hosts takes hosts without scheme, port or path: write ::1"),
        ("http://", "--allowed-hosts takes hosts without scheme, port or path: write a.example"),
        ("[", "--allowed-hosts takes names (a.example), addresses (::1) and networks (10.0.0.0/8), and '[[]' is none"),
    ],
)
def test_what_no_host_can_be_is_said_before_anything_runs(
    pytester: pytest.Pytester, service: Service, hosts: str, sentence: str
) -> None:
    """It would let nobody pass; the sentence says what to write, and nothing else of a URL."""
    suite(pytester, service, CONFIGURED)
    result = pytester.runpytest("--block-network", f"--allowed-hosts={hosts.replace('[[]', '[')}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])


BLOCKED = """
def test_plain():
    get("/a")

@pytest.mark.vcr
def test_marked():
    get("/b")
"""


def test_what_to_do_about_a_blocked_connection(pytester: pytest.Pytester, service: Service) -> None:
    """A test without a cassette records nothing in any mode, so it is to be marked first."""
    suite(
        pytester, service, BLOCKED.replace("get(", "__import__('socket').create_connection(('192.0.2.1', 80)) or get(")
    )
    allow = "allow the host (allowed_hosts=['192.0.2.1'])".replace("[", "[[]")
    record = f"record the request (--record-mode=once), or {allow}"
    result = pytester.runpytest("--block-network", "-k", "plain")
    result.stdout.fnmatch_lines([f"Next: mark the test with @pytest.mark.vcr and {record}"])
    pytester.runpytest("--block-network", "-k", "marked").stdout.fnmatch_lines([f"Next: {record}"])


ASKED = """
@pytest.fixture(scope="module")
def wide():
    yield
    with pytest.raises(RuntimeError, match="^Network is disabled for host "):
        get("/end")

@pytest.mark.block_network
def test_marked(wide):
    pass

def test_asking(block_network):
    with pytest.raises(RuntimeError, match="^Network is disabled for host "):
        get("/a")

def test_free():
    get("/b")
"""


def test_a_test_asks_by_mark_or_by_fixture(pytester: pytest.Pytester, service: Service) -> None:
    """With the mark also the end of its wide fixtures is blocked; the block ends with the test."""
    suite(pytester, service, ASKED)
    pytester.runpytest("-k", "marked").assert_outcomes(passed=1, deselected=2)
    pytester.runpytest("-k", "not marked").assert_outcomes(passed=2, deselected=1)
    assert service.hits == [("GET", "/b")]


def test_a_recording_test_reaches_its_service(pytester: pytest.Pytester, service: Service) -> None:
    """Under the block a marked test is recorded, and its replay, or another test, reaches nothing."""
    suite(pytester, service, "@pytest.mark.vcr\ndef test_it():\n    get('/a')\n\ndef test_other():\n    get('/b')\n")
    pytester.runpytest("--block-network", "--record-mode=once").assert_outcomes(passed=1, failed=1)
    service.close()
    result = pytester.runpytest("--block-network")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 1 replayed, 0 live, 1 blocked, 0 unplayed"])


FETCH = "urllib.request.urlopen('{}/a')"
ITEMS = """
import pytest, urllib.request

class Item(pytest.Item):
    def runtest(self):
        {}

class File(pytest.File):
    def collect(self):
        yield Item.from_parent(self, name="it")

def pytest_collect_file(file_path, parent):
    return File.from_parent(parent, path=file_path) if file_path.suffix == ".own" else None
"""


def test_everything_is_blocked_that_pytest_runs(pytester: pytest.Pytester, service: Service) -> None:
    """Doctests and tests of other plugins, too; nothing is in the way of them otherwise."""
    fetch = FETCH.format(service.url)
    pytester.makeconftest(ITEMS.format(fetch))
    pytester.maketxtfile(test_it=f">>> import urllib.request\n>>> {fetch}.status\n200\n")
    pytester.makepyfile(it=f'"""\n>>> import urllib.request\n>>> {fetch}.status\n200\n"""\n')
    pytester.makefile(".own", it="")
    pytester.runpytest("--block-network", "--doctest-modules").assert_outcomes(failed=3)
    assert service.hits == []
    pytester.runpytest("--block-network", "--allowed-hosts=127.0.0.1", "--doctest-modules").assert_outcomes(passed=3)
    pytester.runpytest("--doctest-modules").assert_outcomes(passed=3)

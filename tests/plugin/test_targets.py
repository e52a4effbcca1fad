"""One test file on cassettes, on an emulator and on a live resource, which gets back what it gave.

An emulator in another process stands in for the live resource: the tests know its connection string, over https, and
nothing else of it. `tox run -e upstream-targets` runs this with Microsoft's package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.plugin.rooms import ROOM

from acs_chat_testkit import targets
from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.faults import Fault
from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

LIVE = "--chat-target=live"
LEAVES = """
import os, signal
from pathlib import Path
import pytest

@pytest.fixture(scope="session")
def host(chat_target):
    return chat_target.create_user()

def test_it(chat_client, chat_token, chat_users, host):
    chat_client.create_chat_thread("a", thread_participants=[])
    chat_client.create_chat_thread("b", thread_participants=[])
    chat_users("ben")
    Path("token").write_text(chat_token)
    END
"""


@pytest.fixture
def resource(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    """What stands in for a live resource; its CA is the machine's."""
    with Emulator(seed=targets.SEED) as running:
        _, key = targets.read_connection_string(running.connection_string)
        monkeypatch.setenv(targets.CONNECTION_STRING, f"endpoint={running.https_endpoint}/;accesskey={key}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
        monkeypatch.setenv("SSL_CERT_FILE", str(running.ca_file))
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield running


def left(resource: Emulator) -> tuple[int, int]:
    """How many users and threads are there."""
    seen = resource.requests()
    done = Counter((each.method, each.target.partition("?")[0].split("/")[1], each.status) for each in seen)
    users = done["POST", "identities", 201] - done["DELETE", "identities", 204]
    return users, done["POST", "chat", 201] - done["DELETE", "chat", 204]


def ledgers(tmp_path: Path) -> list[Path]:
    """What the runs have written down."""
    return [each for each in (tmp_path / "state").rglob("*") if each.is_file()]


def sweep(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Runs `acs-chat live sweep`."""
    return pytester.run(sys.executable, "-m", "acs_chat_testkit.cli", "live", "sweep", *options)


@pytest.mark.parametrize("origin", ["emulator", "live"])
def test_one_file_passes_in_every_target(pytester: pytest.Pytester, resource: Emulator, origin: str) -> None:
    """Sync and async clients: without a cassette, recording one, and replaying it with no service and no key."""
    pytester.makepyfile(test_room=ROOM)
    target = f"--chat-target={origin}"
    pytester.runpytest_subprocess(target).assert_outcomes(passed=2)
    assert not (pytester.path / "cassettes").exists()
    pytester.runpytest_subprocess(target, "--record-mode=rewrite").assert_outcomes(passed=2)
    cassettes = [load(file) for file in sorted((pytester.path / "cassettes").rglob("*.yaml"))]
    assert [each.header.origin for each in cassettes] == [origin, origin]
    resource.reset()
    result = pytester.runpytest_subprocess("--block-network")
    result.assert_outcomes(passed=2)
    assert resource.requests() == ()


@pytest.mark.parametrize("end", ["pass", "assert False", "raise KeyboardInterrupt"])
def test_a_live_resource_gets_back_what_it_gave(
    pytester: pytest.Pytester, resource: Emulator, tmp_path: Path, end: str
) -> None:
    """Users, tokens and threads are gone, however the test ends; the summary counts them, and no log has a secret."""
    pytester.makepyfile(test_it=LEAVES.replace("END", end))
    result = pytester.runpytest_subprocess(LIVE)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 2 tokens revoked, 3 users and 2 threads deleted"])
    assert left(resource) == (0, 0)
    assert ledgers(tmp_path) == []
    token = (pytester.path / "token").read_text()
    assert token[:20] not in result.stdout.str()
    bearer = {"Authorization": f"Bearer {token}"}
    url = f"{resource.https_endpoint}/chat/threads?api-version=2024-03-07"
    assert requests.get(url, headers=bearer, timeout=10, verify=str(resource.ca_file)).status_code == 401


def test_workers_clean_up_what_is_theirs(pytester: pytest.Pytester, resource: Emulator, tmp_path: Path) -> None:
    """Under pytest-xdist the summary counts for all, also beside a worker that had nothing to do."""
    pytester.makepyfile(test_it="\n".join([LEAVES, LEAVES[LEAVES.index("def test_it") :].replace("_it", "_more")]))
    text = (pytester.path / "test_it.py").read_text().replace("END", "pass")
    (pytester.path / "test_it.py").write_text(text)
    result = pytester.runpytest_subprocess(LIVE, "-n3")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["acs-chat-testkit: 4 tokens revoked, 6 users and 4 threads deleted"])
    assert left(resource) == (0, 0)
    assert ledgers(tmp_path) == []


def test_a_sweep_clears_what_a_killed_run_left(pytester: pytest.Pytester, resource: Emulator, tmp_path: Path) -> None:
    """It is told by the ledger, and the second sweep finds nothing."""
    pytester.makepyfile(test_it=LEAVES.replace("END", "os.kill(os.getpid(), signal.SIGKILL)"))
    pytester.runpytest_subprocess(LIVE)
    assert left(resource) == (3, 2)
    result = sweep(pytester)
    assert (result.ret, result.outlines) == (0, ["3 users and 2 threads deleted"])
    assert left(resource) == (0, 0)
    assert ledgers(tmp_path) == []
    assert sweep(pytester).outlines == ["0 users and 0 threads deleted"]


def test_a_sweep_leaves_a_run_alone_that_goes_on(pytester: pytest.Pytester, resource: Emulator) -> None:
    """Its users are in use."""
    pytester.makepyfile(
        test_it=LEAVES.replace("END", "import time\n    while not Path('go').exists():\n        time.sleep(0.05)")
    )
    with subprocess.Popen([sys.executable, "-m", "pytest", LIVE], stdout=subprocess.DEVNULL) as run:
        while not (pytester.path / "token").exists():
            assert run.poll() is None
            time.sleep(0.05)
        assert sweep(pytester).outlines == ["0 users and 0 threads deleted"]
        (pytester.path / "go").touch()
    assert run.returncode == 0
    assert left(resource) == (0, 0)


def test_what_can_not_be_removed_is_left_for_a_sweep(
    pytester: pytest.Pytester, resource: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resource that fails does not fail the test; the summary and the sweep say what is left, and why."""
    pytester.makepyfile(test_it=LEAVES.replace("END", "pass"))
    resource.inject(Fault("status", method="DELETE", status=500, times=100))
    result = pytester.runpytest_subprocess(LIVE)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["acs-chat-testkit: 3 users left on the live resource (https://* status 500; *); run: acs-chat live sweep"]
    )
    failed = sweep(pytester)
    assert failed.ret == 1
    failed.stdout.fnmatch_lines(["0 users and 0 threads deleted", "ERROR  3 users left: https://* with status 500; *"])
    resource.clear_faults()
    right = os.environ[targets.CONNECTION_STRING]
    monkeypatch.setenv(targets.CONNECTION_STRING, "endpoint=https://other.example;accesskey=AAAA")
    elsewhere = sweep(pytester, "--format=json")
    assert elsewhere.ret == 1
    elsewhere.stdout.fnmatch_lines([f'    "{resource.https_endpoint}": 3'])
    monkeypatch.setenv(targets.CONNECTION_STRING, right)
    assert sweep(pytester).outlines == ["3 users and 2 threads deleted"]
    assert left(resource) == (0, 0)


def test_a_busy_resource_is_asked_again(pytester: pytest.Pytester, resource: Emulator) -> None:
    """When it says how long to wait."""
    pytester.makepyfile(test_it=LEAVES.replace("END", "pass"))
    resource.inject(Fault("status", status=429, retry_after=0, times=2))
    pytester.runpytest_subprocess(LIVE).assert_outcomes(passed=1)
    assert left(resource) == (0, 0)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "needs a resource: set ACS_CHAT_CONNECTION_STRING to its connection string (endpoint=https://...;*"),
        ("endpoint=http://a.example;accesskey=AAAA", "ACS_CHAT_CONNECTION_STRING must name an endpoint with https://*"),
        ("endpoint=https://a.example;accesskey=no!", "the connection string must look like endpoint=https://*"),
    ],
)
def test_a_resource_that_can_not_be_used_is_one_sentence(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, value: str, sentence: str
) -> None:
    """The same for the tests and for the sweep, which is used wrongly then."""
    monkeypatch.setenv(targets.CONNECTION_STRING, value)
    pytester.makepyfile(test_it=ROOM)
    result = pytester.runpytest_subprocess(LIVE)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([f"*{sentence}"])
    swept = sweep(pytester)
    assert swept.ret == 2
    swept.stderr.fnmatch_lines([f"acs-chat: *{sentence}"])


def test_a_ledger_that_can_not_be_written_is_one_sentence(
    pytester: pytest.Pytester, resource: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made that could not be found again."""
    (pytester.path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(pytester.path / "file"))
    pytester.makepyfile(test_it=ROOM)
    result = pytester.runpytest_subprocess(LIVE)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        ["*can not be written (Not a directory), *; set XDG_STATE_HOME to a directory that can"]
    )
    assert left(resource) == (0, 0)

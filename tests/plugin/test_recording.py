"""The plugin on real terminal output: markers, modes, outcomes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.recording.service import Service

from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]


def suite(pytester: pytest.Pytester, service: Service, body: str) -> Path:
    """Writes a test file; `URL` is the service's address. Returns where its cassettes will lie."""
    pytester.makepyfile(test_it=f"import pytest, requests\nURL = {service.url!r}\n{body}")
    return pytester.path / "cassettes" / "test_it"


ONE = """
@pytest.mark.vcr
def test_one():
    assert requests.get(URL + "/a", timeout=10).json()["path"] == "/a"
"""


def test_a_marked_test_is_recorded_and_replayed(pytester: pytest.Pytester, service: Service) -> None:
    """The first run records, the second needs no service and says that nothing left the process."""
    cassettes = suite(pytester, service, ONE)
    result = pytester.runpytest("--record-mode=once")
    result.stdout.fnmatch_lines(["*acs-chat-testkit: 1 recorded, 0 replayed, 1 live, 0 blocked, 0 unplayed"])
    assert result.ret == 0
    service.close()
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(["*acs-chat-testkit: 0 recorded, 1 replayed, 0 live, 0 blocked, 0 unplayed"])
    assert result.ret == 0
    assert load(cassettes / "test_one.yaml").header.origin == "live"


def test_a_missing_cassette_is_one_sentence_with_the_command(pytester: pytest.Pytester, service: Service) -> None:
    """Without a recording a request fails where the test makes it, and the command to run is printed."""
    suite(pytester, service, ONE)
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    command = "pytest test_it.py::test_one --record-mode=rewrite"
    result.stdout.fnmatch_lines(
        [f"E *there is no cassette *test_one.yaml; record it: {command}", "", "test_it.py:6: UnrecordedRequest"]
    )
    result.stdout.no_fnmatch_line("*site-packages*")
    assert service.hits == []


def test_a_broken_cassette_is_one_sentence(pytester: pytest.Pytester, service: Service) -> None:
    """A cut-off file is named, kept as it is, and nothing goes out."""
    cassettes = suite(pytester, service, ONE)
    pytester.runpytest("--record-mode=once")
    file = cassettes / "test_one.yaml"
    cut = file.read_text(encoding="utf-8").replace("version: 1\n", "")
    file.write_text(cut, encoding="utf-8")
    for mode in ("none", "once", "new_episodes"):
        result = pytester.runpytest(f"--record-mode={mode}")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*test_one.yaml is cut off*"])
    assert file.read_text(encoding="utf-8") == cut
    assert len(service.hits) == 1


def test_an_unknown_mode_is_a_usage_error(pytester: pytest.Pytester, service: Service) -> None:
    """The word and the choices are named."""
    suite(pytester, service, ONE)
    result = pytester.runpytest("--record-mode=any")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--record-mode: invalid choice: 'any' (choose from*none*once*"])


def test_an_unknown_setting_is_one_sentence(pytester: pytest.Pytester, service: Service) -> None:
    """A typo in a marker is never passed over."""
    suite(pytester, service, ONE.replace("vcr", "vcr(match_onn=['method'])"))
    result = pytester.runpytest("--record-mode=once")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["vcr setting 'match_onn' does not exist; there are record_mode, match_on, *"])
    assert service.hits == []


def test_a_failing_test_keeps_the_old_cassette(pytester: pytest.Pytester, service: Service) -> None:
    """Recording again replaces the file only where the test passed, fixtures included."""
    cassettes = suite(pytester, service, ONE)
    pytester.runpytest("--record-mode=once")
    before = (cassettes / "test_one.yaml").read_bytes()
    failing = ONE.replace('"/a"', '"/b"')
    for body in (failing.replace("def test_one()", "def test_one(bad)") + BAD_TEARDOWN, failing + "    assert 0\n"):
        suite(pytester, service, body)
        result = pytester.runpytest("--record-mode=rewrite")
        assert result.ret == 1
        assert (cassettes / "test_one.yaml").read_bytes() == before
    assert len(service.hits) == 3


BAD_TEARDOWN = """
@pytest.fixture
def bad():
    yield
    assert 0
"""


def test_a_test_that_passes_though_it_was_to_fail_keeps_no_recording(
    pytester: pytest.Pytester, service: Service
) -> None:
    """It has failed, as pytest says."""
    cassettes = suite(pytester, service, "@pytest.mark.xfail(strict=True)\n" + ONE.lstrip())
    pytester.runpytest("--record-mode=once").assert_outcomes(failed=1)
    assert not list(cassettes.glob("*"))


def test_a_test_that_fails_as_expected_keeps_its_recording(pytester: pytest.Pytester, service: Service) -> None:
    """In replay it would otherwise fail because it has none, and nobody would see that."""
    failing = "@pytest.mark.xfail(raises=ZeroDivisionError, strict=True)\n" + ONE.lstrip() + "    1 / 0\n"
    cassettes = suite(pytester, service, failing)
    pytester.runpytest("--record-mode=once").assert_outcomes(xfailed=1)
    assert (cassettes / "test_one.yaml").exists()
    pytester.runpytest().assert_outcomes(xfailed=1)


def test_a_swallowed_miss_fails_the_test(pytester: pytest.Pytester, service: Service) -> None:
    """An application that catches everything can not turn a miss green; what is shown is of the suite alone."""
    suite(pytester, service, ONE)
    pytester.runpytest("--record-mode=once")
    swallowing = """
@pytest.mark.vcr
def test_one():
    requests.get(URL + "/a", timeout=10)
    try:
        requests.get(URL + "/other", timeout=10)
    except Exception:
        pass
"""
    suite(pytester, service, swallowing)
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "GET */other is not recorded in *",
            "  record it: pytest test_it.py::test_one --record-mode=rewrite",
            '  the test went on without an answer; *@pytest.mark.vcr(on_swallowed="ignore")',
        ]
    )
    result.stdout.no_fnmatch_line("*phases.py*")
    assert len(service.hits) == 1


def test_no_connection_leaves_a_replaying_test(pytester: pytest.Pytester, service: Service) -> None:
    """The guard is up in the test and its fixtures, for any client, and its count is in the report."""
    suite(pytester, service, ONE)
    pytester.runpytest("--record-mode=once")
    suite(
        pytester,
        service,
        """
import socket

def connect():
    with socket.socket() as sock, pytest.raises(RuntimeError, match="^Network is disabled for host "):
        sock.connect(("192.0.2.1", 80))

@pytest.fixture
def before():
    connect()
    yield
    connect()

@pytest.mark.vcr
def test_one(before):
    connect()
    requests.get(URL + "/a", timeout=10)
""",
    )
    result = pytester.runpytest("--cassette-report=report.json")
    result.assert_outcomes(passed=1)
    report = json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))
    assert (report["blocked"], report["live"], report["replayed"]) == (3, 0, 1)


def test_block_network_holds_for_every_test(pytester: pytest.Pytester, service: Service) -> None:
    """With the option, an unmarked test can not reach even this machine."""
    suite(pytester, service, "def test_one():\n    requests.get(URL + '/a', timeout=10)\n")
    result = pytester.runpytest("--block-network")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*NetworkBlocked: Network is disabled for host '127.0.0.1'",
            "Next: mark the test with @pytest.mark.vcr and record*allowed_hosts=*127.0.0.1*",
        ]
    )
    assert service.hits == []


def test_the_report_counts_events(pytester: pytest.Pytester, service: Service) -> None:
    """The JSON file says what each cassette did; unplayed interactions are counted."""
    two = ONE + ONE.replace("test_one", "test_two").replace(
        "assert requests", "requests.get(URL + '/b', timeout=10)\n    assert requests"
    )
    suite(pytester, service, two)
    pytester.runpytest("--record-mode=once", "--cassette-report=first.json")
    suite(pytester, service, ONE + ONE.replace("test_one", "test_two"))
    pytester.runpytest("--cassette-report=second.json")
    first, second = (
        json.loads((pytester.path / f"{name}.json").read_text(encoding="utf-8")) for name in ("first", "second")
    )
    assert (first["recorded"], first["live"], first["replayed"]) == (3, 3, 0)
    assert (second["recorded"], second["live"], second["replayed"], second["unplayed"]) == (0, 0, 2, 1)
    assert second["cassettes"] == [
        {
            "path": f"cassettes/test_it/test_{name}.yaml",
            "origin": "live",
            "recorded": 0,
            "replayed": 1,
            "left": left,
            "unlike": left,
            "tests": [f"test_it.py::test_{name}"],
            "passed": [f"test_it.py::test_{name}"],
            "of": 1,
            "among": None,
            "on_unplayed": "fail",
            "lenient": False,
            "unplayed": len(left),
        }
        for name, left in (("one", []), ("two", [0]))
    ]


def test_what_has_no_recording_has_no_origin(pytester: pytest.Pytester, service: Service) -> None:
    """A test that asks nothing leaves the others as live as they are."""
    suite(pytester, service, ONE + "@pytest.mark.vcr\ndef test_nothing():\n    pass\n")
    pytester.runpytest("--record-mode=once").assert_outcomes(passed=2)
    pytester.runpytest("--cassette-report=report.json").assert_outcomes(passed=2)
    assert json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))["origin"] == "live"


def test_workers_report_as_one_run(pytester: pytest.Pytester, service: Service) -> None:
    """Under pytest-xdist the counts of all workers are summed."""
    suite(pytester, service, "".join(ONE.replace("test_one", f"test_{index}") for index in range(6)))
    result = pytester.runpytest("-n2", "--record-mode=once", "--cassette-report=first.json")
    result.assert_outcomes(passed=6)
    pytester.runpytest("-n2", "--cassette-report=second.json")
    first, second = (
        json.loads((pytester.path / f"{name}.json").read_text(encoding="utf-8")) for name in ("first", "second")
    )
    assert (first["recorded"], len(first["cassettes"])) == (6, 6)
    assert (second["replayed"], second["live"], len(second["cassettes"])) == (6, 0, 6)


def test_the_command_line_wins(pytester: pytest.Pytester, service: Service) -> None:
    """`vcr_config` may ask for recording, `--record-mode=none` forbids it, and so does CI without the option."""
    suite(pytester, service, ONE + "@pytest.fixture\ndef vcr_config():\n    return {'record_mode': 'once'}\n")
    pytester.runpytest("--record-mode=none").assert_outcomes(failed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CI", "true")
        pytester.runpytest().assert_outcomes(failed=1)
    assert service.hits == []
    pytester.runpytest().assert_outcomes(passed=1)
    assert len(service.hits) == 1


@pytest.mark.parametrize("module", ["pytest_recording", "pytest_vcr", "cassetter"])
def test_the_names_are_left_to_another_plugin(pytester: pytest.Pytester, module: str) -> None:
    """Where another recorder is installed, it keeps its names and we say so in one sentence."""
    pytester.makepyfile(**{module: ""})
    pytester.makepyfile(
        test_it="def test_one(pytestconfig):\n    assert not hasattr(pytestconfig.option, 'record_mode')\n"
    )
    pytester.syspathinsert()
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines([f"acs-chat-testkit: {module.replace('_', '-')} is installed and keeps --record-mode*"])
    result.assert_outcomes(passed=1)


def test_a_plugin_that_is_not_loaded_keeps_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pytest loads only what it is told to, installed is not enough: nobody else would look at the marks."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(pytest_recording="", test_it="import pytest\n\n@pytest.mark.vcr\ndef test_one(vcr): assert vcr")
    pytester.syspathinsert()
    ours = ("-p", "acs_chat_testkit.pytest_plugin", "-p", "no:cacheprovider")
    pytester.runpytest_subprocess(*ours).assert_outcomes(passed=1)
    result = pytester.runpytest_subprocess("-p", "pytest_recording", *ours)
    result.stdout.fnmatch_lines(["acs-chat-testkit: pytest-recording is installed and keeps --record-mode*"])


def test_what_needs_those_names_is_refused_beside_it(pytester: pytest.Pytester) -> None:
    """The chat fixtures in the test that asks for them, an option before anything runs."""
    pytester.makepyfile(cassetter="", test_it="def test_one(chat_client):\n    pass\n\ndef test_two():\n    pass\n")
    pytester.syspathinsert()
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    kept = "cassetter is installed and keeps --record-mode and the vcr marker; uninstall it to use"
    result.stdout.fnmatch_lines([f"{kept} chat_client and the like"])
    for option in ("--chat-target=emulator", "--cassette-report=report.json"):
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", option)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {kept} --chat-target or --cassette-report"])


def test_importing_the_plugin_imports_pytest_alone(pytester: pytest.Pytester) -> None:
    """A suite that records nothing pays for nothing: none of the heavy modules is loaded."""
    pytester.makepyfile(
        test_it="""
import sys
def test_one():
    heavy = {"vcr", "yaml", "hypothesis", "requests", "azure", "click", "rich", "filelock"}
    assert heavy.isdisjoint(sys.modules)
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:randomly")
    result.assert_outcomes(passed=1)


def test_pytest_looks_through_no_module_of_ours_for_asserts(pytester: pytest.Pytester) -> None:
    """It does so with all that came with a plugin, which takes longer than the import."""
    pytester.makeconftest("import pytest\n\npytest.register_assert_rewrite('acs_chat_testkit.plugin.studio')\n")
    pytester.makepyfile(
        test_it="""
import importlib.machinery, pytest, sys
@pytest.mark.vcr
def test_one():
    loader = sys.modules["acs_chat_testkit.plugin.studio"].__loader__
    assert isinstance(loader, importlib.machinery.SourceFileLoader)
"""
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_run_leaves_importing_as_it_was(pytester: pytest.Pytester) -> None:
    """Whoever runs pytest from a program has no finder of ours afterwards, as often as it runs."""
    pytester.makepyfile(test_it="def test_one():\n    pass\n")
    program = pytester.makepyfile(
        program="""
import pytest, sys
for _ in range(2):
    assert pytest.main(["-q", "-p", "no:cacheprovider", "test_it.py"]) == 0
    assert not [each for each in sys.meta_path if type(each).__module__.startswith("acs_chat_testkit.pytest")]
"""
    )
    result = pytester.runpython(program)
    assert result.ret == 0, result.stderr.str()

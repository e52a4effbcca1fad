"""The plugin where pytest is all there is; run by `tox run -e bare-plugin` in an environment without any extra."""

import importlib.util
import re

import pytest

pytest_plugins = ["pytester"]
SENTENCE = r"needs an extra \(\w+ is not installed\): pip install 'acs-chat-testkit\[\w+\]'"


def run(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    """Runs a test file in a process of its own, with warnings as errors."""
    pytester.makepyfile(f"import pytest\n\n{body}\n")
    return pytester.runpytest_subprocess("-W", "error", "--strict-markers", *options)


def test_no_extra_is_here() -> None:
    """What follows says something only where nothing else is installed."""
    assert not [name for name in ("vcr", "yaml", "click", "starlette", "hypothesis") if importlib.util.find_spec(name)]


def test_a_foreign_suite_runs_untouched(pytester: pytest.Pytester) -> None:
    """The entry point loads in every environment that has pytest."""
    result = run(pytester, "def test_one():\n    assert True")
    result.assert_outcomes(passed=1)
    assert "0 recorded" not in result.stdout.str()


def test_the_network_block_needs_no_extra(pytester: pytest.Pytester) -> None:
    """Blocking is Python's own sockets and nothing more."""
    body = (
        "import socket\n"
        "def test_one():\n"
        "    with pytest.raises(RuntimeError, match='^Network is disabled for host'):\n"
        "        socket.create_connection(('192.0.2.1', 9), 1)"
    )
    run(pytester, body, "--block-network").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("@pytest.mark.vcr\ndef test_one():", ()),
        ("@pytest.mark.vcr\ndef test_one():", ("--record-mode=rewrite",)),
        ("def test_one(chat_client):", ("--chat-target=emulator",)),
    ],
    ids=["a cassette", "a new recording", "the emulator"],
)
def test_a_missing_extra_is_one_sentence(pytester: pytest.Pytester, body: str, options: tuple[str, ...]) -> None:
    """The test fails before it has asked any service, and what it says is what to install."""
    cassette = pytester.path / "cassettes" / "test_a_missing_extra_is_one_sentence" / "test_one.yaml"
    cassette.parent.mkdir(parents=True)
    cassette.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    result = run(pytester, f"{body}\n    open('ran', 'x').close()", *options)
    text = result.stdout.str()
    assert result.ret == 1, text
    assert re.search(SENTENCE, text), text
    assert "Traceback" not in text
    assert not (pytester.path / "ran").exists()

"""The chat fixtures: one test file on cassettes and on an emulator."""

from __future__ import annotations

import json

import pytest

from acs_chat_testkit.chat_profile import ENDPOINT
from acs_chat_testkit.recording import load

pytest_plugins = ["pytester"]

ROOM = """
import pytest
from azure.communication.chat import ChatThreadParticipant, CommunicationUserIdentifier

@pytest.mark.vcr
def test_room(chat_client, chat_user, chat_users):
    guests = [ChatThreadParticipant(user=CommunicationUserIdentifier(each)) for each in (chat_user, chat_users("ben"))]
    room = chat_client.create_chat_thread("Stand-up", guests)
    room.send_message("one")
    room.send_message("two")
    texts = [each.content.message for each in room.list_messages(results_per_page=1) if each.type == "text"]
    assert texts == ["two", "one"]
"""


def test_the_same_test_passes_everywhere(pytester: pytest.Pytester) -> None:
    """On an emulator, while recording against it, and in replay without any service."""
    pytester.makepyfile(test_it=ROOM)
    pytester.runpytest_subprocess("--chat-target=emulator").assert_outcomes(passed=1)
    assert not (pytester.path / "cassettes").exists()
    result = pytester.runpytest_subprocess("--chat-target=emulator", "--record-mode=rewrite")
    result.assert_outcomes(passed=1)
    file = pytester.path / "cassettes" / "test_it" / "test_room.yaml"
    first = file.read_bytes()
    pytester.runpytest_subprocess("--chat-target=emulator", "--record-mode=rewrite").assert_outcomes(passed=1)
    assert file.read_bytes() == first
    result = pytester.runpytest_subprocess("--block-network", "--cassette-report=report.json")
    result.assert_outcomes(passed=1)
    report = json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))
    assert (report["live"], report["blocked"], report["loopback"], report["origin"]) == (0, 0, 0, "emulator")
    assert report["replayed"] == len(load(file).interactions)


def test_a_chat_recording_names_one_endpoint_and_no_identity_call(pytester: pytest.Pytester) -> None:
    """The file knows neither port nor key nor user, and its header says what is needed in replay."""
    pytester.makepyfile(test_it=ROOM)
    pytester.runpytest_subprocess("--chat-target=emulator", "--record-mode=rewrite").assert_outcomes(passed=1)
    cassette = load(pytester.path / "cassettes" / "test_it" / "test_room.yaml")
    assert all(each.request.url.startswith(f"{ENDPOINT}/chat/") for each in cassette.interactions)
    assert cassette.header.origin == "emulator"
    assert cassette.header.api_version == "2024-03-07"
    assert sorted(cassette.header.variables) == ["ben", "chat_user"]


def test_live_without_a_resource_is_one_sentence(pytester: pytest.Pytester) -> None:
    """The environment variable to set is named."""
    pytester.makepyfile(test_it=ROOM)
    result = pytester.runpytest_subprocess("--chat-target=live")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["--chat-target=live needs a resource: set ACS_CHAT_CONNECTION_STRING to its *"])


@pytest.mark.parametrize(
    ("options", "marker", "sentence"),
    [
        ([], "", "this test has no cassette to replay: mark it with @pytest.mark.vcr, or run it with*"),
        (["--record-mode=once"], "@pytest.mark.vcr", "recording needs a chat service: add --chat-target=emulator*"),
        (["--chat-target=emulator", "--chat-emulator=no.json"], "", "--chat-emulator=no.json is no ready file*"),
    ],
)
def test_nothing_to_talk_to_is_one_sentence(
    pytester: pytest.Pytester, options: list[str], marker: str, sentence: str
) -> None:
    """A chat test that has neither a cassette nor a service says what to add."""
    pytester.makepyfile(test_it=ROOM.replace("@pytest.mark.vcr", marker))
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])


SHARED = """
import pytest
from azure.communication.chat import ChatThreadParticipant, CommunicationUserIdentifier

@pytest.mark.vcr
@pytest.mark.default_cassette("shared")
@pytest.mark.parametrize("text", ["left", "right"])
def test_it(chat_client, chat_user, text):
    guest = ChatThreadParticipant(user=CommunicationUserIdentifier(chat_user))
    chat_client.create_chat_thread("Room", [guest]).send_message(text)
"""


def test_tests_that_share_a_cassette_have_users_of_their_own(pytester: pytest.Pytester) -> None:
    """Each gets its own back in replay, in any order, though both call them by one name."""
    pytester.makepyfile(test_it=SHARED)
    pytester.runpytest("--chat-target=emulator", "--record-mode=rewrite").assert_outcomes(passed=2)
    for order in (["left", "right"], ["right", "left"]):
        result = pytester.runpytest(*(f"test_it.py::test_it[{each}]" for each in order))
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 4 replayed, 0 live, 0 blocked, 0 unplayed"])


@pytest.mark.parametrize("mark", ["@pytest.mark.vcr", '@pytest.mark.vcr\n@pytest.mark.default_cassette("shared")'])
def test_tests_of_one_name_that_share_a_cassette_have_users_of_their_own(pytester: pytest.Pytester, mark: str) -> None:
    """As those of two files do where the suite keeps all recordings in one directory."""
    each = SHARED.partition("@")[0] + f"{mark}\ndef test_it(chat_client, chat_user):" + SHARED.partition("text):")[2]
    pytester.makepyfile(test_left=each.replace("(text)", '("left")'), test_right=each.replace("(text)", '("right")'))
    pytester.makeconftest(
        "import pytest\n@pytest.fixture(scope='module')\ndef vcr_cassette_dir(pytestconfig):\n"
        "    return str(pytestconfig.rootpath / 'recordings')\n"
    )
    pytester.runpytest_subprocess("--chat-target=emulator", "--record-mode=rewrite").assert_outcomes(passed=2)
    for order in (["left", "right"], ["right", "left"]):
        result = pytester.runpytest_subprocess(*(f"test_{name}.py" for name in order))
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(["acs-chat-testkit: 0 recorded, 4 replayed, 0 live, 0 blocked, 0 unplayed"])

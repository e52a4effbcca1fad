"""The committed cassettes: safe to publish, and readable by others."""

import subprocess
import sys
from pathlib import Path

import pytest

CASSETTES = sorted((Path(__file__).parents[2] / "cassettes").rglob("*.yaml"))

REPLAY = """
import sys
import requests
import vcr
import yaml

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    recorded = yaml.safe_load(file)["interactions"]
with vcr.use_cassette(path, record_mode="none", match_on=["method", "uri", "body"]) as cassette:
    for interaction in recorded:
        request = interaction["request"]
        headers = {name: values[0] for name, values in request["headers"].items()}
        body = request["body"] and request["body"].encode()
        answer = requests.request(request["method"], request["uri"], data=body, headers=headers)
        assert answer.status_code == interaction["response"]["status"]["code"]
        assert answer.text == interaction["response"]["body"]["string"]
    assert cassette.play_count == len(recorded) == len(cassette)
assert not [name for name in sys.modules if name.startswith("acs_chat_testkit")]
"""


def test_there_are_cassettes() -> None:
    """The tests below run over something."""
    assert len(CASSETTES) >= 9


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_plain_vcrpy_replays_it(path: Path) -> None:
    """Every interaction is answered by vcrpy alone, body matched, in a process that never loads the toolkit."""
    result = subprocess.run(
        [sys.executable, "-c", REPLAY, path], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_a_person_reads_in_its_first_lines_what_it_was_recorded_against(path: Path) -> None:
    """Nobody takes the emulator's answers for the service's."""
    head = path.read_text(encoding="utf-8").splitlines()[:5]
    assert head[:3] == ["header:", "  format: acs-chat-testkit/1", "  origin: emulator"]

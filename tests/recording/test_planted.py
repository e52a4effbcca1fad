"""What somebody plants in a cassette leads nowhere, and is answered as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from tests.recording.service import Service

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Cassette, Header, Interaction, Recorder
from acs_chat_testkit.recording.redaction import SECRET, TOKEN
from acs_chat_testkit.recording.serializer import dump

PAGE = "https://service.example/chat/threads?page=1"


def plant(tape: Path, link: str, mode: str = "new_episodes") -> Recorder:
    """A recorder on a cassette of ours with one page and a link."""
    answer = Response(200, Headers({"Content-Type": "application/json"}), link.encode())
    tape.parent.mkdir(exist_ok=True)
    tape.write_text(dump(Cassette((Interaction(Request("GET", PAGE), answer),), Header())), encoding="utf-8")
    return Recorder(tape, mode)


@pytest.mark.parametrize(
    "link",
    [
        '{"nextLink": "https://evil.example/chat/threads?page=2"}',
        '{"value": [{"next\\u004cink": "\\/\\/evil.example\\/"}]}',
        '{"@odata.nextLink": "https://service.example@evil.example/"}',
        '{"nextLink": "http://service.example/chat/threads?page=2"}',
        '{"nextLink": "https://service.example:8443/chat/threads?page=2"}',
    ],
)
def test_a_link_to_another_origin_is_refused_while_requests_may_go_out(tape: Path, link: str) -> None:
    """A client would take its token there; where nothing goes out, the answer is what was recorded."""
    with plant(tape, link) as recorder:
        with pytest.raises(BrokenCassette, match=r"line \d+: the link to the next page leads to '.*example'"):
            recorder.play(Request("GET", PAGE))
        assert recorder.counts["missed"] == len(recorder.misses) == 1
    with plant(tape, link, "none") as player:
        assert player.play(Request("GET", PAGE)) is not None


@pytest.mark.parametrize("link", ["https://SERVICE.example:443/x", "/x?page=2", "?page=2", "sanitized"])
def test_a_link_to_the_same_origin_is_followed(tape: Path, link: str) -> None:
    """However it is spelled."""
    with plant(tape, json.dumps({"nextLink": link})) as recorder:
        assert recorder.play(Request("GET", PAGE)) is not None


def test_a_failure_leads_nowhere(tape: Path) -> None:
    """A connection that had failed is replayed while requests may go out."""
    failed = Interaction(Request("GET", PAGE), None, "refused")
    tape.parent.mkdir()
    tape.write_text(dump(Cassette((failed,), Header())), encoding="utf-8")
    with Recorder(tape, "new_episodes") as recorder:
        found = recorder.play(failed.request)
        assert found is not None
        assert (found.response, found.error) == (None, "refused")


def test_no_placeholder_is_ever_restored(service: Service, tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted one in an address, a link or a body comes out as it stands, though the secret is known."""
    monkeypatch.setenv("A_CHOSEN_VARIABLE", "the real secret")
    profile = chat_profile(variables=["A_CHOSEN_VARIABLE"], secrets=["another real secret"])
    planted = {"nextLink": f"{service.url}/?a={SECRET}", "host": f"https://{SECRET}.example/", "token": TOKEN}
    target = f"/answer?hex={json.dumps(planted).encode().hex()}&type=application/json"
    with Recorder(tape, "once", profile=profile):
        requests.get(f"{service.url}{target}", timeout=10)
    with Recorder(tape, profile=profile):
        answer = requests.get(f"{service.url}{target}", timeout=10)
    assert answer.json() == planted
    assert "real secret" not in tape.read_text(encoding="utf-8")

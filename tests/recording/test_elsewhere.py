"""A secret that is known by its name in one place is in no other place either, where nothing says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from tests.recording.killed import journal_of
from tests.recording.service import Service

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.redaction.elsewhere import MANY

KEY = "ab12-cd34-ef56-gh78"
OTHER = "zy98-xw76-vu54-ts32"


def calls(url: str, key: str) -> list[int]:
    """Calls a service with a key that is also in the path, in the query and in a sentence."""
    named = {"X-Api-Key": key}
    return [
        requests.get(f"{url}/of/{key}/x?note={key}", headers=named, timeout=10).status_code,
        requests.post(f"{url}/echo", data=f"a wrong key: {key}!", headers=named, timeout=10).status_code,
    ]


def test_it_is_replaced_everywhere_and_replays(service: Service, tape: Path) -> None:
    """Also in the answers, and with another key than the one that was recorded."""
    with Recorder(tape, "once"):
        live = calls(service.url, KEY)
    service.close()
    assert KEY not in tape.read_text(encoding="utf-8")
    for key in (KEY, OTHER):
        with Recorder(tape):
            assert calls(service.url, key) == live


def test_it_replays_where_only_a_later_message_names_it(tape: Path) -> None:
    """Its place in the recording is taken by whatever looks drawn by lot, and by nothing else."""

    def made(key: str) -> list[Request]:
        early = Request(
            "GET", f"https://a.example/of/{key}/of/the-second-of-2026", body=f"a wrong key: {key}!".encode()
        )
        return [early, Request("GET", "https://a.example/", Headers({"X-Api-Key": key}))]

    with Recorder(tape, "once") as recorder:
        for request in made(KEY):
            recorder.take(request).keep(Response(200))
    assert KEY not in tape.read_text(encoding="utf-8")
    for key in (KEY, OTHER):
        with Recorder(tape, match_on=["method", "path", "body"]) as player:
            assert all(player.play(request) for request in made(key))
    with Recorder(tape) as player, pytest.raises(UnrecordedRequest):
        player.play(made("another-path")[0])


def test_it_is_in_no_message(service: Service, tape: Path) -> None:
    """A request that nothing answers is shown without it."""
    with Recorder(tape, "once"):
        calls(service.url, KEY)
    with Recorder(tape), pytest.raises(UnrecordedRequest) as miss:
        requests.get(f"{service.url}/other/{KEY}", headers={"X-Api-Key": KEY}, timeout=10)
    assert KEY not in str(miss.value)
    assert "/other/-REDACTED-" in str(miss.value)


def test_a_token_of_an_answer_is_replaced_where_it_is_used(tape: Path) -> None:
    """In what came before it, in what comes after it, and in what a later run adds."""
    used = Request("GET", f"https://a.example/sessions/{KEY}/items")
    with Recorder(tape, "once") as recorder:
        recorder.take(used).keep(Response(401))
        kind = Headers({"Content-Type": "application/json"})
        recorder.take(Request("POST", "https://a.example/")).keep(Response(200, kind, f'{{"token": "{KEY}"}}'.encode()))
        recorder.take(used).keep(Response(200))
    with Recorder(tape, "new_episodes") as recorder:
        secret = Request("PUT", used.url, Headers({"Authorization": f"Token {KEY}"}))
        recorder.take(secret).keep(Response(204, reason=f"as {KEY}"))
    assert KEY not in tape.read_text(encoding="utf-8")
    addresses = [each.request.url for each in load(tape).interactions]
    assert addresses[0] == addresses[2] == addresses[3] == "https://a.example/sessions/-REDACTED-/items"


def test_what_a_killed_run_leaves_has_no_secret_that_was_named_before(tape: Path) -> None:
    """In the same exchange or in an earlier one, also where a take is changed afterwards."""
    with Recorder(tape, "once") as recorder:
        first = recorder.take(Request("GET", f"https://a.example/{KEY}", Headers({"X-Api-Key": KEY})))
        first.keep(Response(200))
        recorder.take(Request("GET", f"https://a.example/of/{KEY}")).keep(Response(200, body=KEY.encode()))
        left = journal_of(tape)
        assert "/of/-REDACTED-" in left.read_text(encoding="utf-8")
        assert KEY not in left.read_text(encoding="utf-8")
        first.keep(Response(404))
        assert "404" in left.read_text(encoding="utf-8")
        assert KEY not in left.read_text(encoding="utf-8")


def test_what_people_may_write_stays(tape: Path) -> None:
    """A password may be a word, and a cookie or a session an id that is public: the cassette stays readable."""
    sent = Headers({"Cookie": f"visitor={KEY}", "X-Session-Id": KEY, "X-Api-Key": "a sunny word"})
    with Recorder(tape, "once") as recorder:
        recorder.take(Request("GET", f"https://a.example/sunny/{KEY}", sent)).keep(Response(200))
    assert load(tape).interactions[0].request.url == f"https://a.example/sunny/{KEY}"


def test_one_of_very_many(tape: Path) -> None:
    """Where every answer brings a new token, too."""
    with Recorder(tape, "once") as recorder:
        for number in range(MANY + 1):
            named = Headers({"X-Api-Key": f"{KEY}.{number}"})
            recorder.take(Request("GET", f"https://a.example/{KEY}.{number}/x", named)).keep(Response(200))
    assert KEY not in tape.read_text(encoding="utf-8")

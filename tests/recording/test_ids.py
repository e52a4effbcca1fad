"""Ids become pseudonyms that keep their type and shape, so that a redacted recording still replays."""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path

import pytest
import requests
from tests.recording.service import Service
from tests.recording.test_redaction import RESOURCE, THREAD, USER, redactor

from acs_chat_testkit.chat_profile import ENDPOINT, chat_profile
from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder
from acs_chat_testkit.recording.redaction import Pseudonyms


def test_another_cassette_keeps_its_pseudonyms_where_one_is_numbered_anew() -> None:
    """Two runs that recorded at one time are told apart in the cassette that both have written, and nowhere else."""
    kind, pseudonyms = next(each for each in chat_profile().rules.kinds if not each.shared), Pseudonyms()
    mine, other = (pseudonyms.of(kind, raw, tag) for raw, tag in ((USER, "aaaaaaaa"), (f"{USER}0", "bbbbbbbb")))
    pseudonyms.renumber(kind, "aaaaaaaa", f"{mine} {other}")
    assert pseudonyms.known(kind, USER) not in (None, mine)
    assert pseudonyms.known(kind, f"{USER}0") == other


def test_ids_become_pseudonyms_of_their_type_and_stay_themselves() -> None:
    """One id is one pseudonym in the address, plain or escaped, in the body and inside cursors."""
    clean = redactor()
    plain, escaped = THREAD, THREAD.replace(":", "%3A").replace("@", "%40")
    cursor = b"\x3e\x39\x00\x00\x00" + THREAD.encode() + b"\x01"
    body = {
        "threadId": THREAD,
        "creator": USER,
        "syncState": cursor.hex(),
        "cursor": base64.b64encode(json.dumps({"thread": THREAD}).encode()).decode(),
    }
    url = clean.url(f"https://a.communication.azure.com/chat/threads/{escaped}/messages?after={plain}")
    again = json.loads(clean.body(json.dumps(body).encode(), "application/json"))
    pseudonym = again["threadId"]
    assert pseudonym != THREAD
    assert (len(pseudonym), pseudonym[:3], pseudonym[-11:]) == (len(THREAD), "19:", "1@thread.v2")
    assert url == (
        f"{ENDPOINT}/chat/threads/{pseudonym.replace(':', '%3A').replace('@', '%40')}/messages?after={pseudonym}"
    )
    assert bytes.fromhex(again["syncState"]) == cursor.replace(THREAD.encode(), pseudonym.encode())
    assert json.loads(base64.b64decode(again["cursor"])) == {"thread": pseudonym}
    assert again["creator"] == "8:acs:00000000-0000-4000-8000-000000000001_aaaaaaaa-0000-4000-8000-000000000001"


@pytest.mark.parametrize("kind", ["acsV1_", "uni01_", "meeting_"])
def test_a_thread_stays_of_its_kind(service: Service, tape: Path, kind: str) -> None:
    """What says which kind of thread it is stays; its pseudonym gets no other one, and a test's own id replays."""
    thread = THREAD.replace("19:", f"19:{kind}")
    pseudonym = redactor().text(thread)
    assert pseudonym == redactor().text(THREAD).replace("19:", f"19:{kind}")
    assert redactor().text(pseudonym) == pseudonym
    profile = chat_profile([service.url])
    with Recorder(tape, "once", profile=profile):
        requests.get(f"{service.url}/threads/{thread}", timeout=10)
    with Recorder(tape, profile=profile):
        requests.get(f"{service.url}/threads/{thread}", timeout=10)


def test_an_id_has_any_case() -> None:
    """One in capitals is the same one."""
    clean = redactor()
    assert clean.text(f"{USER.upper()} {USER}").lower() == " ".join([clean.text(USER)] * 2)
    assert clean.text(f"8:ORGID:{RESOURCE.upper()}") == clean.text(f"8:orgid:{RESOURCE}").replace("orgid", "ORGID")


def test_phones_and_teams_ids_are_personal() -> None:
    """They become others of their kind, numbered and not computed."""
    clean = redactor()
    assert clean.text("4:+491701234567 and 4:+491701234568") == "4:+15550000001 and 4:+15550000002"
    # What it left of a longer one, it would take for the next one.
    assert clean.text(f"4:+{'1234567890' * 20}") == "4:+15550000003"
    assert (
        clean.url("https://a.example/phoneNumbers/+491701234567?x=1")
        == "https://a.example/phoneNumbers/+15550000001?x=1"
    )
    assert clean.text(f"8:orgid:{RESOURCE}") == "8:orgid:aaaaaaaa-0000-4000-8000-000000000001"


def test_a_time_behind_a_blank_is_no_phone_number() -> None:
    """In a form a blank is written as `+`."""
    key = "example%29%2F+20220101013953\n"
    assert redactor().text(key) == key


def test_ids_of_the_test_itself_replay(service: Service, tape: Path) -> None:
    """An id that stands in the test is a pseudonym in the file, and is recognised again in replay."""
    profile = chat_profile([service.url])
    other = f"19:{'f' * 32}@thread.v2"
    paths = [f"/chat/threads/{THREAD}", f"/chat/threads/{other}/typing", f"/chat/threads/{THREAD}/messages?of={other}"]
    with Recorder(tape, "once", profile=profile):
        wanted = [requests.get(f"{service.url}{path}", timeout=10).status_code for path in paths]
    service.close()
    assert THREAD not in tape.read_text(encoding="utf-8")
    with Recorder(tape, profile=profile):
        assert [requests.get(f"{ENDPOINT}{path}", timeout=10).status_code for path in reversed(paths)] == wanted


def test_an_id_where_nothing_is_compared_is_in_nobodys_way(service: Service, tape: Path) -> None:
    """A client draws the id of a repeatable call by lot; the ids of the test beside it are recognised all the same."""
    profile = chat_profile([service.url])
    url = f"/chat/threads/{THREAD}/messages"
    for mode, home in (("once", service.url), ("none", ENDPOINT)):
        with Recorder(tape, mode, profile=profile):
            headers = {"repeatability-request-id": str(uuid.uuid4())}
            assert requests.post(f"{home}{url}", headers=headers, timeout=10).ok


def test_one_endpoint_whatever_was_called(service: Service, tape: Path) -> None:
    """The recording does not depend on a port: addresses, links and locations name the fixed endpoint."""
    link = {"nextLink": f"{service.url}/chat/threads?page=2"}
    target = f"/answer?hex={json.dumps(link).encode().hex()}&type=application/json"
    with Recorder(tape, "once", profile=chat_profile([service.url])):
        requests.get(f"{service.url}{target}", timeout=10)
    text = tape.read_text(encoding="utf-8")
    assert service.url not in text
    assert f'"nextLink": "{ENDPOINT}/chat/threads?page=2"' in text


def test_a_miss_does_not_name_an_id_for_good(service: Service, tape: Path) -> None:
    """An id of the test that came first in a request that nothing answers is still recognised in the next one."""
    profile = chat_profile([service.url])
    with Recorder(tape, "once", profile=profile):
        wanted = requests.get(f"{service.url}/chat/threads/{THREAD}", timeout=10).status_code
    with Recorder(tape, profile=profile):
        with pytest.raises(UnrecordedRequest):
            requests.get(f"{ENDPOINT}/chat/threads/{THREAD}/typing", timeout=10)
        assert requests.get(f"{ENDPOINT}/chat/threads/{THREAD}", timeout=10).status_code == wanted

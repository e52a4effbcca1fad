"""Secrets of every kind, planted in every place and encoding, are neither on disk nor in any message."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import jwt
import pytest
import requests
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.recording.hiding import (
    ENCODINGS,
    HEX,
    IDS,
    NAMED,
    PLACES,
    SHOWN,
    STACKS,
    assert_gone,
    layers,
    written,
)
from tests.recording.service import Service

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import LeakFound, UnrecordedRequest, UsageError
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Interaction, Recorder, load
from acs_chat_testkit.recording.hooks import Hooks
from acs_chat_testkit.recording.leakage import entropy, suspects
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Rule, Rules


@given(kind=st.sampled_from(sorted(SHOWN)), place=st.sampled_from(sorted(PLACES)), stack=STACKS, data=st.data())
def test_a_secret_that_shows_itself_is_found_everywhere(
    kind: str, place: str, stack: list[str], data: st.DataObject
) -> None:
    """Whatever it is, wherever it stands, up to three encodings deep."""
    text, needle = data.draw(SHOWN[kind])
    for name in stack:
        text = ENCODINGS[name](text)
        assume(len(text) >= 16)  # shorter words are not opened: any name might be one
    # An id that the test itself has hidden in an encoding is recognised by nobody.
    hidden = kind in IDS and stack
    assert_gone(needle, *written(*PLACES[place](text), replays=not hidden))


STRUCTURES: dict[str, tuple[str, str]] = {
    "json": ("application/json", '{{"a": [{{"{name}": "{word}"}}], "{name}s": ["{word}"]}}'),
    "form": ("application/x-www-form-urlencoded", "{name}={word}"),
    "multipart": (
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{word}\r\n--b--\r\n',
    ),
    "batch": (
        "multipart/mixed; boundary=b",
        "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
        '{{"{name}": "{word}"}}\r\n--b\r\n\r\n{name}={word}\r\n--b--\r\n',
    ),
    "events": (
        "text/event-stream",
        'event: a\ndata: {{"a": 1, "{name}": "{word}"}}\n\ndata: {{"{name}":"{word}"}}\n\n',
    ),
    "xml": ("application/xml", "<a><{name}>{word}</{name}></a>"),
    "text": ("text/plain", "the {name}={word}, they said"),
}
"""Media types with a body that names a value."""


@given(name=st.sampled_from(NAMED), place=st.sampled_from(["query", *STRUCTURES]), word=HEX)
@example(name="password", place="json", word="a" * 12)
def test_a_secret_that_is_named_is_found(name: str, place: str, word: str) -> None:
    """A value under a name that says secret, in every kind of structure."""
    kind, text = STRUCTURES.get(place, ("text/plain", ""))
    fields, body = Headers({"Content-Type": kind}), text.format(name=name, word=word).encode()
    url = f"https://a.example/x?a=1&{name}={word}" if place == "query" else "https://a.example/x"
    assert_gone(word, *written(Request("POST", url, fields, body), Response(200, fields, body)))


def test_the_search_of_this_test_finds_what_is_there() -> None:
    """The test above means something: the search sees through every encoding."""
    for encode in ENCODINGS.values():
        for again in ENCODINGS.values():
            layered = again(encode("needle-in-a-haystack"))
            assert any(b"needle-in-a-haystack" in layer for layer in layers(layered.encode()))


def test_a_body_that_can_not_be_opened_is_not_written(tmp_path: Path) -> None:
    """Nobody knows what is inside, so the file is left as it is and the error says why."""
    file = tmp_path / "tape.yaml"
    response = Response(200, Headers({"Content-Encoding": "unheard-of"}), b"\xff\xfe\x00secret")
    recorder = Recorder(file, "once")
    recorder.open()
    recorder.take(Request("GET", "https://a.example/")).keep(response)
    with pytest.raises(
        LeakFound, match="interaction 1, response body: content coding unheard-of that can not be opened"
    ):
        recorder.close()
    assert not file.exists()


def test_what_a_hook_puts_back_is_not_written(tmp_path: Path) -> None:
    """An interaction is redacted once more after the suite's own functions."""
    file, key = tmp_path / "tape.yaml", base64.b64encode(bytes(range(100, 132))).decode()

    def put_back(each: Interaction) -> Interaction:
        return replace(each, response=Response(200, body=f"AccountKey={key}".encode()))

    with Recorder(file, "once", hooks=Hooks(save=put_back)) as recorder:
        recorder.take(Request("GET", "https://a.example/")).keep(Response(200, body=b"fine"))
    assert_gone(key, file.read_text(encoding="utf-8"))


def test_a_rule_that_still_finds_something_keeps_the_old_file(tmp_path: Path) -> None:
    """A last look at what is about to be written: the error names interaction and place, and not the secret."""
    file, word = tmp_path / "tape.yaml", "open-sesame"
    with Recorder(file, "once") as recorder:
        recorder.take(Request("GET", "https://a.example/old")).keep(Response(200))
    before = file.read_bytes()
    endless = Rule("own", re.compile(word), lambda match, _naming: f"<{match[0]}>")
    recorder = Recorder(file, "rewrite", profile=Profile(rules=Rules(texts=(endless,))))
    recorder.open()
    recorder.take(Request("GET", "https://a.example/")).keep(Response(200))
    recorder.take(Request("GET", "https://a.example/", Headers({"X-Note": word}))).keep(Response(200))
    with pytest.raises(
        LeakFound, match=r"interaction 2, request header X-Note: own.*the file was left as it is"
    ) as leak:
        recorder.close()
    assert word not in str(leak.value)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_message_content_can_be_masked(tmp_path: Path) -> None:
    """With content=mask, texts become numbered ones, equal where they were equal, and replay still matches."""
    file, profile = tmp_path / "tape.yaml", chat_profile(content="mask")
    request = Request("POST", "https://x.communication.azure.com/chat", Headers(), b'{"content":"private words"}')
    reply = Response(
        200, Headers(), b'{"value":[{"content":{"message":"private words"},"senderDisplayName":"Ada L."}]}'
    )
    with Recorder(file, "once", profile=profile) as recorder:
        recorder.take(request).keep(reply)
    text = file.read_text(encoding="utf-8")
    assert "private" not in text
    assert "Ada" not in text
    assert text.count("text 1 of ") == 2
    with Recorder(file, profile=profile) as player:
        assert player.play(request) is not None


@pytest.mark.parametrize("text", ["It's \u00e9", 'a "quote"', "two\nlines", "\\back", "a&b=c + d", "(x) [y] *"])
@pytest.mark.parametrize("kind", ["json", "escaped json", "form", "query"])
def test_what_somebody_wrote_replays_where_it_is_masked(service: Service, tape: Path, text: str, kind: str) -> None:
    """However a client spells it: what is looked for is how a numbered text would be spelled there."""
    said = {"content": text, "topic": f"about {text}"}

    def send() -> None:
        if kind == "query":
            requests.get(f"{service.url}/m", params=said, timeout=10)
        elif kind == "form":
            requests.post(f"{service.url}/m", data=said, timeout=10)
        else:
            body = json.dumps(said, ensure_ascii=kind == "escaped json").encode()
            requests.post(f"{service.url}/m", data=body, headers={"Content-Type": "application/json"}, timeout=10)

    profile = chat_profile(content="mask")
    with Recorder(tape, "once", profile=profile):
        send()
    with Recorder(tape, profile=profile) as player:
        send()
    assert player.counts["replayed"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"content": "drop"}, "keep, mask"),
        ({"secrets": ["ab"]}, "less than 6"),
        ({"secrets": "SECRETsecret"}, r"secrets=\[...\]"),
        ({"variables": "OUR_API_KEY"}, r"variables=\[...\]"),
    ],
)
def test_a_wrong_option_of_the_profile_is_one_sentence(arguments: dict[str, object], sentence: str) -> None:
    """An unknown treatment, a secret that would be found everywhere and a text in place of a list are refused."""
    with pytest.raises(UsageError, match=sentence) as refused:
        chat_profile(**arguments)  # type: ignore[arg-type]
    assert "SECRETsecret" not in str(refused.value)


def test_what_looks_drawn_by_lot_is_a_suspect(tmp_path: Path) -> None:
    """A word of high entropy that no rule knows is reported, and does not stop the recording."""
    word = base64.b64encode(bytes(range(7, 200, 5))).decode()
    file = tmp_path / "tape.yaml"
    with Recorder(file, "once") as recorder:
        recorder.take(Request("GET", f"https://a.example/?note={word}")).keep(Response(200))
    assert [(each.number, each.place) for each in recorder.suspects] == [(1, "request url")]
    assert [(each.number, each.place) for each in suspects(load(file))] == [(1, "request url")]
    assert entropy("aaaa") == 0


def test_a_miss_on_a_foreign_cassette_prints_no_secret(tmp_path: Path) -> None:
    """What another recorder left in the file is redacted before it is shown, and still matches."""
    file = tmp_path / "tape.yaml"
    token = jwt.encode({"a": 1}, "k" * 32, algorithm="HS256")
    file.write_text(
        "interactions:\n"
        f"- request: {{method: GET, uri: 'https://a.example/?token={token}', body: null, headers: {{}}}}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: ''}}\nversion: 1\n",
        encoding="utf-8",
    )
    with Recorder(file) as player:
        with pytest.raises(UnrecordedRequest) as miss:
            player.play(Request("GET", f"https://a.example/other?token={token}"))
        assert token not in str(miss.value)
        assert player.play(Request("GET", f"https://a.example/?token={token}")) is not None


def test_a_secret_scanner_finds_nothing_in_what_we_write(tmp_path: Path) -> None:
    """detect-secrets in its default configuration has no finding in a cassette that was full of secrets."""
    file = tmp_path / "tape.yaml"
    token = jwt.encode({"a": 1}, "k" * 32, algorithm="HS256")
    key = base64.b64encode(bytes(range(100, 164))).decode()
    body = {"token": token, "primaryKey": key, "password": "hunter2hunter2", "id": f"8:acs:{uuid4()}_{uuid4()}"}
    settings = {"odbc": "Server=a;Pwd=hunter2hunter2;", "uri": "otpauth://totp/a?secret=hunter2hunter2&issuer=b"}
    fields = Headers({"Authorization": f"Bearer {token}", "X-Api-Key": key, "Cookie": f"session={token}"})
    form = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    with Recorder(file, "once", profile=chat_profile()) as recorder:
        recorder.variables["chat_user"] = body["id"]
        recorder.take(
            Request("POST", f"https://x.communication.azure.com/a?sig={quote(key)}", fields, json.dumps(body).encode())
        ).keep(Response(200, Headers({"Set-Cookie": f"s={token}"}), json.dumps([body, f"accesskey={key}"]).encode()))
        recorder.take(
            Request(
                "POST", f"https://a.example/?api_key={quote(key)}", form, b"client_secret=hunter2hunter2&password=x1"
            )
        ).keep(Response(200, body=f"DB_PASSWORD=hunter2\nsecret: hunter2hunter2\nAPI_KEY='{key}'\n".encode()))
        recorder.take(Request("GET", "https://a.example/")).keep(Response(200, body=json.dumps(settings).encode()))
    found = SecretsCollection()
    with default_settings():
        found.scan_file(str(file))
        assert list(found) == []
        file.write_text(f'key: "{key}"\n', encoding="utf-8")
        found.scan_file(str(file))
    assert len(list(found)) > 0

"""Secrets of every kind, planted in every place and encoding, are neither on disk nor in any message."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import logging
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote
from uuid import uuid4

import jwt
import pytest
import requests
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.recording.killed import journal_of
from tests.recording.service import Service

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import BrokenCassette, LeakFound, UnrecordedRequest, UsageError
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Interaction, Recorder, leaks, load
from acs_chat_testkit.recording.hooks import Hooks
from acs_chat_testkit.recording.leakage import entropy, suspects
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Rule, Rules
from acs_chat_testkit.recording.redaction.rules import SECRET_HEADERS

ENVIRONMENT = "a value of the environment/with=signs+1"

VARIABLE = "the value of a chosen variable"

# What a secret is, and the part of it that must not be found: built here, so that no file holds one.
HEX = st.text("0123456789abcdef", min_size=12, max_size=12)
GUIDS = st.uuids(version=4).map(str)
CORES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=43, max_size=43).map(lambda t: t + "1")
KEYS = st.binary(min_size=32, max_size=32).map(lambda data: base64.b64encode(data).decode())
TOKENS = GUIDS.map(lambda guid: jwt.encode({"skypeid": guid}, "k" * 32, algorithm="HS256"))
SHOWN: dict[str, st.SearchStrategy[tuple[str, str]]] = {
    "token": TOKENS.map(lambda token: (token, token.split(".")[1])),
    "connection string": KEYS.map(lambda key: (f"endpoint=https://x.communication.azure.com/;accesskey={key}", key)),
    "account key": KEYS.map(lambda key: (f"AccountName=a;AccountKey={key};EndpointSuffix=core", key)),
    "signature": KEYS.map(lambda key: (f"https://a.example/b?sv=1&sig={quote(key, safe='')}&se=2", key)),
    "bearer": KEYS.map(lambda key: (f"Bearer {key}", key)),
    "hmac": KEYS.map(lambda key: (f"HMAC-SHA256 SignedHeaders=host&Signature={key}", key)),
    "password": HEX.map(lambda word: (f"https://user:{word}@a.example/", word)),
    "user": st.tuples(GUIDS, GUIDS).map(lambda two: (f"8:acs:{two[0]}_{two[1]}", two[1])),
    "resource": st.tuples(GUIDS, GUIDS).map(lambda two: (f"8:acs:{two[0]}_{two[1]}", two[0])),
    "Teams": GUIDS.map(lambda guid: (f"8:orgid:{guid}", guid)),
    "phone": st.integers(2_000_000_000, 9_999_999_999).map(lambda number: (f"4:+{number}", str(number))),
    "thread": CORES.map(lambda core: (f"19:{core}@thread.v2", core)),
    "environment": st.just((ENVIRONMENT, ENVIRONMENT)),
    "variable": st.just((VARIABLE, VARIABLE)),
}
"""Secrets that show themselves, wherever they are."""
IDS = ("user", "resource", "Teams", "phone", "thread")
NAMED = ("password", "client_secret", "access_token", "apiKey", "sig")
"""Names that make any value a secret."""


def deflated(data: bytes) -> bytes:
    """A stream without any head (RFC 1951)."""
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def escaped(text: str) -> str:
    """JSON as .NET, Go, Gson and PHP write it, which escape what a page might take for HTML, or slashes."""
    inner = json.dumps(text).replace("/", "\\/")
    return re.sub("[&=+<>']", lambda char: f"\\u{ord(char[0]):04X}", inner)


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent but slashes": quote,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode().rstrip("\n"),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "gzip": lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
    "deflate": lambda text: base64.b64encode(deflated(text.encode())).decode(),
    "UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "UTF-16 with a mark": lambda text: base64.b64encode(b"\xfe\xff" + text.encode("utf-16-be")).decode(),
    "zlib": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
    "JSON": lambda text: json.dumps({"inner": [text]}),
    "escaped JSON": lambda text: f'{{"inner":[{escaped(text)}]}}',
    "call": lambda text: f'/**/call({{"inner":"\\n{escaped(text)[1:-1]}\\u0022"}});',
    "script": lambda text: f"let a = '\\x22{escaped(text)[1:-1]}\\x22';",
    "sentence": lambda text: f"before {text} after",
}
STACKS = st.lists(st.sampled_from(sorted(ENCODINGS)), max_size=3)


def in_headers(text: str) -> tuple[Request, Response]:
    """In an ordinary header field of both sides."""
    value = text.replace("\n", "")
    fields = Headers({"X-Note": value})
    return Request("GET", "https://a.example/x", fields), Response(200, fields)


def in_url(text: str) -> tuple[Request, Response]:
    """In path and query."""
    part = quote(text, safe="")
    return Request("GET", f"https://a.example/x/{part}/y?note={part}&z=1"), Response(204)


def as_json(charset: str, kind: str) -> Callable[[str], tuple[Request, Response]]:
    """In a member, in a list, nested, in any charset."""

    def place(text: str) -> tuple[Request, Response]:
        body = json.dumps({"a": {"b": [text, 1]}, "ü": text}, ensure_ascii=False).encode(charset)
        fields = Headers({"Content-Type": f"{kind}; charset={charset}"})
        return Request("POST", "https://a.example/x", fields, body), Response(200, fields, body)

    return place


def as_form(text: str) -> tuple[Request, Response]:
    """In a form."""
    fields = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    return Request("POST", "https://a.example/x", fields, f"note={quote(text)}&z=1".encode()), Response(204)


def as_parts(text: str) -> tuple[Request, Response]:
    """In a multipart form."""
    fields = Headers({"Content-Type": "multipart/form-data; boundary=xyz"})
    body = f'--xyz\r\nContent-Disposition: form-data; name="note"\r\n\r\n{text}\r\n--xyz--\r\n'.encode()
    return Request("POST", "https://a.example/x", fields, body), Response(204)


def as_batch(text: str) -> tuple[Request, Response]:
    """In a message inside of a part inside of a part, none of which has a name."""
    inner = f"POST /y HTTP/1.1\r\nX-Note: a\r\n\r\n{json.dumps({'note': text})}"
    body = f"--in\r\nContent-Type: application/http\r\n\r\n{inner}\r\n--in--\r\n"
    body = f"--out\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n{body}\r\n--out--"
    fields = Headers({"Content-Type": "multipart/mixed; boundary=out"})
    return Request("POST", "https://a.example/x", fields, body.encode()), Response(200, fields, body.encode())


def as_stream(text: str) -> tuple[Request, Response]:
    """In an answer that is more than one JSON value."""
    return Request("GET", "https://a.example/x"), Response(
        200, Headers({"Content-Type": "text/event-stream"}), text.encode()
    )


def unnamed(pair: tuple[Request, Response]) -> tuple[Request, Response]:
    """The same without a word about its charset."""
    fields = Headers({"Content-Type": "application/json"})
    return replace(pair[0], headers=fields), replace(pair[1], headers=fields)


def compressed(coding: str, compress: Callable[[bytes], bytes]) -> Callable[[str], tuple[Request, Response]]:
    """In a body with a content coding."""

    def place(text: str) -> tuple[Request, Response]:
        fields = Headers({"Content-Type": "application/json", "Content-Encoding": coding})
        body = compress(json.dumps({"note": text}).encode())
        return Request("POST", "https://a.example/x", fields, body), Response(200, fields, body)

    return place


def as_bytes(text: str) -> tuple[Request, Response]:
    """Between bytes that are no text."""
    fields = Headers({"Content-Type": "application/octet-stream"})
    body = b"\x00\xff\x80 " + text.encode() + b" \xfe\x01"
    return Request("POST", "https://a.example/x", fields, body), Response(200, fields, body)


PLACES: dict[str, Callable[[str], tuple[Request, Response]]] = {
    "header": in_headers,
    "url": in_url,
    "json": as_json("utf-8", "application/json"),
    "merge patch": as_json("utf-8", "application/merge-patch+json"),
    "json with a mark": as_json("utf-8-sig", "application/json"),
    "latin-1 json": as_json("latin-1", "application/problem+json"),
    "utf-16 json": as_json("utf-16", "application/json"),
    "utf-16 json without a mark": lambda text: unnamed(as_json("utf-16-be", "application/json")(text)),
    "batch": as_batch,
    "events": lambda text: as_stream(f"data: {json.dumps({'delta': {'text': text}})}\n\ndata: [DONE]\n\n"),
    "lines of json": lambda text: as_stream(f"{json.dumps({'text': text})}\n{json.dumps([text])}\n"),
    "archive": lambda text: as_stream(f"{text:\0<512}"),
    "secret header": lambda text: (
        Request("GET", "https://a.example/x", Headers((name, text.replace("\n", "")) for name in SECRET_HEADERS)),
        Response(200, Headers((name, text.replace("\n", "")) for name in SECRET_HEADERS)),
    ),
    "location": lambda text: (
        Request("GET", "https://a.example/x", Headers({"Referer": f"https://a.example/{quote(text)}"})),
        Response(302, Headers({"Location": f"/next/{quote(text)}?a={quote(text, safe='')}#{quote(text)}"})),
    ),
    "form": as_form,
    "multipart": as_parts,
    "gzip body": compressed("gzip", lambda data: gzip.compress(data)),
    "deflate body": compressed("deflate", zlib.compress),
    "raw deflate body": compressed("deflate", deflated),
    "gzip in two": compressed("gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
    "twice compressed": compressed("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
    "binary": as_bytes,
    "cookie": lambda text: (
        Request("GET", "https://a.example/x", Headers({"Cookie": f"a=1; b={quote(text)}"})),
        Response(200, Headers({"Set-Cookie": f"b={quote(text)}; Path=/"})),
    ),
    "authorization": lambda text: (
        Request("GET", "https://a.example/x", Headers({"Authorization": text.replace("\n", ""), "X-Api-Key": "k"})),
        Response(204),
    ),
    "nested json": lambda text: as_json("utf-8", "application/json")(json.dumps({"deep": json.dumps([text])})),
}


def written(request: Request, response: Response, *, replays: bool = True) -> tuple[str, ...]:
    """What a recording of an exchange leaves on disk, what a kill would leave, and what a miss in its replay prints."""
    said, log = io.StringIO(), logging.StreamHandler()
    log.setStream(said)
    logging.getLogger().addHandler(log)
    with (
        tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(said), contextlib.redirect_stderr(said),
    ):  # fmt: skip
        patch.setenv("A_CHOSEN_VARIABLE", VARIABLE)
        file = Path(place, "tape.yaml")
        profile = chat_profile(secrets=[ENVIRONMENT], variables=["A_CHOSEN_VARIABLE"])
        with Recorder(file, "once", profile=profile) as recorder:
            recorder.take(request).keep(response)
            left = journal_of(file).read_text(encoding="utf-8")
        assert list(leaks(load(file), profile)) == []
        with Recorder(file, profile=profile) as player, pytest.raises(UnrecordedRequest) as miss:
            player.play(Request("PUT", request.url + ("&" if "?" in request.url else "?") + "w=1", *_rest(request)))
        text = file.read_text(encoding="utf-8")
        if replays:
            with Recorder(file, profile=profile) as player:
                assert player.play(request) is not None
        file.write_text(text.replace("method:", "method: {", 1), encoding="utf-8")
        with pytest.raises(BrokenCassette) as broken:
            load(file)
    logging.getLogger().removeHandler(log)
    return text, left, str(miss.value), str(broken.value), said.getvalue()


def _rest(request: Request) -> tuple[Headers, bytes]:
    return request.headers, request.body


def layers(data: bytes, depth: int = 5) -> Iterator[bytes]:
    """A text and everything that is in it when it is decoded; written without a look at the redactor."""
    yield data
    if depth:
        for inner in decodings(data):
            if inner != data and len(inner) > 7:
                yield from layers(inner, depth - 1)


def decodings(data: bytes) -> Iterator[bytes]:
    """Every way in which the words of a text can be read."""
    if b"%" in data:
        yield unquote(data.decode("latin-1")).encode("latin-1", "replace")
    if b"\\" in data:
        plain = re.sub(rb"\\(?:u00|x)([0-9a-fA-F]{2})", lambda code: bytes.fromhex(code[1].decode()), data)
        yield re.sub(rb"\\([^u])", lambda sign: b"\n" if sign[1] == b"n" else sign[1], plain)
    if b"\0" in data:
        yield from (data[start::2] for start in (0, 1) if b"\0" not in data[start::2])
    for word in re.findall(rb"[\w+/-]{8,}=*(?:\s+[\w+/-]{8,}=*)*", data):
        packed = re.sub(rb"[\s=]", b"", word).translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            piece = packed[shift:]
            piece += b"A" * (len(piece) % 4 == 1)
            yield opened(base64.b64decode(piece + b"=" * (-len(piece) % 4)))
        if re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", packed):
            yield opened(bytes.fromhex(packed.decode()))


def opened(data: bytes) -> bytes:
    """What is in a compressed text."""
    for opener in (gzip.decompress, zlib.decompress, lambda raw: zlib.decompress(raw, -15)):
        try:
            return opener(data)
        except (OSError, EOFError, zlib.error):
            continue
    return data


def assert_gone(needle: str, *texts: str) -> None:
    """The needle is in none of the texts, however deep."""
    for text in texts:
        for layer in layers(text.encode()):
            assert needle.lower().encode() not in layer.lower(), layer[:200]


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

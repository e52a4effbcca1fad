"""Text to cassette and back."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from acs_chat_testkit.errors import BrokenCassette, NotACassette
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Cassette, Header, Interaction
from acs_chat_testkit.recording.serializer import dump, parse

WORDS = [
    "yes",
    "no",
    "null",
    "~",
    "1",
    "1.0",
    "0x1f",
    "1e3",
    ".inf",
    "=",
    "<<",
    "#",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%",
    "@",
    "`",
    "'",
    '"',
    "{",
    "[",
    "😀",
    "2026-01-01",
    "12:30",
    "x:",
    ":x",
    "on",
]
LINES = ["", " ", "- a", "a: b", "a #b", "\t", "\n", "\r\n", " \n a\n", "\n\n", "a\n", "a\n\n", "a" * 300]
CONTROLS = ["\x00", "\x07", "\x7f", "\x85", "\u2028", "\ufeff"]
NASTY = st.sampled_from(WORDS + LINES + CONTROLS)
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | NASTY
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BODY = st.one_of(
    st.binary(),
    TEXT.map(str.encode),
    st.builds(
        lambda value, how: json.dumps(value, **how).encode(),
        JSON,
        st.sampled_from([{}, {"ensure_ascii": False}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 4}]),
    ),
)
TOKEN = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)
HEADERS = st.lists(st.tuples(TOKEN, TEXT), max_size=4).map(Headers)
REQUESTS = st.builds(Request, st.sampled_from(["GET", "POST", "Y", "NO"]), TEXT, HEADERS, BODY)
RESPONSES = st.builds(Response, st.integers(100, 599), HEADERS, BODY, TEXT)
PIECES = st.lists(st.integers(1, 99), max_size=3).map(tuple)
CODINGS = st.sampled_from(
    [None, "gzip", "X-Gzip", "cut gzip", "deflate, br", "unasked identity,zstd", "named no, aws-chunked"]
)
ANSWERED = st.builds(Interaction, REQUESTS, RESPONSES, st.none(), PIECES, coding=CODINGS)
OTHERS = st.dictionaries(TEXT.map("x-".__add__), JSON, max_size=3)
FAILED = st.builds(Interaction, REQUESTS, st.none(), st.sampled_from(["read timeout", "reset", "tls"]))
INTERACTIONS = ANSWERED | FAILED
HEADER = st.builds(
    Header,
    origin=st.sampled_from([None, "live", "emulator"]),
    api_version=st.none() | TEXT,
    recorded_at=st.none() | TEXT,
    variables=st.dictionaries(TEXT, TEXT, max_size=3),
)
CASSETTES = st.builds(Cassette, st.lists(INTERACTIONS, max_size=3).map(tuple), HEADER)


@given(CASSETTES)
def test_what_is_written_is_read_back(cassette: Cassette) -> None:
    """Any cassette survives the file, whatever its texts look like to YAML."""
    assert parse(dump(cassette).encode(), "x.yaml") == cassette


@given(st.builds(replace, ANSWERED, others=OTHERS), OTHERS, HEADER | st.just(Header(format=None)))
def test_what_other_recorders_keep_is_kept(each: Interaction, metadata: dict[str, Any], header: Header) -> None:
    """What vcrpy and hooks of its users read, with its type; in a file of ours as in one that stays theirs."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in metadata.items()}
    header = replace(header, metadata=metadata, variables=header.variables if header.format else texts)
    text = dump(Cassette((each,), header))
    again = parse(text.encode(), "x.yaml")
    assert (again.header, again.interactions[0].others) == (header, each.others)
    document = yaml.safe_load(text)
    told = document["interactions"][0]["response"]
    assert {name: told[name] for name in each.others} == each.others
    assert document.get("metadata", {}) == metadata


@given(CASSETTES)
def test_pyyaml_reads_the_same_texts(cassette: Cassette) -> None:
    """A stock YAML parser finds the uris, statuses and variables that we wrote."""
    document = yaml.safe_load(dump(cassette))
    interactions = document["interactions"]
    assert [each["request"]["uri"] for each in interactions] == [each.request.url for each in cassette.interactions]
    assert (document["header"].get("variables") or {}) == dict(cassette.header.variables)
    assert document["version"] == 1


def test_a_json_body_is_laid_out_for_reading() -> None:
    """One member a line in the file, the very bytes when it is loaded."""
    body = '{"value":[{"id":"1"},{"id":"ü"}]}'.encode()
    cassette = Cassette((Interaction(Request("GET", "https://x.example/"), Response(200, body=body)),))
    text = dump(cassette)
    assert '              "id": "ü"\n' in text
    assert parse(text.encode(), "x").interactions[0].response == Response(200, body=body)


GOOD = dump(Cassette((Interaction(Request("GET", "https://x.example/"), Response(200, body=b"a\nb")),)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "x.yaml is empty"),
        ("interactions: {}\nversion: 1\n", "x.yaml has no list of interactions"),
        (GOOD[:30], "x.yaml has no list of interactions"),
        (GOOD[: GOOD.index("version:")], "x.yaml is cut off"),
        (GOOD.replace("    uri:", "    method: PUT\n    uri:"), "x.yaml, line 6: the key 'method' comes twice"),
        ("interactions: [\n", r"x.yaml, line \d: "),
        (
            "interactions: !!python/object/apply:os.system ['true']\n",
            "x.yaml, line 1: could not determine a constructor",
        ),
    ],
)
def test_a_broken_file_is_one_sentence_with_the_line(text: str, sentence: str) -> None:
    """Whatever is wrong with a file, the error names the file, the line where there is one, and what to do."""
    with pytest.raises(BrokenCassette, match=f"{sentence}.*; restore the file, or delete it and record it again$") as e:
        parse(text.encode(), "x.yaml")
    assert type(e.value) is BrokenCassette
    assert str(pickle.loads(pickle.dumps(e.value))) == str(e.value)


@pytest.mark.parametrize("text", ["just words", "services:\n  web: {}\n", "[1]", "a: [", "a: \x07", "k: \xe9"])
def test_a_file_of_somebody_else_is_never_to_be_deleted(text: str) -> None:
    """What is no cassette has been named by mistake, so the way out is another name."""
    with pytest.raises(NotACassette, match=r"^x\.yaml.*; give another name$") as error:
        parse(text.encode("latin-1"), "x.yaml")
    assert "\n" not in str(error.value)


def test_an_error_repeats_nothing_of_the_file() -> None:
    """A value that is in the wrong place may be a secret."""
    text = GOOD.replace("code: 200", "code: s3cret-s3cret")
    for broken in (text, text + "\ta: s3cret-s3cret", text.replace("- request:", "- request: {s3cret-s3cret")):
        with pytest.raises(BrokenCassette) as error:
            list(parse(broken.encode(), "x.yaml").interactions)
        assert "s3cret" not in str(error.value)


REQUEST = "{method: GET, uri: 'http://a.example/', headers: {}, body: null}"
ANSWER = "{status: {code: 200, message: OK}, headers: {}, body: {string: ''}}"


@pytest.mark.parametrize(
    ("old", "new", "why", "advice"),
    [
        ("{code: 200, message: OK}", "204", "the number at response.status", "status: {code: 200, message: OK}"),
        ("{code: 200, message: OK}", "'204'", "the text at response.status", "status: {code: 200, message: OK}"),
        ("status: {code: 200, message: OK}, ", "", "response.status is missing", "status: {code: 200, message: OK}"),
        ("code: 200, ", "", "response.status.code is missing", "code: 200"),
        ("code: 200", "code: fine", "the text at response.status.code", "code: 200"),
        ("code: 200", "code: .inf", "the number at response.status.code", "code: 200"),
        (
            "status: {code: 200, message: OK}",
            "status_code: {}",
            "the mapping at response.status_code",
            "status_code: 200",
        ),
        ("message: OK", "message: [OK]", "the list at response.status.message", "message: OK"),
        (ANSWER, "204", "the number at response", f"response: {ANSWER}"),
        ("{string: ''}", "[a]", "the list at response.body", "body: {string: text}"),
        ("{string: ''}", "{string: {a: 1}}", "the mapping at response.body.string", "string: text"),
        ("{string: ''}", "{string: '{}', layout: wide}", "the text at response.body.layout", "one of compact, spaced,"),
        ("{string: ''}", "{string: a, pieces: 1}", "the number at response.body.pieces", "pieces: [4, 2], or take"),
        (f"{REQUEST}\n", "GET\n", "the text at request", "request: {method: GET, uri:"),
        (f"- request: {REQUEST}", "- a: b", "request is missing", "request: {method: GET, uri:"),
        (f"- request: {REQUEST}\n  response: {ANSWER}", "- GET", "made of the text", "a request and its response"),
        ("method: GET, ", "", "request.method is missing", "method: GET"),
        ("uri: 'http://a.example/'", "uri: [a]", "the list at request.uri", "uri: https://example.org/"),
        ("headers: {}", "headers: Accept", "the text at request.headers", "headers: {Accept: [text/plain]}"),
        ("headers: {}", "headers: [Accept, a]", "the list at request.headers", "headers: {Accept: [text/plain]}"),
        (
            "headers: {}",
            "headers: {Accept: {a: b}}",
            "the mapping at request.headers",
            "headers: {Accept: [text/plain]}",
        ),
        (f"response: {ANSWER}", "error: [reset]", "the list at error", "error: reset"),
    ],
)
def test_what_a_hand_has_written_wrong(old: str, new: str, why: str, advice: str) -> None:
    """The error says which value it is of which nothing can be made, in which line, and what to write there."""
    text = f"interactions:\n- request: {REQUEST}\n  response: {ANSWER}\nversion: 1\n"
    assert len(parse(text.encode(), "x.yaml").interactions) == 1
    with pytest.raises(BrokenCassette) as error:
        parse(text.replace(old, new, 1).encode(), "x.yaml")
    said = str(error.value)
    assert said.startswith("x.yaml: interaction 1 can not be read, because ")
    assert f"{why}, line 2; write {advice}" in said
    assert str(pickle.loads(pickle.dumps(error.value))) == said


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("origin: [live]", "the list at header.origin; write origin: 'live', or take the line out"),
        ("origin:\n    a: b", "the mapping at header.origin; write"),
        ("api_version: 5", "the number at header.api_version; write api_version: '2024-03-07', or"),
        ("recorded_at: 2020", "the number at header.recorded_at; write recorded_at: '2026-01-31T12:00:00Z', or"),
        ("variables: name", "the text at header.variables; write variables: {name: 'text'}, or"),
        ("variables: {count: 5}", "the mapping at header.variables; write"),
        ("variables: {1: one}", "the mapping at header.variables; write"),
        ("variables: {name: null}", "the mapping at header.variables; write"),
    ],
)
def test_what_a_hand_has_written_wrong_into_the_header(entry: str, place: str) -> None:
    """A value that is no text is told before anything is made of it."""
    text = GOOD.replace("header:\n", f"header:\n  {entry}\n", 1)
    with pytest.raises(BrokenCassette) as error:
        parse(text.encode(), "x.yaml")
    assert f"x.yaml: the header can not be read, because nothing can be made of {place}" in str(error.value)


@pytest.mark.parametrize("layout", ["note: 'a'", "note: {a: b}", "note:\n    a: b"])
def test_what_nobody_reads_of_the_header_is_counted(layout: str) -> None:
    """Whatever layout it has."""
    assert parse(GOOD.replace("header:\n", f"header:\n  {layout}\n", 1).encode(), "x").unread == {"header.note": 1}


@pytest.mark.parametrize("new", ["code: '200'", "code: 200.0", "code: 200, message: 5", "code: 200, message: null"])
def test_what_is_plain_all_the_same_is_read(new: str) -> None:
    """A number as a text, or a text as a number."""
    answer = ANSWER.replace("code: 200, message: OK", new)
    text = f"interactions:\n- request: {REQUEST}\n  response: {answer}\nversion: 1\n"
    read = parse(text.encode(), "x.yaml").interactions[0].response
    assert read is not None
    assert read.status == 200


def test_a_key_that_comes_twice_may_be_a_secret() -> None:
    """It is named in the error as it may be written, and so is whatever a reader of YAML repeats."""
    token = f"sk-{'A1b2C3d4E5f6' * 2}"
    for broken in (f"interactions:\n- {{{token}: 1, {token}: 2}}\n", f"interactions: !{token} 1\n"):
        with pytest.raises(BrokenCassette, match=r"x\.yaml, line \d: .*-REDACTED-") as error:
            parse(broken.encode(), "x.yaml")
        assert token not in str(error.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    """A file in another encoding is named as such."""
    with pytest.raises(BrokenCassette, match=r"x\.yaml is not UTF-8"):
        parse(b"\xff\xfe", "x.yaml")


def test_the_old_recordings_of_azure_are_read() -> None:
    """A body may be a plain text, and a header one value and not a list."""
    text = """interactions:
- request: {body: null, headers: {Accept: application/json}, method: GET, uri: https://x.example/a}
  response:
    body: '{"id": "1"}'
    headers: {Content-Type: application/json}
    status: {code: 200, message: OK}
    url: https://x.example/a
- request: {body: null, headers: {}, method: DELETE, uri: https://x.example/a}
  response: {body: {string: ''}, headers: {}, status: {code: 204, message: null}}
version: 1
"""
    first, second = parse(text.encode(), "x").interactions
    assert first.response == Response(200, Headers({"Content-Type": "application/json"}), b'{"id": "1"}', "OK")
    assert second.response == Response(204)


TUPLES = """interactions:
- request: {body: null, headers: {}, method: GET, uri: 'http://service.example/'}
  response:
    body: {string: !!python/unicode 'not found'}
    headers:
    - !!python/tuple
      - Content-Type
      - [text/plain]
    status: {code: 404, message: Not Found}
version: 1
"""
OF_HTTPX = """interactions:
- request: {body: '', headers: {accept: ['*/*']}, method: GET, uri: 'http://service.example/'}
  response:
    content: not found
    headers: {Content-Type: [text/plain]}
    http_version: HTTP/1.1
    status_code: 404
version: 1
"""


@pytest.mark.parametrize("text", [TUPLES, OF_HTTPX], ids=["Python 2", "old httpx"])
def test_what_older_vcrpys_wrote_is_read(text: str) -> None:
    """Its own reader still takes these forms, so suites still have them."""
    (interaction,) = parse(text.encode(), "old.yaml").interactions
    got = Response(404, Headers([("Content-Type", "text/plain")]), b"not found", "Not Found")
    assert interaction.response == got


def test_half_a_character_does_not_make_a_file_that_nobody_can_read() -> None:
    """As a name of a file may have one, which a test keeps among its variables."""
    text = dump(Cassette((), Header(variables={"file": "caf\udce9"})))
    assert parse(text.encode(), "x").header.variables == {"file": "caf\ufffd"}

"""What other recorders wrote is read as what happened."""

from __future__ import annotations

import gzip
import json
import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from copy import copy
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.recording import Recorder, serializer
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.importers import FORMATS, Imported, azure_yaml, cassetter, files, read, test_proxy

FOREIGN = Path(__file__).parent / "foreign"
TOKEN = f"sk-{'A1b2C3d4E5f6' * 2}"
STORY = [
    ("POST", 200, ["expiresOn", "token"]),
    ("POST", 201, ["chatThread"]),
    ("GET", 200, ["nextLink", "value"]),
    ("GET", 200, ["value"]),
    ("PATCH", 204, b""),
    ("GET", 200, bytes(range(256))),
    ("GET", 200, ["packed"]),
    ("GET", 401, ["error"]),
]
"""What `foreign/story.py` tells: method, status, and the body or its members."""


def imported(name: str) -> Imported:
    """A file of another recorder, read."""
    found = read(FOREIGN / name)
    assert found is not None
    return found


def told(each: Interaction) -> tuple[str, int, Any]:
    """What is compared of an interaction."""
    assert each.response is not None
    body: Any = each.response.body
    if body[:1] == b"{":
        body = sorted(json.loads(body))
    return each.request.method, each.response.status, body


@pytest.mark.parametrize(
    ("name", "writer"),
    [
        ("vcrpy.yaml", "vcrpy"),
        ("vcrpy.json", "vcrpy (JSON)"),
        ("betamax.json", "betamax"),
        ("betamax-exact.json", "betamax"),
        ("cassetter.yaml", "cassetter"),
    ],
)
def test_one_story_is_the_same_whoever_recorded_it(name: str, writer: str) -> None:
    """Calls in their order, bodies opened and whole, whatever shape the recorder gave them."""
    found = imported(name)
    interactions = found.cassette.interactions
    expected = STORY if len(interactions) == len(STORY) else [each for each in STORY if each[2] not in _BINARY]
    assert found.format.name == writer
    assert [told(each) for each in interactions] == expected
    assert not found.cassette.ours
    starts = [each.line for each in interactions]
    # betamax writes one line in all.
    assert writer == "betamax" or (min(starts) > 0 and len(set(starts)) == len(starts))
    topic = json.loads(interactions[1].request.body)["topic"]
    assert topic == "Grüße"
    for each in interactions:
        assert each.response is not None
        assert each.response.headers.get("content-encoding") is None
        # vcrpy's own files are read as they are; the recorder mends their length when it replays them.
        if found.format.name == "cassetter" and each.response.body:
            assert each.response.headers["content-length"] == str(len(each.response.body))


_BINARY = (bytes(range(256)), ["packed"])


def test_cookies_that_came_twice_are_two() -> None:
    """Header fields are read as lists where the recorder kept lists."""
    for name in ("vcrpy.yaml", "vcrpy.json", "betamax.json"):
        response = imported(name).cassette.interactions[0].response
        assert response is not None
        assert response.headers.get_all("set-cookie") == ["one=private-one; Path=/", "two=private-two; Path=/"]


def test_the_time_of_a_recording_is_read_where_the_file_has_it() -> None:
    """The first of the times that a recorder wrote."""
    for name in ("betamax.json", "cassetter.yaml"):
        time = imported(name).cassette.header.recorded_at
        assert time is not None
        assert time.startswith("2026-11-25T20:")


VCRPY = """interactions:
- request:
    body: {body}
    headers: {{}}
    method: POST
    uri: https://service.example/a
  response:
    body: {{string: ''}}
    headers: {{}}
    status: {{code: 200, message: OK}}
version: 1
"""


def test_a_body_under_another_name_is_no_missing_one() -> None:
    """What a serializer of a suite's own wrote is refused by name, where it would be scanned as if it were empty."""
    for name in ("body: null", "body: {string: ''}"):
        text = VCRPY.format(body="null").replace(name, "parsed_body: {token: hidden}")
        with pytest.raises(
            BrokenCassette, match="interaction 1 has 'parsed_body' in the place of 'body', line 2; only"
        ):
            serializer.parse(text.encode(), "x.yaml")


CASSETTER = """interactions:
- request:
    method: GET
    uri: https://service.example/a
    body:
      type: none
  response:
    status: 200
    headers:
      starts:
      - {text}
    body:
      type: json
      content:
        starts: {text}
version: 1
"""


@pytest.mark.parametrize("text", ["10:30", "12:30:45", "-1:30", "190:20:30.15", "2026-11-26", "=", "<<"])
def test_a_text_that_is_a_number_to_old_yaml_alone_stays_a_text(text: str, tmp_path: Path) -> None:
    """In YAML 1.2, which cassetter writes, a time of day needs no quotes."""
    (tmp_path / "one.yaml").write_text(CASSETTER.format(text=text), encoding="utf-8")
    found = read(tmp_path / "one.yaml")
    assert found is not None
    response = found.cassette.interactions[0].response
    assert response is not None
    assert (json.loads(response.body), response.headers.get("starts")) == ({"starts": text}, text)


def test_betamax_once_wrote_the_number_of_a_status_alone(tmp_path: Path) -> None:
    """Until 2014."""
    document = json.loads((FOREIGN / "betamax.json").read_text(encoding="utf-8"))
    response = document["http_interactions"][0]["response"]
    response["status_code"] = response.pop("status")["code"]
    (tmp_path / "old.json").write_text(json.dumps(document), encoding="utf-8")
    found = read(tmp_path / "old.json")
    assert found is not None
    assert told(found.cassette.interactions[0]) == STORY[0]


BODIES = {
    "\n      k: '1'\n      deep: {n: [1, null, true]}": b'{"k": "1", "deep": {"n": [1, null, true]}}',
    "\n    - !!python/tuple [k, '1']\n    - !!python/tuple [file, !!binary YQ==]": b'[["k", "1"], ["file", "a"]]',
    "&a {k: &b [1], l: *b}": b'{"k": [1], "l": [1]}',
    "!!python/object/new:_io.BytesIO\n      state: !!python/tuple [!!binary YQ==, 0, null]": b"a",
    "!!python/object/new:_io.BytesIO {state: [text, 0, null]}": b"text",
    "!!python/object/apply:builtins.iter\n      args:\n      - [!!binary YQ==, b]": b"ab",
}
"""Bodies as vcrpy wrote what aiohttp, requests and http.client were given."""


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_vcrpy_kept_as_an_object_is_bytes(body: str) -> None:
    """Fields and JSON of aiohttp, files and iterators: what was sent, as far as the file says it."""
    cassette = serializer.parse(VCRPY.format(body=body).encode(), "x.yaml")
    assert cassette.interactions[0].request.body == BODIES[body]


def test_a_header_that_vcrpy_kept_in_bytes_is_text() -> None:
    """As botocore was given them."""
    text = VCRPY.format(body="null").replace("headers: {}", "headers: {A: [!!binary YQ==]}", 1)
    assert serializer.parse(text.encode(), "x.yaml").interactions[0].request.headers["a"] == "a"


@pytest.mark.parametrize("fields", ["{A: null, B: [b, null]}", "[[A, null], [B, [b, null]]]", "{A: [], B: b}"])
def test_a_header_that_is_null_is_none(fields: str) -> None:
    """A client that is given None as a value sends no such field."""
    text = VCRPY.format(body="null").replace("headers: {}", f"headers: {fields}", 1)
    assert serializer.parse(text.encode(), "x.yaml").interactions[0].request.headers.fields == (("B", "b"),)


def test_a_header_that_is_null_in_json_is_none(tmp_path: Path) -> None:
    """As null is no value there, either."""
    document = json.loads((FOREIGN / "betamax.json").read_text(encoding="utf-8"))
    document["http_interactions"][0]["request"]["headers"] = {"A": None, "B": ["b", None]}
    file = tmp_path / "betamax.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    found = read(file)
    assert found is not None
    assert found.cassette.interactions[0].request.headers.fields == (("B", "b"),)


@pytest.mark.parametrize("value", [{"a"}, "\ud83d"], ids=["a set", "half a character"])
def test_what_no_file_can_hold_of_an_answer_is_left_out_and_told(value: object) -> None:
    """What its recorder kept beside it stays, whichever comes first."""
    answer = {"x": value, "url": "http://a.example/", "status": {"code": 200, "message": "OK"}, "body": {"string": ""}}
    sent: dict[str, object] = {"method": "GET", "uri": "http://a.example/", "headers": {}, "body": None}
    cassette = serializer.of_document({"interactions": [{"request": sent, "response": answer}], "version": 1}, "x.json")
    assert cassette.interactions[0].others == {"url": "http://a.example/"}
    assert cassette.unread == {"response.x": 1}
    assert serializer.dump(cassette).encode()


@pytest.mark.parametrize(
    "body",
    [
        "!!python/object/new:_io.BytesIO {}",
        "!!python/object/new:_io.BytesIO [a]",
        "!!python/object/apply:builtins.iter {args: [[1]]}",
        "!!python/object/apply:os.system {args: [x]}",
        "!!python/object/new:_io.StringIO {state: [text]}",
        "{k: !!set {a}}",
        "&a [*a]",
        f"{{a: &a ['{'x' * 99}'], b: &b [{'*a,' * 99}], c: &c [{'*b,' * 99}], d: [{'*c,' * 99}]}}",
    ],
)
def test_a_body_that_is_another_object_is_refused(body: str) -> None:
    """Nothing is called, and a few lines do not become gigabytes."""
    with pytest.raises(BrokenCassette, match=r"x\.yaml"):
        serializer.parse(VCRPY.format(body=body).encode(), "x.yaml")


def test_azures_old_recordings_are_read_with_their_scrubbed_values() -> None:
    """Bodies as plain strings or empty mappings, one header value or a list; a scrubbed link is what came next."""
    found = imported("azure.yaml")
    interactions = found.cassette.interactions
    assert found.format.name == "Azure (YAML)"
    assert [each.response and each.response.status for each in interactions] == [201, 200, 200, 200]
    assert interactions[3].request.headers["accept"] == "application/json"
    first = interactions[1].response
    assert first is not None
    page = json.loads(first.body)
    assert page == {"value": "sanitized", "nextLink": interactions[2].request.url}
    assert "syncState=sanitized" in urlsplit(page["nextLink"]).query


def test_an_address_that_is_none_hides_no_link_of_others() -> None:
    """Half of an IPv6 address is not where the next page is."""
    data = (FOREIGN / "azure.yaml").read_bytes().replace(b"https://sanitized", b"https://[sanitized", 1)
    interactions = azure_yaml.FORMAT.read(data, "x").interactions
    assert interactions[1] == imported("azure.yaml").cassette.interactions[1]


def test_the_test_proxys_recordings_are_read() -> None:
    """JSON as values, lines as lists, bytes as base64, nothing as null; variables come along."""
    found = imported("test-proxy.json")
    made, note, gone = found.cassette.interactions
    assert found.format.name == "Azure's test proxy"
    assert json.loads(made.request.body) == {"topic": "Grüße", "participants": []}
    assert made.response is not None
    assert made.response.headers.get_all("set-cookie") == ["one=private-one; Path=/", "two=private-two; Path=/"]
    assert note.request.body == b"first line\nsecond line"
    assert note.response is not None
    assert note.response.body == b"\x00\x01\x02\xff"
    assert gone.response is not None
    assert (gone.response.status, gone.response.reason, gone.response.body) == (204, "No Content", b"")
    assert found.cassette.header.variables == {"RandomSeed": "1234"}


PACT = {"interactions": [{"request": {"path": "/"}, "response": {"status": 200}}], "metadata": {"version": "2"}}


@pytest.mark.parametrize(
    "text",
    [
        *("a: 1\n", "{}", "[1]", "", "not: [closed", "interactions:\n- kind: click\n"),
        *('{"keywords": ["interactions"], "version": "1"}', '{"Entries": [{"title": "a"}]}', json.dumps(PACT)),
    ],
)
def test_a_file_that_nobody_recorded_is_passed_over(text: str, tmp_path: Path) -> None:
    """Configuration and data beside the cassettes are no findings, contracts of Pact among them."""
    file = tmp_path / "other.yaml"
    file.write_text(text, encoding="utf-8")
    assert read(file) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"http_interactions": [}', r"line 1: Expecting value"),
        ('{"http_interactions": {}}', "no list of http_interactions"),
        ('{"Entries": [], "Entries": []}', "the key 'Entries' comes twice"),
        (f'{{"Entries": [{{"RequestUri": 1, "{TOKEN}": 1, "{TOKEN}": 2}}]}}', "the key '-REDACTED-' comes twice"),
        ('{"RequestUri": 1, "Entries": ' + "[" * 100_000, "can not be read as JSON"),
        ("interactions:\n- request:\n    body:\n      type: none\n\t", "line 5: "),
        ("interactions: []\n", "cut off: .* after line 1"),
        ("interactions:\n- {request: }", "cut off: .* after line 2"),
        ('{"interactions": [{"request": {"uri": "/"}}]}', "cut off: .* after line 1"),
    ],
)
def test_a_broken_file_is_one_sentence_that_names_it(text: str, sentence: str, tmp_path: Path) -> None:
    """It is somebody's cassette and can not be read: which file, what is wrong."""
    file = tmp_path / "broken.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenCassette, match=rf"broken\.json.*{sentence}.*; restore the file") as broken:
        read(file)
    assert "\n" not in str(broken.value)
    assert "line 0" not in str(broken.value)


WRONG = [None, True, -1, float("nan"), float("inf"), "s3cret", "\ud800", [], ["s3cret"], [[1]], {}, {"s3cret": 1}]
SENTENCE = re.compile(
    r"x: interaction 1 can not be read, because (nothing can be made of the \w+( at [\w.]+)?|[\w.]+ is missing)"
    r"(, line 1)?; write .+"
    r"|x: interaction 1 has a body that is no JSON and no text(, line 1)?; .+"
    r"|x, line 1: found invalid Unicode .+"
)


def _damaged(value: Any) -> Iterator[Any]:
    """A value with anything else in the place of each of its parts, and without each."""
    yield from WRONG
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        for other in _damaged(value[key]):
            changed = copy(value)
            changed[key] = other
            yield changed
        changed = copy(value)
        del changed[key]
        yield changed


@pytest.mark.parametrize(
    "name", ["betamax.json", "betamax-exact.json", "test-proxy.json", "vcrpy.json", "cassetter.yaml"]
)
def test_a_value_that_does_not_fit_is_told_by_its_place(name: str) -> None:
    """Whatever stands anywhere is read, or is one sentence: which interaction, what is wrong, what to write there."""
    document, _ = serializer.document_of((FOREIGN / name).read_bytes(), name)
    key = next(key for key, value in document.items() if isinstance(value, list))
    said = set()
    for each in _damaged(document[key][0]):
        try:
            imported(name).format.read(json.dumps({**document, key: [each]}).encode(), "x")
        except BrokenCassette as broken:
            said.add(str(broken))
    assert len(said) > 10
    assert [each for each in said if not SENTENCE.fullmatch(each) or "s3cret" in each] == []


@pytest.mark.parametrize("variables", [1, "a", ["a"], True])
def test_variables_of_the_test_proxy_that_are_none_are_said(variables: Any) -> None:
    """They stand beside the entries."""
    text = json.dumps({"Entries": [], "Variables": variables})
    with pytest.raises(BrokenCassette, match=r"^x: the document can not be read, because .+ at Variables; write .+"):
        test_proxy.FORMAT.read(text.encode(), "x")


def test_aliases_do_not_make_gigabytes_of_a_body() -> None:
    """Where a recorder keeps bodies as values, and a few lines of YAML can stand for as much as they like."""
    names = "abcdefgh"
    bomb = [f"{new}: &{new} [{', '.join([f'*{old}'] * 20)}]" for old, new in pairwise(names)]
    body = f"{{type: json, content: {{a: &a [x], {', '.join(bomb)}}}}}"
    text = f"""interactions:
- request: {{method: GET, uri: /, body: {{type: none}}}}
  response: {{status: 200, body: {body}}}
"""
    with pytest.raises(BrokenCassette, match=r"made of the mapping at response\.body"):
        cassetter.FORMAT.read(text.encode(), "x")


def test_cassettes_are_found_below_a_directory(tmp_path: Path) -> None:
    """By suffix, sorted, without what lies hidden; a file that is named is taken as it is."""
    for name in ("b.yml", "a/c.json", "a/d.txt", "e.json.gz", "f.gz", ".git/e.yaml", ".hidden.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [each.relative_to(tmp_path).as_posix() for each in files([tmp_path])] == ["a/c.json", "b.yml", "e.json.gz"]
    assert list(files([tmp_path / "a" / "d.txt"])) == [tmp_path / "a" / "d.txt"]


def test_what_a_link_leads_to_is_looked_at_and_no_link_is_followed_for_ever(tmp_path: Path) -> None:
    """A suite may share the directory of its cassettes."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.yaml").touch()
    (tmp_path / "shared" / "up").symlink_to(tmp_path)
    (tmp_path / "shared" / "side").symlink_to(tmp_path / "tests")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "cassettes").symlink_to(tmp_path / "shared")
    (tmp_path / "tests" / "gone").symlink_to(tmp_path / "nowhere")
    assert list(files([tmp_path / "tests"])) == [tmp_path / "tests" / "cassettes" / "a.yaml"]


@pytest.mark.parametrize("name", ["betamax.json", "cassetter.yaml", "test-proxy.json"])
@pytest.mark.parametrize("start", [b"", BOM_UTF8])
def test_what_is_not_replayed_as_it_is_says_how_it_is_moved_over(name: str, start: bytes, tmp_path: Path) -> None:
    """Nobody is told to delete a recording that is whole, nor to give another name."""
    file = tmp_path / name
    file.write_bytes(start + (FOREIGN / name).read_bytes())
    with pytest.raises(BrokenCassette, match=f"; move it over: acs-chat cassettes migrate {file}$"):
        Recorder(file, "none").open()


def test_what_is_not_replayed_as_it_is_and_is_broken_says_so(tmp_path: Path) -> None:
    """By those who know how it should be: to give it another name, as if it were something else, would not help."""
    file = tmp_path / "a.json"
    file.write_text('{"Entries": [{"RequestUri": "https://a.example/"}')
    with pytest.raises(BrokenCassette, match="Expecting ',' delimiter; restore the file"):
        Recorder(file, "none").open()


def test_a_directory_that_can_not_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """A scan must not call clean what it has not seen."""
    deep = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=deep)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    (tmp_path / "a.yaml").touch()
    with pytest.raises(BrokenCassette, match=r"/d+ can not be read \(File name too long\); make it readable"):
        list(files([tmp_path]))
    told: list[BrokenCassette] = []
    assert list(files([tmp_path], told.append)) == [tmp_path / "a.yaml"]
    assert len(told) == 1


@pytest.mark.parametrize(
    "cut",
    [
        *(
            "interactions:",
            "interactions:\n",
            "interactions:\n-",
            "interactions:\r\n- requ",
            "header:\n  format: acs-chat-te",
        ),
        *('{\n    "version": 1,\n    "interactions": [\n        {\n   ', '{\n  "Entries": [\n    {\n      "Reque'),
    ],
)
def test_what_is_cut_off_before_its_first_request_is_a_broken_recording(cut: str, tmp_path: Path) -> None:
    """Not a file of somebody else."""
    file = tmp_path / "a.yaml"
    file.write_bytes(cut.encode())
    with pytest.raises(BrokenCassette, match="; restore the file"):
        read(file)


def test_a_file_that_its_writer_has_wrapped_is_read(tmp_path: Path) -> None:
    """Packed, or in UTF-16 as an editor may save it; and what replays it is told how to move it over."""
    whole = (FOREIGN / "vcrpy.yaml").read_bytes()
    text = whole.decode()
    wrapped = {"a.yaml": text.encode("utf-16"), "b.yaml": text.encode("utf-16-be"), "c.yaml.gz": gzip.compress(whole)}
    for name, data in wrapped.items():
        file = tmp_path / name
        file.write_bytes(data)
        found = read(file)
        assert found is not None
        assert found.cassette == imported("vcrpy.yaml").cassette
        with pytest.raises(
            BrokenCassette, match=rf"was written by vcrpy in .* move it over: acs-chat cassettes migrate {file}$"
        ):
            Recorder(file, "none").open()


@pytest.mark.parametrize("damage", [slice(60), slice(-9)])
def test_a_packed_file_that_can_not_be_opened_is_one_sentence(damage: slice, tmp_path: Path) -> None:
    """Nobody knows what is inside."""
    file = tmp_path / "a.yaml.gz"
    file.write_bytes(gzip.compress((FOREIGN / "vcrpy.yaml").read_bytes())[damage])
    with pytest.raises(
        BrokenCassette, match=r"a\.yaml\.gz can not be unpacked: it is damaged, or is larger than 64 MB; "
    ):
        read(file)


def test_every_format_has_a_recording_here() -> None:
    """A new importer comes with a file that shows it."""
    names = {found.format.name for found in map(read, files([FOREIGN])) if found is not None}
    assert names | {"acs-chat-testkit"} == {each.name for each in FORMATS}

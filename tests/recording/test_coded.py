"""Answers are stored without their content coding, and replayed in it."""

from __future__ import annotations

import gzip
import sys
import zlib
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.recording.clients import CLIENTS
from tests.recording.service import Service

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Cassette, Interaction, Recorder, load
from acs_chat_testkit.recording.codings import close_body, open_body, sealed, taken_off
from acs_chat_testkit.recording.editing import redacted
from acs_chat_testkit.recording.redaction import Redactor, Rules, encodings
from acs_chat_testkit.recording.serializer import dump, parse


@pytest.mark.parametrize(
    ("asked", "coded"),
    [
        ("gzip, br", True),
        ("br, GZIP;q=0.5", True),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("gzip\t;\tq=0", False),
    ],
)
@pytest.mark.parametrize("name", ["requests", "httpx", "aiohttp", "http.client"])
def test_an_answer_comes_in_its_coding_to_a_client_that_asks_for_it(
    service: Service, tape: Path, name: str, asked: str, *, coded: bool
) -> None:
    """Content-Encoding and Content-Length are as they were live; any other client gets the answer opened."""
    with Recorder(tape, "once"):
        live = CLIENTS["requests"]("GET", f"{service.url}/gzip", b"", [])
    with Recorder(tape):
        answer = CLIENTS[name]("GET", f"{service.url}/gzip", b"", [("Accept-Encoding", asked)])
    fields = [answer.all(each) for each in ("content-encoding", "content-length")]
    as_live = [live.all(each) for each in ("content-encoding", "content-length")]
    assert fields == (as_live if coded else [[], [str(len(live.body))]])
    body = gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body
    assert body == live.body


@pytest.mark.parametrize("asked", ["identity", "*", "gzip;q=0", "*, gzip;q=0", ""])
@pytest.mark.parametrize("name", ["requests", "httpx", "aiohttp", "http.client"])
def test_whoever_got_a_coding_unasked_gets_it_again(service: Service, tape: Path, name: str, asked: str) -> None:
    """Some services pack whatever they are asked for, and their clients have learnt to unpack it themselves."""
    fields = [("Accept-Encoding", asked)] if asked else []
    with Recorder(tape, "once"):
        live = CLIENTS[name]("GET", f"{service.url}/gzip", b"", fields)
    with Recorder(tape):
        assert CLIENTS[name]("GET", f"{service.url}/gzip", b"", fields) == live


@pytest.mark.parametrize("asked", ["gzip", "identity"])
@pytest.mark.parametrize("name", ["requests", "httpx", "aiohttp", "http.client"])
def test_what_came_in_chunks_has_no_length(service: Service, tape: Path, name: str, asked: str) -> None:
    """The pieces of a body in a coding are not kept, but that its length was not known is."""
    with Recorder(tape, "once"):
        live = CLIENTS[name]("GET", f"{service.url}/chunked-gzip", b"", [("Accept-Encoding", asked)])
    with Recorder(tape):
        answer = CLIENTS[name]("GET", f"{service.url}/chunked-gzip", b"", [("Accept-Encoding", asked)])
    assert (answer.body, answer.all("content-length")) == (live.body, [])


@pytest.mark.parametrize(
    ("asked", "coding"),
    [("identity", "unasked gzip"), ("gzip;q=0", "unasked gzip"), ("*", "gzip"), ("", "unasked gzip")],
)
def test_other_cassettes_tell_whether_the_coding_was_asked_for(asked: str, coding: str) -> None:
    """They hold what the client asked for; of one that asks for nothing most hold nothing."""
    sent = Request("GET", "https://x.example/", Headers([("Accept-Encoding", asked)] if asked else []))
    packed = Response(200, Headers({"Content-Encoding": "gzip"}), gzip.compress(b"x"))
    (read,) = parse(dump(Cassette((Interaction(sent, packed),))).encode(), "x.yaml").interactions
    assert read.coding == coding


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP", "deflate", "deflate, gzip", "identity,gzip"])
def test_a_coding_is_put_on_as_it_was_taken_off(coding: str) -> None:
    """Length and coding are those of the body that a client gets, also where it is in several."""
    plain = Response(200, Headers({"Content-Type": "text/plain", "Content-Length": "300"}), b"x" * 300)
    coded = close_body(plain, coding)
    assert (coded.headers["content-encoding"], coded.headers["content-length"]) == (coding, str(len(coded.body)))
    assert len(coded.body) < 300
    fields, body = open_body(coded.headers, coded.body)
    assert (fields, body) == (plain.headers, plain.body)
    for asked, found in (("deflate, gzip, x-gzip", coding), ("br", f"unasked {coding}")):
        assert taken_off(coded.headers, coded.body, fields, Headers({"Accept-Encoding": asked})) == found


@pytest.mark.parametrize("coding", ["br", "zstd, gzip"])
def test_what_cannot_be_packed_here_is_given_opened(monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    """Who replays may lack the package that the client had which was recorded."""
    for name in chain(*OPENERS.values()):
        monkeypatch.setitem(sys.modules, name, None)
    plain = Response(200, Headers({"Content-Length": "6"}), b"a text")
    assert close_body(plain, coding) == plain


@pytest.mark.parametrize("coding", ["gzip", "deflate", "aws-chunked"])
@pytest.mark.parametrize("name", ["requests", "urllib3", "httpx", "aiohttp", "http.client"])
def test_what_is_not_in_the_coding_that_it_names_fails_as_it_did(
    service: Service, tape: Path, name: str, coding: str
) -> None:
    """A client that opens what it gets raises the same error, and any other sees what the service had said."""

    def asked() -> object:
        CLIENTS[name]("GET", service.url, b"", [])
        try:
            answer = CLIENTS[name]("GET", f"{service.url}/named?coding={coding}", b"", [])
        except Exception as error:
            return type(error)
        return answer, answer.all("content-encoding")

    live = asked()
    with Recorder(tape, "once"):
        assert asked() == live
    with Recorder(tape):
        assert asked() == live


@pytest.mark.parametrize("size", [12, 60])
@pytest.mark.parametrize("name", ["requests", "urllib3", "httpx", "aiohttp", "http.client"])
def test_what_is_cut_off_is_cut_off_again(service: Service, tape: Path, name: str, size: int) -> None:
    """Clients take what there is of it, and who unpacks it without them fails as before."""
    url = f"{service.url}/cut-gzip?bytes={size}"
    with Recorder(tape, "once"):
        live = CLIENTS[name]("GET", url, b"", [("Accept-Encoding", "gzip")])
    (read,) = load(tape).interactions
    with Recorder(tape, allow_playback_repeats=True):
        again = CLIENTS[name]("GET", url, b"", [("Accept-Encoding", "gzip")])
        opened = CLIENTS[name]("GET", url, b"", [("Accept-Encoding", "br")])
    assert read.response is not None
    assert again.all("content-encoding") == live.all("content-encoding") == ["gzip"]
    if name == "http.client":
        begun = zlib.decompressobj(31).decompress(live.body)
        assert zlib.decompressobj(31).decompress(again.body) == begun == read.response.body == opened.body
        with pytest.raises(EOFError):
            gzip.decompress(again.body)
    else:
        assert again == live == opened
    assert (read.response.body, opened.all("content-encoding")) == (opened.body, [])


@pytest.mark.parametrize("part", [slice(10, 30), slice(0, 30)], ids=["middle", "beginning"])
def test_a_part_of_what_is_packed_is_sealed(part: slice) -> None:
    """What was asked for piece by piece belongs together again as it was packed, and its middle can not be opened."""
    fields = Headers({"Content-Encoding": "gzip", "Content-Range": f"bytes {part.start}-{part.stop - 1}/99"})
    body = gzip.compress(b"what nobody can read")[part]
    assert open_body(fields, body) == (fields, body)
    assert sealed(fields, body)


def test_what_is_cut_off_is_opened_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """As what is whole, under either name of the coding."""
    body = gzip.compress(b"x" * 1000)[:-8]
    for name in ("gzip", "x-gzip"):
        assert open_body(Headers({"Content-Encoding": name}), body)[1] == b"x" * 1000
    monkeypatch.setattr(encodings, "BOUND", 999)
    fields = Headers({"Content-Encoding": "gzip"})
    assert open_body(fields, body) == (fields, body)


@pytest.mark.parametrize("coding", ["identity", "", " , "])
def test_what_is_in_no_coding_keeps_its_fields(coding: str) -> None:
    """They say nothing of the body, and so does an empty one."""
    fields = Headers({"Content-Encoding": coding})
    assert open_body(fields, b"\x89PNG") == (fields, b"\x89PNG")
    assert not sealed(fields, b"\x89PNG")


@pytest.mark.parametrize("plain", [b"a text", b"caf\xe9", b"\x89PNG\0"])
@pytest.mark.parametrize("asked", ["", "gzip"])
def test_what_its_client_had_opened_stays_opened(asked: str, plain: bytes) -> None:
    """As with tornado over curl, which unpacks below the recorder and leaves the field: it can not do so again."""
    sent = Request("GET", "https://x.example/", Headers([("Accept-Encoding", asked)] if asked else []))
    opened = Response(200, Headers({"Content-Encoding": "gzip"}), plain)
    (read,) = parse(dump(Cassette((Interaction(sent, opened),))).encode(), "x.yaml").interactions
    assert (read.coding, read.response) == (None, Response(200, Headers(), plain))
    assert redacted(Interaction(sent, opened), Redactor(Rules())).coding is None


OPENERS = {
    "br": ["brotli", "brotlicffi"],
    "zstd": ["compression.zstd", "backports.zstd", "zstandard", "pyzstd"],
}


@pytest.mark.parametrize(("coding", "name"), [(coding, name) for coding, names in OPENERS.items() for name in names])
def test_any_package_that_can_opens_a_body(monkeypatch: pytest.MonkeyPatch, coding: str, name: str) -> None:
    """A client brings one of them along; what none can open, such as half a body, keeps its coding."""
    for other in OPENERS[coding]:
        monkeypatch.setitem(sys.modules, other, None)
    fields, packed = Headers({"Content-Encoding": coding}), zlib.compress(b"a text")
    assert open_body(fields, packed) == (fields, packed)
    # Packages that are not installed here, as far as they are used: of zstandard only what takes any length.
    frames = SimpleNamespace(__name__=name, ZstdDecompressor=lambda: SimpleNamespace(decompressobj=zlib.decompressobj))
    package = frames if name == "zstandard" else SimpleNamespace(__name__=name, decompress=zlib.decompress)
    monkeypatch.setitem(sys.modules, name, package)
    assert open_body(fields, packed) == (Headers(), b"a text")
    assert open_body(fields, packed[:-1]) == (fields, packed[:-1])
    if name == "zstandard":
        assert open_body(fields, packed + packed)[1] == b"a text" * 2

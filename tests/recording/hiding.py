"""Where and in which encodings a secret may hide in an exchange, and a search that finds it there."""

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

import jwt
import pytest
from hypothesis import strategies as st
from tests.recording.killed import journal_of

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import BrokenCassette, UnrecordedRequest
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, leaks, load
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


def _by_number(text: str, form: str) -> str:
    """All but letters and digits by their numbers, as shells do it, and `escape` of JavaScript."""
    return re.sub("[^A-Za-z0-9]", lambda char: form.format(ord(char[0])), text)


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
    "octal": lambda text: "printf '" + _by_number(text, "\\{:03o}") + "\\012'",
    "escape": lambda text: _by_number(text, "%u{:04X}"),
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
    "gzip cut off": compressed("gzip", lambda data: gzip.compress(data)[:-8]),
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
    if b"%u" in data:
        yield re.sub(rb"%u00([0-9a-fA-F]{2})", lambda code: bytes.fromhex(code[1].decode()), data)
    if b"%" in data:
        yield unquote(data.decode("latin-1")).encode("latin-1", "replace")
    if b"\\" in data:
        yield re.sub(rb"\\([0-3][0-7]{2})", lambda code: bytes([int(code[1], 8)]), data)
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

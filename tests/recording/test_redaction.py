"""Redaction: nothing secret reaches the file, and what is redacted still replays."""

from __future__ import annotations

import base64
import json
import time
import zlib
from functools import partial
from pathlib import Path

import jwt
import pytest
import requests
from tests.recording.service import Service

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, leaks, load
from acs_chat_testkit.recording.cassette import Cassette, Interaction
from acs_chat_testkit.recording.editing import redacted
from acs_chat_testkit.recording.redaction import SECRET, TOKEN, Numbered, Pseudonyms, Redactor, Rules
from acs_chat_testkit.recording.redaction.placeholders import placeholder
from acs_chat_testkit.recording.redaction.rules import values

RESOURCE = "5f0e0a4d-1d1c-4c5b-9e8f-0123456789ab"
USER = f"8:acs:{RESOURCE}_00000006-71c6-4c5b-8ef0-3a3a0d00abcd"
THREAD = "19:" + "uJ4-" * 10 + "abc1@thread.v2"


def secret_token() -> str:
    """A signed token, made here so that no file of the project holds one."""
    return jwt.encode({"skypeid": "acs:x", "exp": int(time.time()) + 3600}, "k" * 32, algorithm="HS256")


def redactor() -> Redactor:
    """Chat's redactor with numbers of its own."""
    pseudonyms = Pseudonyms()
    return Redactor(chat_profile().rules, Numbered(pseudonyms, "aaaaaaaa"))


def test_the_placeholder_token_parses_and_never_expires() -> None:
    """What stands for a token works where the SDK reads its expiry."""
    claims = jwt.decode(TOKEN, options={"verify_signature": False})
    assert claims["exp"] == 4102444800


def test_secrets_of_a_real_exchange_are_not_in_the_file(service: Service, tape: Path) -> None:
    """Authorization, cookies, keys and tokens, sent and received, are replaced; names and schemes stay."""
    token = secret_token()
    reply = {"token": token, "nested": [{"primaryKey": "bXlrZXk="}], "note": f"use {token} now"}
    with Recorder(tape, "once"):
        requests.post(
            f"{service.url}/answer?hex={json.dumps(reply).encode().hex()}&type=application/json&sig=c2lnbmF0dXJl",
            headers={"Authorization": f"Bearer {token}", "X-Api-Key": "k-123456", "Cookie": "a=private1; b=private2"},
            json={"password": "hunter2"},
            timeout=10,
        )
        requests.get(f"{service.url}/login", timeout=10)
    text = tape.read_text(encoding="utf-8")
    for secret in (token, token.split(".")[1], "bXlrZXk", "c2lnbmF0dXJl", "k-123456", "private", "hunter2"):
        assert secret not in text
    assert f"Bearer {TOKEN}" in text
    assert f"a={SECRET}; b={SECRET}" in text
    assert "session=-REDACTED-; Path=/" in text


@pytest.mark.parametrize(
    "text",
    [
        "endpoint=https://a.communication.azure.com/;accesskey=SECRETsecret1234==",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=SECRETsecret1234==;EndpointSuffix=x",
        "https://a.example/file?sv=1&sig=SECRETsecret1234%3D&se=2",
        "HMAC-SHA256 SignedHeaders=x&Signature=SECRETsecret1234=",
        "Bearer SECRETsecret1234",
        '<user name="a" password="SECRETsecret1234"/>',
        "client_secret='SECRETsecret, 1234'",
        "<a><password><![CDATA[SECRETsecret1234]]></password></a>",
    ],
)
def test_keys_in_any_text(text: str) -> None:
    """A key that a text shows by its form is replaced and the rest stays."""
    clean = redactor().text(text)
    assert "SECRETsecret" not in clean
    assert SECRET in clean


@pytest.mark.parametrize("dot", ["&#46;", "&#x2E;", "&amp;#46;", "&period;", "=2E", ".=\r\n", "=\n."])
@pytest.mark.parametrize("wrap", ["<p>{}</p>", '{{"a": "see {}"}}', "{}", "a?b=3D{}"])
def test_a_token_whose_dots_are_written_otherwise(dot: str, wrap: str) -> None:
    """As entities of HTML, or as mail writes what is quoted-printable (RFC 2045, section 6.7)."""
    token = secret_token()
    shown = json.dumps(token.replace(".", dot))[1:-1] if "{{" in wrap else token.replace(".", dot)
    clean = redactor().text(wrap.format(shown))
    assert not any(part in clean for part in token.split("."))
    assert TOKEN in clean
    assert redactor().text(clean) == clean


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('p@ss w"örd\\1', json.dumps(json.dumps({"x": 'p@ss w"örd\\1'}))[1:-1]),
        ('p@ss w"örd\\1', json.dumps(json.dumps({"x": 'p@ss w"örd\\1'}, ensure_ascii=False), ensure_ascii=False)[1:-1]),
        ("a+b/" * 10 + "cd==", "a+b/" * 10 + "cd"),
        ("a+b/" * 10 + "cd==", "a-b_" * 10 + "cd"),
        ("s3cr3t!", base64.b64encode(b"s3cr3t!").decode().rstrip("=")),
    ],
)
def test_a_value_of_your_own_however_it_is_written(value: str, text: str) -> None:
    """JSON in JSON that stands in a text, and base64 in either alphabet without what fills it up."""
    clean = Redactor(Rules(texts=(values("secret", [value]),)))
    assert text not in clean.text(f"see {text} there")


@pytest.mark.parametrize("value", ["https://a.example/b?c=d", "e/b?c=d", "https://a.example/b?c=dü"])
def test_a_value_of_your_own_may_be_an_address(value: str) -> None:
    """Such as one of a webhook, which lets in whoever knows it: it begins in the path and ends in the query."""
    clean = Redactor(Rules(texts=(values("secret", [value]),)))
    for url in ("https://a.example/b?c=dü&e=f", "https://a.example/b?e=f&c=d"):
        for found in (clean.url(url), clean.header("Location", url)):
            assert found == url.replace(value, "-REDACTED-")
            assert clean.url(found) == found


DRAWN = "A1b2C3d4E5f6"
LENGTHS = {"ghp": 36, "npm": 36, "github_pat": 82, "hf": 34, "shpat": 32, "shpss": 32, "glsa": 41, "gsk": 52}
LENGTHS |= {"sk_live": 24, "rk_test": 99, "sk_org_live": 24, "whsec": 32}
"""How long the tokens are that services give, behind how they start."""


@pytest.mark.parametrize(
    "text",
    [
        *(f"{start}_{(DRAWN * 7)[:length]}" for start, length in LENGTHS.items()),
        *(
            f"{start}-{DRAWN * 2}"
            for start in ("sk", "sk-proj", "glpat", "glrt", "xai", "xapp", "GOCSPX", "xoxb", "xoxd")
        ),
        *(
            f"pypi-AgE{DRAWN * 3}",
            f"dapi{DRAWN * 2}{DRAWN[:8]}",
            f"SG.{DRAWN * 2}.{DRAWN * 3}",
            f"ya29.{DRAWN * 2}",
            f"/bot1234567:{DRAWN * 3}/send",
            f"ab38Q~{DRAWN * 3}"[:40],
        ),
        f"https://hooks.slack.com/services/T0/B0/{DRAWN * 2}",
        f"https://discord.example/api/webhooks/123456789012/{DRAWN * 3}",
        f"https://discord.example/api/v10/interactions/123456789012/{DRAWN * 3}/callback",
        f"https://a.webhook.office.com/webhookb2/{DRAWN}@{DRAWN}/IncomingWebhook/{DRAWN}/{DRAWN}",
        *(f"{DRAWN * 6}a1b2{sign}C3d4Q==" for sign in ("+ABa", "+AMC", "+ASt", "AIoT", "ACDb")),
        *(f"{DRAWN * 3}a1b2cd{sign}C3d4E=" for sign in ("+ACR", "+AEh", "+ARm", "+ASb", "APIM", "AzFu", "AzSe")),
        f"{DRAWN * 4}a1b2JQQJ99{DRAWN * 2}",
        f"https://{DRAWN * 2}@a.example/",
        "Authorization: Basic " + base64.b64encode(f"user:{DRAWN}".encode()).decode(),
        "Basic " + base64.b64encode(f":{DRAWN}".encode()).decode(),
        f"-----BEGIN PRIVATE KEY-----\n{DRAWN * 4}\n",
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{DRAWN * 4}\n-----END PGP PRIVATE KEY BLOCK-----",
    ],
)
def test_a_token_of_a_known_form(text: str) -> None:
    """It is found by its own form, wherever it stands, and what is around it stays."""
    given = json.dumps({"note": f"see {text}"})
    clean = redactor().text(given)
    assert clean != given
    assert DRAWN not in clean
    assert json.loads(clean)["note"].startswith("see ")
    assert redactor().text(clean) == clean


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded"])
@pytest.mark.parametrize(
    "body",
    [
        '{"password": "SECRETsecret1234"}',
        '{"a": "b=c", "password": "SECRETsecret1234"}',
        "<a><password>SECRETsecret1234</password></a>",
        "Bearer SECRETsecret1234",
        "a=1&b&%70assword=SECRETsecret1234",
        "user[password]=SECRETsecret1234&user%5Btoken%5D=SECRETsecret1234",
    ],
)
def test_a_body_that_is_called_a_form_may_be_none(body: str, kind: str) -> None:
    """What a client such as urllib calls a form is looked through for what it is, and stays as it was beside it."""
    clean = redactor().request(Request("POST", "https://a.example/", Headers({"Content-Type": kind}), body.encode()))
    assert clean.body.decode() == body.replace("SECRETsecret1234", SECRET)


@pytest.mark.parametrize("query", ["{}", "{}=", "a=1&{}&b", "a=1#{}", "={}"])
def test_a_token_without_a_name_in_a_query(query: str) -> None:
    """It is found where no value of a parameter is, too, also in the form of one."""
    url = "https://a.example/?" + query
    assert redactor().url(url.format(secret_token())) == url.format(TOKEN)
    form = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    sent = Request("POST", "https://a.example/", form, query.format(secret_token()).encode())
    assert redactor().request(sent).body.decode() == query.format(TOKEN)


def test_the_type_of_a_multipart_body_has_any_case() -> None:
    """A field of such a body is known by its name, however its client spells the type."""
    body = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nSECRETsecret1234\r\n--x--\r\n'
    headers = Headers({"Content-Type": "Multipart/Form-Data; boundary=x"})
    assert b"SECRETsecret" not in redactor().request(Request("POST", "https://a.example/", headers, body)).body


def test_the_border_of_a_multipart_body_is_the_same_in_every_recording() -> None:
    """In its head, however that is spelled, as between its parts: a client draws it by lot."""
    made = set()
    for border, name in (("x1", "Content-Type"), ("y2", "content-type")):
        body = f'--{border}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--{border}--\r\n'.encode()
        headers = Headers({name: f"multipart/form-data; boundary={border}"})
        sent = redactor().request(Request("POST", "https://a.example/", headers, body))
        made.add((sent.headers["content-type"], sent.body))
    assert len(made) == 1


def test_the_tokens_of_azures_other_tenants_are_secret() -> None:
    """They come in a field of their own, and may be encrypted."""
    headers = Headers({"x-ms-authorization-auxiliary": "EncryptedBearer opaque"})
    assert redactor().headers(headers)["x-ms-authorization-auxiliary"] == SECRET


def test_what_hooks_have_put_beside_an_answer_is_redacted_where_nothing_else_is() -> None:
    """Other recorders keep the address there that was asked in the end."""
    request = Request("GET", "https://a.example/")
    each = Interaction(request, Response(200), others={"url": "https://a.example/?sig=SECRETsecret1234"})
    assert redacted(each, redactor()).others == {"url": f"https://a.example/?sig={SECRET}"}


def test_an_answer_says_how_long_its_redacted_body_is() -> None:
    """A client would wait for more, or take less."""
    body = b'{"password": "SECRETsecret1234"}'
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
    answer = redactor().response(Response(200, headers, body))
    assert answer.body != body
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_compressed_text_may_look_like_one() -> None:
    """A short bare stream (RFC 1951) can be all ASCII."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    stream = packer.compress(b"4:+4112686273".hex().upper().encode()) + packer.flush()
    assert stream.isascii()
    word = base64.b64encode(stream).decode()
    clean = base64.b64decode(redactor().text(word))
    assert bytes.fromhex(zlib.decompress(clean, -zlib.MAX_WBITS).decode()) == b"4:+15550000001"


def test_json_keeps_its_shape() -> None:
    """Only the values that must go are changed: order, spacing, numbers and escapes stay as they are."""
    text = (
        '{ "n": 1.50, "a":"\\u00fc\\/",  "password" : "x", "list": [ 1e5 ] , "tokens": ["a"], "pin": ["b"], "z": "c" }'
    )
    clean = redactor().body(text.encode(), "application/json").decode()
    for secret in ('"x"', '"a"]', '"b"]'):
        text = text.replace(secret, f'"{SECRET}"' + secret[3:])
    assert clean == text


@pytest.mark.parametrize("name", ["token", "access_token", "refreshToken", "id_token", "client_secret", "accessKey"])
def test_secret_names(name: str) -> None:
    """The usual names of secrets are known in JSON, forms and queries."""
    clean = redactor()
    assert json.loads(clean.body(json.dumps({name: "abc"}).encode(), "")) == {name: SECRET}
    assert (
        clean.body(f"{name}=abc&x=1".encode(), "application/x-www-form-urlencoded") == f"{name}={SECRET}&x=1".encode()
    )
    assert clean.url(f"https://x.example/?{name}=abc") == f"https://x.example/?{name}={SECRET}"


@pytest.mark.parametrize("name", ["continuationToken", "nextPageToken", "syncToken", "tokenType", "design", "keyword"])
def test_innocent_names(name: str) -> None:
    """A cursor is no secret: without it the next page could not be replayed."""
    assert redactor().body(json.dumps({name: "abc"}).encode(), "") == json.dumps({name: "abc"}).encode()


@pytest.mark.parametrize(
    "value",
    [
        "XXX",
        "Bearer xxxx",
        "FAKE_TOKEN",
        "<dummy>",
        "dummy-api-key",
        "***",
        "Bearer ****",
        "<API_KEY>",
        "token <AUTH_TOKEN>",
        "required; app",
    ],
)
def test_what_stands_for_a_secret_stays(value: str) -> None:
    """People write it into their filters, and it lets nobody in."""
    assert placeholder(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "XX",
        "xxxy",
        "faked",
        "FAKE_TOKEN1",
        "secret",
        "token",
        "password",
        "dummyx",
        "<Key>",
        "<KEY1>",
        "API_KEY",
        "required; x",
    ],
)
def test_what_only_begins_like_it_goes(value: str) -> None:
    """A weak password is one."""
    assert placeholder(value) == "-REDACTED-"


def test_twice_is_the_same_as_once() -> None:
    """A redacted exchange has nothing left to redact."""
    clean = redactor()
    request = Request(
        "POST",
        f"https://a.communication.azure.com/chat/threads/{THREAD}?sig=abcdef",
        Headers({"Authorization": f"Bearer {secret_token()}", "Cookie": "a=b"}),
        json.dumps({"user": USER, "phone": "4:+491701234567", "token": secret_token()}).encode(),
    )
    response = Response(200, Headers({"Set-Cookie": "a=b; Path=/"}), request.body)
    once = clean.request(request), clean.response(response)
    assert (clean.request(once[0]), clean.response(once[1])) == once


@pytest.mark.parametrize("start", ["[INFO] ", "{service} ", '{"a": 1}\n', '["b", '])
def test_what_only_starts_like_json_is_a_text(start: str) -> None:
    """A log line in brackets, or JSON that is cut off, may hold a secret outside of any string."""
    clean = Redactor(Rules()).text(f"{start}AccountKey=aaaa1111bbbb2222;")
    assert clean == f"{start}AccountKey={SECRET};"


def test_what_differs_from_run_to_run_is_dropped() -> None:
    """Recording twice gives equal headers."""
    headers = Headers({"User-Agent": "x", "x-ms-client-request-id": "1", "Date": "now", "Accept": "a"})
    assert Redactor(Rules()).request(Request("GET", "https://x.example/", headers)).headers == Headers({"Accept": "a"})
    answer = Headers({"Date": "now", "x-azure-ref": "1", "Content-Type": "text/plain"})
    assert list(Redactor(Rules()).response(Response(200, answer)).headers) == ["content-type"]


@pytest.mark.parametrize("name", ["Content-MD5", "Repr-Digest", "x-amz-checksum-crc32", "x-ms-blob-content-md5"])
def test_a_digest_goes_with_what_it_is_of(name: str) -> None:
    """One of a body with a secret fits it no more, and would prove a guess; that of another body stays."""
    clean, digest = redactor(), Headers({name: "1B2M2Y8AsgTpgAmY7PhCfg=="})
    for body, kept in ((b'{"pin": "1234"}', False), (b'{"a": "1234"}', True)):
        assert (name in clean.request(Request("POST", "https://a.example/", digest, body)).headers) is kept
        assert (name in clean.response(Response(200, digest, body)).headers) is kept


def test_a_cookie_that_expires_later_does_not_rot(service: Service, tape: Path) -> None:
    """A session recorded long ago still has its cookie, and a deleted cookie stays deleted."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/login", timeout=10)
        requests.get(f"{service.url}/login?expires=Thu, 01 Jan 1970 00:00:00 GMT", timeout=10)
    stays, goes = (each.response.headers["set-cookie"] for each in load(tape).interactions if each.response)
    assert stays == "session=-REDACTED-; Path=/"
    assert goes == "session=-REDACTED-; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize("when", ["never", "Thu, 24 Nov 2099 00:00:00 -0000"])
def test_a_cookie_whose_end_nobody_can_tell_stays(when: str) -> None:
    """What is no date, or is in no zone, is as it was."""
    headers = Headers({"Set-Cookie": f"a=1; Expires={when}", "Date": "Thu, 26 Nov 2026 00:00:00 GMT"})
    assert redactor().response(Response(200, headers)).headers["set-cookie"].endswith(f"; Expires={when}")


def test_a_cookie_without_a_date_does_not_rot(service: Service, tape: Path) -> None:
    """Where the service has no clock, it is the recorder's that says whether a cookie was to expire later."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/undated?expires=Fri, 01 Jan 2100 00:00:00 GMT", timeout=10)
        requests.get(f"{service.url}/undated?expires=Thu, 01 Jan 1970 00:00:00 GMT", timeout=10)
    stays, goes = (each.response.headers["set-cookie"] for each in load(tape).interactions if each.response)
    assert stays == "session=-REDACTED-"
    assert goes == "session=-REDACTED-; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


def test_a_cookie_in_quotes_is_one_value() -> None:
    """Clients such as aiohttp read a semicolon in quotes as a part of the cookie, in both directions."""
    clean = redactor().header("Set-Cookie", 'session="SECRET;secret; 1"; Path=/; HttpOnly')
    assert clean == "session=-REDACTED-; Path=/; HttpOnly"
    assert redactor().header("Cookie", 'a="SECRET;secret"; b="secret') == "a=-REDACTED-; b=-REDACTED-"


@pytest.mark.parametrize("word", ["dummy", "fake-key", "REDACTED", "<API_KEY>", "test", "placeholder"])
def test_who_replays_needs_no_secret(service: Service, tape: Path, word: str) -> None:
    """A word that only stands for one does, but where it was recorded itself; nothing is guessed while recording."""
    ask = partial(requests.post, f"{service.url}/echo", timeout=10)
    with Recorder(tape, "once"):
        ask(params={"api_key": "SECRETsecret1234"}, json={"password": "SECRETsecret1234", "a": 1})
    with Recorder(tape):
        assert ask(params={"api_key": word}, json={"password": word, "a": 1}).ok
    with Recorder(tape), pytest.raises(UnrecordedRequest):
        ask(params={"api_key": word}, json={"password": "", "a": 1})
    with Recorder(tape, "new_episodes") as recorder:
        ask(params={"api_key": "dummy"}, json={"password": "dummy", "a": 1})
    assert recorder.counts["recorded"] == 1
    with Recorder(tape):
        assert "dummy" in ask(params={"api_key": "dummy"}, json={"password": "dummy", "a": 1}).text


@pytest.mark.parametrize(("before", "after"), [("a token", "x1"), ("x1", "a token"), ("a token", "dummy")])
def test_a_secret_of_another_kind(service: Service, tape: Path, before: str, after: str) -> None:
    """What is a token while recording may be any word in replay, and the other way round."""
    before, after = (secret_token() if kind == "a token" else kind for kind in (before, after))
    ask = partial(requests.post, f"{service.url}/echo", timeout=10)
    with Recorder(tape, "once"):
        ask(params={"token": before}, json={"token": before})
    with Recorder(tape):
        assert ask(params={"token": after}, json={"token": after}).ok


def test_a_scan_finds_what_is_left(service: Service, tape: Path) -> None:
    """What the rules would still change is named by place and kind, never repeated."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/a?user={USER}", timeout=10)
    tape.write_text(tape.read_text(encoding="utf-8").replace("Accept:", "X-Api-Key:"), encoding="utf-8")
    found = [(each.number, each.place, each.kind) for each in leaks(load(tape), chat_profile())]
    assert (1, "request header X-Api-Key", "secret") in found
    assert (1, "request url", "user id") in found


def test_a_scan_looks_at_the_reason() -> None:
    """Where a service puts a secret behind its status, the scan of a cassette names it."""
    answer = Interaction(Request("GET", "https://a.example/"), Response(401, reason=f"no {secret_token()}"))
    assert [(each.place, each.kind) for each in leaks(Cassette((answer,)), chat_profile())] == [
        ("response reason", "token")
    ]

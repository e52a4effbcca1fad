"""Secrets at the borders: where one kind of text ends and another begins, and where its form is not quite kept."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from tests.recording.killed import journal_of

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import LeakFound
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Cassette, Interaction, Recorder, leaks, load
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import SECRET, TOKEN, Numbered, Pseudonyms, Redactor, Rule, Rules

HIDDEN = "SECRETsecret1234"


def redactor(*secrets: str) -> Redactor:
    """Chat's redactor with numbers of its own."""
    return Redactor(chat_profile(secrets=secrets).rules, Numbered(Pseudonyms(), "aaaaaaaa"))


@pytest.mark.parametrize(
    "text",
    [
        'a 5" disk {"password":"{}"}',
        '{"a": "5}\n{"password":"{}"}',
        'data: {"password" : "{}"}\n\n',
        'data: {"pin": [["a"], ["{}"]]}\n\n',
        'data: {"a": "endpoint\\u003dx;accesskey\\u003d{}"}\n\n',
        'data: {"\\u0061\\u003d1;accesskey\\u003d{}": 1}\n\n',
        ')]}\',\n{"password" : "{}"}',
        ')]}\',\n[{\n"a": "accesskey\\u003d{}"\n}]',
        '{"a": "endpoint\\u003dx;accesskey\\u003d{}"}',
        '{"tokens": [["a"], ["{}"]]}',
        '{"a\\u003d1;accesskey\\u003d{}": 1}',
        '{"Bearer {}": 1}',
        'password="{}\'s"',
        "password='a \"{}\"'",
        "<password><![CDATA[a<{}]]></password>",
        "https://a.example/?user[otp]={}",
        '{"password": "{} horse battery staple"}',
        '{"password":"{}',
        'data: {"password" : "a\\n{}\\',
    ],
)
def test_a_secret_is_found_where_the_form_is_torn(text: str) -> None:
    """By a quote that stands alone, blanks, escapes, lists in lists, in a name; and twice changes no more than once."""
    text = text.replace("{}", HIDDEN)
    clean = redactor().text(text)
    assert HIDDEN not in clean
    assert SECRET in clean
    assert redactor().text(clean) == clean


@pytest.mark.parametrize(
    ("name", "value", "clean"),
    [
        ("DD-API-KEY", HIDDEN, SECRET),
        ("X-Client-Secret", HIDDEN, SECRET),
        ("x-ratelimit-remaining-tokens", "149984", "149984"),
        ("x-ratelimit-reset-tokens", "6m0.5s", "6m0.5s"),
        ("Access-Control-Allow-Credentials", "true", "true"),
        ("Set-Cookie", f"a={HIDDEN}; Path=/, b={HIDDEN}; HttpOnly", f"a={SECRET}; Path=/, b={SECRET}; HttpOnly"),
        (
            "Set-Cookie",
            f"a={HIDDEN}; Expires=Fri, 01 Jan 2100 00:00:00 GMT, b={HIDDEN}",
            f"a={SECRET}; Expires=Fri, 01 Jan 2100 00:00:00 GMT, b={SECRET}",
        ),
        ("Set-Cookie", f"{HIDDEN}; Path=/", f"{SECRET}; Path=/"),
        ("Set-Cookie", f"={HIDDEN}; Path=/", f"={SECRET}; Path=/"),
        ("Cookie", f"{HIDDEN}; a={HIDDEN}", f"{SECRET}; a={SECRET}"),
    ],
)
def test_header_fields(name: str, value: str, clean: str) -> None:
    """A field is a secret by the same names as all else, and a cookie also without a name or behind another one."""
    assert redactor().header(name, value) == clean


@pytest.mark.parametrize("page", ['{{"headers": {{"Cookie": "{0}"}}}}', '<pre>"Set-Cookie": "{0}",</pre>'])
@pytest.mark.parametrize(
    ("cookies", "stay"),
    [
        ("seen=1; dark_mode=0;in-day=1", True),
        ("seen=1; session=2", False),
        ("session=10", False),
        ("session=", False),
        (f"{HIDDEN}; seen=1", False),
        (f"seen=1; {HIDDEN}=1", False),
    ],
)
def test_a_page_that_shows_cookies(page: str, cookies: str, *, stay: bool) -> None:
    """They are replaced as a whole, unless each of them only says yes or no: nobody is known by that."""
    before = page.format(cookies)
    assert redactor().text(before) == page.format(cookies if stay else SECRET)


PUBLIC: dict[str, object] = {
    "kid": "a",
    "n": HIDDEN,
    "e": "AQAB",
    "crv": "P-256",
    "x": HIDDEN,
    "y": HIDDEN,
    "x5c": [HIDDEN],
}
PRIVATE: dict[str, dict[str, object]] = {
    "RSA": {
        **dict.fromkeys(["d", "p", "q", "dp", "dq", "qi"], HIDDEN),
        "oth": [dict.fromkeys(["r", "d", "t"], HIDDEN), dict.fromkeys(["r", "d", "t"], HIDDEN)],
    },
    "EC": {"d": HIDDEN},
    "OKP": {"d": HIDDEN},
    "AKP": {"priv": HIDDEN},
    "oct": {"k": HIDDEN},
}


@pytest.mark.parametrize("kind", PRIVATE)
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("written", ["{}", '{{"keys": [{}, {{"d": "yes"}}]}}', "event: a\ndata: {}\n\n", "1 2 {} "])
def test_the_private_members_of_a_json_web_key(kind: str, written: str, *, first: bool) -> None:
    """They have names of one letter or two, and it is the object that says what they are, before or behind them."""
    key = {"kty": kind, **PRIVATE[kind]} if first else {**PRIVATE[kind], "kty": kind}
    hidden = json.loads(json.dumps(key).replace(HIDDEN, SECRET))
    for form in (json.dumps, lambda value: json.dumps({"a": json.dumps(value)})):
        clean = redactor()
        found = clean.text(written.format(form({**key, "a": PUBLIC})))
        assert found == written.format(form({**hidden, "a": PUBLIC}))
        assert clean.text(found) == found
        assert set(clean.hits) == {"secret"}


@pytest.mark.parametrize("kind", PRIVATE)
def test_what_is_in_no_private_key_stays(kind: str) -> None:
    """A public key, and members that are called like private ones in an object that is no key."""
    clean = redactor()
    for value in ({"kty": kind, **PUBLIC}, {"keys": [{"kty": kind, **PUBLIC}], **PRIVATE[kind]}, PRIVATE[kind]):
        assert clean.text(json.dumps(value)) == json.dumps(value)
        assert not clean.hits


def test_a_rule_for_a_header_field_knows_better_than_its_name() -> None:
    """What a suite says of a field is done, whatever it is called."""
    rules = Rules(headers={"x-my-token": Rule("own", re.compile("a+"), lambda _match, _naming: "b")})
    assert Redactor(rules).header("X-My-Token", "aac") == "bc"


def test_cookies_that_a_client_has_joined_do_not_rot() -> None:
    """Each of them becomes one of the session."""
    expires = "Expires=Fri, 01 Jan 2100 00:00:00 GMT"
    clean = redactor().header("Set-Cookie", f"a=1; {expires}, b=2; {expires}", "Thu, 01 Jan 2026 00:00:00 GMT")
    assert clean == f"a={SECRET}, b={SECRET}"


@pytest.mark.parametrize("charset", ["cp037", "utf-16-le", "utf-8", "shift_jis", "utf-32-be"])
def test_a_body_may_be_in_another_charset_than_its_head_says(charset: str) -> None:
    """Both are tried."""
    body = json.dumps({"password": HIDDEN, "a": "b"}).encode()
    assert HIDDEN.encode() not in redactor().body(body, f"application/json; charset={charset}")


@pytest.mark.parametrize("charset", ["utf-32", "utf-32-le", "utf-32-be"])
def test_json_in_utf_32(charset: str) -> None:
    """Clients tell it by its zeros."""
    clean = redactor().body(json.dumps({"password": HIDDEN}).encode(charset), "application/json")
    assert json.loads(clean) == {"password": SECRET}


def test_every_python_compresses_in_the_same_bytes() -> None:
    """Whatever its own level and system are: else a request would not be the one that another Python recorded."""
    clean = redactor().body(gzip.compress(HIDDEN.join(("sig=", "")).encode()), "application/octet-stream")
    assert clean[:10] == b"\x1f\x8b\x08\0" + bytes(4) + b"\0\xff"


def test_zeros_behind_a_compressed_text_hide_nothing() -> None:
    """As archives have them, which are filled up to the size of a block."""
    clean = redactor().body(gzip.compress(HIDDEN.join(("sig=", "")).encode()) + bytes(512), "application/octet-stream")
    assert gzip.decompress(clean) == f"sig={SECRET}".encode()


@pytest.mark.parametrize("secret", ["a real secret", 'a "real" \\ secret', "a & b - c < 1", "two\nlines", "s3cr3t!!"])
@pytest.mark.parametrize(
    "write",
    [
        quote_plus,
        html.escape,
        repr,
        lambda text: f"x {json.dumps([text])} ]",
        lambda text: json.dumps(json.dumps([text])),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.encode().hex(),
    ],
    ids=["form", "HTML", "Python", "half JSON", "JSON in JSON", "base64", "hex"],
)
def test_a_chosen_value_is_found_however_it_is_written(secret: str, write: Callable[[str], str]) -> None:
    """A value that the suite names is replaced in all the ways in which a text can hold it."""
    text = f"a={write(secret)}" if write is quote_plus else write(secret)
    assert redactor(secret).text(text) != text


def test_what_stands_behind_a_token_makes_no_other_of_it() -> None:
    """However many words and dots follow it."""
    clean = redactor().text("ey" + "J" * 9 + ".abcdef.gh.i.j.k.l.m")
    assert clean.startswith(f"{TOKEN}.")
    assert redactor().text(clean) == clean


def test_json_in_a_form() -> None:
    """It is found in spite of the blanks around its colons, and a plus that is one stays."""
    kind = "application/x-www-form-urlencoded"
    clean = redactor().body(f"a=%22password%22+%3A+%22{HIDDEN}%22&b=1+2%2B3".encode(), kind)
    assert clean == f"a=%22password%22%20%3A%20%22{SECRET}%22&b=1+2%2B3".encode()


def test_an_id_as_a_name_in_json() -> None:
    """It becomes the same pseudonym as anywhere else."""
    user = "8:acs:5f0e0a4d-1d1c-4c5b-9e8f-0123456789ab_00000006-71c6-4c5b-8ef0-3a3a0d00abcd"
    quick = redactor()
    clean = json.loads(quick.text(json.dumps({user: {"id": user}, "note": 'a "quote"'})))
    assert clean == {quick.text(user): {"id": quick.text(user)}, "note": 'a "quote"'}
    assert user not in clean


def test_a_number_under_a_secret_name_is_a_finding() -> None:
    """A scan of what another recorder wrote tells of it, once; a digit that is drawn into a word is no number."""
    answer = Response(200, Headers(), b'{"pin": 1234, "a": 5}')
    assert [leak.kind for leak in leaks(of(answer), Profile())] == ["secret"]
    assert redactor().response(answer).body == b'{"pin": 0, "a": 5}'
    assert not list(leaks(of(redactor().response(answer)), Profile()))
    assert redactor().text('"pin": "1", a1b2') == f'"pin": "{SECRET}", a1b2'


def of(answer: Response) -> Cassette:
    """A cassette with one answer."""
    return Cassette((Interaction(Request("GET", "https://a.example/"), answer),))


def test_the_head_of_a_cassette_holds_no_secret(tape: Path) -> None:
    """Neither the api-version, which is what a request said, nor a variable, whose name makes it no secret."""
    with Recorder(tape, "once", profile=chat_profile()) as recorder:
        recorder.variables = {"has_token": "true", "user": f"Bearer {HIDDEN}"}
        request = Request("GET", f"https://a.example/?api-version=Bearer%20{HIDDEN}")
        recorder.take(request).keep(Response(200))
    assert HIDDEN not in tape.read_text(encoding="utf-8")
    assert load(tape).header.variables == {"has_token": "true", "user": f"Bearer {SECRET}"}


def test_a_body_that_nobody_can_open_is_in_no_journal(tape: Path) -> None:
    """The recording fails in the end, and might be killed before."""
    recorder = Recorder(tape, "once")
    recorder.open()
    request = Request("GET", "https://a.example/")
    recorder.take(request).keep(Response(200, Headers(), b"open"))
    recorder.take(request).keep(Response(200, Headers({"Content-Encoding": "unheard-of"}), b"\xff\0closed"))
    journal = journal_of(tape).read_text(encoding="utf-8")
    assert "open" in journal
    assert "unheard-of" not in journal
    with pytest.raises(LeakFound):
        recorder.close()


def test_a_long_text_takes_as_long_as_it_is_long() -> None:
    """A word of two million characters is gone over once, not once for each of them."""
    for text in ("a" * 2_000_000 + " %41 b%3Dc", "-----BEGIN PRIVATE KEY-----" * 80_000):
        assert redactor().text(text) == text

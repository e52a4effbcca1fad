"""What stands in or behind escapes, of addresses or of strings in scripts, is found, and what is escaped stays so."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from urllib.parse import quote, unquote
from uuid import uuid4

import pytest
from tests.recording.hiding import assert_gone, written
from tests.recording.test_redaction import redactor

from acs_chat_testkit.http import Headers, Request, Response


@pytest.mark.parametrize("before", ["%22", "%7B%22a%22%3A%22", "%20", "%2522", "a%0A", "%u0022", "%25u003d"])
@pytest.mark.parametrize("after", ["", "%22%7D", "%20more", "/more"])
def test_base64_with_a_slash_is_found_behind_an_escape(before: str, after: str) -> None:
    """The digits of the escape are none of its characters, and the slash, which many leave as it is, is one."""
    guid = str(uuid4())
    data = gzip.compress(f"8:acs:{guid}_{uuid4()}".encode(), mtime=1)
    # The system on which it was made is unknown (RFC 1952, section 2.3), which makes the slash.
    word = base64.b64encode(data[:9] + b"\xff" + data[10:]).decode()
    assert word[12] == "/"
    fields = Headers({"Location": f"/next/{before}{word}{after}"})
    texts = written(Request("GET", "https://a.example/x", fields), Response(302, fields), replays=False)
    assert not any(word in text for text in texts)
    assert_gone(guid, *texts)


@pytest.mark.parametrize("before", ["", "a/b/", "next/some/longer/path/"])
@pytest.mark.parametrize("after", ["/", "/a", "/a/longer/path/again"])
def test_a_compressed_text_ends_where_a_slash_follows(before: str, after: str) -> None:
    """As a part of a path that has slashes of its own, and nothing that fills it up."""
    for number in range(200):
        data = gzip.compress(f"8:acs:{uuid4()}_{uuid4()}".encode(), mtime=number)
        word = base64.b64encode(data).decode().rstrip("=")
        clean = redactor().text(f"{before}{word}{after}")
        assert clean.startswith(before)
        assert clean.endswith(after)
        assert word not in clean


@pytest.mark.parametrize("scheme", ["Bearer abcdefgh1234", "Basic dXNlcjpwYXNzMTIzNA=="])
@pytest.mark.parametrize("before", ["%22", "%252F", "%0A", "%3a"])
def test_a_scheme_may_stand_behind_an_escape(before: str, scheme: str) -> None:
    """Also where the blank behind it is none, so that both are not opened together."""
    assert redactor().text(before + scheme) == f"{before}{scheme.split()[0]} -REDACTED-"


@pytest.mark.parametrize(
    "cell",
    ['{"client_secret": "abc123"}', 'said {"a": {"pin": "abc123"}} \u00fc', '{"a": "{\\"pin\\": \\"abc123\\"}"}'],
)
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_json_in_a_cell_of_a_table(cell: str, between: str) -> None:
    """Exports of logs have such columns; in a cell each quote is written twice (RFC 4180, section 2)."""
    row = ["1", '"' + cell.replace('"', '""') + '"', '"a ""b"""']
    table = f"id{between}said{between}x\r\n{between.join(row)}\r\n"
    clean = redactor().body(table.encode(), "text/csv; charset=utf-8").decode()
    assert clean == table.replace("abc123", "-REDACTED-")


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("name", ["pin", '"token"'])
def test_a_table_in_any_coding(coding: str, name: str) -> None:
    """Spreadsheets write UTF-16 and a mark; what a column is called says that its cells are secret."""
    table = f"{name},who\r\nabcd1,me\r\nabcd2,you\r\n"
    data = table.encode(coding)
    clean = redactor().body(data, f"text/csv; charset={coding[:6]}")
    assert clean.decode(coding) == table.replace("abcd1", "-REDACTED-").replace("abcd2", "-REDACTED-")
    assert redactor().body(clean, f"text/csv; charset={coding[:6]}") == clean


def test_json_with_a_mark_stays_json() -> None:
    """Some services begin theirs with a byte order mark; a quote that ends what it names is none of the secret."""
    body = json.dumps({"a": 'said "Signature=aaaabbbbccccdddd"', "b": 1}).encode("utf-8-sig")
    clean = redactor().body(body, "application/json")
    assert json.loads(clean) == {"a": 'said "Signature=-REDACTED-"', "b": 1}


@pytest.mark.parametrize("text", ["'%s'", "call({'a': \"%s\"});", "%s and so on", '{"a": "%s'])
@pytest.mark.parametrize(
    ("spelled", "left"),
    [
        ("a\\u0026sig\\u003Dabcd\\u002Befgh\\u003d\\u0026b", "a\\u0026sig\\u003D-REDACTED-\\u0026b"),
        ("https:\\/\\/a:pass1234@b.example\\/", "https:\\/\\/-REDACTED-@b.example\\/"),
        ("\\nBearer abcdefgh1234\\x22", "\\nBearer -REDACTED-\\x22"),
        ("\\tcurl -u a:b1234 https", "\\tcurl -u a:-REDACTED- https"),
        ("a\\046sig\\075abcd\\053efgh\\046b", "a\\046sig\\075-REDACTED-\\046b"),
    ],
)
def test_what_is_escaped_stays_escaped(text: str, spelled: str, left: str) -> None:
    """In scripts and calls, in sentences and in JSON that is cut off."""
    assert redactor().text(text % spelled) == text % left


@pytest.mark.parametrize(
    ("spelled", "left"),
    [
        (r"C:\\new\old/\/ https://a:pass1234@b.example/ \d\\d", r"C:\\new\old/\/ https://-REDACTED-@b.example/ \d\\d"),
        (r"\x41\x43 A https://a:pass1234@b.example/ \u0041C", r"\x41\x43 A https://-REDACTED-@b.example/ \u0041C"),
    ],
)
def test_what_is_escaped_in_one_place_alone_stays_so(spelled: str, left: str) -> None:
    """Around what is replaced, in paths, patterns and strings, and within it."""
    assert redactor().text(f"'{spelled}'") == f"'{left}'"


QUERIES = pytest.mark.parametrize(
    "query",
    [
        "msg=hello+world+sig%3Dabcd1234",
        "msg=bad%20token=abcd1234%20more",
        "a=x%2C2+%7B%22pin%22%3A+%22abcd1234%22%7D",
        "a=Bearer%20abcd1234%20or%20so:/@%3B",
    ],
)


@QUERIES
@pytest.mark.parametrize(
    "field", ["Location", "Content-Location", "Operation-Location", "Azure-AsyncOperation", "Referer"]
)
def test_an_address_in_a_header_is_one(field: str, query: str) -> None:
    """Whoever goes there in replay asks for what was recorded when somebody went there."""
    clean = redactor().header(field, f"/x?{query}&z=a+b")
    assert "abcd1234" not in clean
    assert redactor().url(f"https://a.example/x?{query}&z=a+b") == f"https://a.example{clean}"
    assert redactor().url(f"https://a.example{clean}") == f"https://a.example{clean}"


@QUERIES
def test_an_address_in_json_is_one(query: str) -> None:
    """As the one of the next page is, which is asked for as it stands there."""
    url = f"https://a.example/x?{query}&z=a+b"
    (clean,) = json.loads(redactor().body(json.dumps([url]).encode(), "application/json"))
    assert "abcd1234" not in clean
    assert redactor().url(url) == redactor().url(clean) == clean


def test_what_an_address_has_without_an_escape_stays_so() -> None:
    """A test may look for an id in a link; a plus is a blank, or itself with an escape, and a semicolon may part."""
    url = "https://a.example/x?note=a/b:@=%3D%20sig=abcd1234+c%2Bd"
    clean = "https://a.example/x?note=a/b:@==%20sig=-REDACTED-%20c%2Bd"
    assert redactor().url(url) == redactor().text(url) == redactor().url(clean) == clean
    parted = redactor().url("https://a.example/x?more=%3Bx=Bearer%20abcd1234;")
    assert parted == redactor().url(parted) == "https://a.example/x?more=%3Bx=Bearer%20-REDACTED-%3B"


def test_an_address_for_html_is_a_text() -> None:
    """What ends with a semicolon stands for a sign, and may stand anywhere."""
    assert "abcd1234" not in redactor().text("https://a.example/x?y=1&amp;sig&#61;abcd1234&amp;z=2")


@pytest.mark.parametrize("sent", [str, lambda path: path.replace("%", "%25")], ids=["as it is", "escaped"])
@pytest.mark.parametrize(
    "path",
    [
        "a=%u0022sig%u003Dabcd1234",
        "%u20AC%20sig%3Dabcd1234",
        "a=b%u0026sig%u003Dabcd1234&z=%20",
        "%uD83D%uDE00%u0022sig%u003Dabcd1234",
    ],
)
@pytest.mark.parametrize("mark", ["?", "/"])
def test_who_follows_a_redirect_in_replay_finds_where_it_leads(
    mark: str, path: str, sent: Callable[[str], str]
) -> None:
    """Clients that do not know the escapes of JavaScript escape them, with all that stands beside them."""
    location = redactor().header("Location", f"/x{mark}{path}")
    assert "abcd1234" not in location
    recorded = redactor().url(f"https://a.example/x{mark}{sent(path)}")
    assert redactor().url(f"https://a.example/x{mark}{sent(location[3:])}") == recorded


@pytest.mark.parametrize("escape", ["\\075", "\\x3d", "\\u003d", "%3D", "%u003D", "%253D", "&#61;"])
def test_base64_may_stand_behind_any_escape(escape: str) -> None:
    """Its letters and digits look like the first ones of the word."""
    guid = str(uuid4())
    for shift in range(3):
        word = base64.b64encode(f"{' ' * shift}8:acs:{guid}_{uuid4()}".encode()).decode()
        assert_gone(guid, redactor().text(f"a{escape}{word}"), redactor().text(f"say('a{escape}{word}')"))


@pytest.mark.parametrize(
    "text", [r'call({"a":"https:\/\/b:pass1234@c.example\/d"})', "<a><password>pass1234</password></a>"]
)
def test_a_slash_may_be_all_that_an_address_leaves_of_a_string(text: str) -> None:
    """So that what is behind it is a part of the same string, though it looks like the next part of the path."""
    assert "pass1234" not in redactor().text(f"/next/{quote(text)}")


@pytest.mark.parametrize("named", ["sig=abcd1234", "code=abcd1234EFGH5678ijkl90==", "pwd=abcd1234", "token=abcd1234"])
@pytest.mark.parametrize("before", ["%3F", "%20", "x%3f"])
def test_a_name_stands_behind_an_escape_in_a_path(before: str, named: str) -> None:
    """A client may take off the escapes of some signs alone, in a request as in the redirect that it follows."""
    path = f"https://b{before}{named}"
    url = redactor().url(f"https://a.example/x/https:%2F%2Fb{before}{named}")
    assert "abcd1234" not in url
    assert redactor().url(url) == url
    led = redactor().header("Location", "/x/" + quote(unquote(path), safe=""))
    assert unquote(redactor().url("https://a.example" + led.replace("%3D", "=").replace("%3A", ":"))) == unquote(url)

"""Values that are secret by their name, in every form in which a text says what a value is called."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
import requests
from tests.recording.service import Service
from tests.recording.test_redaction import redactor

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.redaction import SECRET

HIDDEN = "SECRETsecret1234"


@pytest.mark.parametrize(
    "text",
    [
        '{"secrets": [{"a": 1}, "{}"]}',
        '{"secrets": [["a"], {"a": 1}, "b", {"value": "{}"}]}',
        '{"secret": {"id": 5, "value": "{}"}}',
        '{"cookies": {"sid": "{}"}}',
        '{"cookies": [{"name": "sid", "value": "{}"}]}',
        '{"name": "X-Api-Key", "value": "{}"}',
        '[{"value": "{}", "secure": true, "key": "password"}]',
        '{"key": "dbPassword", "name": "The password", "value": "{}"}',
        '{"secrets": [{"a": 1}, 998877665]}',
        '{"tokens": [{"value": "{}"}]}',
        '{"grant_type": "authorization_code", "code": "{}.0001"}',
        '{"a": {"code": "{}.0001", "grant_type": "authorization_code"}, "code": "b"}',
        '{"sessionId": "00D3!{}"}',
        '{"headers": [["Accept", "*/*"], ["Authorization", "Custom {}"], ["x-api-key", "{}"]]}',
        '[ [ "X-Api-Key" , "{}" ] ]',
        '{"rawHeaders": ["Accept", "*/*", "X-Api-Key", "{}"]}',
        '{"args": ["serve", "--api-key", "{}"]}',
        '{"value": "{}", "id": "https://a.vault.azure.net/secrets/b/1", "attributes": {"enabled": true}}',
        '{"keys": [{"keyName": "key1", "permissions": "FULL", "value": "{}{}"}]}',
        '{"key1": "{}{}", "key2": "{}{}"}',
    ],
)
def test_the_name_of_a_value_in_json(text: str) -> None:
    """It may stand around an object or a list, or beside the value; and twice changes no more than once."""
    clean = redactor().text(text.replace("{}", HIDDEN))
    assert HIDDEN not in clean
    assert "998877665" not in clean
    json.loads(clean)
    assert redactor().text(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        'mutation { login(user: "a", password: "{}") { ok } }',
        'mutation { login(password: """{}""") { ok } }',
        "user: a\npassword: {}\n",
        "user: a\r\n  - client_secret: '{}'\r\n",
        "POST / HTTP/1.1\r\nX-Api-Key: {}\r\nCookie: a={}; b={}\r\n\r\n",
        "curl -H 'Authorization: Token {}' https://a.example/",
        "Set-Cookie: sid={}; Path=/",
        "{'user': 'a', 'password': '{}'}",
        "var config = {apiKey:'{}'};",
        "password = '{}'",
        "d['password'] = '{}'",
        'password = "a\\"{}"',
        'log: password=\\"a\\\\\\"{}\\"',
        "password: 'a''{}'",
        "CREATE USER a WITH PASSWORD '{}'; ALTER USER b IDENTIFIED BY 'a''{}'",
        "create user if not exists 'a'@'b' identified by '{}', c identified by '{}'",
        "'password' => '{}'",
        "password := {}",
        'password = "{}',
        'password=\\"{}\\"',
        "Server=a;User Id=b;Password = {};",
        "--password={}",
        "tool --password {} --verbose",
        "Hello, your password: {}. Change it!",
        "YOUR PASSWORD: {}. CHANGE IT!",
        "[Interface]\nPrivateKey = {}=\n",
        "mongodb+srv://me:p@{}@a.example/b",
        "amqp://me:{}@a.example:5672,you:{}@b.example",
        "http://me:80,a:{}@b.example",
        "amqp://me:p@{},d@b.example",
        "redis://:12,{}@a.example",
        "postgres://me:2020,{}@a.example:5432/b",
        "<a><b:sessionId>00D3!{}</b:sessionId></a>",
        "tool --api-key '{}'",
        'tool --log 1 --token \\"{}\\" x',
        "curl -u me:{} https://a.example/",
        "curl -X POST \\\n  --user 'me:{}' https://a.example/",
        'curl -u a:$B -U "me:{}" https://a.example/',
        "user: a\npassword: |\n  {}\nb: c\n",
        "a:\n  - password: >-\r\n      {}\r\n\r\n      {}\r\n    b: c\r\n",
        "__RequestVerificationToken={}",
        "spring.security.oauth2.client.registration.a-service.client-secret={}",
        "a[0].password={}",
        "url=https://a.example/?next=a&url=/?token={}",
        '--x\r\nContent-Disposition: form-data; name="user[password]"\r\n\r\n{}\r\n--x--\r\n',
        '--x\nContent-Disposition: form-data; name="pin"\nContent-Type: text/plain\n\n{}\n--x--',
    ],
)
@pytest.mark.parametrize("wrap", ["alone", "in JSON", "in half of JSON"])
def test_the_name_of_a_value_in_a_text(text: str, wrap: str) -> None:
    """In GraphQL, YAML, header fields, source code, settings and on a command line."""
    text = text.replace("{}", HIDDEN)
    clean = redactor().text({"alone": text, "in JSON": json.dumps({"log": text})}.get(wrap, json.dumps([[text]])[:-1]))
    assert HIDDEN not in clean
    assert SECRET in clean
    assert redactor().text(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        '<input type="hidden" name="csrf_token" value="{}">',
        "<input value='{}' name='csrf_token' type=hidden>",
        "<input type=hidden name=csrf_token value={}>",
        '<meta name="csrf-token" content="{}">',
        '<add key="ApiKey" value="{}"/>',
        '<password value="{}"/>',
        "<user password = '{}'/>",
        "<password\n type='text'>{}</password >",
        "<a>&lt;password&gt;{}&lt;/password&gt;</a>",
        "<dict><key>password</key>\n<string>{}</string></dict>",
        "<member><name>password</name><value><string>{}</string></value></member>",
        "<UserDelegationKey><SignedVersion>2022-11-02</SignedVersion><Value>{}</Value></UserDelegationKey>",
        "<Parameter><Name> DbPassword </Name><Value>{}</Value></Parameter>",
        '<div data-props="{&quot;password&quot;:&quot;{}&quot;}">',
        "&#123;&#34;password&#34;:&#34;{}&#34;&#125;",
    ],
)
def test_the_name_of_a_value_in_a_page(text: str) -> None:
    """It is an attribute beside the value, an element around it, or inside of a text that is written for HTML."""
    clean = redactor().text(text.replace("{}", HIDDEN))
    assert HIDDEN not in clean
    assert SECRET in clean
    assert redactor().text(clean) == clean


def test_a_name_and_a_password_that_only_their_member_calls_so() -> None:
    """As Docker keeps them in its settings."""
    word = base64.b64encode(f"me:{HIDDEN}".encode()).decode()
    text = json.dumps({"auths": {"a.example": {"auth": word, "email": "a"}}})
    assert json.loads(redactor().text(text)) == {"auths": {"a.example": {"auth": SECRET, "email": "a"}}}


def test_the_servers_of_several_logins_stay() -> None:
    """A client that knows several of one service is told all of them in one address."""
    clean = redactor().text(f"amqp://me:{HIDDEN}@a.example:5672,you:{HIDDEN}@b,c:{HIDDEN}@d/e")
    assert clean == f"amqp://{SECRET}@a.example:5672,{SECRET}@b,{SECRET}@d/e"


def test_what_is_called_secret_inside_of_what_is_not() -> None:
    """A value that stays under its own name may name another one."""
    clean = redactor().text(f"https://a.example/?auth=basic,password={HIDDEN} auth=password={HIDDEN}")
    assert HIDDEN not in clean


@pytest.mark.parametrize(
    "disposition", ['name="user[password]"', "name='password'", "name*=utf-8''password", 'name="pass%77ord"']
)
def test_the_name_of_a_part(disposition: str) -> None:
    """However a client writes it."""
    body = f"--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{HIDDEN}\r\n--x--\r\n".encode()
    headers = Headers({"Content-Type": "multipart/form-data; boundary=x"})
    assert HIDDEN.encode() not in redactor().request(Request("POST", "https://a.example/", headers, body)).body


@pytest.mark.parametrize(("name", "value"), [("max_tokens", "100"), ("auth", "basic")])
def test_a_part_that_only_sounds_secret_stays(name: str, value: str) -> None:
    """As it does in a form that has no parts."""
    body = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--x--\r\n'.encode()
    assert redactor().body(body, "multipart/form-data; boundary=x") == body


@pytest.mark.parametrize(
    "table",
    [
        "user,password\na,{}\n",
        'user,"password"\r\n"a, ""b""\nc","{}"\r\nb,{}\r\n',
        "pin;x\n{};1\n\n{}",
        "a\tapi_key\nb\t{}",
        '"a, b";"c, d";password\n"1,5";2;{}\n',
        'size,"password" ,a\n5" wide,{},b\n',
        "a,password\nb,{},more\n",
    ],
)
def test_the_name_of_a_column(table: str) -> None:
    """In a table that is called one, with the rest of it as it was."""
    clean = redactor().body(table.replace("{}", HIDDEN).encode(), "text/csv; charset=utf-8")
    assert clean.decode() == table.replace("{}", SECRET)


def test_what_ends_a_cell_elsewhere_is_part_of_one() -> None:
    """A semicolon or a tab is, where cells end at a comma."""
    table = f"a,password\nb;c,d;{HIDDEN}\te\n"
    assert redactor().body(table.encode(), "text/csv").decode() == f"a,password\nb;c,{SECRET}\n"


@pytest.mark.parametrize(
    "query",
    [
        "tokens[]={}",
        "tokens%5B%5D={}",
        "password=a;{}",
        "code=aB3-{}_aB3-{}==",
        "key={}aB3-{}",
        "csrf={}",
        "next=https://a.example/%3Fcode%3DaB3-{}_aB3-{}",
    ],
)
def test_the_name_of_a_parameter(query: str) -> None:
    """In a list, behind a semicolon that belongs to the value, or where only what looks drawn by lot is secret."""
    clean = redactor().url("https://a.example/?" + query.replace("{}", HIDDEN))
    assert HIDDEN not in clean
    assert redactor().url(clean) == clean


@pytest.mark.parametrize(
    "name",
    [
        *("passcode", "db_pass", "userPwd", "password2", "password_hash", "passwordConfirmation", "secretValue"),
        *("secret_string", "apiKey1", "token_2", "tokenValue", "private_key_pem", "encryptionKey", "authKey", "csrf"),
        *("signing_key", "session_key", "recovery_codes", "code_verifier", "device_code", "SAMLResponse", "mnemonic"),
        *("clientAssertion", "totp", "mfa_code", "PHPSESSID", "X-Authorization", "authHeaderToken", "hmac"),
        *("userPWD", "password_sha256", "hmac_sha256", "secret_id", "secretId", "clientState"),
    ],
)
def test_more_secret_names(name: str) -> None:
    """Numbered, spelled out or joined in any way."""
    assert json.loads(redactor().text(json.dumps({name: HIDDEN}))) == {name: SECRET}


@pytest.mark.parametrize(
    "name",
    [
        *("X-Auth", "X-Auth-Key", "X-App-Key", "DD-APPLICATION-KEY", "X-Hub-Signature-256", "X-Session-Id"),
        *("X-ZUMO-AUTH", "x-amz-server-side-encryption-customer-key", "Fastly-Key", "X-Forwarded-Authorization"),
        *("Cookie2", "X-Set-Cookie", "X-Hmac", "X-Shopify-Hmac-Sha256", "X-Signature-Ed25519", "CB-ACCESS-SIGN"),
        *("X-Original-Cookie", "Jenkins-Crumb", "Authentication-Info", "X-Honeycomb-Team"),
    ],
)
def test_more_secret_header_fields(name: str) -> None:
    """What a field of this name holds is told by its name alone."""
    assert redactor().header(name, HIDDEN) == SECRET


PUBLIC: Mapping[str, object] = {
    "counts": {"max_tokens": 100, "usage": {"prompt_tokens": 7, "total_tokens": 12}, "pass": 3, "assertions": 5},
    "cursors": {"nextPageToken": "a", "continuationToken": "b", "$skiptoken": "c", "deltaToken": "d", "syncState": "e"},
    "keys": {"sort_key": "a", "partitionKey": "b", "key": "PROJ-12", "keys": ["a"], "publicKey": "c"},
    "texts of counts": {"max_tokens": "100", "usage": ["totalTokens=12", "max_tokens: 100"]},
    "rights": {"permissions": {"secrets": "write"}, "policy": {"secrets": ["get", "list"], "storage": ["set"]}},
    "other keys": {"key1": "a value of 1", "key2": "b", "values": [{"keyName": "key1", "value": "Hello, world"}]},
    "ids of secrets": {"SecretId": "prod/my-database-password-2", "secretId": "https://a.vault.azure.net/secrets/b/1"},
    "states": {"clientState": "connected-to-page-12345678", "value": "x", "id": "https://a.vault.azure.net/keys/b/1"},
    "like tokens": ["pypi-jsonschema-specifications", "sk-loading-indicator-large", f"npm_package_{'of_' * 10}"],
    "more keys": {"key1": "6f1b2c3d-1a2b-3c4d-5e6f-7a8b9c0d1e2f", "key2": "a_value_of_many_words_for_number_2"},
    "like passwords": "There is no order identified by 'a-1', and no user; things are identified by 'names'",
    "an id": "/interactions/12345678901/6f1b2c3d-1a2b-3c4d-5e6f-7a8b9c0d1e2f",
    "a title": f"/webhooks/12345678901/{'of-words-' * 4}",
    "words": {"keyboard": "a", "monkey": "b", "author": "c", "secretary": "d", "design": "e", "shipping": "f"},
    "about": {"token_type": "Bearer", "tokenUri": "a", "secretName": "b", "passwordPolicy": "c", "credentialId": "d"},
    "schema": {"properties": {"password": {"type": "string"}}, "required": ["password"], "secrets": {"type": "array"}},
    "form": [{"name": "password", "type": "string"}, {"name": "token_type", "value": "Bearer"}, {"session": "abc"}],
    "sentences": ["password: must be long", "Invalid token: expected a string", "basic authentication, basic tariff"],
    "hashes": ["0123456789abcdef0123456789abcdef", '"33a64df551425fcc55e4d42a148795d9f25f89d4"', "W/\"0x8DABC\""],
    "options": "see --password and --secret of the tool: --max-tokens 100, --token <token>, --token $TOKEN, --password",
    "command lines": "build --secret id=aws,src=x; run --token a.txt --secret and/or --token-file x1, --pin by-hand.",
    "quoted options": "`--token x`, (--token x), \"--password x\".",
    "more options": ["--token", "--password", "--secret", "--max-tokens", "100"],
    "ids": "docker run -u 1000:1000 -u www-data:www-data; curl -u $A:$B; curl -u : --negotiate, curl -v http://a:80",
    "ports": "see http://a.example:80,me@b.example or https://a:8443,me.2@b.example",
    "block": "a:\n  password: |\nb: c\ntoken: >\n",
    "methods": {"auth": "basic", "auths": {"a": {"auth": "OnlyOwners"}}, "b": {"auth": "none:1", "c": {"auth": ""}}},
    "columns": {"unique": [["api_key", "user"], ["user", "password"]], "allowed": ["Authorization", "Accept"]},
    "graphql": "type User {\n  password: String!\n  token: ID\n}\n",
    "openapi": "password:\n  type: string\ntoken:\n  $ref: '#/x'\nx:\n  max_tokens: 100\n",
    "style": ".token:hover { color: red; } .key-visual { } #password:focus { border: 1px }",
    "script": "function f(token) {\n  const token = this.token;\n  return { token: a,\n token };\n}",
    "links": '<a href="/next" accesskey="n">next</a><a href="/last" accessKey="l">last</a>',
    "page": '<p class="sig token-list">&lt;b&gt; Tom &amp; Jerry</p><input name="sort_key" value="a">',
    "code": "code=US, key=PROJ-12, session=1, key=01234567-89ab-cdef-0123-456789abcdef",
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_what_only_sounds_secret_stays(name: str) -> None:
    """A client needs it to go on, and a test to compare: nothing of it is changed, in JSON or as a text."""
    public = PUBLIC[name]
    text = json.dumps(public)
    assert redactor().text(text) == text
    if isinstance(public, str):
        assert redactor().text(public) == public


def test_a_page_with_a_token_replays(service: Service, tape: Path) -> None:
    """What a client takes from a form it sends back, and the recording knows it again."""
    page = f'<form><input type="hidden" name="csrf_token" value="{HIDDEN}"></form>'
    url = f"{service.url}/answer?hex={page.encode().hex()}&type=text/html"
    for mode in ("once", "none"):
        with Recorder(tape, mode):
            token = requests.get(url, timeout=10).text.partition('value="')[2].partition('"')[0]
            assert requests.post(f"{service.url}/echo", data={"csrf_token": token}, timeout=10).ok
    assert HIDDEN not in tape.read_text(encoding="utf-8")
    assert len(load(tape).interactions) == 2


def test_what_is_put_into_a_vault() -> None:
    """A secret of Azure's Key Vault is only called a value, in the answer beside its id and in the request nowhere."""
    url = "https://a.vault.azure.net/secrets/b?api-version=7.4"
    clean = redactor()
    sent = clean.request(Request("PUT", url, body=b'{"value": "weak", "attributes": {"enabled": true}}'))
    assert json.loads(sent.body) == {"value": SECRET, "attributes": {"enabled": True}}
    assert clean.request(sent) == sent
    other = Request("PUT", url.replace("secrets", "keys"), body=b'{"value": "weak"}')
    assert clean.request(other).body == other.body


def test_a_charset_that_is_not_the_one_of_the_body() -> None:
    """A text in UTF-16 that its head calls UTF-8 is read as what it is."""
    body = json.dumps({"password": HIDDEN}).encode("utf-16-le")
    kind = Headers({"Content-Type": "application/json; charset=utf-8"})
    assert json.loads(redactor().response(Response(200, kind, body)).body) == {"password": SECRET}


@pytest.mark.parametrize(
    "text",
    [
        *(
            'password="',
            "password: ",
            "\n  password: x",
            "a=",
            "token='\\",
            "&quot;",
            "<input ",
            "a=b ",
            "key=aaaaaaaa ",
            'form-data; name="a[',
        ),
        *(
            "://",
            "key=",
            "eyJ",
            "aaa1Q~",
            "basic ",
            "password=a;",
            "-----BEGIN PRIVATE KEY-----\n",
            '{"secret": {',
            "x" * 99 + "=",
        ),
        *(
            "auth=",
            "--token ",
            '--token "',
            "curl :",
            "curl -u :",
            "  password: |\n  x\n",
            "password: |\n",
            "&#46",
            "eyJ=\n",
        ),
        *(
            '["X-Api-Key",',
            '"--token",',
            "eyJhbGciOiJI=2Ea.b.c",
            "token: |\n ",
            "auth='",
            "&amp;",
            "curl \\\n:",
            "eyJ.",
            "eyJ.a=\n",
            "curl -u a:$B ",
            "sk-",
            "sk-1a",
            "/webhooks/1234567890/",
            "secret_id=a1-",
            "password '",
            "password='''",
            'token="\\"',
            'token=\\"\\\\\\"',
            "<key>password</key>",
            "<name>a</name><value> ",
        ),
    ],
)
def test_a_long_text_is_gone_over_once(text: str) -> None:
    """Wherever a pattern begins to look, it does not look to the end each time; that would take hours here."""
    assert redactor().text(text * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "a/" * 100_000,
        f"{20 * chr(65)}a/" * 4000,
        '"' + '\\"a1' * 100_000,
        base64.b64encode(Random(1).randbytes(1_500_000)).decode(),
    ],
)
def test_nothing_is_opened_again_at_each_of_its_characters(text: str) -> None:
    """A string that is cut off is looked at once, and a picture in base64 only as far as shows that it is one."""
    assert redactor().text(text + "!") == text + "!"


@pytest.mark.parametrize(
    "text",
    [
        "sig=abcdef%252525252525&amp;amp;amp;amp;quot;" + "\\" * 32 + "n Bearer abcdefghi ",
        "\\" * 8 + "curl -u a:AccountKey=",
        "&#92;&#37;AccountKey=v1.",
    ],
)
def test_what_is_encoded_in_each_other_is_not_gone_over_in_each_order(text: str) -> None:
    """Whichever of the encodings is opened first; nor has each its own rounds, and none goes deeper than others."""
    assert "-REDACTED-" in redactor().text(text * 1000)


def test_a_cell_is_looked_for_where_one_begins() -> None:
    """And not at each character of one that is not written by the rules, for each of which it would be read again."""
    table = "a,password\n" + "b " * 100_000 + '"'
    assert redactor().body(table.encode(), "text/csv").decode() == table


def test_doubled_quotes_in_other_quotes_are_read_in_one_way() -> None:
    """Where two were possible for each, a text that never ends its own quotes would never be done."""
    text = 'password="' + "''" * 100 + " a"
    assert redactor().text(text) == text


def test_a_quote_inside_of_a_cell_begins_none() -> None:
    """In a table that is not written by the rules, where each of very many would be looked at to the end."""
    table = b'""password' * 200_000
    assert redactor().body(table, "text/csv") == table

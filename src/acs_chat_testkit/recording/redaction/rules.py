"""Redaction rules as data: which headers, which fields and which texts are replaced, and by what."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, quote_plus

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording.redaction import forms
from acs_chat_testkit.recording.redaction.inert import Inert
from acs_chat_testkit.recording.redaction.innocent import is_basic
from acs_chat_testkit.recording.redaction.placeholders import JWT, SECRET, TOKEN, placeholder
from acs_chat_testkit.recording.redaction.pseudonyms import Kind, Naming
from acs_chat_testkit.recording.redaction.screen import LONG_WORD, SHORTEST_WORD, WORD, Screen


@dataclass(frozen=True, slots=True)
class Rule:
    """Replaces what a pattern finds in any text.

    The pattern must not match what `replace` writes, so that a second run changes nothing.

    Args:
        name: What a finding is called, such as ``"token"``.
        pattern: What to look for.
        replace: Writes what takes its place; pure but for the pseudonyms that it asks for.
        personal: Whether it finds who or what somebody is, and not what lets anybody in.
        needs: In lower case and ASCII; the pattern finds nothing in a text in which none of these stands, so that such
            a text can be passed over. None by default: it is looked for in every text.
        shape: A piece of the `shape` of every text in which it finds something: an ``a`` for each character of base64
            or hex, a dot for a dot, and a blank for all else. None of it by default.
        mark: What stands in every text in which it finds something, beside what it needs; nothing by default.
    """

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str], Naming], str]
    personal: bool = False
    needs: tuple[str, ...] | None = None
    shape: str = ""
    mark: str = ""


def secret(name: str, pattern: str, *needs: str, shape: str = "", mark: str = "") -> Rule:
    """A rule that keeps the group ``keep`` in front and replaces the rest by one word."""
    return Rule(
        name,
        re.compile(pattern),
        lambda match, _: (match.groupdict().get("keep") or "") + SECRET,
        needs=needs or None,
        shape=shape,
        mark=mark,
    )


def values(name: str, texts: Iterable[str]) -> Rule:
    """A rule that replaces certain texts wherever they are, plain or as URLs, JSON, HTML and Python write them.

    Base64 is found in either alphabet, also without what fills it up.

    Raises:
        UsageError: One of them is so short that it would be found everywhere.
    """
    wanted = sorted({form for text in texts for each in _written(text) for form in _forms(each)}, key=len)
    if wanted and len(wanted[0]) < SHORTEST:
        raise UsageError(
            f"a secret value of less than {SHORTEST} characters can not be told from other text; leave it out"
        )
    pattern = "|".join(map(re.escape, reversed(wanted))) or r"(?!)"
    return Rule(name, re.compile(pattern), lambda _match, _naming: SECRET, needs=literally(wanted))


def _written(text: str) -> Iterator[str]:
    yield text
    if _BASE64.fullmatch(text):
        core = text.rstrip("=")
        yield from (core, core.translate(_URL))


def _forms(text: str) -> Iterator[str]:
    yield from (
        text,
        quote(text, safe=""),
        quote(text),
        quote_plus(text),
        html.escape(text),
        html.escape(text, quote=False),
    )
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    yield repr(text)[1:-1]
    word = base64.b64encode(text.encode()).decode()
    if len(word.rstrip("=")) < SHORTEST_WORD:
        # Longer ones are opened.
        yield from (word.rstrip("="), text.encode().hex())


def literally(texts: Iterable[str]) -> tuple[str, ...] | None:
    """What a pattern needs that finds these texts as they are, for `Rule`."""
    low = tuple(text.lower() for text in texts)
    return low if all(map(str.isascii, low)) else None


def environment(names: Iterable[str]) -> list[str]:
    """The values of environment variables, for `values`; of a connection string, its key by itself too."""
    set_ones = [os.environ[name] for name in names if os.environ.get(name)]
    return [*set_ones, *(match[1] for text in set_ones for match in _KEY.finditer(text))]


_KEY = re.compile(r"(?i)key=([^;\s]{6,})")
_BASE64 = re.compile(r"[\w+/-]{16,}={0,2}", re.ASCII)
SHORTEST = 6
"""The least length of a value that is looked for by itself."""

_NOT_YET = rf"(?!(?:{SECRET}|{re.escape(TOKEN)}|(?i:sanitized))(?![\w.~+/=-]))"
"""What redaction has left is found no more."""
_GUID = r"(?a:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?!\w)"
_DRAWN = rf"(?!{_GUID})(?=[a-z_.~+/=%-]{{0,99}}\d)(?=[\d_.~+/=%-]{{0,99}}[a-z])(?a:[\w.~+/=%-]{{20,}})"
"""What looks drawn by lot, and is no GUID; where case is ignored."""

_START = r"(?:\b|(?<=%[\da-f]{2})|(?<=%25[\da-f]{2}))"
"""Where a word starts, also behind an escape of an address, or one of that; where case is ignored."""

_SERVICE_TOKENS = (
    (r"gh[pousr]_[A-Za-z\d]{36}\w*", "gh", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    (r"gl(?:pat|cbt|dt|ptt|rt)-[\w-]{20,}", "gl", ("glpat-", "glcbt-", "gldt-", "glptt-", "glrt-")),
    (r"shp(?:at|ca|pa|ss)_[A-Za-z\d]{30}\w*", "shp", ("shpat_", "shpca_", "shppa_", "shpss_")),
    (r"[rs]k_(?:org_)?(?:live|test)_[A-Za-z\d]{16}\w*", "k_", ("k_live_", "k_test_", "k_org_")),
    (
        r"(?:npm_[A-Za-z\d]{6}|(?:dop_v1|glsa|gsk|hf|lin_api|whsec)_)[A-Za-z\d]{30}\w*",
        "_",
        ("npm_", "dop_v1_", "glsa_", "gsk_", "hf_", "lin_api_", "whsec_"),
    ),
    (r"github_pat_\w{36,}", "_", ("github_pat_",)),
    (r"(?:GOCSPX|xai|xapp)-[\w-]{20,}", "-", ("gocspx-", "xai-", "xapp-")),
    (r"sk-(?=[\w-]{0,99}\d[A-Za-z]{0,99}\d)[\w-]{20,}", "-", ("sk-",)),
    (r"pypi-AgE[\w-]{20,}", "-", ("pypi-age",)),
    (r"dapi[\da-fA-F]{32}(?!\w)", "", ("dapi",)),
)
"""How they look, a mark that most texts lack, and what they need: to look for a mark is what they cost most texts.

Names in code and in pages begin like tokens, but have dashes or underscores where those have digits.
"""

_CLOUD_KEY = r"""(?x)
    (?<![\w+/-]) (?a: [\w+/-]{33,76} (?: \+A(?:Ba|CR|Eh|MC|Rm|Sb|St) | ACDb | AIoT | APIM | AzFu | AzSe ) [\w+/-]{5,7}
                    | [A-Za-z\d]{52} JQQJ99 [A-Za-z\d]{20,}
                 ) ={0,2} (?![\w+/=-])
"""
"""Keys of Azure, which have the sign of their service near their end."""
_KEY_CALLED_SO = rf"""(?xi)
    (?P<keep> (?<![\w.-]) (?: auth | code | key | session (?:[-_]?id)? | sid | ticket ) = ) {_NOT_YET} {_DRAWN}
"""
"""What only may be secret by its name, and looks so."""
_PRIVATE_KEY = r"""(?x)
    -{4,5}[ ]?BEGIN[ ][A-Z\d ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?[ ]?-{4,5}
    (?: (?: (?!----) [\s\S] )* -{4,5}[ ]?END[ ][A-Z\d ]*PRIVATE[ ]KEY(?:[ ]BLOCK)?[ ]?-{4,5}
      | [\w+/=\s\\]{20,}\Z
    )
"""


_COMMAND = rf"""(?x)
    (?P<keep> \bcurl (?=[ ]) (?: (?! \\?\bcurl [ ] ) (?: [^\r\n\\] | \\\r?\n | \\. ) )*?
        [ ] (?: -[uU] | --(?:proxy-)?user ) (?: [ =]{{1,2}} | (?=["']) ) \\*["']?
        [^\s:"'\\]{{1,99}} :
    )
    {_NOT_YET} (?![$<{{%*]) [^\s"'\\]+
"""
"""A name and a password behind an option of curl."""
_SAID = rf"""(?x)
    (?P<keep> \b(?i:password):[ ] ) {_NOT_YET} (?= [^\s<>"']{{0,99}} \d ) (?= [^\s<>"']{{0,99}} [A-Za-z] )
    [^\s<>"'`(){{}}\[\],;\\]{{7,}} [^\s<>"'`(){{}}\[\],;\\.!?:]
"""
"""A password in a sentence; a word without digits may be the next one of it."""
_PRINTABLE_JWT = re.compile(
    r"""(?x)
    (?: (?<![\w-]) | (?<==3[Dd]) ) eyJ (?=[\w.-]{0,1000}=)
    [\w-]*+ (?: =\r?\n [\w-]*+ ){0,20}+ (?: (?:\.|=2[Ee]) [\w-]*+ (?: =\r?\n [\w-]*+ )*+ ){2,4}
    """,
    re.ASCII,
)
"""A JSON Web Token in a text that is quoted-printable (RFC 2045, section 6.7)."""


# Who writes a password does not always know that an at-sign in it must be escaped.
_PORT = r"(?:(?<=https://)|(?<=http://))[^/@\s:\"'<>?#]*:\d{1,5},[\w.+-]+@"
_LOGIN = re.compile(rf"://(?!{_PORT})[^/@\s:\"'<>?#]*:[^/\s\"'<>?#]+(?=@)")
"""A name and a password, or several, each with servers behind it; not a port with somebody's address behind a comma."""
_SERVERS = re.compile(r"@[a-zA-Z\d.-]+(?::\d{1,5})?,(?=[^@,:]*:)")


def _logins(match: re.Match[str], _naming: Naming) -> str:
    return "://" + "".join(SECRET + servers for servers in _SERVERS.findall(match[0])) + SECRET


def _basic(match: re.Match[str], _naming: Naming) -> str:
    """A name and a password, or a word of a sentence, which stays."""
    return f"{match['keep']}{SECRET}" if is_basic(match["word"]) else match[0]


_URL = str.maketrans("+/", "-_")
SECRETS = (
    Rule("token", JWT, lambda _match, _naming: TOKEN, needs=("ey", "ew"), shape="aaaaaaaaaa.aaaa"),
    Rule("token", _PRINTABLE_JWT, lambda _match, _naming: TOKEN, needs=("eyj",), mark="="),
    secret(
        "key",
        rf"(?i)(?P<keep>\b(?:shared)?(?:access|account|secret)(?:key|secret)=){_NOT_YET}[^;&\"'\s<>]{{4,}}",
        *("key=", "secret="),
    ),
    secret(
        "signature",
        rf"(?i)(?P<keep>(?<![\w-])(?:sig|signature)(?:=|%3D)){_NOT_YET}[^&;,\"'\s<>]{{4,}}",
        *("sig=", "sig%3d", "signature=", "signature%3d"),
    ),
    Rule(
        "bearer",
        re.compile(rf"(?i)(?P<keep>{_START}bearer(?: |%20|\+)){_NOT_YET}(?P<word>[\w.~+/=%-]{{8,}})"),
        lambda match, _naming: match["keep"] + placeholder(match["word"]),
        needs=("bearer",),
    ),
    Rule("password", _LOGIN, _logins, needs=("://",), mark="@"),
    secret("password", r"(?P<keep>://)(?=[A-Za-z_.~-]*\d)[\w.~-]{20,200}(?=@)", "://", mark="@"),
    Rule(
        "password",
        re.compile(rf"(?i)(?P<keep>{_START}basic(?: |%20|\+))(?P<word>[\w+/-]{{4,}}={{0,2}})"),
        _basic,
        needs=("basic",),
    ),
    secret("password", _COMMAND, "curl ", mark=":"),
    secret("password", _SAID, "password: "),
    secret(
        "password",
        # Elsewhere, things of all kinds are identified by what is no secret.
        r"(?P<keep>\b(?:(?i:password|user [^;\r\n]{1,99} identified by)|IDENTIFIED BY) ')"
        rf"{_NOT_YET}(?:[^'\r\n]|'')+(?=')",
        *("password '", "fied by '"),
        mark="'",
    ),
    secret("key", rf"(?P<keep></SignedVersion>\s*<Value>){_NOT_YET}[^<]+(?=</Value>)", "</signedversion>", mark="<"),
    secret("private key", _PRIVATE_KEY, "private key"),
    secret(
        "cloud key",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza(?a:[\w-]{35})\b",
        *("akia", "asia", "aiza"),
        shape=LONG_WORD,
    ),
    *(
        secret("service token", rf"(?a)\b(?:{pattern})", *needs, shape=LONG_WORD, mark=mark)
        for pattern, mark, needs in _SERVICE_TOKENS
    ),
    secret("service token", r"\bxox[a-eoprs]-[\w-]{10,}", "xox"),
    secret("service token", r"\bSG\.(?a:[\w-]{16,}\.[\w-]{16,})", "sg.", shape=f"aa.{WORD}"),
    secret("service token", r"\bya29\.(?a:[\w-]{20,})", "ya29.", shape=f"aaaa.{WORD}"),
    secret("service token", r"(?P<keep>/bot)\d{6,12}:(?a:[\w-]{30,})", "/bot", shape=LONG_WORD),
    secret("service token", r"(?P<keep>hooks\.slack\.com/services/)[\w/]{20,}", "hooks.slack.com"),
    secret(
        "service token",
        rf"(?i)(?P<keep>/(?:webhooks|interactions)/\d{{10,20}}/)(?!{_GUID})(?=[a-z_-]*\d)[\w-]{{30,}}",
        *("/webhooks/", "/interactions/"),
    ),
    secret("service token", rf"(?P<keep>/webhookb2/)(?!{SECRET})[\w@/-]{{30,}}", "/webhookb2/"),
    secret("cloud key", r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])", "q~"),
    secret(
        "cloud key",
        _CLOUD_KEY,
        *("+aba", "+acr", "+aeh", "+amc", "+arm", "+asb", "+ast", "acdb", "aiot", "apim", "azfu", "azse", "jqqj99"),
        shape=LONG_WORD,
    ),
    secret(
        "key",
        _KEY_CALLED_SO,
        *("auth=", "code=", "key=", "session=", "sessionid=", "session-id=", "session_id=", "sid=", "ticket="),
    ),
)
"""Secrets that a text shows by its own form."""

SHAPED = re.compile(r"(?i)\b(?:shared)?(?:access|account)key=")
"""A connection string: it is redacted by its parts."""

SECRET_HEADERS = frozenset(
    [
        "authorization",
        "proxy-authorization",
        "x-ms-authorization-auxiliary",
        "x-api-key",
        "api-key",
        "apikey",
        "ocp-apim-subscription-key",
        "x-functions-key",
        "aeg-sas-key",
        "aeg-sas-token",
        "x-ms-encryption-key",
        "x-amz-security-token",
        "x-goog-api-key",
        "x-auth-token",
        "x-access-token",
        "x-csrf-token",
        "x-xsrf-token",
        "x-vault-token",
        "private-token",
    ]
)
"""Header fields, in lower case, whose whole value is a secret."""

COOKIE_HEADERS = frozenset(["cookie", "set-cookie"])
"""Header fields that carry cookies: their values are replaced, their names and attributes stay, so that they replay."""

_AGAIN = r"""(?: [-_]? (?: value | string | binary | data | pem | hash | confirm(?:ation)? | repeat
                   | (?:hmac[-_]?)?sha-?\d{1,3} | ed25519 | v?\d{1,3} ) )?"""
SECRET_FIELDS = re.compile(
    rf"""(?ix)
      (?: .*[-_.[] )? (?: sas | sig | pwd | pin | passphrase | passcode | jwt | bearer | t?otp | mnemonic
           | hmac (?: [-_]? sha-?\d{{1,3}} )? ) s?
    | (?-i: .*[a-z0-9] (?: Pwd | PWD | Pin | Jwt | JWT | Otp | OTP ) )
    | (?: (?: .*[-_.[] )? (?: user | db | smtp | login | admin | proxy | auth ) [-_]? )? pass
    | (?: .*[-_.[] | client | saml )? assertion
    | _?auth | (?: .*[-_] | proxy )? authorization (?: [-_]? header )? | (?: x-? )? (?: set-? )? cookies? 2?
    | x?[cx]srf | (?: recovery | backup ) [-_]? codes?
    | (?: t?otp | mfa | verification )[-_]?code | code[-_]?verifier | device[-_]?code | saml[-_]?response
    | .* secret[-_]?id | client_?state | key[12] | session_?id | authorization_?code
    | (?: j | php )sess(?:ion)?id | asp\.net_sessionid
    | (?! thought[-_]?signatures? \Z ) .* (?: passw(?:or)?d | secret | credential | signature
           | (?: access | account | admin | api | app | application | auth | encryption | function | license
               | master | private | primary | secondary | secret | session | shared | signing | storage | subscription
             ) [-_]? key
           | connection[-_]?string | sas[-_]?(?: uri | url | token ) ) s? {_AGAIN}
    | (?! .*(?: continuation | next | page | skip | sync | delta | cancel ) ) .* tokens? {_AGAIN}
    """
)
"""Names of query parameters, form fields and JSON members whose value is a secret; matched as a whole."""

_HEADERS_ONLY = re.compile(
    r"(?i)(?:[\w-]+-)?(?:auth|cookie|crumb|session|session-id|sid|sign)|(?:proxy-)?authentication-info"
    r"|fastly-key|x-honeycomb-team|x-(?!.*(?:cache|dedup|idempotency|partition|public|row|sort|surrogate))[\w-]+-key"
)
"""Names of header fields whose value is a secret, though it would be none elsewhere."""

_IN_FIELDS = (
    *("sas", "sig", "pwd", "pin", "pass", "jwt", "bearer", "assertion", "otp", "hmac", "mnemonic", "auth"),
    *("cookie", "srf", "code", "saml", "sess", "secret", "credential", "key", "connection", "token"),
    *("clientstate", "client_state"),
)
"""One of these stands in each of them."""

VOLATILE_REQUEST_HEADERS = frozenset(
    [
        "accept-encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "connection",
        "content-length",
        "host",
        "traceparent",
        "tracestate",
        "user-agent",
        "x-amz-date",
        "x-ms-client-request-id",
        "x-ms-return-client-request-id",
        "x-ms-date",
        "x-ms-content-sha256",
        "date",
    ]
)
"""What differs from run to run or from machine to machine and that no service's answer depends on."""

VOLATILE_RESPONSE_HEADERS = frozenset(
    [
        "connection",
        "date",
        "keep-alive",
        "ms-cv",
        "server-timing",
        "x-azure-ref",
        "x-cache",
        "x-ms-client-request-id",
        "x-ms-correlation-request-id",
        "x-ms-request-id",
        "x-processing-time",
        "x-request-id",
    ]
)
"""The same of answers."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a redactor goes by; `Rules()` is on by default and knows no service.

    Args:
        texts: Applied to every text, in this order.
        headers: Rules for the whole value of a header field, by its name in lower case.
        members: JSON members, by a pattern of their names, whose texts become pseudonyms of a kind.
        kinds: The kinds of ids that these rules give pseudonyms to.
        secret_headers: Header fields, in lower case, whose whole value is a secret.
        secret_fields: Names of parameters, form fields and JSON members whose value is a secret.
        volatile_request_headers: Dropped from requests, in lower case.
        volatile_response_headers: Dropped from responses, in lower case.

    Attributes:
        inert: Texts in which these rules find nothing.
        hides: Says of the name of a value whether the value is a secret.
        names: Says of the name of a JSON member whether its value is replaced, as a secret or by a pseudonym, or shows
            that those of others are.
        screen: Tells of most texts with one look that nothing is to be found; None where that can not be told.
        across: Whether they may find what begins in the path of an address and ends in its query, such as all of it.
    """

    texts: tuple[Rule, ...] = SECRETS
    headers: Mapping[str, Rule] = field(default_factory=dict)
    members: tuple[tuple[re.Pattern[str], Kind], ...] = ()
    kinds: tuple[Kind, ...] = ()
    secret_headers: frozenset[str] = SECRET_HEADERS
    secret_fields: re.Pattern[str] = SECRET_FIELDS
    volatile_request_headers: frozenset[str] = VOLATILE_REQUEST_HEADERS
    volatile_response_headers: frozenset[str] = VOLATILE_RESPONSE_HEADERS
    inert: Inert = field(init=False, repr=False, compare=False, default_factory=Inert)
    hides: Callable[[str], bool] = field(init=False, repr=False, compare=False)
    names: Callable[[str], bool] = field(init=False, repr=False, compare=False)
    screen: Screen | None = field(init=False, repr=False, compare=False)
    across: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Works out what is asked for every text."""
        object.__setattr__(self, "hides", lru_cache(maxsize=1024)(self._hides))
        object.__setattr__(self, "names", lru_cache(maxsize=1024)(self._names))
        object.__setattr__(self, "screen", self._screen())
        across = any(rule.needs is None or "?" in "".join(rule.needs) for rule in self.texts)
        object.__setattr__(self, "across", across)

    def _hides(self, name: str) -> bool:
        return name.lower() in self.secret_headers or self.secret_fields.fullmatch(name) is not None

    def hides_field(self, name: str) -> bool:
        """Whether the value of a header field of this name is a secret."""
        return self.hides(name) or _HEADERS_ONLY.fullmatch(name) is not None

    def _names(self, name: str) -> bool:
        return name in forms.SIGNS or self.hides(name) or any(pattern.fullmatch(name) for pattern, _ in self.members)

    def quoted(self, text: str) -> bool:
        """Whether a name in quotes may have its value replaced, in JSON or in a text without backslashes."""
        names = forms.json_names(text)
        return (
            any(map(self.names, names)) or forms.labels(text, names, self.hides) or forms.lists(text, names, self.hides)
        )

    def _screen(self) -> Screen | None:
        headers = literally(self.secret_headers)
        if any(rule.needs is None for rule in self.texts) or headers is None or self.secret_fields is not SECRET_FIELDS:
            return None
        signs = ((rule.shape, rule.mark, rule.needs or ()) for rule in self.texts)
        return Screen(signs, (*_IN_FIELDS, *headers), self.quoted)

    @property
    def personal(self) -> frozenset[str]:
        """The names of the rules that find personal data, and no secrets."""
        rules = (*self.texts, *self.headers.values())
        return frozenset(rule.name for rule in rules if rule.personal)

    @property
    def content(self) -> frozenset[str]:
        """The names under which texts are found that people wrote."""
        return frozenset(kind.name for _, kind in self.members)

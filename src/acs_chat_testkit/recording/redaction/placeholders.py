"""What stands in the place of a secret."""

from __future__ import annotations

import base64
import re

SECRET = "-REDACTED-"
"""In the place of any secret that has no form of its own.

The dash in front keeps secret scanners from taking it for one: behind `password=` they look for a word.
"""


def _part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


TOKEN = ".".join([_part('{ "alg": "none", "typ": "JWT" }'), _part('{ "exp": 4102444800 }'), _part("REDACTED")])
"""In the place of a JSON Web Token: parses as one (RFC 7519) and expires in the year 2100.

The blank after the brace keeps secret scanners from taking it for a real one: they look for `eyJ`.
"""

JWT = re.compile(
    rf"(?!{re.escape(TOKEN)})(?:(?<![\w-])(?<!{TOKEN.partition('.')[0]}\.)e[yw]|eyJ)[\w-]{{8,16384}}+\.[\w-]{{4,}}(?:\.[\w-]*){{1,3}}",
    re.ASCII,
)
"""A JSON Web Token in any text (RFC 7515, section 7.1; five parts where it is encrypted, RFC 7516).

None starts in the middle of `TOKEN`, whatever stands behind that.
"""

ABOUT = (
    "any|array|bool|boolean|bytes|int|integer|null|nil|none|number|object|str|string|text|undefined"
    "|delete|disabled|enabled|expired|false|get|invalid|list|missing|optional|read|required|set|true|write"
)
"""Under the name of a secret these say of which type it is, whether there is one, or who may do what with it."""

OTHERS = re.compile(
    r"(?i)(?:bearer |basic |token )?(?:[<(\[{*%_ -]*"
    r"(?:sanitized|redacted|filtered|scrubbed|removed|masked|hidden|x{3,}"
    r"|(?:dummy|fake|placeholder)(?:[ _-]?(?:api|access|auth))?(?:[ _-]?(?:token|key|secret|password|value))?)"
    r"[>)\]}*%_ -]*|\*{3,}|(?-i:<[A-Z][A-Z_]+>|(?:[A-Z]{1,20}-){1,8}X{3,}))"
)
"""What scrubbers, and people in filters of theirs, write in the place of a secret; it hides as well as ours does."""

_SAMPLE = re.compile(
    r"(?i)(?:your|test|mock(?:ed)?|example|sample|invalid|dummy|fake|placeholder)"
    r"(?:[ _-][a-z]{2,12}){0,3}"
    r"[ _-]?(?:token|key|cookie)(?:[ _-](?:here|for[ _-]tests?))?"
    r"|(?:sk|pk)[-_](?:\w{2,6}[-_])?x{3,}"
    r"|(?-i:<[a-z]*[ _-]?(?:token|key|secret|password)>)"
    r"|\$\{[a-z_][\w.]*\}|\$(?:[a-z]+_)*(?:token|key|secret|password)|\{\{ ?[\w.-]+ ?\}\}"
)
"""What stands for a secret in an example, a test or a template."""

_NONE = re.compile(rf"{OTHERS.pattern}|{ABOUT}|required; ?(?:app|sms)")
"""What is no secret, whatever it is called; the last is how GitHub's X-GitHub-OTP asks for a second factor."""

_SCHEME = re.compile(
    r"(?i)(?:apikey|aws4-hmac-sha256|basic|bearer|digest|dpop|endpointkey|gnap|hawk|hmac-sha256|hoba|key|mutual|negotiate"
    r"|ntlm|oauth|privatetoken|scram-sha-(?:1|256)|sharedaccesssignature|sharedkey|sharedkeylite|signature|token|vapid)"
)
"""How an authorization begins (IANA's registry, and what clouds use); the first word of a passphrase is a secret."""


def placeholder(value: str) -> str:
    """What replaces a secret: a token by a token, an authorization by one of its scheme, all else by one word."""
    if value in ("", SECRET, TOKEN) or _NONE.fullmatch(value):
        return value
    scheme, blank, rest = value.partition(" ")
    if blank and _SCHEME.fullmatch(scheme):
        if not rest.strip() or value.lower() == "bearer token" or _NONE.fullmatch(rest):
            return value
        return f"{scheme} {placeholder(rest)}" if JWT.search(rest) or TOKEN in rest else f"{scheme} {SECRET}"
    return TOKEN if JWT.fullmatch(value) else SECRET


def replaced(value: str, by: str) -> str:
    """What replaces a secret of any kind, and any word that only stands for one, such as `dummy`, by the same."""
    clean = placeholder(value)
    return by if clean in (SECRET, TOKEN) or OTHERS.fullmatch(value) else clean


def is_sample(value: str) -> bool:
    """Whether a text, with or without its scheme, only stands for a secret; it is replaced, but nothing has leaked."""
    scheme, blank, rest = value.partition(" ")
    return _SAMPLE.fullmatch(rest if blank and _SCHEME.fullmatch(scheme) else value) is not None

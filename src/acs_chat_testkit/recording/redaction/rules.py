"""Redaction rules as data: which headers, which fields and which texts are replaced, and by what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from acs_chat_testkit.recording.redaction.placeholders import JWT, SECRET, TOKEN
from acs_chat_testkit.recording.redaction.pseudonyms import Kind

Naming = Callable[[Kind, str], str]
"""Gives an id of a kind its pseudonym."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Replaces what a pattern finds in any text.

    The pattern must not match what `replace` writes, so that a second run changes nothing.

    Args:
        name: What a finding is called, such as ``"token"``.
        pattern: What to look for.
        replace: Writes what takes its place; pure but for the pseudonyms that it asks for.
    """

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str], Naming], str]


def secret(name: str, pattern: str) -> Rule:
    """A rule that keeps the group ``keep`` in front and replaces the rest by one word."""
    return Rule(name, re.compile(pattern), lambda match, _: (match.groupdict().get("keep") or "") + SECRET)


SECRETS = (
    Rule("token", JWT, lambda _match, _naming: TOKEN),
    secret(
        "key", rf"(?i)(?P<keep>\b(?:shared)?(?:access|account|secret)(?:key|secret)=)(?!{SECRET})[^;&\"'\s<>]{{4,}}"
    ),
    secret("signature", rf"(?i)(?P<keep>[?&;]sig(?:=|%3D)|\bsignature=)(?!{SECRET})[^&;,\"'\s<>]{{4,}}"),
    secret("bearer", rf"(?i)(?P<keep>\bbearer )(?!{SECRET}|{TOKEN})[\w.~+/=-]{{8,}}"),
    secret("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"),
)
"""Secrets that a text shows by its own form."""

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
    ]
)
"""Header fields, in lower case, whose whole value is a secret."""

COOKIE_HEADERS = frozenset(["cookie", "set-cookie"])
"""Header fields that carry cookies: their values are replaced, their names and attributes stay, so that they replay."""

SECRET_FIELDS = re.compile(
    r"""(?ix) (?:.*[-_.])? (?: sig | pwd | pin | passphrase | jwt )
    | .* (?: passw(?:or)?d | secret | (?:access|account|api|private|primary|secondary|shared|subscription)[-_]?key
           | connection[-_]?string | credentials? | sas[-_]?(?:uri|url|token)? )
    | (?! .*(?:continuation|next|page|skip|sync) ) .* token
    """
)
"""Names of query parameters, form fields and JSON members whose value is a secret; matched as a whole."""

VOLATILE_REQUEST_HEADERS = frozenset(
    [
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "traceparent",
        "tracestate",
        "user-agent",
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
        kinds: The kinds of ids that these rules give pseudonyms to.
        secret_headers: Header fields, in lower case, whose whole value is a secret.
        secret_fields: Names of parameters, form fields and JSON members whose value is a secret.
        volatile_request_headers: Dropped from requests, in lower case.
        volatile_response_headers: Dropped from responses, in lower case.
    """

    texts: tuple[Rule, ...] = SECRETS
    headers: Mapping[str, Rule] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()
    secret_headers: frozenset[str] = SECRET_HEADERS
    secret_fields: re.Pattern[str] = SECRET_FIELDS
    volatile_request_headers: frozenset[str] = VOLATILE_REQUEST_HEADERS
    volatile_response_headers: frozenset[str] = VOLATILE_RESPONSE_HEADERS

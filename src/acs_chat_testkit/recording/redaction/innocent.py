"""What stands under the name of a secret, and by its own form can not be one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence

Innocent = tuple[re.Pattern[str], Callable[[str], object]]
"""A pattern of names, and what says of a value that it is no secret under them."""


def is_basic(word: str) -> bool:
    """Whether a word is a name and a password in base64 (RFC 7617)."""
    core = word.translate(_STANDARD).rstrip("=")
    try:
        plain = base64.b64decode(core + "=" * (-len(core) % 4), validate=True).decode()
    except ValueError:
        return False
    name, colon, password = plain.partition(":")
    # Some services know a person by the password alone; a short one without a name is a word such as `Only`.
    return bool(colon) and (name != "" or len(password) >= SHORTEST_ALONE) and plain.isprintable()


_STANDARD = str.maketrans("-_", "+/")
SHORTEST_ALONE = 4
"""A password of fewer characters is taken for one only where a name stands before it."""

_DRAWN = re.compile(r"(?i)(?=.*?(?<![a-z0-9])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{8})[\w.~+/=-]{16,}", re.ASCII)
"""What has letters and digits in one word, as ids in words of a language have not."""
_KEY = re.compile(r"(?=[^\d]*\d)(?=[^a-zA-Z]*[a-zA-Z])[a-zA-Z\d+/]{32,}={0,2}")
_GUID = r"[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}"
_LONG = re.compile(rf"(?!(?:urn:uuid:|{{)?{_GUID}}}?\Z)(?=.*(?:[a-zA-Z]\d|\d[a-zA-Z]))\S{{20,}}")
"""What looks drawn by lot, with letters and digits in one word, and is no GUID."""
_NAMES_OF_TOKENS = re.compile(r"(?i).*tokens?")
_PUBLIC = r"(?:PGP|SSH) SIGNATURE|CERTIFICATE|(?:\w+ )?PUBLIC KEY(?: BLOCK)?"
EVERYWHERE: Sequence[Innocent] = (
    # Tokens of a language model, and how many.
    (re.compile(r"(?i).+tokens|.+_prompt_token"), re.compile(r"\d{1,7}", re.ASCII).fullmatch),
    # The words of a name, as an index has them.
    (re.compile("tokens"), re.compile("[a-z]{2,13}(?:/[a-z]{2,13})?").fullmatch),
    (
        _NAMES_OF_TOKENS,
        re.compile(r"</?s>|<(?:unk|pad|mask|bos|eos|cls|sep)>|\[[A-Z]{3,4}\]|<\|\w{1,30}\|>", re.ASCII).fullmatch,
    ),
    # Cookies that only say yes or no: nobody is known by them.
    (re.compile(r"(?i)(?:set-)?cookie"), re.compile(r"[a-z_-]{1,40}=[01](?:; ?[a-z_-]{1,40}=[01])*").fullmatch),
    # How somebody is known; Docker and npm call a name and a password so.
    (re.compile("(?i)_?auth"), lambda value: not is_basic(value)),
    # Names that say so of many things; by its form, a value may be one.
    (re.compile("(?i).*secret[-_]?id|client_?state"), lambda value: not _DRAWN.fullmatch(value)),
    (re.compile("(?i)key[12]"), lambda value: not _KEY.fullmatch(value)),
    (re.compile("(?i)session_?id|authorization_?code"), lambda value: not _LONG.fullmatch(value)),
    # What a publisher says of an article; to OAuth it is a token or XML.
    (re.compile("assertion"), lambda value: "<" not in value and not any(map(_DRAWN.fullmatch, value.split()))),
    # Which pages may ask a browser (Permissions Policy).
    (re.compile("otp-credentials"), re.compile(r"\((?:self)?\)|\*").fullmatch),
    # What is public, and what only proves who wrote something.
    (
        re.compile(r".*"),
        re.compile(rf"\s*-----BEGIN ({_PUBLIC})-----\s[\w+/=:.,()<>@\s-]*?-----END \1-----\s*", re.ASCII).fullmatch,
    ),
    # What is said about a secret, as forms do.
    (
        re.compile(r".*"),
        re.compile(
            r"[A-Z][a-z']+(?: [\w'-]+){0,20} (?:is (?:required|(?:not |in)valid)|(?:must|(?:may|can) ?not) be)"
            r"(?: [a-z'-]+){0,12}[.!]?"
        ).fullmatch,
    ),
)
"""Innocent in any text."""

_SPOKEN = (
    re.compile(r'"(?:(?:\w+_)?logprobs?|logProbability|token_likelihoods|token_str|start_offset)"'),
    (re.compile(r"(?i)tokens?|token_str"), re.compile(r"(?s).{1,8}|[^0-9]{9,24}").fullmatch),
)
"""Words as language models and analysers of text count them, in what one answers."""
_THOUGHT = (
    re.compile(r'"(?:thinking|thought|signature_delta|thought_signature)"'),
    (re.compile("signature"), re.compile(r"[\w+/-]{40,}={0,2}", re.ASCII).fullmatch),
)
"""What a language model signs of its thoughts: whoever has it can only hand it back."""


def innocent(text: str) -> Sequence[Innocent]:
    """What is innocent in a text, by what it says of itself."""
    if '"' not in text:
        return EVERYWHERE
    return (*EVERYWHERE, *(found for sign, found in (_SPOKEN, _THOUGHT) if sign.search(text)))


def is_innocent(name: str, value: str, among: Sequence[Innocent]) -> bool:
    """Whether a value under a name is no secret."""
    return any(names.fullmatch(name) and stays(value) for names, stays in among)

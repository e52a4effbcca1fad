"""What stands under the name of a secret, and by its own form can not be one."""

from __future__ import annotations

import re
from collections.abc import Sequence

Innocent = tuple[re.Pattern[str], re.Pattern[str]]
"""A pattern of names, and one of the values that are no secret under them."""

_NAMES_OF_TOKENS = re.compile(r"(?i).*tokens?")
_PUBLIC = r"(?:PGP|SSH) SIGNATURE|CERTIFICATE|(?:\w+ )?PUBLIC KEY(?: BLOCK)?"
EVERYWHERE: Sequence[Innocent] = (
    # Tokens of a language model, and how many.
    (re.compile(r"(?i).+tokens"), re.compile(r"\d{1,7}", re.ASCII)),
    (_NAMES_OF_TOKENS, re.compile(r"</?s>|<(?:unk|pad|mask|bos|eos|cls|sep)>|\[[A-Z]{3,4}\]|<\|\w{1,30}\|>", re.ASCII)),
    # Cookies that only say yes or no: nobody is known by them.
    (re.compile(r"(?i)(?:set-)?cookie"), re.compile(r"[a-z_-]{1,40}=[01](?:; ?[a-z_-]{1,40}=[01])*")),
    # What is public, and what only proves who wrote something.
    (
        re.compile(r".*"),
        re.compile(rf"\s*-----BEGIN ({_PUBLIC})-----\s[\w+/=:.,()<>@\s-]*?-----END \1-----\s*", re.ASCII),
    ),
    # What is said about a secret, as forms do.
    (
        re.compile(r".*"),
        re.compile(
            r"[A-Z][a-z']+(?: [\w'-]+){0,20} (?:is (?:required|(?:not |in)valid)|(?:must|(?:may|can) ?not) be)"
            r"(?: [a-z'-]+){0,12}[.!]?"
        ),
    ),
)
"""Innocent in any text."""

_SPOKEN = (
    re.compile(r'"(?:(?:\w+_)?logprobs?|logProbability|token_likelihoods|token_str|start_offset)"'),
    (re.compile(r"(?i)tokens?|token_str"), re.compile(r"(?s).{1,8}|[^0-9]{9,24}")),
)
"""Words as language models and analysers of text count them, in what one answers."""
_THOUGHT = (
    re.compile(r'"(?:thinking|signature_delta)"'),
    (re.compile("signature"), re.compile(r"[\w+/-]{40,}={0,2}", re.ASCII)),
)
"""What a language model signs of its thoughts: whoever has it can only hand it back."""


def innocent(text: str) -> Sequence[Innocent]:
    """What is innocent in a text, by what it says of itself."""
    if '"' not in text:
        return EVERYWHERE
    return (*EVERYWHERE, *(found for sign, found in (_SPOKEN, _THOUGHT) if sign.search(text)))


def is_innocent(name: str, value: str, among: Sequence[Innocent]) -> bool:
    """Whether a value under a name is no secret."""
    return any(names.fullmatch(name) and values.fullmatch(value) for names, values in among)

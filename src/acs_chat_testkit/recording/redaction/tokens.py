"""What a token that was found says of itself: whose it is and until when it is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acs_chat_testkit.recording.redaction.placeholders import JWT

SUBJECTS = ("skypeid", "sub", "oid", "appid", "azp", "client_id")
"""The claims that name who a token stands for, in the order in which they are asked."""


@dataclass(frozen=True, slots=True, order=True)
class Claims:
    """What is told of a token, and gives nobody its use.

    Args:
        expires: Seconds since 1970; infinity where it says nothing and so never ends.
        subject: Who it stands for, but for the last four characters; None where it does not say.
    """

    expires: float
    subject: str | None = None


def claims(text: str) -> Claims | None:
    """The claims of the first token in a text; None where there is none that can be read."""
    import jwt  # imports half of a cryptography library, and only a finding needs it

    found = JWT.search(text)
    if found is None:
        return None
    try:
        said: dict[str, Any] = jwt.decode(found[0], options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    subject = next((str(said[name]) for name in SUBJECTS if said.get(name)), None)
    expires = said.get("exp")
    return Claims(float(expires) if isinstance(expires, (int, float)) else float("inf"), subject and _short(subject))


def _short(subject: str) -> str:
    """Enough of an id to find it in a list, and too little to call it: its kind and its end."""
    kind = "8:acs:" if subject.startswith(("acs:", "8:acs:")) else ""
    return f"{kind}..{subject[-4:]}"

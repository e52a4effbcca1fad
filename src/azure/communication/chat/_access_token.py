"""Reads an access token: when it expires is in the token itself (a JWT, RFC 7519)."""

from __future__ import annotations

from typing import Any

import jwt
from azure.core.credentials import AccessToken

_FOREVER = 2**63  # what is beyond cannot be compared with a clock


class HiddenToken(AccessToken):
    """An AccessToken that does not show its token."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"AccessToken(token='***', expires_on={self.expires_on})"

    __str__ = __repr__


def read(token: Any) -> AccessToken:
    """An AccessToken from a JWT or from another AccessToken.

    Raises:
        TypeError: It is neither text nor an AccessToken.
        ValueError: The text is no JWT with a number as ``exp``, or the AccessToken has none as ``expires_on``.
    """
    if isinstance(token, AccessToken):
        return HiddenToken(_text(token.token), _seconds(token.expires_on, "expires_on"))
    try:
        claims = jwt.decode(_text(token), options={"verify_signature": False})
    except jwt.PyJWTError:
        claims = None
    if claims is None:  # outside of the handler, so that no traceback leads to the token
        raise ValueError("token is not a JWT: three parts in base64url with dots between them are expected")
    return HiddenToken(token, _seconds(claims.get("exp"), "exp claim"))


def _text(token: Any) -> str:
    if not isinstance(token, str):
        raise TypeError(f"token must be a JWT as str or an AccessToken, not {type(token).__name__}")
    return token


def _seconds(expiry: Any, place: str) -> int:
    if not isinstance(expiry, int | float) or isinstance(expiry, bool) or not abs(expiry) < _FOREVER:
        raise ValueError(f"token has no number as its {place}, so nobody can tell when it expires")
    return int(expiry)

"""Reads an access token: when it expires is in the token itself (a JWT, RFC 7519)."""

from __future__ import annotations

import math
from typing import Any

import jwt
from azure.core.credentials import AccessToken


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
        ValueError: The text is no JWT with a number as ``exp``.
    """
    if isinstance(token, AccessToken):
        return HiddenToken(token.token, int(token.expires_on))
    if not isinstance(token, str):
        raise TypeError(f"token must be a JWT as str or an AccessToken, not {type(token).__name__}")
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        claims = None
    if claims is None:  # outside of the handler, so that no traceback leads to the token
        raise ValueError("token is not a JWT: three parts in base64url with dots between them are expected")
    expiry = claims.get("exp")
    if not isinstance(expiry, int | float) or isinstance(expiry, bool) or not -math.inf < expiry < math.inf:
        raise ValueError("token has no number as its exp claim, so nobody can tell when it expires")
    return HiddenToken(token, int(expiry))

"""Access tokens, made when they are needed."""

from __future__ import annotations

import base64
import json
import time
from typing import Any


def make_token(expires_in: float = 3600, **claims: Any) -> str:
    """An unsigned access token that expires so many seconds from now."""
    return jwt({"exp": int(time.time() + expires_in), **claims})


def jwt(claims: Any) -> str:
    """An unsigned token with these claims."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    texts = [json.dumps(part, ensure_ascii=False).encode() for part in parts]
    encoded = [base64.urlsafe_b64encode(text).decode().rstrip("=") for text in texts]
    return ".".join([*encoded, "c2ln"])

"""Who calls: access tokens of users, and requests signed with the connection string's key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from acs_chat_testkit.emulator.calls import split_url
from acs_chat_testkit.emulator.problems import unauthorized
from acs_chat_testkit.emulator.signing_key import derived_key, drawn_key
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.http import Request

CHAT_SCOPES = frozenset({"chat", "chat.join", "chat.join.limited"})
DEFAULT_MINUTES = 1440
_KEY_ID = "102"
_SCP = 1792
_REMEMBERED = 1024
_LONGEST_TOKEN = 8192
_SIGNED = "identity.signature"
_SIGNATURE = re.compile(r"HMAC-SHA256 SignedHeaders=([A-Za-z0-9;-]+)&Signature=([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the instant, in milliseconds since 1970, from which on it is void."""

    token: str
    expires_on: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says: raw user id, seconds of issue and expiry, scopes."""

    user: str
    issued: int
    expires: int
    scopes: frozenset[str]


class Tokens:
    """Issues and verifies access tokens: RS256 with the claims of the service.

    The key is made when the first token is signed or verified.

    Args:
        state: Knows the users, keeps the key; where a seed was given, the key follows from it.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._key: rsa.RSAPrivateKey | None = None
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def issue(self, user_id: str, scopes: Sequence[str], minutes: int = DEFAULT_MINUTES) -> AccessToken:
        """Signs a token. Its text is ASCII that never needs ``-`` or ``_`` in base64url.

        Published clients decode the payload as standard base64 and refuse those two; they come from the
        characters ``>``, ``?`` and ``~`` alone, and no claim has one.
        """
        user = self._state.users.get(user_id)
        revoked_at = -1 if user is None else user.revoked_at
        now = self._state.clock.now()
        issued = max(now // 1000, revoked_at + 1)
        claims = {
            "skypeid": user_id.removeprefix("8:"),
            "scp": _SCP,
            "csi": str(issued),
            "iat": issued,
            "exp": issued + minutes * 60,
            "acsScope": ",".join(scopes),
            "resourceId": self._state.ids.resource,
        }
        token = jwt.encode(claims, self._signing_key(), "RS256", headers={"kid": _KEY_ID})
        return AccessToken(token, (issued + minutes * 60) * 1000 + now % 1000)

    def caller(self, request: Request) -> str:
        """The raw id of the user whose token came along.

        Raises:
            Problem: 401, there is no token of this resource that is valid now and good for chat.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or len(token) > _LONGEST_TOKEN:
            raise unauthorized()
        claims = self._claims(token.strip())
        user = self._state.users.get(claims.user)
        if user is None or user.deleted or claims.issued <= user.revoked_at:
            raise unauthorized()
        if claims.expires * 1000 <= self._state.clock.now():
            raise unauthorized()
        if CHAT_SCOPES.isdisjoint(claims.scopes):
            raise unauthorized("request.scope")
        return user.id

    def _claims(self, token: str) -> Claims:
        claims = self._verified.get(token)
        if claims is None:
            claims = self._verify(token)
            self._verified[token] = claims
            if len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)
        return claims

    def _verify(self, token: str) -> Claims:
        # The clock may be a logical one, so expiry is compared by `caller`.
        try:
            claims = jwt.decode(
                token,
                self._signing_key().public_key(),
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_iat": False},
            )
            scopes = frozenset(str(claims["acsScope"]).split(","))
            return Claims(f"8:{claims['skypeid']}", int(claims["iat"]), int(claims["exp"]), scopes)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, RecursionError):
            raise unauthorized() from None

    def _signing_key(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            seeded = self._state.database.seeded
            self._key = derived_key(self._state.ids.signing_root) if seeded else self._kept_key()
        return self._key

    def _kept_key(self) -> rsa.RSAPrivateKey:
        kept = self._state.database.setting("signing key")
        if kept is not None:
            key = serialization.load_der_private_key(kept, None)
            assert isinstance(key, rsa.RSAPrivateKey)
            return key
        key = drawn_key()
        self._state.database.set(
            "signing key",
            key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
        return key


def check_signature(request: Request, access_key: str) -> None:
    """Holds a request to its signature with the key of the connection string.

    What is signed is the method, the path and query as they stand on the wire, and the values of the named headers.

    Raises:
        Problem: 401, it is not signed, or not with this key, or its body is another one.
    """
    match = _SIGNATURE.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise unauthorized(_SIGNED)
    names, signature = match[1].lower().split(";"), match[2]
    content = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    dated = "x-ms-date" in names or "date" in names
    if (
        not dated
        or not {"host", "x-ms-content-sha256"} <= set(names)
        or any(name not in request.headers for name in names)
    ):
        raise unauthorized(_SIGNED)
    _, path, query = split_url(request.url)
    target = f"{path}?{query}" if query else path
    text = "\n".join((request.method, target, ";".join(request.headers[name] for name in names)))
    wanted = base64.b64encode(hmac.digest(base64.b64decode(access_key), text.encode(), "sha256")).decode()
    if not (_same(content, request.headers["x-ms-content-sha256"]) and _same(wanted, signature)):
        raise unauthorized(_SIGNED)


def _same(wanted: str, given: str) -> bool:
    return hmac.compare_digest(wanted.encode(), given.encode())

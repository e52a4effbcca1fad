"""Users, tokens and the signature of the connection string."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import jwt
import jwt.utils
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.clients import Person, person, sign

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.clock import LATEST, Clock
from acs_chat_testkit.emulator.identity import Tokens
from acs_chat_testkit.emulator.ids import USER_ID
from acs_chat_testkit.emulator.signing_key import derived_key
from acs_chat_testkit.emulator.state import State


def signed(
    emulator: Emulator, method: str, target: str, body: Any = None, date: str = "x-ms-date", **changes: str
) -> requests.Response:
    """A request signed with the key of the connection string; `changes` are made to headers after signing."""
    key = emulator.connection_string.partition(";accesskey=")[2]
    content = b"" if body is None else json.dumps(body).encode()
    host = emulator.endpoint.removeprefix("http://")
    headers = {**sign(key, method, target, host, content, date), **changes}
    request = requests.Request(method, emulator.endpoint, headers=headers, data=content).prepare()
    request.url = emulator.endpoint + target
    with requests.Session() as session:
        return session.send(request, timeout=10)


def test_each_version_has_its_shape(emulator: Emulator) -> None:
    """A user is its id in 2020; later it is nested, created with 201, and may come with a token."""
    query = "?api-version=2020-07-20-preview2"
    created = signed(emulator, "POST", f"/identities{query}", date="Date")
    assert (created.status_code, list(created.json())) == (200, ["id"])
    path = f"/identities/{created.json()['id']}"
    token = signed(emulator, "POST", f"{path}/token{query}", {"scopes": ["chat"]}, date="Date")
    assert (token.status_code, list(token.json())) == (200, ["id", "token", "expiresOn"])
    assert signed(emulator, "DELETE", f"{path}{query}").status_code == 204
    for version in ("2021-03-07", "2023-10-01"):
        query = f"?api-version={version}"
        created = signed(emulator, "POST", f"/identities{query}", {"createTokenWithScopes": ["chat", "voip"]})
        assert (created.status_code, list(created.json())) == (201, ["identity", "accessToken"])
        path = f"/identities/{created.json()['identity']['id'].replace(':', '%3A')}"
        token = signed(emulator, "POST", f"{path}/:issueAccessToken{query}", {"scopes": ["chat"]})
        assert (token.status_code, list(token.json())) == (200, ["token", "expiresOn"])
        assert signed(emulator, "POST", f"{path}/:revokeAccessTokens{query}").status_code == 204
        assert signed(emulator, "DELETE", f"{path}{query}").status_code == 204
        gone = signed(emulator, "POST", f"{path}/:issueAccessToken{query}", {"scopes": ["chat"]})
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "NotFound")


def test_a_token_has_the_recorded_claims(emulator: Emulator) -> None:
    """Header and claims in the order of the recordings; 24 hours; the user id without its first part."""
    user_id = emulator.create_user()
    token = emulator.issue_token(user_id)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": "102", "typ": "JWT"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert list(claims) == ["skypeid", "scp", "csi", "iat", "exp", "acsScope", "resourceId"]
    assert f"8:{claims['skypeid']}" == user_id
    assert USER_ID.fullmatch(user_id)
    assert claims["resourceId"] in user_id
    assert (claims["scp"], claims["acsScope"], claims["csi"]) == (1792, "chat", str(claims["iat"]))
    assert claims["exp"] - claims["iat"] == 86400


@given(st.integers(0, LATEST), st.sets(st.sampled_from(["chat", "voip", "chat.join", "chat.join.limited"])))
def test_published_clients_can_decode_every_token(now: int, scopes: set[str]) -> None:
    """They read the payload as standard base64 in ASCII, in which ``-`` and ``_`` do not exist."""
    state = State(None, 1, Clock(now))
    payload = Tokens(state).issue(state.users.create(), sorted(scopes)).token.split(".")[1]
    state.database.close()
    assert not {"-", "_"} & set(payload)
    assert jwt.utils.base64url_decode(payload).isascii()


FORGERIES: dict[str, Callable[[dict[str, Any], rsa.RSAPrivateKey], str]] = {
    "another key": lambda claims, key: jwt.encode(claims, key, "RS256"),
    "no algorithm": lambda claims, key: jwt.encode(claims, "", "none"),
    "the public key as a shared secret": lambda claims, key: jwt.encode(claims, "x" * 64, "HS256"),
    "no token at all": lambda claims, key: "nonsense",
    "an endless token": lambda claims, key: "a" * 20_000,
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(alice: Person, forgery: str) -> None:
    """Only RS256 with the emulator's own key counts, whatever the token itself says."""
    claims = jwt.decode(alice.token, options={"verify_signature": False})
    assert alice.call("GET", "/chat/threads").status_code == 200
    alice.token = FORGERIES[forgery](claims, rsa.generate_private_key(65537, 2048))
    assert alice.call("GET", "/chat/threads").status_code == 401


def test_a_token_ends(emulator: Emulator) -> None:
    """By its time, by revocation, by deletion of its user; a new one after a revocation is good at once."""
    query = "?api-version=2023-10-01"
    with Emulator() as emulator:
        expired, revoked, deleted = (person(emulator) for _ in range(3))
        assert signed(emulator, "POST", f"/identities/{revoked.id}/:revokeAccessTokens{query}").status_code == 204
        assert revoked.call("GET", "/chat/threads").status_code == 401
        revoked.token = emulator.issue_token(revoked.id)
        assert revoked.call("GET", "/chat/threads").status_code == 200
        assert signed(emulator, "DELETE", f"/identities/{deleted.id}{query}").status_code == 204
        assert deleted.call("GET", "/chat/threads").status_code == 401
        emulator.jump(86_400_000 - 5_000)
        assert expired.call("GET", "/chat/threads").status_code == 200
        emulator.jump(10_000)
        assert expired.call("GET", "/chat/threads").status_code == 401


def test_a_token_without_a_chat_scope_is_refused(emulator: Emulator) -> None:
    """Voip alone opens no chat."""
    created = signed(emulator, "POST", "/identities?api-version=2023-10-01", {"createTokenWithScopes": ["voip"]})
    who = Person(emulator, "", created.json()["accessToken"]["token"])
    assert who.call("GET", "/chat/threads").status_code == 401


@pytest.mark.parametrize("minutes", [59, 1441, 0, -1, "60", 60.5, True])
def test_a_lifetime_out_of_bounds_is_refused(emulator: Emulator, minutes: Any) -> None:
    """60 to 1440 minutes are fine, as the newest version takes them; nothing else is."""
    target = f"/identities/{emulator.create_user()}/:issueAccessToken?api-version=2023-10-01"
    assert signed(emulator, "POST", target, {"scopes": ["chat"], "expiresInMinutes": 60}).status_code == 200
    assert signed(emulator, "POST", target, {"scopes": ["chat"], "expiresInMinutes": minutes}).status_code == 400


@pytest.mark.parametrize("scopes", [0, "", False, {}, "chat", [7]])
def test_scopes_of_the_wrong_type_make_no_user(emulator: Emulator, scopes: Any) -> None:
    """Also where they are as good as nothing in Python."""
    target = "/identities?api-version=2023-10-01"
    assert signed(emulator, "POST", target, {"createTokenWithScopes": scopes}).status_code == 400


@pytest.mark.parametrize("scopes", [[], ["nonsense"], "chat", [7], None, ["chat.join"]])
def test_scopes_that_do_not_exist_are_refused(emulator: Emulator, scopes: Any) -> None:
    """The join scopes belong to the newest version only."""
    target = f"/identities/{emulator.create_user()}/:issueAccessToken?api-version=2021-03-07"
    assert signed(emulator, "POST", target, {"scopes": scopes}).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"x-ms-date": "Thu, 07 Mar 2024 12:00:01 GMT"},
        {"x-ms-content-sha256": base64.b64encode(hashlib.sha256(b"other").digest()).decode()},
        {"Host": "localhost:1"},
        {"Authorization": "HMAC-SHA256 SignedHeaders=host;x-ms-content-sha256&Signature=AAAA"},
        {"Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256;absent&Signature=AAAA"},
        {"Authorization": "Bearer nonsense"},
        {"x-ms-content-sha256": "schlüssel"},
    ],
)
def test_a_request_that_was_not_signed_so_is_refused(emulator: Emulator, changes: dict[str, str]) -> None:
    """Every signed part counts: date, body, host, and the set of signed headers itself."""
    target = "/identities?api-version=2023-10-01"
    assert signed(emulator, "POST", target).status_code == 201
    refused = signed(emulator, "POST", target, **changes)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "Denied")


def test_a_signature_covers_its_body(emulator: Emulator) -> None:
    """Another body under the headers of a signed request is refused."""
    target = "/identities?api-version=2023-10-01"
    key = emulator.connection_string.partition(";accesskey=")[2]
    host = emulator.endpoint.removeprefix("http://")
    headers = sign(key, "POST", target, host, b"{}")
    for body, status in ((b"{}", 201), (b'{"createTokenWithScopes":["chat"]}', 401)):
        assert requests.post(emulator.endpoint + target, body, headers=headers, timeout=10).status_code == status


def test_the_key_of_a_seed_is_sound_and_its_own() -> None:
    """Two primes of 1024 bits, the usual exponent; the same root gives the same key."""
    numbers = derived_key(b"a").private_numbers()
    assert (numbers.p.bit_length(), numbers.q.bit_length(), numbers.public_numbers.n.bit_length()) == (1024, 1024, 2048)
    assert numbers.public_numbers.e == 65537
    numbers.private_key(unsafe_skip_rsa_key_validation=False)
    derived_key.cache_clear()
    assert derived_key(b"a").private_numbers() == numbers

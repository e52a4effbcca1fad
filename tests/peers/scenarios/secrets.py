"""What stays of secrets on disk, with what every tool does unasked, and with the filters that people set."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import requests
from tests.peers.stage import Outcome, Stage, scenario


def _token(what: str) -> str:
    """A token without a signature worth the name."""
    parts = ({"alg": "HS256"}, {"sub": what, "exp": 4102444800})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + ".AA"


PLACES: Mapping[str, str] = {
    "authorization header": _token("header"),
    "x-api-key header": "api-key-of-a-header",
    "cookie header": "cookie-of-a-request",
    "subscription key header": "subscription-key-of-a-header",
    "api_key in the query": "api-key-of-a-query",
    "sig of a SAS": "c2lnbmF0dXJlLW9mLWEtc2Fz",
    "token in the path": _token("path"),
    "password in JSON": "password-of-json",
    "password in JSON with a charset": "password-of-a-charset",
    "password in nested JSON": "password-of-a-nest",
    "password in merge-patch JSON": "password-of-a-patch",
    "client_secret in a form": "secret-of-a-form",
    "connection string in JSON": "a2V5LW9mLWEtY29ubmVjdGlvbi1zdHJpbmc",
    "set-cookie of an answer": "cookie-of-an-answer",
    "token of an answer": _token("answer"),
    "refresh token of an answer": "refresh-token-of-an-answer",
}


def _left(stage: Stage, *, filters: bool) -> Outcome:
    """The places whose secrets are on disk after one session."""
    tool, url, secret = stage.tool, stage.url, PLACES
    headers = {
        "Authorization": f"Bearer {secret['authorization header']}",
        "x-api-key": secret["x-api-key header"],
        "Cookie": f"session={secret['cookie header']}",
        "Ocp-Apim-Subscription-Key": secret["subscription key header"],
    }
    tokens = {"token": secret["token of an answer"], "refresh_token": secret["refresh token of an answer"]}
    stage.service.tokens = (tokens, secret["set-cookie of an answer"])
    with tool.use(stage.tape, filters=filters) as session:
        session.get(
            f"{url}/quiet?api_key={secret['api_key in the query']}&sig={secret['sig of a SAS']}", headers=headers
        )
        session.get(f"{url}/keys/{secret['token in the path']}", headers=headers)
        session.post(f"{url}/quiet", json={"password": secret["password in JSON"]})
        _post(session, url, "application/json; charset=utf-8", secret["password in JSON with a charset"])
        session.post(f"{url}/quiet", json={"user": {"password": secret["password in nested JSON"]}})
        _post(session, url, "application/merge-patch+json", secret["password in merge-patch JSON"])
        session.post(f"{url}/quiet", data={"client_secret": secret["client_secret in a form"]})
        key = f"endpoint=https://contoso.example/;accesskey={secret['connection string in JSON']}=="
        session.post(f"{url}/quiet", json={"settings": key})
        session.post(f"{url}/tokens", json={})
    written = "".join(each.read_text(encoding="utf-8") for each in stage.place.rglob("*") if each.is_file())
    assert len(stage.live()) == 9, "the session was not recorded"
    assert written.count("/quiet") >= 7, "the session is not on disk"
    return [place for place, value in secret.items() if value in written]


def _post(session: requests.Session, url: str, kind: str, password: str) -> None:
    session.post(f"{url}/quiet", data=json.dumps({"password": password}), headers={"Content-Type": kind})


@scenario(right=[])
def on_disk(stage: Stage) -> Outcome:
    """Nothing is set: no secret is on disk."""
    return _left(stage, filters=False)


@scenario(right=[])
def on_disk_with_filters(stage: Stage) -> Outcome:
    """The usual filters are set: no secret is on disk."""
    return _left(stage, filters=True)

"""Where chat tests run: against an emulator of this process, a running one, or a live resource.

A target gives an endpoint, users and tokens. Its identity calls are signed with the access key of a connection string
(HMAC-SHA256, as the identity service wants it) and are never recorded.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from acs_chat_testkit.errors import UsageError

if TYPE_CHECKING:
    from acs_chat_testkit.emulator import Emulator

IDENTITY_VERSION = "2023-10-01"
CONNECTION_STRING = "ACS_CHAT_CONNECTION_STRING"
"""The environment variable that names the live resource."""
SEED = 36
"""The emulator's seed in tests: its signing key is found after five guesses, where a hundred are usual."""
CLOCK = "2026-01-01T00:00:00Z"
"""The emulator's clock in tests: recording a suite twice gives the same files."""


@dataclass(frozen=True, slots=True)
class Target:
    """One chat resource.

    Args:
        origin: ``"emulator"`` or ``"live"``.
        endpoint: Without a slash at the end.
        key: The access key, as it stands in a connection string.
        ca_file: A bundle that clients must trust; None where the system's own will do.
        service: The emulator of this process, for faults, its clock and a reset; None where it runs elsewhere.
        control_key: Opens the control path of an emulator that runs elsewhere; None where that is shut.
    """

    origin: str
    endpoint: str
    key: str
    ca_file: str | None = None
    service: Emulator | None = None
    control_key: str | None = None

    def create_user(self) -> str:
        """Makes a user and returns its id."""
        identity: str = self._call("POST", "/identities", {})["identity"]["id"]
        return identity

    def issue_token(self, user_id: str) -> str:
        """Issues an access token for chat, good for 24 hours."""
        path = f"/identities/{quote(user_id, safe='')}/:issueAccessToken"
        token: str = self._call("POST", path, {"scopes": ["chat"]})["token"]
        return token

    def guesses(self) -> dict[str, str]:
        """The behaviours without evidence that answers rested on since this was last asked: what they are, by id.

        Empty where it cannot be told: by a live resource, and by a running emulator without ``--control``.
        """
        if self.service is not None:
            rows = [asdict(fact) for fact in self.service.take_facts()]
        elif self.control_key is not None:
            rows = self._send("POST", "/testkit/facts", b"", {"x-testkit-key": self.control_key})["value"]
        else:
            rows = []
        return {row["id"]: row["what"] for row in rows if row["mark"] == "guess"}

    def _call(self, method: str, path: str, content: Mapping[str, Any]) -> Any:
        body = json.dumps(content).encode()
        target = f"{path}?api-version={IDENTITY_VERSION}"
        signed = sign(method, target, urlsplit(self.endpoint).netloc, body, self.key)
        return self._send(method, target, body, {"Content-Type": "application/json", **signed})

    def _send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Any:
        path = target.partition("?")[0]
        request = urllib.request.Request(f"{self.endpoint}{target}", data=body, method=method, headers=dict(headers))
        try:
            context = ssl.create_default_context(cafile=self.ca_file) if self.endpoint.startswith("https") else None
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise UsageError(
                    f"{self.endpoint} refused {method} {path} with status {error.code}; "
                    "check that the connection string is of this resource"
                ) from None
        except OSError as error:
            # URLError names its reason; a CA file that went away with its emulator is a plain OSError.
            reason = getattr(error, "reason", error)
            raise UsageError(f"{self.endpoint} can not be reached ({reason}); is it running?") from None


def sign(method: str, target: str, host: str, body: bytes, key: str, date: str | None = None) -> dict[str, str]:
    """The headers that sign a call with an access key.

    Args:
        method: The HTTP method.
        target: Path and query as they go on the wire.
        host: The value of the Host header.
        body: The bytes of the body.
        key: The access key in base64.
        date: An HTTP date; by default now.
    """
    date = date or formatdate(usegmt=True)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    text = f"{method}\n{target}\n{date};{host};{digest}"
    signature = base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), "sha256")).decode()
    signed = "SignedHeaders=x-ms-date;host;x-ms-content-sha256"
    return {
        "x-ms-date": date,
        "x-ms-content-sha256": digest,
        "Authorization": f"HMAC-SHA256 {signed}&Signature={signature}",
    }


def read_connection_string(text: str) -> tuple[str, str]:
    """The endpoint and the access key of a connection string.

    Raises:
        UsageError: One of them is missing; the text is not repeated, because it holds a key.
    """
    parts = dict(part.partition("=")[::2] for part in text.strip().split(";") if part)
    named = {name.strip().lower(): value for name, value in parts.items()}
    if not named.get("endpoint") or not named.get("accesskey"):
        raise UsageError("the connection string must look like endpoint=https://...;accesskey=...")
    return named["endpoint"].rstrip("/"), named["accesskey"]


def live() -> Target:
    """The resource that the environment names.

    Raises:
        UsageError: It names none.
    """
    text = os.environ.get(CONNECTION_STRING)
    if not text:
        raise UsageError(
            f"--chat-target=live needs a resource: set {CONNECTION_STRING} to its connection string "
            "(endpoint=https://...;accesskey=...)"
        )
    return Target("live", *read_connection_string(text))


def running(ready_file: str) -> Target:
    """The emulator that `acs-chat emulate --ready-file` described.

    Raises:
        UsageError: The file is missing or was not written by it.
    """
    try:
        ready = json.loads(Path(ready_file).read_text(encoding="utf-8"))
        _, key = read_connection_string(ready["connection_string"])
        return Target("emulator", ready["https_endpoint"], key, ready["ca_file"], control_key=ready.get("control_key"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"--chat-emulator={ready_file} is no ready file ({type(error).__name__}); "
            "write one with: acs-chat emulate --ready-file FILE"
        ) from None


@contextmanager
def emulator() -> Iterator[Target]:
    """An emulator in this process, the same in every run.

    Raises:
        MissingExtra: The emulator's extra is not installed.
    """
    from acs_chat_testkit.emulator import Emulator

    with Emulator(seed=SEED, clock=CLOCK) as service:
        _, key = read_connection_string(service.connection_string)
        yield Target("emulator", service.https_endpoint, key, str(service.ca_file), service)


@contextmanager
def trusted(ca_file: str | None) -> Iterator[None]:
    """Makes requests and Python's ssl trust a bundle as long as the block runs."""
    if ca_file is None:
        yield
        return
    names = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, ca_file))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

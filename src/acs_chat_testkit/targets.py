"""Where chat tests run: against an emulator of this process, a running one, or a live resource.

A target gives an endpoint, users and tokens. Its identity calls are signed with the access key of a connection string
(HMAC-SHA256, as the identity service wants it) and are never recorded.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording.active import outside

if TYPE_CHECKING:
    from acs_chat_testkit.emulator import Emulator
    from acs_chat_testkit.ledger import Ledger

IDENTITY_VERSION = "2023-10-01"
CHAT_VERSION = "2024-03-07"
CONNECTION_STRING = "ACS_CHAT_CONNECTION_STRING"
"""The environment variable that names the live resource."""
SEED = 36
"""The emulator's seed in tests: its signing key is found after five guesses, where a hundred are usual."""
CLOCK = "2026-01-01T00:00:00Z"
"""The emulator's clock in tests: recording a suite twice gives the same files."""
_BUSY = (429, 503)
_TRIES = 4
_LONGEST_WAIT = 30
_GONE = (403, 404)


class Token(str):
    """An access token; pytest shows the arguments of a test that failed, and this one belongs in no log."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Says what it is."""
        return "<access token>"


class Refused(UsageError):
    """The resource refused a call.

    Args:
        text: The sentence.
        status: The status code of the answer.
    """

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Target:
    """One chat resource.

    Args:
        origin: ``"emulator"`` or ``"live"``.
        endpoint: Without a slash at the end.
        key: The access key, as it stands in a connection string.
        ca_file: A bundle that clients must trust; None where the system's own will do.
        service: The emulator of this process, for faults, its clock and a reset; None where it runs elsewhere.
        control_key: Opens the control path of an emulator that runs elsewhere; None where that is shut.
        ledger: Where users are written down until they are removed; None where nothing needs to be removed.
    """

    origin: str
    endpoint: str
    key: str = field(repr=False)
    ca_file: str | None = None
    service: Emulator | None = None
    control_key: str | None = field(default=None, repr=False)
    ledger: Ledger | None = None

    def create_user(self) -> str:
        """Makes a user and returns its id."""
        identity: str = self._call("POST", "/identities", {})["identity"]["id"]
        if self.ledger is not None:
            self.ledger.add(identity)
        return identity

    def issue_token(self, user_id: str) -> str:
        """Issues an access token for chat, good for 24 hours."""
        token = self._token(user_id)
        if self.ledger is not None:
            self.ledger.gone["token"] += 1
        return token

    def clear(self, user_ids: Iterable[str]) -> None:
        """Removes users of a live resource with all their threads, and so their tokens; an emulator keeps its own.

        What can not be removed stays in the ledger, which says why: a test is not to blame for it.
        """
        if self.ledger is None:
            return
        for user_id in [user_id for user_id in user_ids if user_id in self.ledger.users]:
            try:
                self.ledger.strike(user_id, self._remove(user_id))
            except UsageError as error:
                self.ledger.trouble = str(error)

    def _remove(self, user_id: str) -> int:
        """Deletes a user after its threads, which nobody else could; returns how many these were."""
        try:
            bearer = {"Authorization": f"Bearer {self._token(user_id)}"}
            deleted = sum(self._delete_thread(thread, bearer) for thread in list(self._threads(bearer)))
            self._call("DELETE", f"/identities/{quote(user_id, safe='')}")
        except Refused as refused:
            # The test itself may have deleted the user.
            if refused.status != 404:
                raise
            return 0
        return deleted

    def _threads(self, bearer: Mapping[str, str]) -> Iterator[str]:
        target = f"/chat/threads?api-version={CHAT_VERSION}"
        while target:
            page = self._send("GET", target, None, bearer)
            yield from (thread["id"] for thread in page["value"])
            following = page.get("nextLink") or ""
            # The token goes to no other origin.
            target = following.removeprefix(self.endpoint) if following.startswith(f"{self.endpoint}/") else ""

    def _delete_thread(self, thread_id: str, bearer: Mapping[str, str]) -> bool:
        target = f"/chat/threads/{quote(thread_id, safe='')}?api-version={CHAT_VERSION}"
        try:
            self._send("DELETE", target, None, bearer)
        except Refused as refused:
            if refused.status not in _GONE:
                raise
            return False
        return True

    def _token(self, user_id: str) -> str:
        path = f"/identities/{quote(user_id, safe='')}/:issueAccessToken"
        return Token(self._call("POST", path, {"scopes": ["chat"]})["token"])

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

    def _call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        body = b"" if content is None else json.dumps(content).encode()
        target = f"{path}?api-version={IDENTITY_VERSION}"
        signed = sign(method, target, urlsplit(self.endpoint).netloc, body, self.key)
        return self._send(method, target, body, {"Content-Type": "application/json", **signed})

    def _send(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        path = target.partition("?")[0]
        request = urllib.request.Request(f"{self.endpoint}{target}", data=body, method=method, headers=dict(headers))
        try:
            return self._answer(request, _TRIES)
        except urllib.error.HTTPError as error:
            raise Refused(
                f"{self.endpoint} refused {method} {path} with status {error.code}; "
                "check that the connection string is of this resource",
                error.code,
            ) from None
        except (OSError, HTTPException) as error:
            # URLError names its reason; a CA file that went away with its emulator is a plain OSError.
            reason = getattr(error, "reason", error)
            raise UsageError(f"{self.endpoint} can not be reached ({reason}); is it running?") from None
        except ValueError:
            raise UsageError(
                f"{self.endpoint} answered {method} {path} with what is no JSON; is it a resource or an emulator?"
            ) from None

    def _answer(self, request: urllib.request.Request, tries: int) -> Any:
        """What the resource says; where it asks to wait, it is asked again."""
        try:
            with outside(), self._opener.open(request, timeout=30) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            with error:
                wait = error.headers.get("Retry-After", "")
                if tries == 1 or error.code not in _BUSY or not wait.isdecimal() or int(wait) > _LONGEST_WAIT:
                    raise
        time.sleep(int(wait))
        return self._answer(request, tries - 1)

    @functools.cached_property
    def _opener(self) -> urllib.request.OpenerDirector:
        # A bundle takes longer to read than a call takes.
        context = ssl.create_default_context(cafile=self.ca_file) if self.endpoint.startswith("https") else None
        return urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=context))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for a refusal: urllib would send token and signature to whatever host it names."""

    def redirect_request(self, *_: Any) -> None:
        """Leads nowhere."""


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
        UsageError: One of them is missing or no key; the text is not repeated, because it holds a key.
    """
    parts = dict(part.partition("=")[::2] for part in text.strip().split(";") if part)
    named = {name.strip().lower(): value for name, value in parts.items()}
    try:
        if named["endpoint"] and base64.b64decode(named["accesskey"], validate=True):
            return named["endpoint"].rstrip("/"), named["accesskey"]
    except (KeyError, ValueError):
        pass
    raise UsageError("the connection string must look like endpoint=https://...;accesskey=... with the key in base64")


@contextmanager
def live() -> Iterator[Target]:
    """The resource that the environment names; what was made there is removed at the end, however the block ends.

    Raises:
        UsageError: It names none, or what is made there can not be written down.
    """
    from acs_chat_testkit.ledger import Ledger

    endpoint, key = resource("--chat-target=live")
    ledger = Ledger.new(endpoint)
    target = Target("live", endpoint, key, ledger=ledger)
    try:
        yield target
    finally:
        target.clear(ledger.users)
        ledger.close()


def resource(wanted_by: str) -> tuple[str, str]:
    """The endpoint and the access key of the resource that the environment names.

    Args:
        wanted_by: The option or command that can not do without one.

    Raises:
        UsageError: It names none, or not over https.
    """
    text = os.environ.get(CONNECTION_STRING)
    if not text:
        raise UsageError(
            f"{wanted_by} needs a resource: set {CONNECTION_STRING} to its connection string "
            "(endpoint=https://...;accesskey=...)"
        )
    endpoint, key = read_connection_string(text)
    if not endpoint.startswith("https://"):
        raise UsageError(f"{CONNECTION_STRING} must name an endpoint with https://, because clients send tokens there")
    return endpoint, key


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
    """Makes requests, aiohttp and Python's ssl trust a bundle as long as the block runs."""
    if ca_file is None:
        yield
        return
    names = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, ca_file))
    _trusted_by_aiohttp(ca_file)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _trusted_by_aiohttp(ca_file: str) -> None:
    """Its default reads the environment when it is imported, and most test files import it before any fixture runs."""
    connector = sys.modules.get("aiohttp.connector")
    for value in [] if connector is None else vars(connector).values():
        if isinstance(value, ssl.SSLContext) and value.verify_mode is ssl.CERT_REQUIRED:
            value.load_verify_locations(ca_file)

"""Identifiers in the forms of the service, derived from one root value, so that a seed repeats them."""

from __future__ import annotations

import base64
import hashlib
import re

_USERS_SINCE = 1_577_836_800_000
USER_ID = re.compile(r"8:acs:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
THREAD_ID = re.compile(r"19:[A-Za-z0-9_-]{1,128}@thread\.v2")


class Ids:
    """Derives every value that is random in the service.

    Args:
        root: The secret all of it is derived from.

    Attributes:
        resource: The guid of the resource, a part of every user id.
        access_key: The key of the connection string: base64 of 64 bytes.
        signing_root: What the key of the tokens is derived from where it is not drawn.
    """

    def __init__(self, root: bytes) -> None:
        self._root = hashlib.sha256(root).digest()
        self.resource = self.guid("resource", 0)
        self.access_key = base64.b64encode(self.derive("access key", 0, 64)).decode()
        self.signing_root = self.derive("signing key", 0, 32)

    def reseed(self, seed: int) -> None:
        """Lets all further ids follow from another seed; what belongs to the resource stays."""
        self._root = hashlib.sha256(f"reseeded {seed}".encode()).digest()

    def derive(self, purpose: str, number: int, size: int) -> bytes:
        """`size` bytes that depend on nothing but the root, the purpose and the number."""
        return hashlib.shake_256(self._root + f"{purpose}/{number}".encode()).digest(size)

    def guid(self, purpose: str, number: int) -> str:
        """A value in the form of a guid, 8-4-4-4-12 hex digits."""
        return _dashed(self.derive(purpose, number, 16).hex())

    def user(self, number: int, created_on: int) -> str:
        """A user id: its last part starts with a count of milliseconds, so that it grows in time."""
        count = max(created_on - _USERS_SINCE, 0)
        return f"8:acs:{self.resource}_{_dashed(f'{count:016x}' + self.derive('user', number, 8).hex())}"

    def thread(self, number: int, *, repeatable: bool, prefix: str = "") -> str:
        """A thread id: 32 hex digits, or 43 characters and a 1 where the request could be repeated."""
        core = self.derive("thread", number, 32)
        if not repeatable:
            return f"19:{core[:16].hex()}@thread.v2"
        return f"19:{prefix}{base64.urlsafe_b64encode(core).decode().rstrip('=')}1@thread.v2"

    def traces(self, number: int) -> dict[str, str]:
        """The headers of an answer that are random in the service.

        The ms-cv header is 22 base64 characters and a counter; the processing time is invented, so that a seed
        repeats it.
        """
        drawn = self.derive("traces", number, 59)
        return {
            "ms-cv": base64.b64encode(drawn[:16]).decode().rstrip("=") + ".0",
            "x-azure-ref": base64.b64encode(drawn[16:58]).decode(),
            "x-processing-time": f"{20 + drawn[58] % 80}ms",
        }


def _dashed(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

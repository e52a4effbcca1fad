"""The ledger: which users a live resource was given and has not taken back.

A resource does not list its users, so what a killed run leaves there would never be found again. Each run keeps a file
in the user's state directory and holds a lock on it as long as it lives; a ledger that nobody holds is a left-over.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording.journal import append
from acs_chat_testkit.recording.lock import acquire

_SUFFIX = ".users"


class Ledger:
    """The users that one run has made at a resource.

    Args:
        endpoint: Of the resource.
        file: Where they stand.
        lock: Tells others that the run still goes on.
        users: The ids of those that are there.

    Attributes:
        users: The ids of those that are there, in the order in which they were made.
        gone: How many users, threads and tokens were removed.
        trouble: Why something could not be removed; None where all could.
    """

    def __init__(self, endpoint: str, file: Path, lock: Any, users: list[str]) -> None:
        self.endpoint = endpoint
        self.users = users
        self.gone: Counter[str] = Counter()
        self.trouble: str | None = None
        self._file = file
        self._lock = lock

    @classmethod
    def new(cls, endpoint: str) -> Ledger:
        """A ledger without users; what can not be written down must not be made.

        Raises:
            UsageError: The directory can not be written.
        """
        file = _directory() / f"{secrets.token_hex(8)}{_SUFFIX}"
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = acquire(_lock_of(file))
            append(file, f"{endpoint}\n".encode())
        except OSError as error:
            raise UsageError(
                f"{file.parent} can not be written ({error.strerror}), and what is made at a live resource must be "
                "written down; set XDG_STATE_HOME to a directory that can"
            ) from None
        return cls(endpoint, file, lock, [])

    def add(self, user: str) -> None:
        """A user was made."""
        append(self._file, f"+{user}\n".encode())
        self.users.append(user)

    def strike(self, user: str, threads: int) -> None:
        """A user is gone, and so many threads with it."""
        append(self._file, f"-{user}\n".encode())
        self.users.remove(user)
        self.gone.update(user=1, thread=threads)

    def close(self) -> None:
        """The run has ended; users that are still there are left for a sweep."""
        if not self.users:
            self._file.unlink(missing_ok=True)
            _lock_of(self._file).unlink(missing_ok=True)
        self._lock.release()


def left_over() -> Iterator[Ledger]:
    """The ledgers of runs that have ended; whoever gets one closes it, and nobody else sweeps it until then."""
    for file in sorted(_directory().glob(f"*{_SUFFIX}")):
        lock = acquire(_lock_of(file))
        if lock is not None:
            with suppress(FileNotFoundError):
                yield _read(file, lock)


def _read(file: Path, lock: Any) -> Ledger:
    """Reads a ledger; a last line that was cut off names nobody."""
    endpoint, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
    users: dict[str, None] = {}
    for line in (line.rstrip("\n") for line in lines if line.endswith("\n")):
        if line.startswith("+"):
            users[line[1:]] = None
        else:
            users.pop(line[1:], None)
    return Ledger(endpoint.strip(), file, lock, list(users))


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")


def _directory() -> Path:
    """Where ledgers lie: as what is left at a resource, they outlive a restart of the machine."""
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_STATE_HOME")
    return Path(home or "~/.local/state").expanduser() / "acs-chat-testkit" / "live"

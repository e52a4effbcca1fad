"""The registry: pseudonyms that all processes of a run number together.

It is a file that every process appends to under a lock. An id is in it as a digest with a key that is in no file, so
nobody can search the file for an id; it lies in the directory of the run and goes with it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acs_chat_testkit.recording.journal import append
from acs_chat_testkit.recording.lock import held
from acs_chat_testkit.recording.redaction.pseudonyms import SHARED, Kind, Pseudonyms

_END = "."
"""The last field of a line that is whole."""


class SharedPseudonyms(Pseudonyms):
    """Gives each id one pseudonym in all processes.

    Args:
        directory: The directory of the run.
        key: What only the processes of the run know.
    """

    def __init__(self, directory: Path, key: bytes) -> None:
        super().__init__()
        self._key = key
        self._file = directory / "pseudonyms"
        self._published: dict[str, str] = {}
        self._read = 0

    def known(self, kind: Kind, raw: str) -> str | None:
        """The pseudonym of an id that has one in any process."""
        known = super().known(kind, raw)
        if known is None:
            self._catch_up()
            known = self._published.get(self._digest(kind, raw))
        return known

    def of(self, kind: Kind, raw: str, tag: str) -> str:
        """The pseudonym of an id; a new one where no process has seen it yet."""
        known = self.known(kind, raw)
        if known is not None:
            return known
        with self._alone():
            known = self._published.get(self._digest(kind, raw))
            if known is None:
                known = super().of(kind, raw, tag)
                row = SHARED if kind.shared else tag
                self._publish(kind, row, self._counted[kind.name, row], raw, known)
        return known

    def bind(self, kind: Kind, raw: str, pseudonym: str) -> None:
        """An id that a test brings along is the one that was recorded under this pseudonym."""
        with self._alone():
            if self._digest(kind, raw) not in self._published:
                super().bind(kind, raw, pseudonym)
                self._publish(kind, SHARED, 0, raw, pseudonym)

    def reserve(self, kind: Kind, text: str) -> None:
        """Gives none of the pseudonyms that a text holds to another id."""
        if not re.search(kind.pattern, text):
            return
        with self._alone():
            before = dict(self._counted)
            super().reserve(kind, text)
            for (name, row), number in self._counted.items():
                if before.get((name, row)) != number:
                    self._publish(kind, row, number)

    def renumber(self, kind: Kind, tag: str, text: str) -> None:
        """Does nothing: other processes have used what was published."""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with held(self._file.with_suffix(".lock"), self._file):
            self._catch_up()
            yield

    def _publish(self, kind: Kind, row: str, number: int, raw: str | None = None, pseudonym: str = "-") -> None:
        digest = "-" if raw is None else self._digest(kind, raw)
        line = f"{kind.name}\t{row}\t{number}\t{digest}\t{pseudonym}\t{_END}\n"
        # What a full disk or a dead process has left of a line ends here.
        append(self._file, f"\n{line}".encode() if self._torn() else line.encode())

    def _torn(self) -> bool:
        return self._file.exists() and self._file.stat().st_size > self._read

    def _catch_up(self) -> None:
        """Reads what other processes have added."""
        if not self._file.exists():
            return
        with self._lock, open(self._file, "rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                fields = line.decode("utf-8", "replace").rstrip("\n").split("\t")
                if len(fields) != 6 or fields[-1] != _END:
                    continue
                name, row, number, digest, pseudonym, _ = fields
                self._counted[name, row] = max(self._counted.get((name, row), 0), int(number))
                self._published.setdefault(digest, pseudonym)

    def _digest(self, kind: Kind, raw: str) -> str:
        return hmac.new(self._key, f"{kind.name}\t{raw}".encode(), hashlib.sha256).hexdigest()

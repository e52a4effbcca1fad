"""A run: what the recorders of one test run share, in all its processes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from acs_chat_testkit.recording.lock import name_of, private

if TYPE_CHECKING:
    from acs_chat_testkit.recording.redaction import Pseudonyms


@dataclass(frozen=True, slots=True)
class Part:
    """What a run has put into a cassette so far.

    Args:
        digest: Of the text that it left; another text is somebody else's.
        times: When the requests of the last interactions were made, in nanoseconds; what stands before is older.
    """

    digest: str
    times: tuple[int, ...]


class Run:
    """A run in one process. Give the same one to all its recorders.

    Then an id has the same pseudonym in all cassettes, and a cassette that several tests share is continued by each of
    them instead of replaced.
    """

    def __init__(self) -> None:
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._claimed: set[str] = set()

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Where ids get their pseudonyms."""
        from acs_chat_testkit.recording.redaction import Pseudonyms

        return Pseudonyms()

    def part(self, path: Path, data: bytes | None) -> tuple[int, ...] | None:
        """The times of the run's own interactions at the end of a cassette; None where it has put none there."""
        parts = self._of(path)
        if data is None or not parts:
            return None
        digest = _digest(data)
        return next((part.times for part in parts if part.digest == digest), None)

    def knows(self, path: Path) -> bool:
        """Whether the run has put something into a cassette, or is about to."""
        return self._of(path) != ()

    def leave(self, path: Path, data: bytes, times: tuple[int, ...], before: bytes | None) -> None:
        """A recorder of this run, which holds the lock, is about to replace the text before by another.

        Until it has done so, or where it never does, what the run has put there is what it was.
        """
        own = self.part(path, before)
        old = () if before is None or own is None else (Part(_digest(before), own),)
        self._save(name_of(path), (Part(_digest(data), times), *old))

    def claim(self, path: Path) -> bool:
        """Whether this process is the one of the run that records a cassette; the first that asks is."""
        name = name_of(path)
        if name not in self._claimed and not self._is_first(name):
            return False
        self._claimed.add(name)
        return True

    def _is_first(self, _name: str) -> bool:
        return True

    def _of(self, path: Path) -> tuple[Part, ...]:
        # A run that only replays needs no names and no digests.
        return self._load(name_of(path)) if self._has_parts() else ()

    def _has_parts(self) -> bool:
        return bool(self._parts)

    def _load(self, name: str) -> tuple[Part, ...]:
        return self._parts.get(name, ())

    def _save(self, name: str, parts: tuple[Part, ...]) -> None:
        self._parts[name] = parts


class SharedRun(Run):
    """A run in several processes, such as those of pytest-xdist.

    Args:
        token: What `token` of the first process's run says; None starts one.
    """

    def __init__(self, token: str | None = None) -> None:
        super().__init__()
        if token is None:
            directory, key = tempfile.mkdtemp(prefix="run-", dir=private()), secrets.token_hex(16)
            token = f"{key}:{directory}"
        self.token = token
        self._key, _, directory = token.partition(":")
        self._directory = Path(directory)

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Where ids get their pseudonyms, the same in all processes."""
        from acs_chat_testkit.recording.registry import SharedPseudonyms

        return SharedPseudonyms(self._directory, bytes.fromhex(self._key))

    def end(self) -> None:
        """Removes what the processes shared; for the one that started the run, after all others."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def _is_first(self, name: str) -> bool:
        try:
            (self._directory / f"{name}.claim").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _has_parts(self) -> bool:
        return True  # another process may have put some there

    def _load(self, name: str) -> tuple[Part, ...]:
        try:
            said = json.loads((self._directory / name).read_bytes())
        except (FileNotFoundError, ValueError):
            return ()
        return tuple(Part(each["digest"], tuple(each["times"])) for each in said)

    def _save(self, name: str, parts: tuple[Part, ...]) -> None:
        file = self._directory / name
        temporary = file.with_suffix(".new")
        temporary.write_text(json.dumps([asdict(part) for part in parts]), encoding="utf-8")
        os.replace(temporary, file)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""Locks: one recorder at a time changes a cassette, in whatever thread or process it runs.

They are files of a directory that is private to the user, so nothing is left beside the cassettes. They hold for all
processes of one user on one machine.
"""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from acs_chat_testkit.errors import CassetteError, MissingExtra, UsageError

PATIENCE = 60.0
"""Seconds to wait for another process; it needs milliseconds to write a cassette."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else changes the cassette in this block.

    Raises:
        CassetteError: Another process has been changing it for a minute.
    """
    # Few locks serve all cassettes, so that the directory does not grow; two that share one wait for each other.
    with held(private() / f"{name_of(path)[:2]}.lock", path):
        yield


@contextmanager
def held(file: Path, what: Path) -> Iterator[None]:
    """Nobody else has the lock in this block.

    Args:
        file: The file that stands for it.
        what: What it guards, for the error.

    Raises:
        CassetteError: Another process has had it for a minute.
    """
    lock = acquire(file, PATIENCE)
    if lock is None:
        raise CassetteError(f"{what} has been locked by another process for {PATIENCE:g} s; end it and run again")
    try:
        yield
    finally:
        lock.release()


def needed() -> ModuleType:
    """The package that locks; to be asked for before anything is done that could not be written without it.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        import filelock
    except ModuleNotFoundError as missing:
        raise MissingExtra("recording", "recording", missing.name) from missing
    return filelock


def acquire(file: Path, patience: float = 0) -> Any:
    """The lock of that name, to be released by whoever is done; None where somebody else has it.

    Args:
        file: The file that stands for it.
        patience: How long to wait for it, in seconds.

    Raises:
        MissingExtra: filelock is not installed.
    """
    filelock = needed()
    # Where somebody has tidied up, filelock would make a directory that others can read.
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = filelock.FileLock(file, timeout=patience, thread_local=False)
    try:
        # Patience is measured by a clock that a test may have stopped; to have none needs no clock.
        lock.acquire(poll_interval=0.002, blocking=patience > 0)
    except filelock.Timeout:
        return None
    return lock


def beside(path: Path, suffix: str) -> Path:
    """A file of ours that belongs to a cassette, in the private directory."""
    return private() / f"{name_of(path)}.{suffix}"


def name_of(path: Path) -> str:
    """A cassette's name for files of ours, whatever way it is reached."""
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]


@functools.cache
def private() -> Path:
    """The directory for what must outlive a process and is nobody else's.

    Raises:
        UsageError: Somebody else has made a directory of that name.
    """
    user = str(os.getuid()) if hasattr(os, "getuid") else ""
    directory = Path(tempfile.gettempdir(), f"acs-chat-testkit-{user}")
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    if user:
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise UsageError(f"{directory} must be a directory that is yours alone (mode 700); remove it and run again")
    return directory

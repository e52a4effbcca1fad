"""Clients that do not go through Python's socket module: each is told to ask the guard first.

What is left (a program that is no Python, a C extension with sockets of its own that is not named here) goes out
unseen; the documentation lists it.
"""

from __future__ import annotations

import functools
import importlib
from functools import partial
from types import ModuleType

from acs_chat_testkit.recording.imports import when_imported

CLIENTS = {"pycurl": "pycurl", "uvloop": "uvloop", "asyncio.windows_events": "windows"}
"""The modules of these clients, and the files of this package that hold what each is told."""


@functools.cache
def install() -> None:
    """Guards the clients that are imported, and the others as soon as they are."""
    for client, file in CLIENTS.items():
        when_imported(client, partial(_tell, file))


def _tell(file: str, module: ModuleType) -> None:
    importlib.import_module(f"{__name__}.{file}").install(module)

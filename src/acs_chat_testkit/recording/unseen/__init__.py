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

CLIENTS = ("pycurl", "uvloop")
"""The modules of these clients; a file of this package of the same name holds what each is told."""


@functools.cache
def install() -> None:
    """Guards the clients that are imported, and the others as soon as they are."""
    for client in CLIENTS:
        when_imported(client, partial(_tell, client))


def _tell(client: str, module: ModuleType) -> None:
    importlib.import_module(f"{__name__}.{client}").install(module)

"""Doors: where the requests of HTTP clients come in. Each is put in once per process and stays.

A door is put in when its client is imported, or at once where that has already happened, so that no client is
imported for nothing and none slips through that is imported later. Every door does the same: it asks `active` for the
recorder, asks the recorder for an answer, and where there is none lets the request out and hands in what came back.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Sequence
from types import ModuleType

CLIENTS = {
    "requests.adapters": "requests",
    "urllib3.connectionpool": "urllib3",
    "http.client": "http_client",
    "httpx": "httpx",
    "aiohttp.client": "aiohttp",
    "azure.core.pipeline.transport": "azure_core",
}
"""The module of a client, and the module here that holds its door."""

_lock = threading.RLock()
_installed: set[str] = set()
_waiting = False


def install() -> None:
    """Puts in the doors of all clients that are imported, and of the others as soon as they are."""
    global _waiting
    with _lock:
        if not _waiting:
            _waiting = True
            sys.meta_path.insert(0, _Finder())
        for client in CLIENTS:
            if client in sys.modules and client not in _installed:
                _put_in(client)


def _put_in(client: str) -> None:
    _installed.add(client)
    importlib.import_module(f"{__name__}.{CLIENTS[client]}").install(sys.modules[client])


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the others find, and puts the door in when the module has run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a client's module, with a loader that puts in the door."""
        if fullname not in CLIENTS or fullname in _installed:
            return None
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                    return spec
        return None


class _Loader(importlib.abc.Loader):
    """Loads with another loader, then puts in the door."""

    def __init__(self, inner: importlib.abc.Loader) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """The module that the other loader makes."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module."""
        self._inner.exec_module(module)
        with _lock:
            _put_in(module.__name__)

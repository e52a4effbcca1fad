"""Does something to a module when it is imported, or at once where it is already: nothing is imported for nothing."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType

_lock = threading.RLock()
_wanted: dict[str, Callable[[ModuleType], None]] = {}
_done: set[str] = set()


def when_imported(name: str, then: Callable[[ModuleType], None]) -> None:
    """Calls `then` with the module once in the life of the process."""
    with _lock:
        if name in _wanted or name in _done:
            return
        if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, _Finder())
        _wanted[name] = then
        if name in sys.modules:
            _run(name)


def _run(name: str) -> None:
    with _lock:
        then = _wanted.pop(name, None)
        _done.add(name)
    if then is not None:
        then(sys.modules[name])


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the others find, with a loader that tells when the module has run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a wanted module."""
        if fullname not in _wanted:
            return None
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                    return spec
        return None


class _Loader(importlib.abc.Loader):
    """Loads with another loader, then tells."""

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
        _run(module.__name__)

"""The audit hook (PEP 578): one per process, put in when it is first wanted, and never out, because it can not be."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

Listener = Callable[[tuple[Any, ...]], None]
"""Gets the arguments of an event; an error that it raises ends what caused the event."""

_lock = threading.Lock()
_installed = False
_listeners: dict[str, Listener] = {}


def listen(listeners: Mapping[str, Listener]) -> None:
    """Calls these listeners on their events from now on; a second time changes nothing."""
    global _installed
    with _lock:
        _listeners.update(listeners)
        if not _installed:
            sys.addaudithook(_hook)
            _installed = True


def _hook(event: str, args: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    listener = _listeners.get(event)
    if listener is not None:
        listener(args)

"""Lineage: a thread carries what was in force where it was started.

A context variable ends at the border of a thread: a worker starts with an empty context. So values that must reach
the workers of a test are kept by thread too, from the moment that it is started.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_lines: list[Lineage[Any]] = []


class Lineage(Generic[T]):
    """The values in force in this context, outermost first, inherited by the threads that are started in it.

    Args:
        name: For the context variable.
    """

    def __init__(self, name: str) -> None:
        self._here: ContextVar[tuple[T, ...]] = ContextVar(name, default=())
        self._born: weakref.WeakKeyDictionary[threading.Thread, tuple[T, ...]] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        _lines.append(self)

    def add(self, value: T) -> None:
        """In force from here on."""
        _install()
        self._here.set((*self._here.get(), value))

    def remove(self, value: T) -> None:
        """No longer in force in this context; threads that inherited it keep it."""
        self._here.set(tuple(each for each in self._here.get() if each is not value))

    def here(self) -> tuple[T, ...]:
        """What is in force here, own or inherited."""
        return self._here.get() or self.inherited()

    def inherited(self) -> tuple[T, ...]:
        """What was in force where this thread was started."""
        return self._born.get(threading.current_thread(), ())

    def pass_on(self, thread: threading.Thread) -> None:
        """A thread is being started from here."""
        values = self.here()
        if values:
            with self._lock:
                self._born[thread] = values


@functools.cache
def _install() -> None:
    """Lets every thread that is started from now on inherit; to do it twice would do no more."""
    threading.Thread.start = _starting(threading.Thread.start)  # type: ignore[method-assign, assignment]


def _starting(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @functools.wraps(start)
    def through(thread: threading.Thread) -> None:
        for line in _lines:
            line.pass_on(thread)
        start(thread)

    return through

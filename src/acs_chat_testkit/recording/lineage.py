"""Lineage: a thread carries what was in force where it was started, and in a pool where its work was given to it.

A context variable ends at the border of a thread: a worker starts with an empty context. So values that must reach
the workers of a test are kept by thread too, from the moment that it is started or, in a pool, has something to do.
Where threads inherit their context (free-threaded Pythons, `-X thread_inherit_context`), a worker of a pool would have
for good what was in force when it was started, so these variables are left out of it.
"""

from __future__ import annotations

import functools
import sys
import threading
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Generic, ParamSpec, TypeVar

from acs_chat_testkit.recording.imports import when_imported

P = ParamSpec("P")
T = TypeVar("T")
_lines: list[Lineage[Any]] = []
_kept: list[tuple[ContextVar[Any], Any]] = []


class Lineage(Generic[T]):
    """The values in force in this context, outermost first, inherited by the threads that are started in it.

    Args:
        name: For the context variable.
    """

    def __init__(self, name: str) -> None:
        self._here: ContextVar[tuple[T, ...]] = ContextVar(name, default=())
        keep_from_threads(self._here, ())
        self._born: weakref.WeakKeyDictionary[threading.Thread, tuple[T, ...]] = weakref.WeakKeyDictionary()
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
        """What was in force where this thread was started, or its work was given to a pool."""
        return self._born.get(threading.current_thread(), ())

    def give(self, thread: threading.Thread, values: tuple[T, ...]) -> None:
        """A thread has these from now on."""
        # Without a lock, which a fork could find taken for ever: each is one step of a dictionary.
        if values:
            self._born[thread] = values
        else:
            self._born.pop(thread, None)


def keep_from_threads(variable: ContextVar[T], default: T) -> None:
    """Threads start with the default of a context variable, also where they inherit their context."""
    _kept.append((variable, default))


@functools.cache
def _install() -> None:
    """Lets every thread that is started from now on inherit, and all work of a pool; twice would do no more."""
    threading.Thread.start = _starting(threading.Thread.start)  # type: ignore[method-assign, assignment]
    when_imported("concurrent.futures.thread", _let_pools)
    when_imported("multiprocessing.pool", _let_thread_pools)


def _starting(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @functools.wraps(start)
    def through(thread: threading.Thread) -> None:
        for line in _lines:
            line.give(thread, line.here())
        tokens = [(variable, variable.set(default)) for variable, default in _kept]
        try:
            start(thread)
        finally:
            for variable, token in tokens:
                variable.reset(token)

    return through


def _let_pools(module: ModuleType) -> None:
    """Whoever gives work to a pool does not start the thread that does it."""
    pool = module.ThreadPoolExecutor
    pool.submit = _submitting(pool.submit)


def _submitting(submit: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(submit)
    def through(pool: Any, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        interpreters = sys.modules.get("concurrent.futures.interpreter")
        # Work for an interpreter of its own (Python 3.14) must be such as can be sent to it.
        elsewhere = interpreters is not None and isinstance(pool, interpreters.InterpreterPoolExecutor)
        return submit(pool, work if elsewhere else _as_here(work), *args, **kwargs)

    return through


def _let_thread_pools(module: ModuleType) -> None:
    """The same of a pool of threads that is like one of processes, and takes one piece of work or many."""
    pool = module.ThreadPool
    pool.apply_async = _applying(pool.apply_async)
    pool._guarded_task_generation = _applying_to_all(pool._guarded_task_generation)


def _applying(apply_async: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(apply_async)
    def through(pool: Any, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return apply_async(pool, _as_here(func), *args, **kwargs)

    return through


def _applying_to_all(generate: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(generate)
    def through(pool: Any, job: Any, func: Callable[..., Any], *args: Any) -> Any:
        return generate(pool, job, _as_here(func), *args)

    return through


def _as_here(work: Callable[P, T]) -> Callable[P, T]:
    """Work that is done with what is in force here, and leaves nothing of it on its thread, which may live for long."""
    given = [(line, line.here()) for line in _lines]

    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        thread = threading.current_thread()
        for line, values in given:
            line.give(thread, values)
        try:
            return work(*args, **kwargs)
        finally:
            for line, _ in given:
                line.give(thread, ())

    return done

"""A thread to which work is given in a way that no pool knows."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

Work = Callable[[], Any]
Give = Callable[[Work], "Future[Any]"]


@contextmanager
def worker() -> Iterator[Give]:
    """A thread that does what is given to it, and of which nobody else knows."""
    todo: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()

    def work() -> None:
        while (given := todo.get()) is not None:
            try:
                given[1].set_result(given[0]())
            except Exception as error:
                given[1].set_exception(error)

    def give(piece: Work) -> Future[Any]:
        result: Future[Any] = Future()
        todo.put((piece, result))
        return result

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield give
    finally:
        todo.put(None)
        thread.join()

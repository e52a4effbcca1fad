"""Which recorder answers a request: its context's, else the only one open, else none may.

The interception is installed once per process and asks here for each request, so opening and closing a cassette
changes no code of any client, and a thread can never see a half-patched one.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from acs_chat_testkit.errors import UnrecordedRequest

if TYPE_CHECKING:
    from acs_chat_testkit.recording.recorder import Recorder

_lock = threading.Lock()
_open: list[Recorder] = []
_entered: ContextVar[tuple[Recorder, ...]] = ContextVar("acs_chat_testkit_recorders", default=())
_outside: ContextVar[bool] = ContextVar("acs_chat_testkit_outside", default=False)


def enter(recorder: Recorder) -> None:
    """From here on, the requests of this context belong to the recorder."""
    with _lock:
        _open.append(recorder)
    _entered.set((*_entered.get(), recorder))


def leave(recorder: Recorder) -> None:
    """The recorder is closed, in every context that it was entered in."""
    with _lock:
        _open.remove(recorder)
    _entered.set(tuple(each for each in _entered.get() if each is not recorder))


def replaying() -> bool:
    """Whether this context gets its answers from a cassette alone."""
    recorder = current()
    return recorder is not None and not recorder.recording


def unless_replaying(sleep: Callable[..., Any]) -> Callable[..., Any]:
    """A sleep between retries that returns at once in replay."""

    @functools.wraps(sleep)
    def through(*args: Any, **kwargs: Any) -> Any:
        return None if replaying() else sleep(*args, **kwargs)

    return through


@contextmanager
def outside() -> Iterator[None]:
    """Requests of the block belong to no cassette and go out."""
    token = _outside.set(True)
    try:
        yield
    finally:
        _outside.reset(token)


def current() -> Recorder | None:
    """The recorder that a request of this context belongs to; None where none is open.

    Raises:
        UnrecordedRequest: Several are open, and the request comes from a thread that has entered none of them.
    """
    opened = _open
    if not opened or _outside.get():
        return None
    for recorder in reversed(_entered.get()):
        if recorder in opened:
            return recorder
    if len(opened) == 1:
        return opened[0]
    names = ", ".join(str(recorder.path) for recorder in opened)
    raise UnrecordedRequest(
        f"a request of thread {threading.current_thread().name!r} belongs to no cassette, because several are open "
        f"({names}); start the thread in a copy of the context (contextvars.copy_context().run)"
    )

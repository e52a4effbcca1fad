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
from acs_chat_testkit.recording.lineage import Lineage

if TYPE_CHECKING:
    from acs_chat_testkit.recording.recorder import Recorder

_lock = threading.Lock()
_open: tuple[Recorder, ...] = ()
_entered: Lineage[Recorder] = Lineage("acs_chat_testkit_recorders")
_outside: ContextVar[bool] = ContextVar("acs_chat_testkit_outside", default=False)


def enter(recorder: Recorder) -> None:
    """From here on, the requests of this context, and of the threads that it starts, belong to the recorder."""
    global _open
    with _lock:
        _open = (*_open, recorder)
    _entered.add(recorder)


def leave(recorder: Recorder) -> None:
    """The recorder is closed, in every context that it was entered in."""
    global _open
    with _lock:
        _open = tuple(each for each in _open if each is not recorder)
    _entered.remove(recorder)


def alone() -> bool:
    """Whether no request of this context can go out, whatever it asks; refuses nothing and counts nothing."""
    recorder = None if _outside.get() else _belonging(_open)
    return recorder is not None and not recorder.lets_out


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
    """The recorder that a request of this context belongs to; None where it belongs to none and may go out.

    Raises:
        UnrecordedRequest: Several are open, and the request comes from a thread that has entered none of them; or
            the thread was started while replaying, and its cassette is closed.
    """
    opened = _open
    if not opened and not _entered.inherited():
        return None
    if _outside.get():
        return None
    recorder = _belonging(opened)
    if recorder is None:
        _refuse(opened)
    return recorder


def _belonging(opened: tuple[Recorder, ...]) -> Recorder | None:
    for recorder in reversed(_entered.here()):
        if recorder in opened:
            return recorder
    return opened[0] if len(opened) == 1 else None


def _refuse(opened: tuple[Recorder, ...]) -> None:
    """Refuses a request that belongs to no cassette and must not go out."""
    thread = threading.current_thread().name
    if opened:
        names = ", ".join(str(recorder.path) for recorder in opened)
        raise UnrecordedRequest(
            f"a request of thread {thread!r} belongs to no cassette, because several are open ({names}); "
            "start the thread inside the block of its cassette"
        )
    for recorder in reversed(_entered.inherited()):
        if not recorder.recording:
            recorder.counts.add("missed")
            raise UnrecordedRequest(
                f"a request of thread {thread!r} came after its cassette {recorder.path} was closed; "
                "wait for the thread inside the block of the cassette"
            )

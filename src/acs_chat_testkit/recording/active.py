"""Which recorder answers a request: its context's, else the only one open, else none may.

The interception is installed once per process and asks here for each request, so opening and closing a cassette
changes no code of any client, and a thread can never see a half-patched one. A cassette of vcrpy's own that is open
beside ours is a guest: what was entered last in a context, ours or a guest, answers there.
"""

from __future__ import annotations

import functools
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording.lineage import Lineage, keep_from_threads
from acs_chat_testkit.recording.modes import Mode

if TYPE_CHECKING:
    import asyncio

    from acs_chat_testkit.recording.recorder import Recorder


class Guest:
    """A cassette of another recorder, open beside ours; what belongs to it is answered by its own patches.

    Attributes:
        path: The cassette's file.
    """

    path: str | Path


_lock = threading.Lock()
_open: tuple[Recorder | Guest, ...] = ()
_entered: Lineage[Recorder | Guest] = Lineage("acs_chat_testkit_recorders")
_looped: weakref.WeakSet[Recorder | Guest] = weakref.WeakSet()
"""Entered while an event loop ran: a context that still has such a one, closed, is of a task that was started in it."""
_let_go: weakref.WeakSet[Recorder | Guest] = weakref.WeakSet()
_outside: ContextVar[bool] = ContextVar("acs_chat_testkit_outside", default=False)
keep_from_threads(_outside, False)


def enter(recorder: Recorder | Guest, guests: Sequence[Guest] = ()) -> None:
    """From here on, the requests of this context, and of the threads that it starts, belong to the recorder.

    Args:
        recorder: What answers.
        guests: What was open inside it when it was left, and is again where it is still open.
    """
    global _open
    with _lock:
        _open = (*_open, recorder)
    _entered.add(recorder)
    if _in_a_loop():
        _looped.add(recorder)
    for guest in guests:
        if guest in _open:
            leave(guest)
            enter(guest)


def leave(recorder: Recorder | Guest) -> list[Guest]:
    """The recorder is closed, in every context that it was entered in; gives the guests that are open inside it."""
    global _open
    guests = guests_of(recorder)
    with _lock:
        _open = tuple(each for each in _open if each is not recorder)
    _entered.remove(recorder)
    return guests


def let_go(recorder: Recorder) -> list[Guest]:
    """The same, and what was started in it lives on for whoever comes next, such as a server."""
    _let_go.add(recorder)
    return leave(recorder)


def is_open(recorder: Recorder | Guest) -> bool:
    """Whether a recorder answers the requests of any context."""
    return recorder in _open


def alone() -> bool:
    """Whether no request of this context can go out, whatever it asks; refuses nothing and counts nothing."""
    recorder = None if _outside.get() else _belonging(_open)
    return recorder is not None and not isinstance(recorder, Guest) and not recorder.lets_out


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
    found = _innermost()
    return None if isinstance(found, Guest) else found


def beneath() -> Recorder | None:
    """The same at a door that lies below the patches of a guest: in replay, what the guest has not answered stays here.

    Raises:
        UnrecordedRequest: As `current`.
    """
    found = _innermost()
    if not isinstance(found, Guest):
        return found
    opened = _open
    around = next((each for each in reversed(_entered.here()) if not isinstance(each, Guest) and each in opened), None)
    if around is None:
        _refuse_late()
    return around if around is not None and around.mode is Mode.NONE else None


def owned() -> bool:
    """Whether a request of this context is a matter of our recorders alone, also where one of them has let it out."""
    return _outside.get() or current() is not None


def let_out() -> bool:
    """Whether a request of this context goes out, whatever is open."""
    return _outside.get()


def guests_of(recorder: Recorder | Guest) -> list[Guest]:
    """The guests that were opened since a recorder was, in whatever context."""
    opened = _open
    later = opened[opened.index(recorder) + 1 :] if recorder in opened else ()
    return [each for each in later if isinstance(each, Guest)]


def _innermost() -> Recorder | Guest | None:
    opened = _open
    if not opened and not _entered.here():
        return None
    if _outside.get():
        return None
    found = _belonging(opened)
    if found is None:
        _refuse(opened)
    return found


def _belonging(opened: tuple[Recorder | Guest, ...]) -> Recorder | Guest | None:
    for recorder in reversed(_entered.here()):
        if recorder in opened:
            return recorder
    if len(opened) == 1:
        return opened[0]
    # Those that were open before all of ours have nothing to do with it.
    inner = tuple(dropwhile(_is_guest, opened))
    return inner[0] if len(inner) == 1 else None


def _is_guest(each: Recorder | Guest) -> bool:
    return isinstance(each, Guest)


def _refuse(opened: tuple[Recorder | Guest, ...]) -> None:
    """Refuses a request that belongs to no cassette and must not go out."""
    if not all(map(_is_guest, opened)):
        thread = threading.current_thread().name
        names = ", ".join(str(each.path) for each in opened)
        raise UnrecordedRequest(
            f"a request of thread {thread!r} belongs to no cassette, because several are open ({names}); "
            "start the thread inside the block of its cassette"
        )
    _refuse_late()


def _refuse_late() -> None:
    """Refuses a request of a thread or a task that was started while replaying, from a cassette that is closed."""
    started_in = (*_entered.inherited(), *(each for each in _entered.here() if each in _looped))
    for recorder in reversed(started_in):
        if not isinstance(recorder, Guest) and not recorder.recording and recorder not in _let_go:
            recorder.counts.add("missed")
            raise UnrecordedRequest(
                f"a request of {_who()} came after its cassette {recorder.path} was closed; "
                "wait for it inside the block of the cassette"
            )


def _in_a_loop() -> bool:
    return "asyncio" in sys.modules and _task() is not None


def _task() -> asyncio.Task[Any] | None:
    import asyncio

    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _who() -> str:
    task = _task()
    return f"thread {threading.current_thread().name!r}" if task is None else f"task {task.get_name()!r}"

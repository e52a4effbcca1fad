"""A take: the place of one request in a recording, kept from the moment of the call until its answer is complete."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from acs_chat_testkit.http import Request, Response

Failures = Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], str]]
"""What is recorded by the class of the error that a client raises; the first one that fits is taken."""


class Take:
    """One request that went out.

    Args:
        request: As it was sent.

    Attributes:
        response: Its answer; None while there is none, or where the connection failed.
        pieces: The sizes of the pieces that the body came in, where they mean something.
        error: How the connection failed; None where it did not.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response: Response | None = None
        self.pieces: tuple[int, ...] = ()
        self.error: str | None = None
        self._lock = threading.Lock()
        self._finish: Callable[[], None] | None = None

    @property
    def complete(self) -> bool:
        """Whether there is something to write."""
        return self.response is not None or self.error is not None

    def keep(self, response: Response, pieces: tuple[int, ...] = ()) -> None:
        """The answer has come, whole or as much of it as anybody wanted."""
        self.response, self.pieces = response, pieces

    def edit(self, hook: Callable[[Response], Response | None]) -> bool:
        """Gives the answer another form; False where it is dropped."""
        if self.response is not None:
            edited = hook(self.response)
            if edited is None:
                return False
            if edited.body != self.response.body:
                self.pieces = ()
            self.response = edited
        return True

    def later(self, finish: Callable[[], None]) -> None:
        """The head of the answer has come; `finish` will hand in what was read of its body."""
        self._finish = finish

    def finish(self) -> None:
        """Nobody reads the answer any further; does nothing the second time."""
        with self._lock:
            finish, self._finish = self._finish, None
        if finish is not None:
            finish()

    @contextmanager
    def failing(self, failures: Failures) -> Iterator[None]:
        """An error of the connection in this block is what was recorded instead of an answer."""
        try:
            yield
        except BaseException as error:
            for kinds, word in failures:
                if isinstance(error, kinds):
                    self._finish, self.response, self.error = None, None, word
                    break
            raise

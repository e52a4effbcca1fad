"""A take: the place of one request in a recording, kept from the moment of the call until its answer is complete."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import clock, failures
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.codings import opened_by_client
from acs_chat_testkit.recording.failures import Failures


class Take:
    """One request that went out.

    Args:
        request: As it was sent.
        number: Its place in the recording, from 0.
        changed: Is told when there is something to write, and again when that turns out to be otherwise.

    Attributes:
        at: When it was sent, in nanoseconds; processes of one machine can compare it.
        response: Its answer; None while there is none, or where the connection failed.
        pieces: The sizes of the pieces that the body came in, where they mean something.
        coding: The content coding that its client has taken off it.
        error: How the connection failed; None where it did not.
    """

    def __init__(self, request: Request, number: int = 0, changed: Callable[[Take], None] = lambda _: None) -> None:
        self.request = request
        self.number = number
        self.at = clock.now()
        self.response: Response | None = None
        self.pieces: tuple[int, ...] = ()
        self.coding: str | None = None
        self.error: str | None = None
        self._changed = changed
        self._lock = threading.Lock()
        self._finish: Callable[[], None] | None = None

    @property
    def complete(self) -> bool:
        """Whether there is something to write."""
        return self.response is not None or self.error is not None

    def keep(self, response: Response, pieces: tuple[int, ...] = ()) -> None:
        """The answer has come, whole or as much of it as anybody wanted."""
        self.response, self.pieces = response, pieces
        self._changed(self)

    def edited(self, hook: Callable[[Response], Response | None]) -> Interaction | None:
        """What there is to write, with the answer in another form; None where it is dropped."""
        response = None if self.response is None else hook(self.response)
        if self.response is None or response is None:
            return None if self.response is not None else Interaction(self.request, None, self.error)
        if response.body == self.response.body:
            return Interaction(self.request, response, None, self.pieces, 0, self.coding)
        # A hook that writes a text of its own leaves the name of the coding in which the old one was.
        response, coding = opened_by_client(response, self.request.headers)
        return Interaction(self.request, response, None, (), 0, coding or self.coding)

    def keep_opened(self, response: Response, pieces: tuple[int, ...] = ()) -> None:
        """The answer has come to a client that takes a content coding off before anybody can see it."""
        response, coding = opened_by_client(response, self.request.headers)
        self.coding = None if pieces else coding
        self.keep(response, pieces)

    def later(self, finish: Callable[[], None]) -> None:
        """The head of the answer has come; `finish` will hand in what was read of its body."""
        self._finish = finish

    def finish(self) -> None:
        """Nobody reads the answer any further; does nothing the second time."""
        with self._lock:
            finish, self._finish = self._finish, None
        if finish is not None:
            finish()

    def fail(self, word: str) -> None:
        """The connection broke; half an answer is none, and would pass for a whole one in replay."""
        self._finish, self.response, self.error = None, None, word
        self._changed(self)

    @contextmanager
    def failing(self, kinds: Failures) -> Iterator[None]:
        """An error of the connection in this block is what was recorded instead of an answer."""
        before = sys.exception()
        try:
            yield
        except BaseException as error:
            word = failures.word(error, kinds, before)
            # Who was nearer to the connection has told it more exactly.
            if word is not None and self.error is None:
                self.fail(word)
            raise

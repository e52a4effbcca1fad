"""The reel: what one recorder takes, in the order of the calls, clean as soon as it is complete."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.disk import is_real
from acs_chat_testkit.recording.editing import redacted, sealed
from acs_chat_testkit.recording.hooks import Hooks
from acs_chat_testkit.recording.journal import Journal
from acs_chat_testkit.recording.redaction import Redactor
from acs_chat_testkit.recording.take import Take


class Reel:
    """The takes of one recording; several threads may take at the same time.

    A take is redacted, and goes into the journal, when it and all before it are complete: so ids are numbered in the
    order of the calls, whichever answer came first. Where files are not those of this machine, it waits for the end.

    Args:
        redactor: Replaces what must not be written.
        hooks: What the suite itself does to answers and interactions.
        journal: Where clean takes go; None where nothing is to be left of them.

    Attributes:
        ended: Whether nothing is taken any more.
    """

    def __init__(self, redactor: Redactor, hooks: Hooks, journal: Journal | None) -> None:
        self._redactor = redactor
        self._hooks = hooks
        self._journal = journal
        self._lock = threading.RLock()
        self._takes: list[Take] = []
        self._clean: dict[int, Interaction | None] = {}
        self._next = 0
        self.ended = False
        self._failed: Exception | None = None

    def take(self, request: Request) -> Take:
        """Reserves the next place for a request that now goes out."""
        with self._lock:
            take = Take(request, len(self._takes), self._changed)
            self._takes.append(take)
        return take

    @property
    def takes(self) -> Sequence[Take]:
        """All that was taken, complete or not."""
        return self._takes

    def end(self) -> tuple[Sequence[Take], Sequence[Interaction]]:
        """Nothing is taken any more.

        Returns:
            The takes that have something to write, and each of them as it may be written.

        Raises:
            Exception: A hook of the suite failed, now or before.
        """
        for take in self._takes:
            take.finish()
        with self._lock:
            self.ended = True
            if self._failed is not None:
                raise self._failed
            for take in self._takes:
                if take.complete and take.number not in self._clean:
                    self._clean[take.number] = self.clean(take)
            written = [(take, clean) for take in self._takes if (clean := self._clean.get(take.number)) is not None]
            return [take for take, _ in written], [clean for _, clean in written]

    def clean(self, take: Take) -> Interaction | None:
        """A take as it may be written; None where the suite drops it."""
        edited = take.edited(self._hooks.response)
        return None if edited is None else self._hooks.save(redacted(edited, self._redactor, time.time()))

    def entry(self, interaction: Interaction) -> str:
        """The text of an interaction in a cassette."""
        return serializer.entry(interaction) if self._journal is None else self._journal.entry(interaction)

    @property
    def hits(self) -> Counter[str]:
        """How often each rule found something."""
        return self._redactor.hits

    def remove(self) -> None:
        """Leaves nothing behind."""
        if self._journal is not None:
            self._journal.remove()

    def _changed(self, take: Take) -> None:
        """A take is complete, or what was complete turned out to be otherwise."""
        with self._lock:
            if self.ended or self._failed is not None:
                return
            if not is_real():
                # What is kept on disk meanwhile can wait, and what was clean is no more.
                self._clean.pop(take.number, None)
                return
            try:
                self._again(take)
                self._go_on()
            except Exception as error:
                # The client is not to blame, and would see it in the middle of its answer.
                self._failed = error

    def _again(self, take: Take) -> None:
        if take.number in self._clean:
            self._clean[take.number] = self.clean(take)
            if self._journal is not None:
                self._journal.again(each for each in self._clean.values() if each is not None)

    def _go_on(self) -> None:
        while self._next < len(self._takes) and self._takes[self._next].complete:
            clean = self._clean[self._next] = self.clean(self._takes[self._next])
            self._next += 1
            if self._journal is not None and clean is not None and self._may_be_kept(clean):
                self._journal.add(clean)

    def _may_be_kept(self, clean: Interaction) -> bool:
        """Where nobody could look into a body the recording fails, and leaves nothing on the disk."""
        return self._redactor.inert.knows_very(clean) or not sealed(clean)

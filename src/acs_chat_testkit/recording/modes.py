"""Record modes: which requests are answered from the cassette and which go out."""

from __future__ import annotations

from enum import StrEnum

from acs_chat_testkit.errors import UsageError


class Mode(StrEnum):
    """What a recorder may do with a request.

    Each member's value is the word on the command line.
    """

    NONE = "none"
    """Replay alone; whatever is not recorded is refused."""
    ONCE = "once"
    """Record where there is no cassette yet, otherwise replay alone."""
    NEW_EPISODES = "new_episodes"
    """Replay what was recorded before this run and record the rest."""
    REWRITE = "rewrite"
    """Record everything; a run that passes replaces the cassette."""
    ALL = "all"
    """The same as `rewrite`, in vcrpy's word."""
    VERIFY = "verify"
    """Ask the service, write nothing, and tell where its answers have drifted from the recorded ones."""

    @classmethod
    def of(cls, word: str | Mode) -> Mode:
        """The mode of that name.

        Raises:
            UsageError: There is no such mode.
        """
        try:
            return cls(word)
        except ValueError:
            known = ", ".join(mode.value for mode in cls)
            raise UsageError(f"record mode {word!r} does not exist; it is one of {known}") from None

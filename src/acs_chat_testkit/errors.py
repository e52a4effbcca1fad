"""Everything the toolkit raises.

TestkitError
├── UsageError            an option, mode or argument that does not exist or does not fit
├── MissingExtra          an optional part was asked for and is not installed
├── CassetteError
│   ├── CassetteNotFound  replay was asked for and there is no recording
│   ├── BrokenCassette    the file is cut off, can not be read or is not safe to load
│   │   └── NotACassette  the file is something else, and stays what it is
│   ├── UnrecordedRequest a request that no recorded interaction answers
│   └── LeakFound         something that a redaction rule would still change was about to be written
├── NetworkBlocked        a connection was tried where replay must not touch the network
├── ContractError         a contract file that cannot be used
└── EmulatorError         the emulator cannot start or was told something it cannot do
"""

from __future__ import annotations


class TestkitError(Exception):
    """What every error of the toolkit derives from; its text is one sentence that says what to do next."""

    __test__ = False


class UsageError(TestkitError):
    """An option, mode or argument that does not exist or does not fit."""


class MissingExtra(TestkitError):
    """An optional part was asked for and is not installed.

    Args:
        feature: What the person wanted, such as ``"the emulator"``.
        extra: The extra of ``acs-chat-testkit`` that brings it.
        missing: The module that could not be imported.
    """

    def __init__(self, feature: str, extra: str, missing: str | None = None) -> None:
        cause = f" ({missing} is not installed)" if missing else ""
        super().__init__(f"{feature} needs an extra{cause}: pip install 'acs-chat-testkit[{extra}]'")


class CassetteError(TestkitError):
    """Something is wrong with a cassette or its use."""


class CassetteNotFound(CassetteError):
    """Replay was asked for and there is no recording."""


class BrokenCassette(CassetteError):
    """The file is cut off, can not be read or is not safe to load; the text names file and line.

    Attributes:
        advice: What to do about it; the text ends with it.
    """

    advice = "restore the file, or delete it and record it again"

    def __str__(self) -> str:
        return f"{super().__str__()}; {self.advice}"


class NotACassette(BrokenCassette):
    """The file is something else, and stays what it is."""

    advice = "give another name"


class UnrecordedRequest(CassetteError):
    """A request that no recorded interaction answers."""


class LeakFound(CassetteError):
    """Something that a redaction rule would still change was about to be written."""


class NetworkBlocked(TestkitError, RuntimeError):
    """A connection was tried where replay must not touch the network; type and text are as in pytest-recording.

    Args:
        host: The host, as the program gave it: a text or bytes.
    """

    def __init__(self, host: object) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return f"Network is disabled for host {self.host!r}"

    @property
    def advice(self) -> str:
        """What to do about it; not in the text, because suites compare that as a whole."""
        host = self.host.decode("latin-1") if isinstance(self.host, bytes | bytearray) else str(self.host)
        return f"record the request (--record-mode=once), or allow the host (allowed_hosts=[{host!r}])"


class ContractError(TestkitError):
    """A contract file that cannot be used; the text names file and place."""


class EmulatorError(TestkitError):
    """The emulator cannot start or was told something it cannot do."""

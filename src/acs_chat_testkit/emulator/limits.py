"""The documented limits of the service, as data; the rates are kept only where they are asked for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from acs_chat_testkit.emulator.calls import Call
from acs_chat_testkit.emulator.clock import Clock
from acs_chat_testkit.emulator.problems import Problem

PARTICIPANTS = 250
PARTICIPANTS_IN_REQUEST = 200
PARTICIPANTS_FOR_SIGNALS = 20
MESSAGE_BYTES = 28 * 1024
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls of one operation in so many seconds, counted by user, by thread, or by both."""

    user: bool
    thread: bool
    calls: int
    seconds: int


_SEND = (Rate(False, True, 10, 10), Rate(False, True, 30, 60))
_CHANGE_PARTICIPANTS = (Rate(False, True, 10, 10), Rate(False, True, 30, 60))
RATES: dict[str, tuple[Rate, ...]] = {
    "create_thread": (Rate(True, False, 10, 10),),
    "delete_thread": (Rate(True, False, 10, 10),),
    "update_thread": (Rate(False, True, 5, 10),),
    "get_thread": (Rate(True, False, 50, 10),),
    "list_threads": (Rate(True, False, 50, 10),),
    "add_participants": _CHANGE_PARTICIPANTS,
    "remove_participant": _CHANGE_PARTICIPANTS,
    "delete_participant": _CHANGE_PARTICIPANTS,
    "list_participants": (Rate(True, True, 10, 10), Rate(False, True, 250, 10)),
    "send_message": _SEND,
    "update_message": _SEND,
    "delete_message": _SEND,
    "get_message": (Rate(True, True, 50, 10), Rate(False, True, 250, 10)),
    "list_messages": (
        Rate(True, True, 50, 10),
        Rate(True, True, 200, 60),
        Rate(False, True, 250, 10),
        Rate(False, True, 400, 60),
    ),
    "send_receipt": _SEND,
    "list_receipts": (Rate(True, True, 5, 10), Rate(False, True, 100, 10)),
    "send_typing": (
        Rate(True, True, 5, 10),
        Rate(True, True, 15, 60),
        Rate(False, True, 10, 10),
        Rate(False, True, 30, 60),
    ),
}


class RateLimiter:
    """Counts calls in sliding windows.

    Args:
        clock: The emulator's clock; a logical one lets windows pass as slowly as it moves.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, Rate, str, str], deque[int]] = {}

    def reset(self) -> None:
        """Forgets all calls."""
        self._calls.clear()

    def check(self, operation: str, call: Call) -> None:
        """Counts one call.

        Raises:
            Problem: 429, one of the operation's rates is used up.
        """
        now = self._clock.now()
        windows = [self._window(operation, rate, call, now) for rate in RATES[operation]]
        if any(len(window) >= rate.calls for window, rate in zip(windows, RATES[operation], strict=True)):
            raise Problem("request.rate", 429, "TooManyRequests", "The rate limit of this operation is exceeded.")
        for window in windows:
            window.append(now)

    def _window(self, operation: str, rate: Rate, call: Call, now: int) -> deque[int]:
        key = (operation, rate, call.caller if rate.user else "", call.path.get("thread", "") if rate.thread else "")
        window = self._calls.setdefault(key, deque())
        while window and not now - rate.seconds * 1000 < window[0] <= now:  # over, or of before a jump back
            window.popleft()
        return window

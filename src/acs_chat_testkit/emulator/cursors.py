"""Where a list goes on: the cursor bytes in the links of message and thread lists."""

from __future__ import annotations

import base64
import json
import struct

from acs_chat_testkit.emulator.problems import Problem, bad_request

_HEAD = struct.Struct("<Bi")
_TAIL = struct.Struct("<Bqq")
_MARK = 0x3E


def write_messages(thread_id: str, last: int, newest: int) -> str:
    """The syncState of a message list: thread id, version of the last item returned, newest version; as hex."""
    text = thread_id.encode()
    return (_HEAD.pack(_MARK, len(text)) + text + _TAIL.pack(1, last, newest)).hex()


def read_messages(text: str, thread_id: str) -> tuple[int, int]:
    """The two versions in a syncState.

    Raises:
        Problem: 400, it is none, or one of another thread.
    """
    try:
        data = bytes.fromhex(text)
        mark, length = _HEAD.unpack_from(data)
        one, last, newest = _TAIL.unpack(data[_HEAD.size + length :] if length >= 0 else b"")
    except (ValueError, struct.error):
        raise _unusable() from None
    if (mark, one, data[_HEAD.size : _HEAD.size + length]) != (_MARK, 1, thread_id.encode()):
        raise _unusable()
    return last, newest


def write_threads(last: int, number: int) -> str:
    """The syncState of a thread list: two time windows as base64 JSON; the second ends where the page ended."""
    windows = [{"start": 0, "end": 0}, {"start": number, "end": last}]
    return base64.b64encode(json.dumps(windows).encode()).decode()


def read_threads(text: str) -> tuple[int, int]:
    """Last message time and number of the last thread of the page before.

    Raises:
        Problem: 400, it is no such cursor.
    """
    try:
        _, window = json.loads(base64.b64decode(text, validate=True))
        last, number = window["end"], window["start"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _unusable() from None
    if not all(isinstance(part, int) and 0 <= part < 2**62 for part in (last, number)):
        raise _unusable()
    return last, number


def _unusable() -> Problem:
    return bad_request("page.cursor", "The value of 'syncState' is not valid.")

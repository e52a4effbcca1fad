"""Who may do what."""

from __future__ import annotations

import re

from acs_chat_testkit.emulator.calls import Call
from acs_chat_testkit.emulator.ids import THREAD_ID
from acs_chat_testkit.emulator.problems import bad_request, forbidden, not_found
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Message, Participant, Thread

# One text an id: with a leading zero it would be a second name of the same message.
_MESSAGE_ID = re.compile(r"[1-9][0-9]{0,17}")


def joined_thread(call: Call, state: State) -> tuple[Thread, Participant]:
    """The thread in the path, and the caller in it.

    Raises:
        Problem: 400 malformed id, 404 unknown or deleted thread, 403 the caller does not take part.
    """
    thread_id = call.path["thread"]
    if not THREAD_ID.fullmatch(thread_id):
        raise bad_request("thread.malformed")
    thread = state.threads.get(thread_id)
    if thread is None or thread.deleted_on is not None:
        fact = "thread.unknown" if thread is None else "thread.deleted"
        raise not_found(fact, "The specified thread id is not found.")
    participant = state.threads.participant(thread, call.caller)
    if participant is None:
        removed = state.messages.tells_removal(thread, call.caller)
        raise forbidden("participant.removed" if removed else "thread.hidden")
    return thread, participant


def message_id(text: str, fact: str = "message.malformed") -> int:
    """The number that a message id is.

    Raises:
        Problem: 400, it is none; the id is quoted.
    """
    if not _MESSAGE_ID.fullmatch(text):
        raise bad_request(fact, f"The value for MessageId ({text[:64]}) is not valid.")
    return int(text)


def find_message(
    number: int, state: State, thread: Thread, participant: Participant, fact: str = "message.unknown"
) -> Message:
    """The message of that id; what came before the participant's share of the history does not exist for it.

    Raises:
        Problem: 404, there is none.
    """
    message = state.messages.get(thread, number)
    if message is None:
        raise not_found(fact)
    if message.created_on < participant.share_history_time:
        raise not_found("message.history")
    return message


def own_message(call: Call, state: State) -> tuple[Thread, Message]:
    """The message in the path, which only its sender may change.

    Raises:
        Problem: 400 malformed id, 403 somebody else sent it, 404 it is unknown or deleted.
    """
    thread, participant = joined_thread(call, state)
    message = find_message(message_id(call.path["message"]), state, thread, participant)
    if message.sender != call.caller:
        raise forbidden("message.own")
    if message.deleted_on is not None:
        raise not_found("message.deleted")
    return thread, message

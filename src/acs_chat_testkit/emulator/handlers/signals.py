"""What participants signal to each other: that they are typing, and how far they have read."""

from __future__ import annotations

from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.handlers.access import find_message, joined_thread, message_id
from acs_chat_testkit.emulator.limits import LARGEST_PAGE, PARTICIPANTS_FOR_SIGNALS
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.renderers import Released
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Thread

_DEFAULT_PAGE = 100


def send_typing(call: Call, renderer: Released, state: State) -> Answer:
    """POST /chat/threads/{thread}/typing; nothing is kept."""
    thread, _ = joined_thread(call, state)
    call.optional_fields().text("senderDisplayName")
    _check_size(thread, state)
    return Answer(200, rests_on=("typing.send",))


def send_receipt(call: Call, renderer: Released, state: State) -> Answer:
    """POST /chat/threads/{thread}/readReceipts."""
    thread, participant = joined_thread(call, state)
    number = message_id(call.fields().required_text("chatMessageId"), "receipt.malformed")
    message = find_message(number, state, thread, participant, "receipt.unknown")
    _check_size(thread, state)
    state.receipts.send(thread, call.caller, message.id)
    return Answer(200, rests_on=("receipt.send",))


def list_receipts(call: Call, renderer: Released, state: State) -> Answer:
    """GET /chat/threads/{thread}/readReceipts."""
    thread, _ = joined_thread(call, state)
    limit, skip = call.query.page_size(_DEFAULT_PAGE, LARGEST_PAGE), call.query.skip()
    found = state.receipts.page(thread, skip=skip, limit=limit + 1)
    path = f"/chat/threads/{thread.id}/readReceipts"
    link = call.link(path, skip=skip + limit, maxPageSize=limit) if len(found) > limit else None
    linked = ("receipt.list.link",) if link or skip else ()
    return page(
        [renderer.receipt(one) for one in found[:limit]], link, "receipt.list", renderer.identifier_fact, *linked
    )


def _check_size(thread: Thread, state: State) -> None:
    if state.threads.count_participants(thread) > PARTICIPANTS_FOR_SIGNALS:
        raise bad_request(
            "limit.signals", f"This is not supported with more than {PARTICIPANTS_FOR_SIGNALS} participants."
        )

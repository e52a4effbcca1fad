"""Read receipts: send, list."""

from __future__ import annotations

from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.handlers.access import find_message, joined_thread
from acs_chat_testkit.emulator.state import State

DEFAULT_PAGE = 100
LARGEST_PAGE = 200


def send_receipt(call: Call, state: State) -> Answer:
    """POST /chat/threads/{thread}/readReceipts."""
    thread, participant = joined_thread(call, state)
    message = find_message(call.fields().required_text("chatMessageId"), state, thread, participant)
    state.receipts.send(thread, call.caller, message.id)
    return Answer(200)


def list_receipts(call: Call, state: State) -> Answer:
    """GET /chat/threads/{thread}/readReceipts."""
    thread, _ = joined_thread(call, state)
    limit = call.query.count("maxPageSize", DEFAULT_PAGE, 1, LARGEST_PAGE)
    skip = call.query.count("skip", 0, 0)
    found = state.receipts.page(thread, skip=skip, limit=limit + 1)
    path = f"/chat/threads/{thread.id}/readReceipts"
    link = call.link(path, skip=skip + limit, maxPageSize=limit) if len(found) > limit else None
    return page([call.renderer.receipt(receipt) for receipt in found[:limit]], link)

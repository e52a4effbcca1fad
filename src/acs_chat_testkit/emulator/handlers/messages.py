"""Messages: send, list, get, update, delete; and the sign that somebody is typing."""

from __future__ import annotations

from urllib.parse import quote

from acs_chat_testkit.emulator import cursors
from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.clock import us_date
from acs_chat_testkit.emulator.handlers.access import find_message, joined_thread, own_message
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.state import State

DEFAULT_PAGE = 10
LARGEST_PAGE = 200
_TYPES = ("text", "html")


def send_message(call: Call, state: State) -> Answer:
    """POST /chat/threads/{thread}/messages."""
    thread, _ = joined_thread(call, state)
    fields = call.fields()
    content = fields.required_text("content")
    kind = fields.text("type") or "text"
    if kind not in _TYPES:
        raise bad_request(f"The message type must be one of {', '.join(_TYPES)}.")
    metadata = fields.text_map("metadata") if call.renderer.metadata else {}
    name = fields.text("senderDisplayName") or ""
    message_id = state.messages.send(thread, call.caller, content, kind, name, metadata)
    location = f"{call.base}/chat/threads/{quote(thread.id, safe='@')}/messages/{message_id}"
    return Answer(201, {"id": str(message_id)}, location)


def list_messages(call: Call, state: State) -> Answer:
    """GET /chat/threads/{thread}/messages; a full page always links on."""
    thread, participant = joined_thread(call, state)
    limit = call.query.count("maxPageSize", DEFAULT_PAGE, 1, LARGEST_PAGE)
    start = call.query.start_time()
    cursor = call.query.text("syncState")
    before, newest = (
        cursors.read_messages(cursor, thread.id)
        if cursor is not None
        else (thread.last_version + 1, thread.last_version)
    )
    since = max(start, participant.share_history_time)
    messages = state.messages.page(thread, since=since, limit=limit, before=before)
    link = None
    if len(messages) == limit:
        sync_state = cursors.write_messages(thread.id, messages[-1].version, newest)
        path = f"/chat/threads/{thread.id}/messages"
        link = call.link(path, syncState=sync_state, startTime=us_date(start), maxPageSize=limit)
    return page([call.renderer.message(message) for message in messages], link)


def get_message(call: Call, state: State) -> Answer:
    """GET /chat/threads/{thread}/messages/{message}; a deleted one is still there as a tombstone."""
    thread, participant = joined_thread(call, state)
    return Answer(200, call.renderer.message(find_message(call.path["message"], state, thread, participant)))


def update_message(call: Call, state: State) -> Answer:
    """PATCH /chat/threads/{thread}/messages/{message}; metadata merges, and a key set to "" goes away."""
    thread, message = own_message(call, state)
    fields = call.fields()
    text = fields.text("content")
    changes = fields.text_map("metadata") if call.renderer.metadata else {}
    if text is not None or changes:
        merged = {**message.metadata, **changes}
        kept = {name: value for name, value in merged.items() if value}
        state.messages.edit(thread, message, text, kept, resequence=call.renderer.resequences)
    return Answer(204)


def delete_message(call: Call, state: State) -> Answer:
    """DELETE /chat/threads/{thread}/messages/{message}; leaves a tombstone."""
    thread, message = own_message(call, state)
    state.messages.delete(thread, message, resequence=call.renderer.resequences)
    return Answer(204)


def send_typing(call: Call, state: State) -> Answer:
    """POST /chat/threads/{thread}/typing; nothing is kept."""
    joined_thread(call, state)
    call.optional_fields().text("senderDisplayName")
    return Answer(200)

"""Messages: send, list, get, update, delete."""

from __future__ import annotations

from collections.abc import Sequence

from acs_chat_testkit.emulator import cursors
from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.clock import us_date
from acs_chat_testkit.emulator.handlers.access import find_message, joined_thread, message_id, own_message
from acs_chat_testkit.emulator.limits import LARGEST_PAGE, MESSAGE_BYTES
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.renderers import Released
from acs_chat_testkit.emulator.renderers.released import merged_metadata, read_metadata
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Message, Participant

_DEFAULT_PAGE = 10
_TYPES = ("text", "html")


def send_message(call: Call, renderer: Released, state: State) -> Answer:
    """POST /chat/threads/{thread}/messages."""
    thread, _ = joined_thread(call, state)
    fields = call.fields()
    content = _bounded(fields.required_text("content"))
    kind = fields.text("type") or "text"
    if kind not in _TYPES:
        raise bad_request("message.type", f"The message type must be one of {', '.join(_TYPES)}.")
    metadata = read_metadata(fields) if renderer.metadata else {}
    name = fields.text("senderDisplayName") or ""
    number = state.messages.send(thread, call.caller, content, kind, name, metadata)
    facts = ("message.send", "message.id", *(() if fields.text("type") and name else ("message.defaults",)))
    return Answer(201, {"id": str(number)}, call.location(thread.id, f"/messages/{number}"), facts)


def list_messages(call: Call, renderer: Released, state: State) -> Answer:
    """GET /chat/threads/{thread}/messages; a full page always links on."""
    thread, participant = joined_thread(call, state)
    limit, start = call.query.page_size(_DEFAULT_PAGE, LARGEST_PAGE), call.query.start_time()
    cursor = call.query.text("syncState")
    newest, before = thread.last_version, thread.last_version + 1
    if cursor is not None:
        before, newest = cursors.read_messages(cursor, thread.id)
    since = max(start, participant.share_history_time)
    messages = state.messages.page(thread, since=since, limit=limit, before=before)
    link = None
    if len(messages) == limit:
        sync_state = cursors.write_messages(thread.id, messages[-1].version, newest)
        path = f"/chat/threads/{thread.id}/messages"
        link = call.link(path, syncState=sync_state, startTime=us_date(start), maxPageSize=limit)
    listed = {
        "message.list": True,
        "message.list.default": call.query.text("maxPageSize") is None,
        "message.list.link": bool(link or cursor),
        "message.list.start": start > 0,
    }
    facts = [*(fact for fact in listed if listed[fact]), *_facts(messages, participant, renderer)]
    return page([renderer.message(one) for one in messages], link, *facts)


def get_message(call: Call, renderer: Released, state: State) -> Answer:
    """GET /chat/threads/{thread}/messages/{message}; a deleted one is still there as a tombstone."""
    thread, participant = joined_thread(call, state)
    message = find_message(message_id(call.path["message"]), state, thread, participant)
    deleted = () if message.deleted_on is None else ("message.tombstone",)
    facts = ("message.get", *deleted, *_facts([message], participant, renderer))
    return Answer(200, renderer.message(message), rests_on=facts)


def update_message(call: Call, renderer: Released, state: State) -> Answer:
    """PATCH /chat/threads/{thread}/messages/{message}; metadata merges, and a key set to "" goes away."""
    thread, message = own_message(call, state)
    fields = call.fields()
    text = fields.text("content")
    if text is not None:
        _bounded(text)
    changes = read_metadata(fields) if renderer.metadata else {}
    if text is None and not changes:
        return Answer(204, rests_on=("message.edit.nothing",))
    merged = merged_metadata(message.metadata, changes)
    state.messages.edit(thread, message, text, merged, resequence=renderer.resequences)
    facts = {
        "message.edit": True,
        renderer.sequence_fact: True,
        "message.edit.metadata": bool(message.metadata.keys() - changes.keys() and changes),
        "message.edit.metadata-empty": "" in changes.values(),
    }
    return Answer(204, rests_on=tuple(fact for fact in facts if facts[fact]))


def delete_message(call: Call, renderer: Released, state: State) -> Answer:
    """DELETE /chat/threads/{thread}/messages/{message}; leaves a tombstone."""
    thread, message = own_message(call, state)
    state.messages.delete(thread, message, resequence=renderer.resequences)
    return Answer(204, rests_on=("message.delete", renderer.sequence_fact))


def _bounded(text: str) -> str:
    if len(text.encode()) > MESSAGE_BYTES:
        raise bad_request("limit.message", f"A message has at most {MESSAGE_BYTES} bytes.")
    return text


def _facts(messages: Sequence[Message], participant: Participant, renderer: Released) -> Sequence[str]:
    from_users = any(one.sender for one in messages)
    facts = {
        renderer.identifier_fact: bool(messages),
        "message.system": any(one.sender is None for one in messages),
        renderer.attachments: bool(renderer.attachments and from_users),
        "message.metadata": renderer.metadata and any(one.metadata for one in messages),
        "message.history": participant.share_history_time > 0,
    }
    return [fact for fact in facts if facts[fact]]

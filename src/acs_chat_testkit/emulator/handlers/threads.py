"""Threads: create, list, get, update, delete."""

from __future__ import annotations

from urllib.parse import quote

from acs_chat_testkit.emulator import cursors
from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.handlers.access import joined_thread
from acs_chat_testkit.emulator.handlers.people import admit, read_people
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.renderers import Refused
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Participant, Thread

DEFAULT_PAGE = 100
LARGEST_PAGE = 200
_LONGEST_REQUEST_ID = 256


def create_thread(call: Call, state: State) -> Answer:
    """POST /chat/threads."""
    fields = call.fields()
    topic = fields.required_text("topic")
    request_id = call.headers.get("repeatability-request-id") or None
    if request_id is not None and len(request_id) > _LONGEST_REQUEST_ID:
        raise bad_request("The value of 'repeatability-request-id' is too long.")
    people, refused = admit(read_people(call, fields), state)
    if call.caller not in {one.id for one in people}:
        people = [Participant(call.caller), *people]
    repeated = state.threads.repeated(call.caller, request_id) if request_id else None
    return _created(call, repeated or state.threads.create(topic, call.caller, people, request_id), refused)


def list_threads(call: Call, state: State) -> Answer:
    """GET /chat/threads."""
    limit = call.query.count("maxPageSize", DEFAULT_PAGE, 1, LARGEST_PAGE)
    since = call.query.start_time()
    cursor = call.query.text("syncState")
    before = cursors.read_threads(cursor) if cursor is not None else None
    threads = state.threads.of(call.caller, since=since, limit=limit + 1, before=before)
    link = None
    if len(threads) > limit:
        last = threads[limit - 1]
        start = {"startTime": call.query.text("startTime")} if since else {}
        state_text = cursors.write_threads(last.last_message_on, last.number)
        link = call.link("/chat/threads", syncState=state_text, **start, maxPageSize=limit)
    return page([call.renderer.thread_item(thread) for thread in threads[:limit]], link)


def get_thread(call: Call, state: State) -> Answer:
    """GET /chat/threads/{thread}."""
    thread, _ = joined_thread(call, state)
    return Answer(200, call.renderer.thread(thread))


def update_thread(call: Call, state: State) -> Answer:
    """PATCH /chat/threads/{thread}; without a topic nothing changes."""
    thread, _ = joined_thread(call, state)
    fields = call.fields()
    if "topic" in fields.values:
        state.threads.update_topic(thread, fields.required_text("topic"), call.caller)
    return Answer(204)


def delete_thread(call: Call, state: State) -> Answer:
    """DELETE /chat/threads/{thread}."""
    thread, _ = joined_thread(call, state)
    state.threads.delete(thread)
    return Answer(204)


def _created(call: Call, thread: Thread, refused: list[Refused]) -> Answer:
    body = {"chatThread": call.renderer.thread(thread), **call.renderer.refusals(refused)}
    return Answer(201, body, f"{call.base}/chat/threads/{quote(thread.id, safe='@')}")

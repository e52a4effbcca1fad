"""Threads: create, list, get, update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from acs_chat_testkit.emulator import cursors
from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.handlers.access import joined_thread
from acs_chat_testkit.emulator.handlers.people import Guests, read_guests
from acs_chat_testkit.emulator.limits import LARGEST_PAGE, PARTICIPANTS
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers import Released
from acs_chat_testkit.emulator.renderers.released import merged_metadata, read_metadata
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Participant, Thread, ThreadDraft

_DEFAULT_PAGE = 100
_LONGEST_REQUEST_ID = 256


def create_thread(call: Call, renderer: Released, state: State) -> Answer:
    """POST /chat/threads; the same repeatability id gives the same thread."""
    fields = call.fields()
    draft = _draft(fields, renderer, fields.required_text("topic"))
    request_id = _request_id(call)
    guests = read_guests(fields, renderer, state)
    repeated = state.threads.repeated(call.caller, request_id) if request_id else None
    if repeated is not None:
        return _created(call, renderer, repeated, guests, "thread.repeated", "thread.repeated-per-user")
    people, facts = _with_creator(call, guests)
    thread = state.threads.create(draft, call.caller, people, request_id, renderer.thread_prefix)
    kept = ("thread.retention",) if draft.retention else ()
    id_fact = "thread.id.2025" if request_id and renderer.thread_prefix else "thread.id"
    return _created(call, renderer, thread, guests, "thread.create", id_fact, *kept, *facts)


def list_threads(call: Call, renderer: Released, state: State) -> Answer:
    """GET /chat/threads."""
    limit = call.query.page_size(_DEFAULT_PAGE, LARGEST_PAGE)
    start = call.query.text("startTime")
    cursor = call.query.text("syncState")
    threads = state.threads.of(
        call.caller,
        since=call.query.start_time(),
        limit=limit + 1,
        before=None if cursor is None else cursors.read_threads(cursor),
    )
    shown = threads[:limit]
    link = None
    if len(threads) > limit:
        sync_state = cursors.write_threads(shown[-1].last_message_on, shown[-1].number)
        kept = {} if start is None else {"startTime": start}
        link = call.link("/chat/threads", syncState=sync_state, **kept, maxPageSize=limit)
    facts = {
        "thread.list": True,
        "thread.list.default": call.query.text("maxPageSize") is None,
        "thread.list.deleted": any(one.deleted_on for one in shown),
        "thread.list.link": bool(link or cursor),
        "thread.list.start": start is not None,
    }
    return page([renderer.thread_item(one) for one in shown], link, *(fact for fact in facts if facts[fact]))


def get_thread(call: Call, renderer: Released, state: State) -> Answer:
    """GET /chat/threads/{thread}."""
    thread, _ = joined_thread(call, state)
    facts = ("thread.get", renderer.identifier_fact, *_metadata_facts(renderer))
    return Answer(200, renderer.thread(thread), rests_on=facts)


def update_thread(call: Call, renderer: Released, state: State) -> Answer:
    """PATCH /chat/threads/{thread}; what is not named stays."""
    thread, _ = joined_thread(call, state)
    fields = call.fields()
    draft = _draft(fields, renderer, fields.required_text("topic") if "topic" in fields.values else None)
    if draft.metadata is not None:
        draft = replace(draft, metadata=merged_metadata(thread.metadata, draft.metadata))
    state.threads.update(thread, draft, call.caller)
    facts = {
        "thread.update": draft.topic is not None,
        "thread.update.metadata": draft.metadata is not None,
        "thread.retention": draft.retention is not None,
    }
    return Answer(204, rests_on=tuple(fact for fact in facts if facts[fact]) or ("thread.update.nothing",))


def delete_thread(call: Call, renderer: Released, state: State) -> Answer:
    """DELETE /chat/threads/{thread}."""
    thread, _ = joined_thread(call, state)
    state.threads.delete(thread)
    others = () if thread.created_by == call.caller else ("thread.delete.anybody",)
    return Answer(204, rests_on=("thread.delete", *others))


def _draft(fields: Fields, renderer: Released, topic: str | None) -> ThreadDraft:
    if not renderer.thread_metadata:
        return ThreadDraft(topic)
    metadata = read_metadata(fields) if "metadata" in fields.values else None
    return ThreadDraft(topic, metadata, _retention(fields) if "retentionPolicy" in fields.values else None)


def _retention(fields: Fields) -> Mapping[str, object]:
    policy = fields.object("retentionPolicy") or Fields({"kind": "none"})
    kind = policy.required_text("kind")
    if kind == "none":
        return {"kind": kind}
    days = policy.integer("deleteThreadAfterDays")
    if kind != "threadCreationDate" or days is None or not 0 < days < 2**31:
        raise bad_request("request.field", "The value of 'retentionPolicy' is not valid.")
    return {"kind": kind, "deleteThreadAfterDays": days}


def _request_id(call: Call) -> str | None:
    request_id = call.headers.get("repeatability-request-id")
    if request_id is not None and len(request_id) > _LONGEST_REQUEST_ID:
        raise bad_request("request.field", "The value of 'repeatability-request-id' is too long.")
    return request_id or None


def _with_creator(call: Call, guests: Guests) -> tuple[list[Participant], tuple[str, ...]]:
    people, facts = list(guests.admitted), ("thread.first-messages",)
    if call.caller not in {one.id for one in people}:
        alone = () if not people else ("thread.creator-first",)
        people, facts = [Participant(call.caller), *people], (*facts, "thread.creator-joins", *alone)
    if len(people) > PARTICIPANTS:
        raise bad_request("limit.participants", f"A thread has at most {PARTICIPANTS} participants.")
    return people, facts


def _created(call: Call, renderer: Released, thread: Thread, guests: Guests, *facts: str) -> Answer:
    facts = (*facts, renderer.identifier_fact, *guests.rests_on, *_metadata_facts(renderer))
    body = {"chatThread": renderer.thread(thread), **renderer.refusals(guests.refused)}
    return Answer(201, body, call.location(thread.id), facts)


def _metadata_facts(renderer: Released) -> tuple[str, ...]:
    return ("thread.metadata",) if renderer.thread_metadata else ()

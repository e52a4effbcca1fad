"""Participants: list, add, remove."""

from __future__ import annotations

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.handlers.access import joined_thread
from acs_chat_testkit.emulator.handlers.people import admit, read_people
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.state import State

DEFAULT_PAGE = 100
LARGEST_PAGE = 250


def list_participants(call: Call, state: State) -> Answer:
    """GET /chat/threads/{thread}/participants."""
    thread, _ = joined_thread(call, state)
    limit = call.query.count("maxPageSize", DEFAULT_PAGE, 1, LARGEST_PAGE)
    skip = call.query.count("skip", 0, 0)
    found = state.threads.participants(thread, skip=skip, limit=limit + 1)
    path = f"/chat/threads/{thread.id}/participants"
    link = call.link(path, skip=skip + limit, maxPageSize=limit) if len(found) > limit else None
    return page([call.renderer.participant(one) for one in found[:limit]], link)


def add_participants(call: Call, state: State) -> Answer:
    """POST /chat/threads/{thread}/participants/:add."""
    thread, _ = joined_thread(call, state)
    people = read_people(call, call.fields())
    if not people:
        raise bad_request("The value of 'participants' is required.")
    admitted, refused = admit(people, state)
    state.threads.add(thread, admitted, call.caller)
    return Answer(201, call.renderer.refusals(refused))


def remove_participant(call: Call, state: State) -> Answer:
    """POST /chat/threads/{thread}/participants/:remove; the body is the identifier."""
    return _remove(call, state, identifiers.from_wire(call.fields()))


def delete_participant(call: Call, state: State) -> Answer:
    """DELETE /chat/threads/{thread}/participants/{user}, the older form."""
    return _remove(call, state, identifiers.check(call.path["user"]))


def _remove(call: Call, state: State, raw: str) -> Answer:
    thread, _ = joined_thread(call, state)
    participant = state.threads.participant(thread, raw)
    if participant is not None:
        state.threads.remove(thread, participant, call.caller)
    return Answer(204)

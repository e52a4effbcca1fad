"""Participants: list, add, remove."""

from __future__ import annotations

from collections.abc import Sequence

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.calls import Answer, Call, page
from acs_chat_testkit.emulator.handlers.access import joined_thread
from acs_chat_testkit.emulator.handlers.people import read_guests
from acs_chat_testkit.emulator.limits import LARGEST_PAGE, PARTICIPANTS
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.renderers import Released
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Participant

_DEFAULT_PAGE = 100


def list_participants(call: Call, renderer: Released, state: State) -> Answer:
    """GET /chat/threads/{thread}/participants."""
    thread, _ = joined_thread(call, state)
    limit, skip = call.query.page_size(_DEFAULT_PAGE, LARGEST_PAGE), call.query.skip()
    found = state.threads.participants(thread, skip=skip, limit=limit + 1)
    path = f"/chat/threads/{thread.id}/participants"
    link = call.link(path, skip=skip + limit, maxPageSize=limit) if len(found) > limit else None
    cut = ("page.default",) if link and call.query.text("maxPageSize") is None else ()
    facts = ("participant.list", "participant.defaults", renderer.identifier_fact, *_kinds(found[:limit]), *cut)
    return page([renderer.participant(one) for one in found[:limit]], link, *facts)


def add_participants(call: Call, renderer: Released, state: State) -> Answer:
    """POST /chat/threads/{thread}/participants/:add."""
    thread, _ = joined_thread(call, state)
    fields = call.fields()
    if not fields.objects("participants"):
        raise bad_request("request.field", "The value of 'participants' is required.")
    guests = read_guests(fields, renderer, state)
    new = [one for one in guests.admitted if state.threads.participant(thread, one.id) is None]
    if state.threads.count_participants(thread) + len(new) > PARTICIPANTS:
        raise bad_request("limit.participants", f"A thread has at most {PARTICIPANTS} participants.")
    if new:
        state.threads.add(thread, new, call.caller)
    known = ("participant.add.known",) if len(new) < len(guests.admitted) else ()
    silent = () if new else ("participant.add.silent",)
    others = () if call.caller == thread.created_by else ("participant.anybody",)
    facts = ("participant.add", *known, *silent, *others, *guests.rests_on)
    return Answer(201, renderer.refusals(guests.refused), rests_on=facts)


def remove_participant(call: Call, renderer: Released, state: State) -> Answer:
    """POST /chat/threads/{thread}/participants/:remove; the body is the identifier."""
    return _remove(call, state, identifiers.from_wire(call.fields(), renderer.kinds))


def delete_participant(call: Call, renderer: Released, state: State) -> Answer:
    """DELETE /chat/threads/{thread}/participants/{user}, the older form."""
    return _remove(call, state, identifiers.check(call.path["user"]), "participant.remove.delete")


def _kinds(people: Sequence[Participant]) -> Sequence[str]:
    return () if all(identifiers.is_user(one.id) for one in people) else ("identifier.kinds",)


def _remove(call: Call, state: State, raw: str, *facts: str) -> Answer:
    thread, _ = joined_thread(call, state)
    participant = state.threads.participant(thread, raw)
    if participant is None:
        return Answer(204, rests_on=("participant.remove.absent", *facts))
    state.threads.remove(thread, participant, call.caller)
    others = () if call.caller in (thread.created_by, raw) else ("participant.anybody",)
    return Answer(204, rests_on=("participant.remove", *facts, *others))

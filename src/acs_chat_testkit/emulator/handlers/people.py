"""Reads the participants of a create or add request and sorts out who cannot be let in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from acs_chat_testkit.emulator import identifiers
from acs_chat_testkit.emulator.limits import PARTICIPANTS_IN_REQUEST
from acs_chat_testkit.emulator.problems import bad_request
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers import Refused, Released
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Participant

_REFUSALS = {
    "participant.invalid.foreign": ("403", "Permissions check failed"),
    "participant.invalid.unknown": ("404", "Not found"),
}


@dataclass(frozen=True, slots=True)
class Guests:
    """The participants of a request, parted; and the behaviours that this rests on."""

    admitted: Sequence[Participant]
    refused: Sequence[Refused]
    rests_on: tuple[str, ...]


def read_guests(fields: Fields, renderer: Released, state: State) -> Guests:
    """The participants in a body; who is named twice counts once, as named first.

    Raises:
        Problem: 400, one of them is malformed, or there are too many.
    """
    items = fields.objects("participants") or []
    if len(items) > PARTICIPANTS_IN_REQUEST:
        raise bad_request("limit.request", f"At most {PARTICIPANTS_IN_REQUEST} participants fit in one request.")
    people: dict[str, Participant] = {}
    for item in items:
        participant = renderer.read_participant(item)
        people.setdefault(participant.id, participant)
    facts = {name: _refusal_fact(name, state) for name in people}
    refused = [Refused(name, *_REFUSALS[fact]) for name, fact in facts.items() if fact is not None]
    admitted = [one for one in people.values() if facts[one.id] is None]
    return Guests(admitted, refused, tuple(_facts(items, people, list(facts.values()))))


def _refusal_fact(raw: str, state: State) -> str | None:
    if not identifiers.is_user(raw):
        return None
    if not raw.startswith(f"8:acs:{state.ids.resource}_"):
        return "participant.invalid.foreign"
    user = state.users.get(raw)
    return "participant.invalid.unknown" if user is None or user.deleted else None


def _facts(items: Sequence[Fields], people: dict[str, Participant], refusals: Sequence[str | None]) -> Iterable[str]:
    if any(refusal is not None for refusal in refusals):
        yield "participant.invalid"
    yield from sorted({refusal for refusal in refusals if refusal is not None})
    if len(people) < len(items):
        yield "participant.twice"
    if not all(identifiers.is_user(name) for name in people):
        yield "participant.other-kinds"
    if any(_raw_id(item) not in (None, *people) for item in items):
        yield "identifier.both"


def _raw_id(item: Fields) -> object:
    identifier = item.values.get("communicationIdentifier")
    return identifier.get("rawId") if isinstance(identifier, dict) else None

"""Reads the participants of a create or add request and sorts out who cannot be let in."""

from __future__ import annotations

from collections.abc import Sequence

from acs_chat_testkit.emulator.calls import Call
from acs_chat_testkit.emulator.reading import Fields
from acs_chat_testkit.emulator.renderers import Refused
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.emulator.state.values import Participant


def read_people(call: Call, fields: Fields) -> list[Participant]:
    """The participants in a body; who is named twice counts once, as named first."""
    people: dict[str, Participant] = {}
    for item in fields.objects("participants") or ():
        participant = call.renderer.read_participant(item)
        people.setdefault(participant.id, participant)
    return list(people.values())


def admit(people: Sequence[Participant], state: State) -> tuple[list[Participant], list[Refused]]:
    """Parts those who may come in from those who may not."""
    refused = [refusal for one in people if (refusal := _refusal(one.id, state))]
    kept_out = {refusal.id for refusal in refused}
    return [one for one in people if one.id not in kept_out], refused


def _refusal(raw: str, state: State) -> Refused | None:
    if not raw.startswith("8:acs:"):
        return None
    if not raw.startswith(f"8:acs:{state.ids.resource}_"):
        return Refused(raw, "403", "Permissions check failed")
    user = state.users.get(raw)
    return Refused(raw, "404", "Not found") if user is None or user.deleted else None

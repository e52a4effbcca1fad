"""Api-version 2020-11-01-preview3: identifiers are text, participants are removed by DELETE, typing has no body."""

from __future__ import annotations

from azure.communication.chat._kinds import TEXT
from azure.communication.chat._operations import OPERATIONS, PARTICIPANTS, Operation, Part

from ._table import PLAIN, Wire

_DIFFERENT = {
    "create_chat_thread": OPERATIONS["create_chat_thread"]._replace(
        headers=(Part("repeatability-Request-ID", "repeatability_request_id", TEXT),)
    ),
    "remove_participant": Operation("remove_participant", "DELETE", PARTICIPANTS + "/{user}", 204),
    "send_typing_notification": OPERATIONS["send_typing_notification"]._replace(body=None),
}

WIRE = Wire("2020-11-01-preview3", OPERATIONS | _DIFFERENT, PLAIN)

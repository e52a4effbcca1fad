"""One renderer per api-version: how one state looks on each wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from acs_chat_testkit.emulator.identifiers import APP, EXTENSION, KINDS
from acs_chat_testkit.emulator.renderers import eras
from acs_chat_testkit.emulator.renderers.identity import Identity
from acs_chat_testkit.emulator.renderers.preview3 import Preview3
from acs_chat_testkit.emulator.renderers.released import Json, Refused, Released

__all__ = ["CHAT", "DEFAULT", "IDENTITIES", "Identity", "Json", "Refused", "Released", "chat"]

_WITH_APPS = KINDS | {APP}
_CHAT = (
    Preview3("2020-11-01-preview3", eras.MARCH_2021),
    Released("2021-03-07", eras.MARCH_2021, "error.envelope"),
    Released("2021-09-07", eras.SEPTEMBER_2021, "error.envelope", metadata=True),
    Released("2023-11-07", eras.NOVEMBER_2023, metadata=True, attachments="message.attachments.2023"),
    Released("2024-03-07", eras.FEBRUARY_2024, metadata=True, attachments="message.attachments", kinds=_WITH_APPS),
    Released(
        "2025-03-15",
        eras.JUNE_2025,
        metadata=True,
        attachments="message.attachments",
        thread_metadata=True,
        thread_prefix="acsV1_",
        kinds=_WITH_APPS | {EXTENSION},
        sequence_fact="message.sequence.kept",
    ),
)
CHAT = {renderer.name: renderer for renderer in _CHAT}
DEFAULT = "2024-03-07"
_IDENTITIES = (
    Identity("2020-07-20-preview2", eras.IDENTITY_2021, flat=True),
    Identity("2021-03-07", eras.IDENTITY_2021),
    Identity("2023-10-01", eras.IDENTITY_2023, lifetime=True),
)
IDENTITIES = {renderer.name: renderer for renderer in _IDENTITIES}


def chat(edits_resequence: bool | None = None, swagger_errors: bool = False) -> Mapping[str, Released]:
    """The chat renderers under the switches of an emulator.

    Args:
        edits_resequence: Whether an edit or deletion gives a new sequence number; None leaves it to the version.
        swagger_errors: Whether errors look as the published definitions have them.
    """
    changes: dict[str, object] = {}
    if edits_resequence is not None:
        fact = "message.sequence.new" if edits_resequence else "message.sequence.kept"
        changes |= {"resequences": edits_resequence, "sequence_fact": fact}
    if swagger_errors:
        changes |= {"swagger_errors": True, "error_fact": "error.envelope.swagger"}
    return {name: replace(one, **changes) for name, one in CHAT.items()}  # type: ignore[arg-type]

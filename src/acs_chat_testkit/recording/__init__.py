"""The tape machine: records HTTP interactions and replays them. Knows no chat, no pytest, no SDK."""

import importlib
from typing import TYPE_CHECKING, Any

from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.modes import Mode
from acs_chat_testkit.recording.recorder import Recorder
from acs_chat_testkit.recording.store import load

if TYPE_CHECKING:
    from acs_chat_testkit.recording.leakage import Leak, leaks
    from acs_chat_testkit.recording.profile import Profile

__all__ = ["Cassette", "Header", "Interaction", "Leak", "Mode", "Profile", "Recorder", "leaks", "load"]

_LATER = {"Leak": "leakage", "leaks": "leakage", "Profile": "profile"}
"""Names of what redacts, by their modules: replay alone needs none of it and does not import it."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)

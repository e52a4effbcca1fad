"""The tape machine: records HTTP interactions and replays them. Knows no chat, no pytest, no SDK."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
    from acs_chat_testkit.recording.leakage import Leak, leaks
    from acs_chat_testkit.recording.modes import Mode
    from acs_chat_testkit.recording.profile import Profile
    from acs_chat_testkit.recording.recorder import Recorder
    from acs_chat_testkit.recording.store import load

__all__ = ["Cassette", "Header", "Interaction", "Leak", "Mode", "Profile", "Recorder", "leaks", "load"]

_HOMES = {
    "Cassette": "cassette",
    "Header": "cassette",
    "Interaction": "cassette",
    "Leak": "leakage",
    "leaks": "leakage",
    "Mode": "modes",
    "Profile": "profile",
    "Recorder": "recorder",
    "load": "store",
}
"""Names by their modules: replay needs nothing of what redacts, and a guarded child nothing but the guard."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

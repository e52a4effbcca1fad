"""The tape machine: records HTTP interactions and replays them. Knows no chat, no pytest, no SDK."""

from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.leaks import Leak, leaks
from acs_chat_testkit.recording.modes import Mode
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.recorder import Recorder
from acs_chat_testkit.recording.store import load

__all__ = ["Cassette", "Header", "Interaction", "Leak", "Mode", "Profile", "Recorder", "leaks", "load"]

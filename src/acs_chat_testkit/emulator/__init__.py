"""The chat service on a laptop: state that answers by rules. Knows no SDK, no contract, no recording."""

from acs_chat_testkit.errors import MissingExtra

try:
    from acs_chat_testkit.emulator.server import Emulator
except ModuleNotFoundError as missing:
    if (missing.name or "").startswith("acs_chat_testkit"):
        raise
    raise MissingExtra("the emulator", "emulator", missing.name) from missing

__all__ = ["Emulator"]

"""The studio: all of the plugin that records, replays, blocks and tells; a suite without any of that never opens it."""

from __future__ import annotations

import pytest

from acs_chat_testkit.plugin import evidence
from acs_chat_testkit.plugin.cleaning import Cleaning
from acs_chat_testkit.plugin.summary import Summary
from acs_chat_testkit.plugin.tapes import TAPES, Tapes


def opened(config: pytest.Config) -> Tapes:
    """The recorders of a run; what goes with them is registered when they are first asked for."""
    if TAPES not in config.stash:
        tapes = config.stash[TAPES] = Tapes(config)
        for name, plugin in (
            ("cleaning", Cleaning(config)),
            ("evidence", evidence),
            ("tapes", tapes),
            ("summary", Summary(config, tapes)),
        ):
            config.pluginmanager.register(plugin, f"acs_chat_testkit.{name}")
    return config.stash[TAPES]

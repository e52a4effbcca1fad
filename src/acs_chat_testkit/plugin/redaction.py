"""What is redacted in the cassettes of a suite: what a chat service has, and what the suite adds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from acs_chat_testkit.chat_profile import VARIABLES, chat_profile
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Rule


def profile(config: pytest.Config, endpoints: Iterable[str] = (), rules: Iterable[Rule] = ()) -> Profile:
    """The profile of all cassettes of a run.

    Args:
        config: pytest's.
        endpoints: What the tests call beside Azure's own hosts.
        rules: What the suite has registered.

    Raises:
        UsageError: What the ini file says does not exist.
    """
    chosen = config.getini("vcr_secret_variables").replace(",", " ").split()
    content = config.getini("vcr_content") or "keep"
    chat = chat_profile(endpoints, content=content, variables=[*VARIABLES, *chosen])
    return replace(chat, rules=replace(chat.rules, texts=(*chat.rules.texts, *rules)))

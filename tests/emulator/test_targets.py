"""What a test gets of the emulator of its process."""

from __future__ import annotations

import pytest
import requests

from acs_chat_testkit import targets
from acs_chat_testkit.emulator.faults import Fault
from acs_chat_testkit.errors import UsageError


def test_it_hands_out_users_tokens_guesses_and_the_emulator_itself() -> None:
    """A token works at the endpoint under its CA, a fault can be put in force, and a guess is told once."""
    with targets.emulator() as target:
        assert target.service is not None
        headers = {"Authorization": f"Bearer {target.issue_token(target.create_user())}"}

        def threads(query: str = "") -> int:
            url = f"{target.endpoint}/chat/threads?api-version=2024-03-07{query}"
            return requests.get(url, headers=headers, verify=target.ca_file, timeout=10).status_code

        assert (threads(), target.guesses()) == (200, {})
        assert threads("&startTime=2024-01-01T00:00:00Z") == 200
        assert list(target.guesses()) == ["thread.list.start"]
        assert target.guesses() == {}
        target.service.inject(Fault("status", status=429, retry_after=1))
        assert (threads(), threads()) == (429, 200)


def test_an_emulator_that_has_gone_is_one_sentence() -> None:
    """The endpoint is named, and what to look at."""
    with targets.emulator() as target:
        pass
    with pytest.raises(UsageError, match=r"https://127\.0\.0\.1:\d+ can not be reached .*is it running"):
        target.create_user()

"""What a test gets of the emulator of its process."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
import requests
from tests.sdk.server import Answer, Server

from acs_chat_testkit import targets
from acs_chat_testkit.emulator.faults import Fault
from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.targets import Refused, Target


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


def test_the_bundle_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many users a run makes: it takes longer to read than all the rest of a call."""
    seen: list[object] = []
    create = ssl.create_default_context

    def noted(**options: Any) -> ssl.SSLContext:
        seen.append(options["cafile"])
        return create(**options)

    with targets.emulator() as target:
        monkeypatch.setattr(ssl, "create_default_context", noted)
        for _ in range(3):
            target.create_user()
    assert seen == [target.ca_file]


def test_an_emulator_that_has_gone_is_one_sentence() -> None:
    """The endpoint is named, and what to look at."""
    with targets.emulator() as target:
        pass
    with pytest.raises(UsageError, match=r"https://127\.0\.0\.1:\d+ can not be reached .*is it running"):
        target.create_user()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_refusal(status: int) -> None:
    """Neither a signature nor a token goes where a redirect leads."""
    with Server(Answer(200, {"value": []})) as other:
        elsewhere = Answer(status, headers={"Location": other.endpoint})
        with Server(elsewhere) as server:
            target = Target("live", server.endpoint, "a2V5")
            with pytest.raises(Refused, match=f"status {status}"):
                target.create_user()
            with pytest.raises(Refused, match=f"status {status}"):
                list(target._threads({"Authorization": "Bearer x"}))
        assert other.asked == []


@pytest.mark.parametrize("answer", [Answer(200, b"<html>"), Answer(200, b"{}", {"Content-Length": "9"})])
def test_an_answer_that_cannot_be_read_is_one_sentence(answer: Answer) -> None:
    """A portal in between, or a connection that breaks: the endpoint is named."""
    with Server(answer) as server, pytest.raises(UsageError, match=r"http://127\.0\.0\.1:\d+ "):
        Target("live", server.endpoint, "a2V5").create_user()

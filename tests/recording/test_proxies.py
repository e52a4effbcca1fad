"""Proxies of the environment: requests looks for them only where a request may go out."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from tests.recording.service import Service

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import Recorder
from acs_chat_testkit.recording.hooks import Hooks

PROXY = "http://proxy.example:3128"


class Noting(HTTPAdapter):
    """Notes which proxies it is told, and goes without them."""

    def __init__(self, seen: list[Any]) -> None:
        super().__init__()
        self.seen = seen

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Sends directly."""
        self.seen.append(dict(kwargs.pop("proxies")))
        return super().send(request, *args, **kwargs)


class Canned(HTTPAdapter):
    """Answers by itself, past the recorder."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Nothing was found."""
        response = requests.Response()
        response.status_code, response.url = 404, request.url
        return response


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names a proxy for every address."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, PROXY)


def told(url: str, **options: Any) -> Any:
    """The proxies that an adapter is told for a request."""
    seen: list[Any] = []
    with requests.Session() as session:
        session.mount("http://", Noting(seen))
        session.get(url, timeout=10, **options)
    return seen


def test_only_a_replayed_request_looks_for_no_proxy(service: Service, tape: Path) -> None:
    """While recording the environment's proxy is found; in replay nobody looks, also on the way of a redirect."""
    with Recorder(tape, "once"):
        assert told(f"{service.url}/redirect") == [{"http": PROXY}] * 2
    with Recorder(tape):
        assert told(f"{service.url}/redirect") == [{}, {}]


def test_a_proxy_that_a_request_names_stays(service: Service, tape: Path) -> None:
    """What the application says itself is handed on in replay, too."""
    with Recorder(tape, "once"):
        told(service.url)
    with Recorder(tape):
        assert told(service.url, proxies={"http": PROXY}) == [{"http": PROXY}]


def test_what_the_suite_lets_out_finds_its_proxy(service: Service, tape: Path) -> None:
    """A request that is not recorded goes out while others are replayed, so its proxy is looked for."""

    def drop(request: Request) -> Request | None:
        return None if request.url.endswith("/dropped") else request

    with Recorder(tape, "once"):
        told(f"{service.url}/kept")
    with Recorder(tape, hooks=Hooks(request=drop)):
        assert told(f"{service.url}/dropped") == [{"http": PROXY}]


def test_a_thread_of_no_cassette_still_uses_an_adapter_of_its_own(service: Service, tape: Path) -> None:
    """To look for a proxy is not refused, and no miss is counted, where the request never comes to the recorder."""
    with Recorder(tape, "once"):
        told(service.url)
    ended, found = threading.Event(), []

    def late() -> None:
        ended.wait(10)
        with requests.Session() as session:
            session.mount("http://", Canned())
            found.append(session.get(service.url, timeout=10).status_code)

    with Recorder(tape) as recorder:
        told(service.url)
        thread = threading.Thread(target=late)
        thread.start()
    ended.set()
    thread.join(10)
    assert (found, recorder.counts["missed"]) == ([404], 0)

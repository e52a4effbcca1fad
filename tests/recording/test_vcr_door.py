"""Clients without a door of ours come in through vcrpy's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httplib2
import pytest
import requests
import tornado.httpclient
import tornado.ioloop
import vcr.errors
import vcr.request
from tests.recording.service import Service
from tornado.curl_httpclient import CurlAsyncHTTPClient
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, _vcr


def by_tornado(url: str) -> tuple[int, object]:
    """Fetches with tornado, which vcrpy patches for us."""

    async def fetch() -> tuple[int, object]:
        answer = await tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(
            url, method="POST", body="x", headers={"X-A": "1"}, raise_error=False
        )
        return answer.code, json.loads(answer.body)

    result: tuple[int, object] = tornado.ioloop.IOLoop(make_current=False).run_sync(fetch)
    return result


def by_httplib2(url: str) -> tuple[int, object]:
    """Fetches with httplib2, whose connections are http.client's."""
    client = httplib2.Http()
    try:
        answer, body = client.request(url, "POST", b"x")
        return answer.status, json.loads(body)
    finally:
        client.close()


@pytest.mark.parametrize("fetch", [by_tornado, by_httplib2])
def test_other_clients_are_recorded_and_replayed(service: Service, tape: Path, fetch: object) -> None:
    """Tornado through vcrpy, httplib2 through http.client: recorded, replayed, refused."""
    with Recorder(tape, "once") as recorder:
        live = fetch(f"{service.url}/a")  # type: ignore[operator]
    assert recorder.counts["recorded"] == 1
    with Recorder(tape) as player:
        assert fetch(f"{service.url}/a") == live  # type: ignore[operator]
        with pytest.raises(UnrecordedRequest):
            fetch(f"{service.url}/b")  # type: ignore[operator]
    assert player.counts["replayed"] == 1
    assert len(service.hits) == 1
    assert "X-Effective-Url" not in tape.read_text(encoding="utf-8")


@pytest.mark.parametrize("client", [SimpleAsyncHTTPClient, CurlAsyncHTTPClient])
def test_an_answer_that_tornado_opens_is_opened_in_replay(service: Service, tape: Path, client: type) -> None:
    """Vcrpy gives what its clients show, of which curl's goes on naming the coding."""

    async def fetch() -> bytes:
        answer = await client(force_instance=True).fetch(f"{service.url}/gzip", headers={"Accept-Encoding": "gzip"})
        return bytes(answer.body)

    for mode in ("once", "none"):
        with Recorder(tape, mode):
            assert json.loads(tornado.ioloop.IOLoop(make_current=False).run_sync(fetch))["packed"]


def test_a_log_of_everything_names_no_address(service: Service, tape: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What vcrpy would log of each request, a secret in its address included, is in no log of the whole program."""
    with caplog.at_level("DEBUG"):
        for mode in ("once", "none"):
            with Recorder(tape, mode):
                by_tornado(f"{service.url}/a?sig=SECRETsecret1234")
        _vcr.request_of(Request("GET", "https://a.example/?sig=SECRETsecret1234"))
    assert "SECRETsecret1234" not in caplog.text


@pytest.mark.parametrize("fetch", [by_tornado, by_httplib2])
def test_without_a_cassette_other_clients_go_out(service: Service, tape: Path, fetch: object) -> None:
    """Also after one was open, for what is put in stays in."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")  # type: ignore[operator]
    fetch(f"{service.url}/b")  # type: ignore[operator]
    assert [path for _, path in service.hits] == ["/a", "/b"]


def test_a_second_client_does_not_record_twice(service: Service, tape: Path) -> None:
    """Whichever of vcrpy's clients is imported first, its patches are put in once for all of them."""
    with Recorder(tape, "once") as recorder:
        _vcr.install(tornado.httpclient)
        by_tornado(f"{service.url}/a")
    assert recorder.counts["recorded"] == 1


def test_what_vcrpy_may_hold_is_read() -> None:
    """Botocore has fields in bytes; an answer may be without a reason and without a body."""
    sent = vcr.request.Request("GET", "http://service.example/", b"", {"X-Name": b"caf\xe9", "X-Number": 1})
    assert _vcr.read_request(sent).headers == Headers([("X-Name", "café"), ("X-Number", "1")])
    empty = {"status": {"code": 200, "message": None}, "headers": {"X-A": ["1", "2"]}, "body": {"string": None}}
    assert _vcr.read_response(empty) == Response(200, Headers([("X-A", "1"), ("X-A", "2")]), b"")


def test_tornado_knows_where_it_was_redirected_to(service: Service, tape: Path) -> None:
    """The last address is the same in replay, but for what is secret in it, and no header field tells of it."""

    async def fetch() -> tuple[str, bool]:
        url = f"{service.url}/redirect?to=/landed%3Fn=1%26sig=SECRETsecret1234"
        answer = await tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(url)
        return answer.effective_url, "X-Effective-Url" in answer.headers

    found = []
    for mode in ("once", "none"):
        with Recorder(tape, mode):
            found.append(tornado.ioloop.IOLoop(make_current=False).run_sync(fetch))
    assert found[0] == (f"{service.url}/landed?n=1&sig=SECRETsecret1234", False)
    assert found[1] == (f"{service.url}/landed?n=1&sig=-REDACTED-", False)
    assert "SECRETsecret1234" not in tape.read_text(encoding="utf-8")


@pytest.mark.parametrize("client", ["simple_httpclient.Simple", "curl_httpclient.Curl"])
def test_tornado_is_refused_where_it_waits(service: Service, tape: Path, client: str) -> None:
    """The call gives a future, as it does live, and the future has the error."""
    with Recorder(tape, "once"):
        by_tornado(f"{service.url}/a")

    async def fetch() -> None:
        tornado.httpclient.AsyncHTTPClient.configure(f"tornado.{client}AsyncHTTPClient")
        try:
            waiting = tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(f"{service.url}/b")
        finally:
            tornado.httpclient.AsyncHTTPClient.configure(None)
        with pytest.raises(UnrecordedRequest):
            await waiting

    with Recorder(tape) as player:
        tornado.ioloop.IOLoop(make_current=False).run_sync(fetch)
    assert len(player.misses) == 1


def test_a_miss_can_be_caught_as_vcrpys_error(service: Service, tape: Path) -> None:
    """Code that was written for vcrpy goes on working."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/a", timeout=10)
    with Recorder(tape), pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException) as miss:
        requests.get(f"{service.url}/b", timeout=10)
    assert isinstance(miss.value, UnrecordedRequest)
    assert miss.typename == "UnrecordedRequest"


def test_vcrpy_is_not_imported_for_clients_that_have_a_door(service: Service, tape: Path) -> None:
    """Recording and replaying with requests costs no import of vcrpy."""
    script = f"""
import requests, sys
from acs_chat_testkit.recording import Recorder
for _ in range(2):
    with Recorder({str(tape)!r}, "once"):
        requests.get({service.url!r} + "/a", timeout=10)
assert "vcr" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_replay_imports_nothing_that_redacts_explains_or_writes(service: Service, tape: Path) -> None:
    """A suite whose requests are all recorded pays for no rule of redaction, which takes as long as all the rest."""
    with Recorder(tape, "once"):
        requests.get(f"{service.url}/a", timeout=10)
    script = f"""
import requests, sys
from acs_chat_testkit.recording import Recorder
with Recorder({str(tape)!r}) as recorder:
    requests.get({service.url!r} + "/a", timeout=10)
assert recorder.counts["replayed"] == 1
ours = "acs_chat_testkit.recording."
for name in ("redaction", "profile", "leakage", "editing", "journal", "reel", "drift", "report", "registry"):
    assert ours + name not in sys.modules, name
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_what_we_use_of_vcrpy_is_there() -> None:
    """A canary: the names and the form of vcrpy's internals that `_vcr` goes by."""
    from vcr.patch import PATCHER_NAMES, CassettePatcherBuilder

    from acs_chat_testkit.recording._vcr import OURS

    assert set(OURS) < set(PATCHER_NAMES)
    assert set(PATCHER_NAMES) - set(OURS) == {"tornado", "httpx2"}
    deck = type("Deck", (), {"_path": "", "skip_patchers": OURS, "custom_patches": ()})()
    patched = [patcher.attribute for patcher in CassettePatcherBuilder(deck).build()]
    assert set(patched) == {"fetch_impl"}

"""Cassettes that a suite opens with vcrpy itself, inside a recorder of ours or around one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import tornado.httpclient
import tornado.ioloop
import vcr
import vcr.errors
import vcr.patch
from tests.recording.clients import CLIENTS, Client, Fields
from tests.recording.service import Service
from tests.recording.worker import worker

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder, active, load


def by_tornado(method: str, url: str, body: bytes = b"", headers: Fields | None = None) -> Any:
    """Sends a request with tornado, whose door is vcrpy's own."""

    async def send() -> Any:
        return await tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(url, method=method)

    return tornado.ioloop.IOLoop(make_current=False).run_sync(send)


EVERY = pytest.mark.parametrize("send", [*CLIENTS.values(), by_tornado], ids=[*CLIENTS, "tornado"])


def paths(tape: Path) -> list[str]:
    """The last part of the address of each recorded request."""
    return [each.request.url.rpartition("/")[2] for each in load(tape).interactions]


def theirs(path: Path, mode: str = "once", **settings: Any) -> Any:
    """A cassette of vcrpy's."""
    return vcr.use_cassette(str(path), record_mode=mode, **settings)


@EVERY
def test_a_cassette_of_vcrpy_answers_inside_ours(service: Service, tmp_path: Path, send: Client) -> None:
    """Each records and replays the requests of its own block, and ours goes on where vcrpy's ends."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"

    def story() -> list[bytes]:
        bodies = [send("GET", f"{service.url}/before", b"", []).body]
        with theirs(inner):
            bodies += [send("GET", f"{service.url}/inside", b"", []).body for _ in range(2)]
        return [*bodies, send("GET", f"{service.url}/after", b"", []).body]

    with Recorder(outer, "once"):
        live = story()
    assert (paths(outer), paths(inner)) == (["before", "after"], ["inside", "inside"])
    service.close()
    with Recorder(outer) as player:
        assert story() == live
    assert (player.counts["replayed"], player.misses, player.unplayed) == (2, [], [])


@EVERY
def test_ours_answers_inside_a_cassette_of_vcrpy(service: Service, tmp_path: Path, send: Client) -> None:
    """Vcrpy's neither sees nor refuses what belongs to ours, and goes on where ours ends."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"

    def story(mode: str, theirs_mode: str) -> list[bytes]:
        with theirs(outer, theirs_mode):
            bodies = [send("GET", f"{service.url}/before", b"", []).body]
            with Recorder(inner, mode):
                bodies += [send("GET", f"{service.url}/stay?{number}", b"", []).body for number in range(2)]
            return [*bodies, send("GET", f"{service.url}/after", b"", []).body]

    live = story("once", "once")
    assert (paths(outer), paths(inner)) == (["before", "after"], ["stay?0", "stay?1"])
    assert [each.response.body for each in load(inner).interactions if each.response] == live[1:-1]
    assert story("rewrite", "none") == live
    service.close()
    assert story("none", "none") == live
    with theirs(outer, "new_episodes"), Recorder(inner), pytest.raises(UnrecordedRequest):
        send("GET", f"{service.url}/before", b"", [])
    assert paths(outer) == ["before", "after"]


@EVERY
def test_in_replay_nothing_gets_out_through_a_cassette_of_vcrpy(service: Service, tmp_path: Path, send: Client) -> None:
    """One that would record is refused, in a sentence that names it, and the refusal is remembered by ours."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with Recorder(outer, "once"):
        requests.get(f"{service.url}/a", timeout=10)
    with (
        Recorder(outer) as player,
        theirs(inner, "new_episodes"),
        pytest.raises(UnrecordedRequest, match=r"outer\.yaml[\s\S]*inner\.yaml is open inside it"),
    ):
        send("GET", f"{service.url}/b", b"", [])
    assert len(player.misses) == 1
    assert service.hits == [("GET", "/a")]
    assert not inner.exists()


@EVERY
def test_what_vcrpy_has_not_patched_is_answered_by_ours_in_replay(
    service: Service, tmp_path: Path, send: Client
) -> None:
    """Its cassette can leave clients out; their requests belong to ours, which is around it, and to nobody else."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with Recorder(outer, "once"):
        live = send("GET", f"{service.url}/a", b"", []).body
    with Recorder(outer) as player, theirs(inner, "once", skip_patchers=vcr.patch.PATCHER_NAMES):
        assert send("GET", f"{service.url}/a", b"", []).body == live
        with pytest.raises(UnrecordedRequest):
            send("GET", f"{service.url}/b", b"", [])
    assert (player.counts["replayed"], service.hits, inner.exists()) == (1, [("GET", "/a")], False)


def test_where_ours_may_record_so_may_a_cassette_of_vcrpy(service: Service, tmp_path: Path) -> None:
    """Only mode none refuses what it would let out, whether ours has been recorded or not."""
    outer = tmp_path / "outer.yaml"
    for number in range(2):
        with Recorder(outer, "once"):
            requests.get(f"{service.url}/a", timeout=10)
            with theirs(tmp_path / f"{number}.yaml"):
                requests.get(f"{service.url}/{number}", timeout=10)
    assert service.hits == [("GET", "/a"), ("GET", "/0"), ("GET", "/1")]
    assert (paths(outer), paths(tmp_path / "1.yaml")) == (["a"], ["1"])


def test_what_a_cassette_of_vcrpy_refuses_is_refused_in_its_words(service: Service, tmp_path: Path) -> None:
    """Ours around it is not asked, and counts no miss."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with Recorder(outer, "once"):
        requests.get(f"{service.url}/a", timeout=10)
    with (
        Recorder(outer) as player,
        theirs(inner, "none"),
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException, match=r"inner\.yaml"),
    ):
        requests.get(f"{service.url}/a", timeout=10)
    assert (player.misses, player.counts["replayed"]) == ([], 0)


def test_three_may_lie_in_one_another(service: Service, tmp_path: Path) -> None:
    """Ours in vcrpy's in ours: each has the requests of its own block."""
    first, second, third = (tmp_path / f"{name}.yaml" for name in ("first", "second", "third"))

    def story(mode: str) -> None:
        with Recorder(first, mode):
            requests.get(f"{service.url}/1", timeout=10)
            with theirs(second):
                requests.get(f"{service.url}/2", timeout=10)
                with Recorder(third, mode):
                    requests.get(f"{service.url}/3", timeout=10)
                requests.get(f"{service.url}/4", timeout=10)
            requests.get(f"{service.url}/5", timeout=10)

    story("once")
    assert (paths(first), paths(second), paths(third)) == (["1", "5"], ["2", "4"], ["3"])
    service.close()
    story("none")


def test_decorated_functions_have_the_cassette_of_their_decorator(service: Service, tmp_path: Path) -> None:
    """Plain, asynchronous and step by step, by the module and by a suite's own object."""
    inner: Any = vcr.VCR(cassette_library_dir=str(tmp_path))

    @theirs(tmp_path / "plain.yaml")  # type: ignore[untyped-decorator]
    def plain() -> None:
        requests.get(f"{service.url}/plain", timeout=10)

    @inner.use_cassette("waiting.yaml")  # type: ignore[untyped-decorator]
    async def waiting() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(f"{service.url}/waiting")
            await asyncio.sleep(0)
            await client.get(f"{service.url}/waiting")

    @inner.use_cassette  # type: ignore[untyped-decorator]
    def stepping() -> Any:
        requests.get(f"{service.url}/stepping", timeout=10)
        yield

    def story() -> None:
        plain()
        asyncio.run(waiting())
        list(stepping())
        requests.get(f"{service.url}/after", timeout=10)

    with Recorder(tmp_path / "outer.yaml", "once"):
        story()
    service.close()
    with Recorder(tmp_path / "outer.yaml") as player:
        story()
    assert player.counts["replayed"] == 1
    assert [paths(tmp_path / f"{name}") for name in ("plain.yaml", "waiting.yaml", "stepping", "outer.yaml")] == [
        ["plain"],
        ["waiting", "waiting"],
        ["stepping"],
        ["after"],
    ]


def in_thread(call: Callable[[], object]) -> object:
    """What a call gives in a thread that is started for it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_threads_belong_to_the_block_that_they_were_started_in(service: Service, tmp_path: Path) -> None:
    """One that is started inside has vcrpy's cassette; one that was started before keeps ours, patches or not."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    clients = list(CLIENTS.values())
    with Recorder(outer, "once"), worker() as give:
        give(lambda: requests.get(f"{service.url}/before", timeout=10)).result()
        with theirs(inner):
            in_thread(lambda: requests.get(f"{service.url}/inside", timeout=10))
            for send in clients:
                give(partial(send, "GET", f"{service.url}/worker", b"", [])).result()
    assert (paths(outer), paths(inner)) == (["before", *["worker"] * len(clients)], ["inside"])
    hits = list(service.hits)
    with Recorder(outer) as player, worker() as give:
        give(lambda: requests.get(f"{service.url}/before", timeout=10)).result()
        with theirs(inner):
            in_thread(lambda: requests.get(f"{service.url}/inside", timeout=10))
            for send in clients:
                give(partial(send, "GET", f"{service.url}/worker", b"", [])).result()
                with pytest.raises(UnrecordedRequest, match=r"inner\.yaml is open inside it"):
                    give(partial(send, "GET", f"{service.url}/inside", b"", [])).result()
    assert (service.hits, player.unplayed) == (hits, [])


def test_tasks_keep_their_own_cassettes(service: Service, tmp_path: Path) -> None:
    """One task has ours and another vcrpy's, at the same time."""
    turn = asyncio.Barrier(2)

    async def ask(name: str) -> None:
        async with httpx.AsyncClient() as client:
            for number in range(3):
                await turn.wait()
                await client.get(f"{service.url}/{name}{number}")

    async def ours() -> None:
        async with Recorder(tmp_path / "ours.yaml", "once"):
            await ask("a")
            await turn.wait()

    async def vcrpys() -> None:
        with theirs(tmp_path / "vcrpys.yaml"):
            await ask("b")
            await turn.wait()

    async def both() -> None:
        await asyncio.gather(ours(), vcrpys())

    asyncio.run(both())
    assert paths(tmp_path / "ours.yaml") == ["a0", "a1", "a2"]
    assert paths(tmp_path / "vcrpys.yaml") == ["b0", "b1", "b2"]


def test_a_worker_older_than_both_is_refused(service: Service, tmp_path: Path) -> None:
    """Nothing says which of the two it belongs to; where vcrpy's was open before ours, it is ours."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with worker() as give:
        give(lambda: requests.get(f"{service.url}/warm", timeout=10)).result()
        with (
            Recorder(outer, "once"),
            theirs(inner),
            pytest.raises(UnrecordedRequest, match=r"several are open \(.*outer\.yaml, .*inner\.yaml\)"),
        ):
            give(lambda: requests.get(f"{service.url}/a", timeout=10)).result()
        with theirs(inner), Recorder(outer, "once"):
            give(lambda: requests.get(f"{service.url}/b", timeout=10)).result()
        with theirs(inner), theirs(tmp_path / "other.yaml"):
            give(lambda: requests.get(f"{service.url}/c", timeout=10)).result()
    assert [paths(each) for each in (outer, tmp_path / "other.yaml")] == [["b"], ["c"]]
    assert service.hits == [("GET", "/warm"), ("GET", "/b"), ("GET", "/c")]


def test_a_thread_that_outlives_ours_does_not_go_live_through_vcrpys(service: Service, tmp_path: Path) -> None:
    """It was started in replay, so nothing that vcrpy would let out leaves it."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with Recorder(outer, "once"):
        requests.get(f"{service.url}/a", timeout=10)
    go, errors = threading.Event(), []

    def late() -> None:
        with theirs(inner):
            go.wait(10)
            try:
                httpx.get(f"{service.url}/late")
            except UnrecordedRequest as error:
                errors.append(str(error))

    with Recorder(outer):
        thread = threading.Thread(target=late)
        thread.start()
    go.set()
    thread.join()
    assert service.hits == [("GET", "/a")]
    assert "came after its cassette" in errors[0]


def test_while_vcrpy_connects_the_doors_stay_where_they_are(service: Service, tmp_path: Path) -> None:
    """It takes patches out for all threads meanwhile, but none of ours."""
    with Recorder(tmp_path / "outer.yaml", "once"):
        requests.get(f"{service.url}/a", timeout=10)
    for send in [*CLIENTS.values(), by_tornado]:
        with Recorder(tmp_path / "outer.yaml"), vcr.patch.force_reset(), pytest.raises(UnrecordedRequest):
            send("GET", f"{service.url}/b", b"", [])
    assert service.hits == [("GET", "/a")]


@EVERY
def test_what_is_outside_of_all_cassettes_is_outside_of_vcrpys(service: Service, tmp_path: Path, send: Client) -> None:
    """It goes out and is recorded by none."""
    inner = tmp_path / "inner.yaml"
    with Recorder(tmp_path / "outer.yaml", "once"), theirs(inner):
        requests.get(f"{service.url}/a", timeout=10)
        with active.outside():
            send("GET", f"{service.url}/a", b"", [])
    assert (paths(inner), len(service.hits)) == (["a"], 2)


ALONE = """
import httpx, requests, sys, vcr
from acs_chat_testkit.errors import UnrecordedRequest, UsageError
outer, inner, url = sys.argv[1:]
"""
LATE = """
with vcr.use_cassette(inner):
    from acs_chat_testkit.recording import Recorder
    try:
        with Recorder(outer, "once"):
            httpx.get(url)
    except UsageError as error:
        assert "a cassette of vcrpy has been open since before Recorder was imported" in str(error)
    else:
        raise SystemExit("opened")
with Recorder(outer, "once"):
    httpx.get(url)
"""
SOON = """
from acs_chat_testkit.recording import Recorder
with vcr.use_cassette(inner):
    with Recorder(outer, "once") as recorder:
        httpx.get(url)
assert recorder.counts["recorded"] == 1
"""
KEPT = """
from acs_chat_testkit.recording import Recorder
with Recorder(outer, "once"):
    httpx.get(url)
with vcr.use_cassette(inner):
    httpx.get(url + "/inside")
with Recorder(outer):
    httpx.get(url)
with vcr.use_cassette(inner), Recorder(outer):
    httpx.get(url)
    try:
        httpx.get(url)
    except UnrecordedRequest:
        raise SystemExit(0)
raise SystemExit("went out")
"""


@pytest.mark.parametrize("script", [LATE, SOON, KEPT], ids=["imported inside", "imported before", "opened before"])
def test_vcrpy_may_be_there_before_ours(service: Service, tmp_path: Path, script: str) -> None:
    """Its import takes no door out; and to import ours inside one of its cassettes does not do, which is said."""
    arguments = [str(tmp_path / "outer.yaml"), str(tmp_path / "inner.yaml"), service.url]
    subprocess.run([sys.executable, "-c", ALONE + script, *arguments], check=True)


LATER = """
import sys
from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder
tape, url = sys.argv[1:]
with Recorder(tape, "once"):
    import requests
    requests.get(url)
import vcr
import tornado.httpclient, tornado.ioloop
client = tornado.httpclient.AsyncHTTPClient
with Recorder(tape):
    try:
        tornado.ioloop.IOLoop(make_current=False).run_sync(lambda: client(force_instance=True).fetch(url + "/b"))
    except UnrecordedRequest:
        raise SystemExit(0)
"""


def test_clients_that_come_with_vcrpy_have_their_door(service: Service, tmp_path: Path) -> None:
    """Vcrpy imports tornado in the middle of its own import; the door waits for the end of that."""
    subprocess.run([sys.executable, "-c", LATER, str(tmp_path / "a.yaml"), service.url], check=True)
    assert service.hits == [("GET", "/")]

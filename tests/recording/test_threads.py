"""Threads, nested cassettes, workers: a request belongs to one cassette, or it is refused; it never goes live."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from tests.recording.clients import CLIENTS, Client
from tests.recording.service import Service
from tests.recording.worker import worker

from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Recorder, load

MANY = 200
THREADS = 16


def fetch(url: str) -> str:
    """The path that the service saw."""
    with requests.Session() as session:
        return str(session.get(url, timeout=10).json()["path"])


def in_thread(work: Callable[[], object]) -> BaseException | None:
    """Runs work in a thread of its own and returns the error that it ended with."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return errors[0] if errors else None


def test_sixteen_threads_record_and_replay_every_request(service: Service, tape: Path) -> None:
    """All of 1,000 requests are recorded once, and all of 1,000 are replayed with none live."""
    urls = [f"{service.url}/{number}" for number in range(1000)]
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))

    def ask(url: str) -> str:
        return str(session.get(url, timeout=10).json()["path"])

    with session, Recorder(tape, "once") as recorder, ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(ask, urls))) == 1000
    assert (recorder.counts["recorded"], len(load(tape).interactions)) == (1000, 1000)
    service.close()
    with Recorder(tape) as player, ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(ask, reversed(urls))) == [f"/{number}" for number in reversed(range(1000))]
    assert (player.counts["replayed"], player.counts["live"], player.unplayed) == (1000, 0, [])


@pytest.mark.parametrize("send", CLIENTS.values(), ids=CLIENTS)
def test_every_client_replays_from_many_threads(service: Service, tape: Path, send: Client) -> None:
    """Identical requests get each answer once, whichever thread asks."""
    with Recorder(tape, "once"):
        live = [send("GET", f"{service.url}/poll", b"", []).body for _ in range(20)]
    service.close()
    with Recorder(tape) as player, ThreadPoolExecutor(THREADS) as pool:
        replayed = [
            answer.body for answer in pool.map(lambda _: send("GET", f"{service.url}/poll", b"", []), range(20))
        ]
    assert sorted(replayed) == sorted(live)
    assert player.counts["live"] == 0


def test_the_order_of_the_calls_is_the_order_of_the_file(service: Service, tape: Path) -> None:
    """A slow request that was made first stands first, whichever ends first."""
    with Recorder(tape, "once") as recorder, ThreadPoolExecutor(2) as pool:
        slow = pool.submit(requests.get, f"{service.url}/slow?seconds=0.2", timeout=10)
        while not recorder.counts["live"]:
            pass
        requests.get(f"{service.url}/a", timeout=10)
        assert slow.result().ok
    paths = [each.request.url.removeprefix(service.url) for each in load(tape).interactions]
    assert paths == ["/slow?seconds=0.2", "/a"]


def test_the_order_does_not_depend_on_a_clock_that_is_set(tape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may go back in time, and so may the machine; what was called first stands first."""
    with Recorder(tape, "once") as recorder:
        for number in range(3):
            moment = 10**18 - number * 10**9
            for name in ("time", "monotonic", "perf_counter"):
                monkeypatch.setattr(time, f"{name}_ns", lambda moment=moment: moment)
            recorder.take(Request("GET", f"https://a.example/{number}")).keep(Response(200))
    assert [each.request.url[-1] for each in load(tape).interactions] == ["0", "1", "2"]


def test_a_nested_cassette_takes_the_requests_of_its_block(service: Service, tmp_path: Path) -> None:
    """And of the threads that are started in it; the outer one goes on afterwards."""
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with Recorder(outer, "once"):
        fetch(f"{service.url}/before")
        with Recorder(inner, "once"):
            fetch(f"{service.url}/inside")
            assert in_thread(lambda: fetch(f"{service.url}/thread")) is None
        fetch(f"{service.url}/after")
    assert [each.request.url.rpartition("/")[2] for each in load(outer).interactions] == ["before", "after"]
    assert [each.request.url.rpartition("/")[2] for each in load(inner).interactions] == ["inside", "thread"]
    hits = list(service.hits)
    with Recorder(outer), Recorder(inner), ThreadPoolExecutor(4) as pool:
        assert pool.submit(fetch, f"{service.url}/inside").result() == "/inside"
        with pytest.raises(UnrecordedRequest):
            pool.submit(fetch, f"{service.url}/before").result()
    assert service.hits == hits


def test_a_worker_older_than_the_cassette_belongs_to_the_only_one_open(service: Service, tape: Path) -> None:
    """A pool that was started before is recorded and replayed all the same."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(fetch, f"{service.url}/warm").result()
        with Recorder(tape, "once"):
            pool.submit(fetch, f"{service.url}/a").result()
        with Recorder(tape) as player:
            pool.submit(fetch, f"{service.url}/a").result()
    assert player.counts["replayed"] == 1
    assert service.hits == [("GET", "/warm"), ("GET", "/a")]


def test_a_worker_older_than_two_cassettes_is_refused(service: Service, tmp_path: Path) -> None:
    """Where nothing says which cassette a request belongs to, it is not guessed."""
    with (
        worker() as give,
        Recorder(tmp_path / "a.yaml", "once"),
        Recorder(tmp_path / "b.yaml", "once"),
        pytest.raises(UnrecordedRequest, match=r"belongs to no cassette, because several are open \(.*a.yaml, .*b"),
    ):
        give(lambda: fetch(f"{service.url}/a")).result()
    assert service.hits == []


def test_work_of_a_pool_belongs_to_the_block_that_it_was_given_in(service: Service, tmp_path: Path) -> None:
    """Whoever started the thread that does it, and also where that block has ended."""
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    with ThreadPoolExecutor(1) as pool:
        with Recorder(first, "once"):
            pool.submit(fetch, f"{service.url}/a").result()
            with Recorder(second, "once"):
                pool.submit(fetch, f"{service.url}/b").result()
        with Recorder(first) as player:
            pool.submit(fetch, f"{service.url}/a").result()
        pool.submit(fetch, f"{service.url}/free").result()
    urls = [[each.request.url for each in load(file).interactions] for file in (first, second)]
    assert urls == [[f"{service.url}/a"], [f"{service.url}/b"]]
    assert player.counts["replayed"] == 1
    assert service.hits == [("GET", "/a"), ("GET", "/b"), ("GET", "/free")]


def test_a_worker_keeps_no_cassette(service: Service, tape: Path) -> None:
    """A pool of a whole run would hold all that was recorded or replayed, and what is not given in a block is free."""
    with ThreadPoolExecutor(1) as pool:
        for mode in ("once", "none"):
            recorder = Recorder(tape, mode)
            gone = weakref.ref(recorder)
            with recorder:
                pool.submit(fetch, f"{service.url}/a").result()
            del recorder
            until = time.monotonic() + 10
            # The pool lets go of the work a moment after its result is there.
            while gone() is not None and time.monotonic() < until:
                gc.collect()
            assert gone() is None
            pool.submit(fetch, f"{service.url}/free").result()
    assert service.hits == [("GET", "/a"), ("GET", "/free"), ("GET", "/free")]


def test_work_that_outlives_its_cassette_does_not_go_live(service: Service, tape: Path) -> None:
    """The pool is older than the cassette and lives on; what was given to it in replay is refused."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")
    with ThreadPoolExecutor(1) as pool:
        go = threading.Event()
        pool.submit(go.wait, 10)
        with Recorder(tape) as player:
            late = pool.submit(fetch, f"{service.url}/late")
        go.set()
        with pytest.raises(UnrecordedRequest, match="came after its cassette"):
            late.result()
    assert service.hits == [("GET", "/a")]
    assert player.counts["missed"] == 1


@pytest.mark.parametrize(
    "give",
    [
        lambda pool, url: pool.apply_async(fetch, [url]),
        lambda pool, url: pool.map_async(fetch, [url, url]),
        lambda pool, url: pool.starmap_async(fetch, [(url,), (url,)]),
        lambda pool, url: pool.imap(fetch, [url, url]),
        lambda pool, url: pool.imap_unordered(fetch, [url, url], 2),
    ],
    ids=["apply", "map", "starmap", "imap", "imap in chunks"],
)
def test_nor_does_work_of_a_thread_pool_of_multiprocessing(
    service: Service, tape: Path, give: Callable[[ThreadPool, str], Any]
) -> None:
    """One piece of it or many: it belongs to the block in which it was given, and what comes after it is free."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")
    with ThreadPool(1) as pool:
        go = threading.Event()
        pool.apply_async(go.wait, [10])
        with Recorder(tape) as player:
            late = give(pool, f"{service.url}/late")
        go.set()
        with pytest.raises(UnrecordedRequest, match="came after its cassette"):
            _ = late.get(10) if hasattr(late, "get") else list(late)
        assert pool.apply(fetch, [f"{service.url}/free"]) == "/free"
    assert service.hits == [("GET", "/a"), ("GET", "/free")]
    assert player.counts["missed"] >= 1


def test_an_older_thread_that_outlives_the_cassette_goes_out(service: Service, tape: Path) -> None:
    """Where nobody tells who gave it its work, it is as free as it was before; the documentation says so."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")
    go = threading.Event()
    with worker() as give:
        give(lambda: str(go.wait(10)))
        with Recorder(tape):
            late = give(lambda: fetch(f"{service.url}/late"))
        go.set()
        assert late.result(10) == "/late"


def test_a_thread_that_outlives_its_cassette_does_not_go_live(service: Service, tape: Path) -> None:
    """It is refused in one sentence that names the cassette."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")
    go, errors = threading.Event(), []

    def late() -> None:
        go.wait(10)
        try:
            fetch(f"{service.url}/late")
        except UnrecordedRequest as error:
            errors.append(str(error))

    with Recorder(tape) as player:
        thread = threading.Thread(target=late)
        thread.start()
        fetch(f"{service.url}/a")
    go.set()
    thread.join()
    assert service.hits == [("GET", "/a")]
    assert player.counts["missed"] == 1
    assert "came after its cassette" in errors[0]
    assert str(tape) in errors[0]


def test_a_task_that_outlives_its_cassette_does_not_go_live(service: Service, tape: Path) -> None:
    """It was started while replaying; a task that is started after the cassette was closed goes out."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")

    async def ask(path: str, start: asyncio.Event) -> int:
        await start.wait()
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{service.url}{path}")).status_code

    async def both() -> Recorder:
        start = asyncio.Event()
        async with Recorder(tape) as player:
            task = asyncio.create_task(ask("/late", start), name="the late one")
        start.set()
        with pytest.raises(UnrecordedRequest, match="task 'the late one' came after its cassette"):
            await task
        assert await asyncio.create_task(ask("/own", start)) == 200
        return player

    assert asyncio.run(both()).counts["missed"] == 1
    assert service.hits == [("GET", "/a"), ("GET", "/own")]


def test_tasks_belong_to_the_block_that_they_were_started_in(service: Service, tmp_path: Path) -> None:
    """Two tasks at the same time each have their own cassette."""

    async def task(name: str) -> None:
        async with Recorder(tmp_path / f"{name}.yaml", "once"), httpx.AsyncClient() as client:
            for number in range(5):
                await client.get(f"{service.url}/{name}/{number}")
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(task("a"), task("b"))

    asyncio.run(both())
    for name in ("a", "b"):
        urls = [each.request.url for each in load(tmp_path / f"{name}.yaml").interactions]
        assert urls == [f"{service.url}/{name}/{number}" for number in range(5)]


def test_no_thread_sees_a_half_patched_client(service: Service, tape: Path) -> None:
    """While cassettes open and close in one thread, requests of another go where they went before: out."""
    with Recorder(tape, "once"):
        fetch(f"{service.url}/a")
    stop, paths = threading.Event(), []

    def outside() -> None:
        from acs_chat_testkit.recording.active import outside

        with outside():
            while not stop.is_set():
                paths.append(fetch(f"{service.url}/outside"))

    thread = threading.Thread(target=outside)
    thread.start()
    for _ in range(50):
        with Recorder(tape) as player:
            assert fetch(f"{service.url}/a") == "/a"
        assert player.counts["live"] == 0
    stop.set()
    thread.join()
    assert set(paths) == {"/outside"}

"""Threads: a request belongs to one cassette, or it is refused; it never goes live unasked, and none is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import requests
from tests.peers.stage import Outcome, Stage, scenario

MANY = 200
THREADS = 16


def _get(url: str) -> None:
    requests.get(url, timeout=10)


def _get_all(urls: Iterable[str]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(_get, urls))


@scenario(right={"live": MANY, "on disk": MANY})
def record(stage: Stage) -> Outcome:
    """Sixteen threads record 200 requests."""
    with stage.tool.use(stage.tape):
        _get_all(f"{stage.url}/item/{number}/" for number in range(MANY))
    text = stage.tape.read_text(encoding="utf-8")
    on_disk = sum(f"{stage.url}/item/{number}/" in text for number in range(MANY))
    return {"live": len(stage.live()), "on disk": on_disk}


@scenario(right={"live": 0})
def replay(stage: Stage) -> Outcome:
    """Sixteen threads replay 200 requests in mode none."""
    with stage.tool.use(stage.tape) as session:
        for number in range(MANY):
            session.get(f"{stage.url}/item/{number}")
    stage.live()
    with stage.tool.use(stage.tape, "none"), suppress(Exception):
        _get_all(f"{stage.url}/item/{number}" for number in range(MANY))
    return {"live": len(stage.live())}


@scenario(right={"live": 0, "answers given once": 100})
def replay_equal_requests(stage: Stage) -> Outcome:
    """Sixteen threads make 100 equal requests: each recorded answer is given once."""
    with stage.tool.use(stage.tape) as session:
        for _ in range(100):
            session.get(f"{stage.url}/poll")
    stage.live()
    given: list[int] = []
    with stage.tool.use(stage.tape, "none"), ThreadPoolExecutor(THREADS) as pool:
        for _ in range(100):
            pool.submit(lambda: given.append(requests.get(f"{stage.url}/poll", timeout=10).json()["number"]))
    return {"live": len(stage.live()), "answers given once": len(set(given) & set(range(1, 101)))}


@scenario(right={"live": []})
def outlive(stage: Stage) -> Outcome:
    """A thread that outlives its cassette in mode none does not go live."""
    with stage.tool.use(stage.tape) as session:
        session.get(f"{stage.url}/one")
    stage.live()
    go = threading.Event()

    def late() -> None:
        go.wait()
        with suppress(Exception):
            _get(f"{stage.url}/one")

    with stage.tool.use(stage.tape, "none"):
        thread = threading.Thread(target=late)
        thread.start()
    go.set()
    thread.join()
    return {"live": stage.live()}


@scenario(right={"live": []})
def nested(stage: Stage) -> Outcome:
    """The workers of a block with two cassettes do not go live in mode none."""
    outer = stage.place / f"outer{stage.tool.suffixes[0]}"
    for path in (outer, stage.tape):
        with stage.tool.use(path) as session:
            for number in range(4):
                session.get(f"{stage.url}/item/{number}")
    stage.live()
    with stage.tool.use(outer, "none"), stage.tool.use(stage.tape, "none"), ThreadPoolExecutor(2) as pool:
        for number in range(4):
            pool.submit(_get, f"{stage.url}/item/{number}")
    return {"live": stage.live()}

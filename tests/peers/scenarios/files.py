"""What becomes of the file: full disks, kills, several writers, hostile texts, and what a reviewer reads."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import time
import uuid
from pathlib import Path

import requests
from tests.peers.stage import Outcome, Stage, scenario
from tests.peers.tools import Tool

MANY = 20


def _record(stage: Stage, count: int = MANY) -> bytes:
    with stage.tool.use(stage.tape) as session:
        for number in range(count):
            session.get(f"{stage.url}/item/{number}")
    return stage.tape.read_bytes()


def add_on_a_full_disk(tool: Tool, path: str, url: str, ends: str) -> None:
    """Adds a request while no file may become longer than 3000 bytes; the write fails, or kills."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if ends == "kills" else signal.SIG_IGN)
    with tool.use(Path(path), "new_episodes") as session:
        session.get(f"{url}/one-more")
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


@scenario(right={"kept": True, "beside": []})
def full_disk(stage: Stage) -> Outcome:
    """The disk takes no more half-way through the write."""
    before = _record(stage)
    stage.child(add_on_a_full_disk, stage.tape, stage.url, "fails")
    beside = sorted(each.name for each in stage.place.iterdir() if each != stage.tape)
    return {"kept": stage.tape.read_bytes() == before, "beside": beside}


@scenario(right={"kept": True})
def killed_while_writing(stage: Stage) -> Outcome:
    """The process is killed half-way through the write."""
    before = _record(stage)
    stage.child(add_on_a_full_disk, stage.tape, stage.url, "kills")
    return {"kept": stage.tape.read_bytes() == before}


def record_and_die(tool: Tool, path: str, url: str) -> None:
    """Makes two requests and is killed before the recording ends."""
    with tool.use(Path(path)) as session:
        session.get(f"{url}/one-that-was-answered")
        session.get(f"{url}/two-that-was-answered")
        os.kill(os.getpid(), signal.SIGKILL)


@scenario(right={"left": 2})
def killed_while_recording(stage: Stage) -> Outcome:
    """The process is killed in the middle of a test: what was answered is somewhere."""
    (stage.place / "tmp").mkdir()
    stage.child(record_and_die, stage.tape, stage.url, TMPDIR=str(stage.place / "tmp"))
    texts = [each.read_text(encoding="utf-8") for each in stage.place.rglob("*") if each.is_file()]
    return {"left": sum(any(f"/{word}-that-was" in text for text in texts) for word in ("one", "two"))}


@scenario(right={"answers": False})
def cut_off(stage: Stage) -> Outcome:
    """A file that ends between two interactions is no shorter recording."""
    before = _record(stage)
    text = before.decode()
    stage.tape.write_text(text[: text.index("\n- request", len(text) // 2) + 1], encoding="utf-8")
    return {"answers": _answers(stage, "none")}


@scenario(right={"live": [], "answers": False})
def emptied(stage: Stage) -> Outcome:
    """A file that somebody has emptied is not recorded again unasked."""
    stage.tape.write_bytes(b"")
    answers = _answers(stage, "once")
    return {"live": stage.live(), "answers": answers}


def _answers(stage: Stage, mode: str) -> bool:
    try:
        with stage.tool.use(stage.tape, mode) as session:
            return session.get(f"{stage.url}/item/0").ok
    except Exception:
        return False


def record_five(tool: Tool, path: str, url: str, me: str) -> None:
    """Records five requests of its own, and ends when all four are ready to end."""
    with tool.use(Path(path), "new_episodes") as session:
        for number in range(5):
            session.get(f"{url}/{me}/{number}")
        Path(path).with_name(f"ready-{me}").touch()
        while len(list(Path(path).parent.glob("ready-*"))) < 4:
            time.sleep(0.01)


@scenario(right={"kept": 20})
def four_writers(stage: Stage) -> Outcome:
    """Four processes record into one file at the same time."""
    writers = [stage.start(record_five, stage.tape, stage.url, f"writer-{number}") for number in range(4)]
    for writer in writers:
        with writer:
            writer.wait(60)
    text = stage.tape.read_text(encoding="utf-8")
    return {"kept": sum(f"/writer-{me}/{number}" in text for me in range(4) for number in range(5))}


def save_often(tool: Tool, path: str, url: str) -> None:
    """Adds to the file, once and again."""
    for number in range(30):
        with tool.use(Path(path), "new_episodes") as session:
            session.get(f"{url}/more/{number}")


@scenario(right={"shorter": False})
def read_while_written(stage: Stage) -> Outcome:
    """A file that only grows is never seen shorter than it was."""
    longest = len(_record(stage))
    shorter = False
    with stage.start(save_often, stage.tape, stage.url) as writer:
        while writer.poll() is None:
            size = stage.tape.stat().st_size
            shorter, longest = shorter or size < longest, max(size, longest)
    return {"shorter": shorter}


@scenario(right={"ran": False})
def code(stage: Stage) -> Outcome:
    """Loading a file runs nothing that stands in it."""
    mark = stage.place / "mark"
    stage.tape.write_text(f"interactions: !!python/object/apply:os.mkdir ['{mark}']\nversion: 1\n", encoding="utf-8")
    _answers(stage, "none")
    return {"ran": mark.exists()}


@scenario(right={"left": 5})
def early_end(stage: Stage) -> Outcome:
    """A replay that fails after the first of five requests leaves the file as it is, whatever it is to drop."""
    _record(stage, 5)
    try:
        with stage.tool.use(stage.tape, "none", drop_unused=True) as session:
            session.get(f"{stage.url}/item/0")
            raise AssertionError
    except AssertionError:
        pass
    text = stage.tape.read_text(encoding="utf-8")
    return {"left": sum(f"/item/{number}" in text for number in range(5))}


def _targets(stage: Stage) -> list[str]:
    """The targets in the order of the file, each once."""
    text = stage.tape.read_text(encoding="utf-8")
    places = [line.strip() for line in text.splitlines() if line.strip().startswith(("uri:", "url:"))]
    return [place.partition(stage.url)[2].strip("'\"") for place in places]


@scenario(right=["/z", "/m", "/a"])
def order_of_calls(stage: Stage) -> Outcome:
    """The file tells the story in the order in which it happened."""
    with stage.tool.use(stage.tape) as session:
        for method, target in (("POST", "/z"), ("GET", "/m"), ("DELETE", "/a")):
            session.request(method, stage.url + target)
    return _targets(stage)


@scenario(right=["/waiting", "/quick"])
def order_of_concurrent_calls(stage: Stage) -> Outcome:
    """What was asked first stands first, whichever answer came first."""
    import httpx

    async def both() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            slow = asyncio.create_task(client.get(f"{stage.url}/waiting"))
            while not stage.service.hits:
                await asyncio.sleep(0.01)
            await client.get(f"{stage.url}/quick")
            stage.service.go_on.set()
            await slow

    stage.service.go_on.clear()
    with stage.tool.use(stage.tape):
        asyncio.run(both())
    return _targets(stage)


@scenario(right={"touched": False})
def recorded_again(stage: Stage) -> Outcome:
    """The same calls recorded again, at another time and with other request ids, leave the file as it is."""
    texts = []
    for mode in ("once", "all"):
        with stage.tool.use(stage.tape, mode) as session:
            session.get(f"{stage.url}/dated", headers={"x-ms-client-request-id": str(uuid.uuid4())})
        texts.append(stage.tape.read_bytes())
    return {"touched": texts[0] != texts[1]}


@scenario(right={"lines": 4})
def readable(stage: Stage) -> Outcome:
    """A JSON body is laid out, one value a line, so that a reviewer sees which of four names has changed."""
    people = {"people": [{"name": f"Zoë-{number}", "role": "guest"} for number in range(4)]}
    with stage.tool.use(stage.tape) as session:
        body = json.dumps(people, ensure_ascii=False).encode()
        session.post(f"{stage.url}/people", data=body, headers={"Content-Type": "application/json"})
    question = stage.tape.read_text(encoding="utf-8").partition("response:")[0]
    return {"lines": sum(line.count("Zoë-") == 1 for line in question.splitlines())}


@scenario(right={"status": 201, "answer": {"chatThread": {"id": "19:x@thread.v2"}}, "live": []})
def azures_old_format(stage: Stage) -> Outcome:
    """A recording of Azure's old test framework, whose bodies are plain strings, replays."""
    stage.tape.write_text(
        f"""interactions:
- request:
    body: '{{"topic": "t"}}'
    headers:
      Content-Type:
      - application/json
    method: POST
    uri: {stage.url}/chat/threads?api-version=2021-03-01
  response:
    body: '{{"chatThread": {{"id": "19:x@thread.v2"}}}}'
    headers:
      content-type:
      - application/json; charset=utf-8
    status:
      code: 201
      message: Created
version: 1
""",
        encoding="utf-8",
    )
    try:
        with stage.tool.use(stage.tape, "none"):
            answer = requests.post(f"{stage.url}/chat/threads?api-version=2021-03-01", json={"topic": "t"})
    except Exception as error:
        return {"error": type(error).__name__, "live": stage.live()}
    return {"status": answer.status_code, "answer": answer.json(), "live": stage.live()}

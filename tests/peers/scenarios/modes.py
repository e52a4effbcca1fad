"""Record modes and matching: polls, repeats, bodies, hooks."""

from __future__ import annotations

import json

from tests.peers.stage import Outcome, Stage, kind, scenario

STRICT = ("method", "uri", "body")


@scenario(right={"live": 4})
def poll_into_an_old_cassette(stage: Stage) -> Outcome:
    """With new_episodes, each of four polls of a new address goes to the service."""
    with stage.tool.use(stage.tape) as session:
        session.get(f"{stage.url}/quiet")
    stage.live()
    with stage.tool.use(stage.tape, "new_episodes") as session:
        for _ in range(4):
            session.get(f"{stage.url}/poll")
    return {"live": len(stage.live())}


@scenario(right=["running", "running", "done"])
def repeats_while_recording(stage: Stage) -> Outcome:
    """Repeats are a matter of replay: a first recording that allows them polls until it is done."""
    with stage.tool.use(stage.tape, repeats=True) as session:
        return [session.get(f"{stage.url}/poll").json()["status"] for _ in range(3)]


@scenario(right=["running", "running", "done", "done"])
def repeats_in_replay(stage: Stage) -> Outcome:
    """A replay that allows repeats gives every recorded answer and then the last one again."""
    with stage.tool.use(stage.tape) as session:
        for _ in range(3):
            session.get(f"{stage.url}/poll")
    with stage.tool.use(stage.tape, "none", repeats=True) as session:
        return [session.get(f"{stage.url}/poll").json()["status"] for _ in range(4)]


@scenario(right=[1, 2, 3, "refused", "refused"])
def once_each(stage: Stage) -> Outcome:
    """Five polls of three recorded ones: no answer is given twice."""
    with stage.tool.use(stage.tape) as session:
        for _ in range(3):
            session.get(f"{stage.url}/poll")
    seen: list[object] = []
    with stage.tool.use(stage.tape, "none") as session:
        for _ in range(5):
            try:
                seen.append(session.get(f"{stage.url}/poll").json()["number"])
            except Exception:
                seen.append("refused")
    return seen


@scenario(right={"answered with": "B"})
def bodies_decide(stage: Stage) -> Outcome:
    """Nothing is set: the second of two requests that differ in the body gets its own answer when it comes first."""
    with stage.tool.use(stage.tape) as session:
        for name in "AB":
            session.post(f"{stage.url}/echo", json={"name": name})
    with stage.tool.use(stage.tape, "none") as session:
        answer = session.post(f"{stage.url}/echo", json={"name": "B"}).json()
    return {"answered with": json.loads(answer["body"])["name"]}


@scenario(right={"old": False, "new": True})
def all_replaces(stage: Stage) -> Outcome:
    """After a run in mode all, the file holds what that run did and nothing else."""
    with stage.tool.use(stage.tape) as session:
        session.get(f"{stage.url}/old")
    with stage.tool.use(stage.tape, "all") as session:
        session.get(f"{stage.url}/new")
    text = stage.tape.read_text(encoding="utf-8")
    return {"old": f"{stage.url}/old" in text, "new": f"{stage.url}/new" in text}


@scenario(right={"replays": True})
def hook_that_adds(stage: Stage) -> Outcome:
    """A hook that changes the address each time it runs sees each request once, so the recording replays."""

    def add(uri: str) -> str:
        return f"{uri}x"

    for mode in ("once", "none"):
        with stage.tool.use(stage.tape, mode, uri_hook=add) as session:
            error = kind(lambda session=session: session.get(f"{stage.url}/quiet"))  # type: ignore[misc]
    return {"replays": not error}


@scenario(right={"replays": True})
def order_of_keys(stage: Stage) -> Outcome:
    """A merge patch whose keys come in another order is the same request where bodies are compared."""
    headers = {"Content-Type": "application/merge-patch+json"}
    with stage.tool.use(stage.tape, match_on=STRICT) as session:
        session.patch(f"{stage.url}/quiet", data='{"a": 1, "b": 2}', headers=headers)
    with stage.tool.use(stage.tape, "none", match_on=STRICT) as session:
        return {
            "replays": not kind(lambda: session.patch(f"{stage.url}/quiet", data='{"b": 2, "a": 1}', headers=headers))
        }

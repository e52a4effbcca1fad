"""A service among the implementations: the runner is the client, and judges every answer."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from acs_chat_conformance import Report, check
from acs_chat_conformance.results import Status
from acs_chat_conformance.vectors import SERVICE_SETS, load
from acs_chat_testkit.contract import load as contract

THREAD = {"id": "19:x", "topic": "Lunch", "createdOn": "2024-01-02T03:04:05Z"}
SERVES = (
    "import json, sys\nfor line in sys.stdin: print(json.dumps({'value': {'endpoint': %r, 'people': %r}}), flush=True)"
)
PEOPLE = {name: {"id": f"8:acs:{name}", "token": name} for name in ("ada", "ben", "eve")}
Serve = Callable[[int, object], Report]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Runs one story on a service that gives the same answer to everything."""
    servers: list[ThreadingHTTPServer] = []

    def serve(status: int, body: object) -> Report:
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                text = json.dumps(body).encode()
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return ask(tmp_path, f"http://127.0.0.1:{server.server_port}")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(home: Path, endpoint: str) -> Report:
    """Runs one story on the service of an endpoint."""
    (home / "serves.py").write_text(SERVES % (endpoint, PEOPLE))
    (home / "mine.yaml").write_text("adapters: {service: serves.py}\nsets: [service/2024-03-07]\n")
    story = "service/2024-03-07/threads#thread.created-is-read-by-both"
    return check(str(home / "mine.yaml"), lambda vector: vector.id == story, python=sys.executable)


@pytest.mark.parametrize("name", SERVICE_SETS)
def test_the_stories_are_sound_and_touch_every_operation(name: str) -> None:
    """None is broken, and no operation of the contract is left out."""
    loaded = load(name)
    assert loaded.problems == ()
    operations = contract(name.partition("/")[2]).operations
    assert {vector.subject for vector in loaded.vectors} == set(operations)


def test_the_emulator_conforms() -> None:
    """Every story passes on it, over real HTTP, with users and tokens that it issued itself."""
    report = check("emulator")
    assert [(one.vector.id, one.differences) for one in report.results if one.status is not Status.PASSED] == []
    assert report.problems == ()
    assert all(verdict.conformant for verdict in report.verdicts)


def test_another_status_is_a_difference(serve: Serve) -> None:
    """The story ends at the first step that differs, and says at which."""
    (result,) = serve(500, {}).results
    assert result.status is Status.FAILED
    assert ("/exchanges/0/response/status", 201, 500) in [(one.at, one.wanted, one.got) for one in result.differences]


def test_another_body_is_a_difference(serve: Serve) -> None:
    """What must stand in the answer is compared."""
    (result,) = serve(201, {"chatThread": {**THREAD, "topic": "Dinner"}}).results
    places = {one.at for one in result.differences}
    assert "/exchanges/0/response/body/chatThread/topic" in places


def test_an_answer_that_breaks_the_contract_is_a_difference(serve: Serve) -> None:
    """A field of another type is found, although no story names it."""
    (result,) = serve(201, {"chatThread": {**THREAD, "createdOn": 5}}).results
    assert any(one.got == "response.type" for one in result.differences)


def test_a_service_that_is_not_there_is_a_crash(tmp_path: Path) -> None:
    """No answer is no difference in an answer."""
    (result,) = ask(tmp_path, "http://127.0.0.1:9").results
    assert result.status is Status.CRASHED

"""Several processes record one cassette: nothing is lost, in the order of the calls, and ids stay apart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from tests.recording.killed import journal_of
from tests.recording.service import Service

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import CassetteError
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Recorder, journal, load, lock
from acs_chat_testkit.recording.lock import private
from acs_chat_testkit.recording.redaction import Kind
from acs_chat_testkit.recording.registry import SharedPseudonyms
from acs_chat_testkit.recording.run import Run, SharedRun

USER = "8:acs:11111111-2222-4333-8444-555555555555_00000000-0000-4000-8000-0000000000"
ANSWER = b'{"id": "x", "initiator": "%s"}'


def start(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts a Python of its own."""
    return subprocess.Popen([sys.executable, "-W", "error", "-c", script, *arguments], stderr=subprocess.DEVNULL)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Waits until all have done their work."""
    assert [process.wait(60) for process in processes] == [0] * len(processes)


FIVE = """
import sys, time, requests
from pathlib import Path
from acs_chat_testkit.recording import Recorder
path, mode, url, me = sys.argv[1:]
with Recorder(path, mode):
    Path(f"{path}.{me}").parent.mkdir(exist_ok=True)
    Path(f"{path}.{me}").touch()
    while len(list(Path(path).parent.glob("*.w?"))) < 4:
        time.sleep(0.01)
    for number in range(5):
        requests.get(f"{url}/{me}/{number}", timeout=10)
        time.sleep(0.01)
"""


@pytest.mark.parametrize("mode", ["once", "new_episodes"])
def test_four_processes_record_all_of_twenty(service: Service, tape: Path, mode: str) -> None:
    """Each finds what the others wrote and adds its own behind it, in the order of its calls."""
    if mode == "new_episodes":
        with Recorder(tape, "once"):
            requests.get(f"{service.url}/first/0", timeout=10)
    end([start(FIVE, str(tape), mode, service.url, f"w{number}") for number in range(4)])
    recorded = [each.request.url.removeprefix(service.url).split("/") for each in load(tape).interactions]
    for worker in range(4):
        assert [number for _, me, number in recorded if me == f"w{worker}"] == list("01234")
    assert len(recorded) == 20 + (mode == "new_episodes")


def take(recorder: Recorder, word: str, body: bytes = b"x") -> None:
    """Records an interaction without a service."""
    recorder.take(Request("GET", f"https://service.example/{word}")).keep(Response(200, body=body))


def paths(tape: Path) -> list[str]:
    """The paths in a cassette."""
    return [each.request.url.rpartition("/")[2] for each in load(tape).interactions]


@pytest.mark.parametrize("mode", ["once", "rewrite", "all", "new_episodes"])
@pytest.mark.parametrize("shared", [False, True])
def test_recorders_of_a_run_continue_each_others_cassette(tape: Path, mode: str, shared: bool) -> None:
    """In the order of the calls, whichever was closed first; what is older is replaced or stays, as the mode says."""
    if mode != "once":
        with Recorder(tape, "once") as recorder:
            take(recorder, "old")
    first = SharedRun() if shared else Run()
    second = SharedRun(first.token) if isinstance(first, SharedRun) else first
    a, b = Recorder(tape, mode, run=first), Recorder(tape, mode, run=second)
    a.open()
    b.open()
    take(a, "1")
    take(b, "2")
    take(a, "3")
    b.close()
    a.close()
    with Recorder(tape, mode, run=second) as recorder:
        take(recorder, "4")
    assert paths(tape) == [*(["old"] if mode == "new_episodes" else []), "1", "2", "3", "4"]
    with Recorder(tape, "rewrite", run=Run()) as recorder:
        take(recorder, "5")
    assert paths(tape) == ["5"]
    if isinstance(first, SharedRun):
        first.end()


def test_a_run_that_fails_once_keeps_what_passed(tape: Path) -> None:
    """A test that fails adds nothing to the cassette that it shares, and takes nothing away."""
    run = Run()
    for word in ("1", "bad", "2"):
        recorder = Recorder(tape, "once", run=run)
        recorder.open()
        take(recorder, word)
        recorder.close(keep=word != "bad")
    assert paths(tape) == ["1", "2"]


WORKER = """
import sys
from pathlib import Path
from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.recording import Recorder
from acs_chat_testkit.recording.run import SharedRun
from acs_chat_testkit.http import Request, Response
directory, token, me, user, answer = sys.argv[1:]
order = range(20) if int(me) % 2 else reversed(range(20))
with Recorder(Path(directory, f"{me}.yaml"), "once", run=SharedRun(token), profile=chat_profile()) as recorder:
    for number in order:
        body = answer.replace("%s", f"{user}{number:02}").encode()
        recorder.take(Request("GET", f"https://service.example/{number}")).keep(Response(200, body=body))
"""


def test_workers_that_meet_the_same_ids_give_them_the_same_names(tmp_path: Path) -> None:
    """Four processes at once, in different orders: each of twenty ids has one pseudonym in all their cassettes."""
    run = SharedRun()
    end([start(WORKER, str(tmp_path), run.token, str(number), USER, ANSWER.decode()) for number in range(4)])
    run.end()
    found = [dict(zip(paths(file), users(file), strict=True)) for file in sorted(tmp_path.glob("*.yaml"))]
    assert found == [found[0]] * 4
    assert len(set(found[0].values())) == 20


def test_an_entry_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    """What a full disk left of a line of the registry names nobody, and what comes behind it is read."""
    first = SharedRun()
    kind, tag = chat_profile().rules.kinds[1], "aaaaaaaa"
    one = first.pseudonyms.of(kind, "one", tag)
    registry = Path(first.token.partition(":")[2], "pseudonyms")
    whole = registry.read_bytes()
    for cut in range(1, len(whole)):
        registry.write_bytes(whole + whole[:-cut])
        second, third = SharedRun(first.token), SharedRun(first.token)
        two = second.pseudonyms.of(kind, "two", tag)
        assert two != one
        assert (third.pseudonyms.known(kind, "one"), third.pseudonyms.known(kind, "two")) == (one, two)
    first.end()


def users(tape: Path) -> list[str]:
    """Who is named in the answers of a cassette."""
    return [each.response.body.decode().split('"')[-2] for each in load(tape).interactions if each.response]


def test_processes_of_a_run_number_ids_together(tmp_path: Path) -> None:
    """One id has one pseudonym in the cassettes of all processes, two ids have two; no file of the run names them."""
    first = SharedRun()
    second = SharedRun(first.token)
    ids = [f"{USER}{number:02}" for number in range(4)]
    for name, run, said in (("a", first, ids[:2]), ("b", second, ids[1:]), ("c", first, ids)):
        with Recorder(tmp_path / f"{name}.yaml", "once", run=run, profile=chat_profile()) as recorder:
            for number, each in enumerate(said):
                take(recorder, str(number), ANSWER % each.encode())
    a, b, c = (users(tmp_path / f"{name}.yaml") for name in "abc")
    assert c == [*a, *b[1:]]
    assert a[1] == b[0]
    assert len(set(c)) == 4
    texts = [file.read_text(encoding="utf-8") for file in private().rglob("*") if file.is_file()]
    assert not any(each in text for each in [*ids, "555555555555"] for text in texts)
    first.end()


def test_runs_that_know_nothing_of_each_other_keep_ids_apart(tape: Path) -> None:
    """Two runs record one cassette at the same time: the ids of the later one get other numbers."""
    a, b = (Recorder(tape, "once", profile=chat_profile()) for _ in range(2))
    for recorder, number in ((a, 1), (b, 2)):
        recorder.open()
        take(recorder, str(number), ANSWER % f"{USER}{number:02}".encode())
    a.close()
    b.close()
    assert paths(tape) == ["1", "2"]
    assert len(set(users(tape))) == 2


KILLED = """
import os, signal, sys
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder
with Recorder(sys.argv[1], "once") as recorder:
    for number in range(3):
        headers = Headers({"Authorization": "Bearer of-bad-news-0123456789"})
        recorder.take(Request("GET", f"https://service.example/{number}?sig=c2VjcmV0LXNlY3JldA", headers)).keep(
            Response(200, Headers({"Set-Cookie": "id=top-secret"}), b'{"accessKey": "bmVlZGxlLW5lZWRsZQ=="}')
        )
    recorder.take(Request("GET", "https://service.example/unanswered"))
    os.kill(os.getpid(), int(sys.argv[2]))
"""
SECRETS = (b"of-bad-news", b"c2VjcmV0", b"top-secret", b"bmVlZGxl")


def test_a_killed_recording_is_left_over_and_nothing_else(tape: Path) -> None:
    """After kill -9 there is no cassette; what was taken can be salvaged until the cassette is recorded again."""
    assert start(KILLED, str(tape), str(int(signal.SIGKILL))).wait(60) == -signal.SIGKILL
    assert not tape.exists()
    (saved,) = journal.salvage(tape)
    assert [each.request.url for each in saved.interactions] == [
        f"https://service.example/{number}?sig=-REDACTED-" for number in range(3)
    ]
    file = journal_of(tape)
    assert not any(secret in file.read_bytes() for secret in SECRETS)
    assert file.stat().st_mode & 0o777 == 0o600
    with Recorder(tape, "once") as recorder:
        assert recorder.left_over == 3
        take(recorder, "new")
    assert paths(tape) == ["new"]
    assert journal.salvage(tape) == []


def test_a_recorder_of_another_cassette_does_not_hide_what_is_left_over(tape: Path, tmp_path: Path) -> None:
    """However many record at the same time: what a dead recorder has left is known for that."""
    assert start(KILLED, str(tape), str(int(signal.SIGKILL))).wait(60) == -signal.SIGKILL
    with Recorder(tmp_path / "other.yaml", "once") as other:
        take(other, "a")
        (saved,) = journal.salvage(tape)
    assert len(saved.interactions) == 3
    journal.discard(tape)
    assert journal.salvage(tape) == []


def test_a_journal_is_refused_where_it_is_taken_for_a_cassette(tape: Path, tmp_path: Path) -> None:
    """It lacks its end; and as long as its recorder lives, it is nobody's left-over."""
    with Recorder(tape, "once") as recorder:
        take(recorder, "a")
        file = journal_of(tape)
        with pytest.raises(Exception, match="cut off"):
            load(file)
        assert journal.salvage(tape) == []
    assert not file.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_recording_keeps_the_old_cassette(tape: Path, number: signal.Signals) -> None:
    """Ctrl-C or the end of a time limit: the old file is the very same."""
    with Recorder(tape, "once") as recorder:
        take(recorder, "old")
    before = tape.read_bytes()
    # Where a run goes on in the background, its children may be told to ignore Ctrl-C.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = start(heard + KILLED.replace('"once"', '"rewrite"'), str(tape), str(int(number)))
    assert process.wait(60) != 0
    assert tape.read_bytes() == before


def test_a_journal_is_in_the_order_of_the_calls(tape: Path) -> None:
    """An answer that comes early waits for the ones before it, and one that turns out broken is corrected."""
    with Recorder(tape, "once") as recorder:
        one, two = (recorder.take(Request("GET", f"https://service.example/{word}")) for word in "ab")
        two.keep(Response(200, body=b"two"))
        with pytest.raises(ValueError, match="not enough values"):
            journal_of(tape)
        one.keep(Response(200, body=b"one"))
        with pytest.raises(ConnectionResetError), one.failing([(ConnectionResetError, "reset")]):
            raise ConnectionResetError
        text = journal_of(tape).read_text(encoding="utf-8")
    assert text.index("/a") < text.index("error: reset") < text.index("/b")
    assert text.count("- request:") == 2
    assert [each.error for each in load(tape).interactions] == ["reset", None]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), Path.touch])
def test_a_private_directory_that_somebody_else_made_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """Where others can write, nothing of a recording is put, nor where it is no directory."""
    script = """
from acs_chat_testkit.recording.lock import private
private()
"""
    make(tmp_path / f"acs-chat-testkit-{os.getuid()}")
    os.chmod(tmp_path / f"acs-chat-testkit-{os.getuid()}", 0o777)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    assert "must be a directory that is yours alone" in done.stderr


@pytest.mark.parametrize("gone", ["private()", "private().parent"])
def test_a_private_directory_that_was_tidied_up_is_private_again(tmp_path: Path, gone: str) -> None:
    """Who cleans the temporary files while a cassette is recorded costs it nothing, nor the next one."""
    script = f"""
import os, shutil, sys
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Recorder
from acs_chat_testkit.recording.lock import private
os.umask(0)
with Recorder(sys.argv[1], "once") as recorder:
    for number in range(2):
        recorder.take(Request("GET", "https://a.example/")).keep(Response(200))
        shutil.rmtree({gone}, ignore_errors=True)
print(oct(private().stat().st_mode & 0o777), recorder.counts["recorded"])
"""
    (tmp_path / "temporary").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "tape.yaml")],
        capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("0o700 2\n", "")


def test_reading_never_meets_a_half_written_file(tmp_path: Path) -> None:
    """While one process writes again and again, another reads whole cassettes alone."""
    tape = tmp_path / "tape.yaml"
    script = """
import sys, time
from pathlib import Path
from tests.recording.killed import record
for number in range(60):
    record(Path(sys.argv[1]), "rewrite", str(number))
"""
    process = start(script, str(tape))
    seen: set[int] = set()
    while process.poll() is None:
        if tape.exists():
            seen.add(len(load(tape).interactions))
    end([process])
    assert seen == {2}


REPLAYED = """
import sys, requests
from concurrent.futures import ThreadPoolExecutor
from acs_chat_testkit.recording import Recorder
path, url = sys.argv[1:]
with Recorder(path) as player, ThreadPoolExecutor(4) as pool:
    found = list(pool.map(lambda number: requests.get(f"{url}/{number}", timeout=10).json()["path"], range(250)))
assert found == [f"/{number}" for number in range(250)]
assert (player.counts["replayed"], player.counts["live"], len(player.unplayed)) == (250, 0, 0)
"""


def test_processes_and_threads_replay_all_of_a_thousand(service: Service, tape: Path) -> None:
    """Four processes with four threads each: 1,000 of 1,000 answers come from the file, none from the service."""
    with Recorder(tape, "once"):
        for number in range(250):
            requests.get(f"{service.url}/{number}", timeout=10)
    hits = len(service.hits)
    end([start(REPLAYED, str(tape), service.url) for _ in range(4)])
    assert len(service.hits) == hits


FORKED = """
import os, sys, requests
from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder
path, url, mode = sys.argv[1:]
with Recorder(path, mode) as recorder:
    process = os.fork()
    try:
        answer = requests.get(f"{url}/a", timeout=10).text
    except UnrecordedRequest as error:
        answer = str(error)
    if not process:
        os._exit({"once": "can not be recorded in" in answer, "none": "/a" in answer}[mode] - 1)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
"""


def test_a_fork_replays_and_is_refused_while_recording(service: Service, tape: Path) -> None:
    """What a fork takes would be lost with it, so it is told; its answers come from the file as its parent's do."""
    end([start(FORKED, str(tape), service.url, "once")])
    assert service.hits == [("GET", "/a")]
    end([start(FORKED, str(tape), service.url, "none")])
    assert service.hits == [("GET", "/a")]


def test_a_fork_that_leaves_the_block_writes_nothing(tape: Path) -> None:
    """What was taken before it is its parent's, whose recording goes on, and is there once."""
    script = """
import os, sys
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Recorder
with Recorder(sys.argv[1], "once") as recorder:
    recorder.take(Request("GET", "https://a.example/1")).keep(Response(200))
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        print(os.path.exists(sys.argv[1]))
        recorder.take(Request("GET", "https://a.example/2")).keep(Response(200))
"""
    done = subprocess.run([sys.executable, "-c", script, str(tape)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert [each.request.url[-1] for each in load(tape).interactions] == ["1", "2"]


def test_a_process_that_keeps_the_registry_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for the pseudonyms of a run for too long learns which file is locked, and gives none meanwhile."""
    monkeypatch.setattr(lock, "PATIENCE", 0)
    pseudonyms = SharedPseudonyms(tmp_path, b"key")
    kind = Kind("user", "(?P<tag>-)(?P<number>-)", lambda tag, number, _raw: f"{tag}-{number}")
    with (
        lock.held(tmp_path / "pseudonyms.lock", tmp_path),
        pytest.raises(CassetteError, match="pseudonyms has been locked by another process"),
    ):
        pseudonyms.of(kind, "somebody", "tag")
    assert pseudonyms.of(kind, "somebody", "tag") == "tag-1"

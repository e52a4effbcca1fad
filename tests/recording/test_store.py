"""The store: the old file or the new one, never anything else."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.recording.killed import STORIES, Story, record

from acs_chat_testkit.errors import CassetteNotFound, NotACassette
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Recorder, serializer, store


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Where any step fails, the old text is there, whole, and nothing else is left behind."""
    file = tmp_path / "tape.yaml"
    store.replace(file, "old")

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device", "a temporary one")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left") as failed:
            store.replace(file, "new")
    # What is opened first is the lock, which lies elsewhere.
    assert failed.value.filename == ("a temporary one" if call == "open" else str(file))
    assert file.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["tape.yaml"]


def test_nothing_that_was_opened_stays_open(tmp_path: Path) -> None:
    """A suite of thousands of cassettes does not run out of file handles, whichever thread closes them."""
    before = list(filter(_is_open, range(256)))
    recorder = Recorder(tmp_path / "tape.yaml", "once")
    recorder.open()
    recorder.take(Request("GET", "https://a.example/")).keep(Response(200))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(recorder.close).result()
    assert (tmp_path / "tape.yaml").exists()
    assert list(filter(_is_open, range(256))) == before


def _is_open(handle: int) -> bool:
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def test_a_new_text_replaces_the_old_one(tmp_path: Path) -> None:
    """The directory is made, and the new text is the only file in it."""
    file = tmp_path / "deep" / "tape.yaml"
    store.replace(file, "old")
    store.replace(file, "néw")
    assert file.read_text(encoding="utf-8") == "néw"
    assert os.listdir(file.parent) == ["tape.yaml"]


@pytest.mark.parametrize("story", STORIES)
def test_whoever_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path, story: str) -> None:
    """A recorder dies before or after each call: one whole file is there, nothing that it had taken is lost.

    The next recording works over what it left, and what another process of the same run had recorded stays.
    """
    script = Path(__file__).with_name("killed.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), story],
        capture_output=True, text=True, encoding="utf-8", check=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    *deaths, (calls, missed) = map(json.loads, done.stdout.splitlines())
    assert missed == []
    assert {"open", "write", "fsync", "close", "replace", "unlink", "flock", "mkdir"} <= set(calls)
    assert len(deaths) == 2 * len(calls) + 2
    assert [each["lived"] for each in deaths[-2:]] == [True, True]
    old, new, following = ("old", "old"), ("new", "new"), ("next", "next")
    replaced = STORIES[story] == Story("rewrite")
    after = {old, new if replaced else old + new}
    assert {words(each["found"]) for each in deaths[:-2]} == after
    for each in deaths:
        found, said = words(each["found"]), set(each["said"])
        assert found in after, each
        assert "new" in found or {"new/0", "new/1"} & said <= set(each["saved"]), each
        assert "new" in found or "closed" not in said, each
        assert words(each["next"]) == (following if replaced else found + following), each
        assert each["left"] == ["tape.yaml"], each


def words(text: str) -> tuple[str, ...]:
    """Which recording a whole cassette is of."""
    interactions = serializer.parse(text.encode(), "tape.yaml").interactions
    assert all(each.response is not None and len(each.response.body) >= 5000 for each in interactions)
    return tuple(each.request.url.split("/")[3] for each in interactions)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """The limit of a real process is too low for the new file: the old one stays, and nothing half-written is left."""
    tape = tmp_path / "tape.yaml"
    script = f"""
import resource, signal
from pathlib import Path
from tests.recording.killed import STORIES, Story, record
path = Path({str(tape)!r})
record(path, "rewrite", "old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    record(path, "rewrite", "new")
except OSError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"[Errno 27] File too large: {str(tape)!r}\n"
    assert words(tape.read_text(encoding="utf-8")) == ("old", "old")
    assert os.listdir(tmp_path) == ["tape.yaml"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """A cassette that is a link to a file elsewhere stays one."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tape.yaml").symlink_to(tmp_path / "elsewhere" / "real.yaml")
    store.replace(tmp_path / "tape.yaml", "new")
    assert (tmp_path / "tape.yaml").is_symlink()
    assert (tmp_path / "elsewhere" / "real.yaml").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_an_equal_recording_keeps_the_file(tmp_path: Path, ends: bytes) -> None:
    """Made on another day, and also where git has checked the file out with the line ends of Windows."""
    file, days = tmp_path / "tape.yaml", ("Mon, 01 Jun 2026 10:00:00 GMT", "Tue, 02 Jun 2026 10:00:00 GMT")
    for day in days:
        with Recorder(file, "rewrite") as recorder:
            answer = Response(200, Headers({"Date": day}), b"one\ntwo\r\nthree\n")
            recorder.take(Request("GET", "https://service.example/")).keep(answer)
        if day == days[0]:
            file.write_bytes(file.read_bytes().replace(b"\n", ends))
            before = file.read_bytes()
    assert b"recorded_at: '2026-06-01" in before
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("sent", "match_on", "kept"),
    [
        (("b=1", "a=1", "a=2"), None, True),
        (("a=2", "b=1", "a=1"), None, False),
        (("b=1", "a=1", "a=2"), ("method",), False),
    ],
    ids=["addresses change places", "answers of one address change places", "an address is not all that matters"],
)
def test_requests_of_threads_come_in_any_order(
    tmp_path: Path, sent: tuple[str, ...], match_on: tuple[str, ...] | None, kept: bool
) -> None:
    """The file stays where each of them still finds the same answer."""
    file, texts = tmp_path / "tape.yaml", []
    for order in (("a=1", "a=2", "b=1"), sent):
        with Recorder(file, "rewrite", match_on=match_on) as recorder:
            for path, _, answer in (each.partition("=") for each in order):
                recorder.take(Request("GET", f"https://service.example/{path}")).keep(
                    Response(200, body=answer.encode())
                )
        texts.append(file.read_text(encoding="utf-8"))
    assert (texts[0] == texts[1]) is kept


def test_two_cassettes_with_long_names_have_nothing_in_common(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes may write them at the same time, so neither meets what the other has not yet renamed."""
    opened: list[str] = []
    real = os.open

    def seen(path: str, *args: int) -> int:
        opened.append(os.fspath(path))
        return real(path, *args)

    monkeypatch.setattr(os, "open", seen)
    for name in "ab":
        store.replace(tmp_path / f"{'x' * 245}{name}.yaml", name)
    assert len({each for each in opened if each.endswith(".tmp")}) == 2


def test_what_has_become_no_cassette_is_not_replaced_either(tmp_path: Path) -> None:
    """Somebody puts another file in its place while a cassette is recorded."""
    tape = tmp_path / "tape.yaml"
    record(tape, "once", "old")
    recorder = Recorder(tape, "rewrite")
    recorder.open()
    recorder.take(Request("GET", "https://a.example/")).keep(Response(200))
    tape.write_text("my: notes\n", encoding="utf-8")
    with pytest.raises(NotACassette):
        recorder.close()
    assert tape.read_text(encoding="utf-8") == "my: notes\n"


def test_a_cassette_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    """It may be read by whom the user's mask lets, and run by nobody."""
    before = os.umask(0o022)
    try:
        record(tmp_path / "tape.yaml", "once", "word")
    finally:
        os.umask(before)
    assert (tmp_path / "tape.yaml").stat().st_mode & 0o777 == 0o644


def test_a_cassette_that_is_replaced_keeps_its_rights(tmp_path: Path) -> None:
    """Whoever took them from others, or shared it with a group, is not asked again."""
    tape = tmp_path / "tape.yaml"
    record(tape, "once", "old")
    tape.chmod(0o640)
    record(tape, "rewrite", "new")
    assert tape.stat().st_mode & 0o777 == 0o640


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """A directory may have a name of another time or system, in bytes that are not UTF-8."""
    tape = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xfc")) / "tape.yaml"
    record(tape, "once", "word")
    assert words(tape.read_text(encoding="utf-8")) == ("word", "word")


def test_a_directory_that_nobody_may_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cassette is replaced where its owner may write but not read; root, who runs some suites, may do both."""
    real = os.open

    def refused(path: str, flags: int, *args: int) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
        return real(path, flags, *args)

    monkeypatch.setattr(os, "open", refused)
    record(tmp_path / "tape.yaml", "once", "word")
    assert words((tmp_path / "tape.yaml").read_text(encoding="utf-8")) == ("word", "word")


def test_a_program_that_goes_to_another_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is where it was meant to be when the recorder was opened."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with Recorder("tapes/tape.yaml", "once") as recorder:
        recorder.take(Request("GET", "https://a.example/")).keep(Response(200))
        monkeypatch.chdir(tmp_path / "elsewhere")
    assert (tmp_path / "tapes" / "tape.yaml").exists()
    assert os.listdir() == []


@pytest.mark.parametrize("mode", ["rewrite", "all"])
def test_what_is_no_cassette_is_never_replaced(tmp_path: Path, mode: str) -> None:
    """A wrong name does not cost somebody a file; a cassette that is cut off may be recorded again."""
    other = tmp_path / "compose.yaml"
    other.write_text("services:\n  web: {image: nginx}\n", encoding="utf-8")
    with pytest.raises(NotACassette, match=r"compose\.yaml is no cassette and will not be replaced; give another name"):
        record(other, mode, "new")
    assert other.read_text(encoding="utf-8") == "services:\n  web: {image: nginx}\n"
    tape = tmp_path / "tape.yaml"
    record(tape, mode, "old")
    tape.write_bytes(tape.read_bytes()[:200])
    record(tape, mode, "new")
    assert words(tape.read_text(encoding="utf-8")) == ("new", "new")


class Shelf:
    """Keeps cassettes in memory, as a remote store would keep them elsewhere."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}

    def load(self, path: Path) -> bytes | None:
        """The text of that name."""
        return self.texts.get(path.name)

    def replace(self, path: Path, data: bytes) -> None:
        """Keeps the text under that name."""
        self.texts[path.name] = data


def test_cassettes_may_be_kept_elsewhere(tmp_path: Path) -> None:
    """Two methods are enough to keep cassettes in another place than files; modes work the same."""
    shelf, path = Shelf(), tmp_path / "tape.yaml"
    with pytest.raises(CassetteNotFound), Recorder(path, persister=shelf):
        pass
    for word in ("one", "two"):
        with Recorder(path, "new_episodes", persister=shelf) as recorder:
            recorder.take(Request("GET", f"https://service.example/{word}")).keep(Response(200, body=b"x" * 5000))
    assert words(shelf.texts["tape.yaml"].decode()) == ("one", "two")
    with Recorder(path, persister=shelf) as player:
        assert player.play(Request("GET", "https://service.example/two")) is not None
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("mode", ["none", "once", "new_episodes", "rewrite", "verify"])
@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
def test_what_is_no_file_is_refused_and_stays(kind: str, mode: str, tmp_path: Path) -> None:
    """A pipe would be waited for, and a device be read without an end, or be replaced."""
    place = tmp_path / "tape.yaml"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "device":
        place.symlink_to("/dev/zero")
    else:
        place.mkdir()
    with pytest.raises(NotACassette, match=rf"^{place} is no file; give another name$"):
        Recorder(place, mode).open()
    assert place.exists()
    assert not place.is_file()


def test_a_date_that_no_clock_has_costs_nobody_a_recording(tmp_path: Path) -> None:
    """Of an answer, or of when its cookie ends: a service may write what it likes."""
    date = f"Thu, 01 Jan {'9' * 20} 00:00:00 GMT"
    headers = Headers([("Date", date), ("Set-Cookie", f"a=b; expires={date}")])
    with Recorder(tmp_path / "tape.yaml", "once") as recorder:
        recorder.take(Request("GET", "https://a.example/")).keep(Response(200, headers))
    cassette = store.load(tmp_path / "tape.yaml")
    assert (len(cassette.interactions), cassette.header.recorded_at) == (1, None)

"""`acs-chat cassettes migrate`: a suite moves over, is safe the same minute, and still replays."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings
from tests.cli.shelves import FOREIGN, USER, acs_chat, foreign, lines, ours

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.errors import UnrecordedRequest
from acs_chat_testkit.recording import Recorder, load
from acs_chat_testkit.recording.importers import Imported
from acs_chat_testkit.recording.lock import name_of
from acs_chat_testkit.recording.migration import Migrated, Migration

FILES = ("vcrpy.yaml", "vcrpy.json", "betamax.json", "betamax-exact.json", "cassetter.yaml")
SECRETS = ("eyJ", "private-one", "private-cookie", "c2lnbmF0dXJl", USER.partition("_")[2], "uJ4-uJ4", "contoso")
BASE = "https://contoso.communication.azure.com"
THREADS = f"{BASE}/chat/threads"
EDIT = f"{THREADS}/19:{'uJ4-' * 10}abc1@thread.v2?api-version=2024-03-07"


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cassettes of several recorders, and this directory's name as a person types it."""
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        to = name if name.endswith(".yaml") else name.replace(".json", "-json.json")
        foreign(tmp_path / "tests" / "cassettes", name, to)
    return Path("tests")


def texts(suite: Path) -> dict[str, str]:
    """What every file of a suite holds."""
    return {each.name: each.read_text(encoding="utf-8") for each in sorted(suite.rglob("*.*")) if each.is_file()}


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(suite: Path) -> None:
    """Each file, the counts by kind, and the same command without the flag."""
    before = texts(suite)
    result = acs_chat("cassettes", "migrate", "--strict", "--redact", "--dry-run", suite)
    said = lines(result)
    assert result.exit_code == 1
    assert texts(suite) == before
    assert "  would rewrite  tests/cassettes/vcrpy.yaml (by vcrpy)" in said
    assert any(line.startswith("5 cassettes to rewrite, 0 as they were; replaced: ") for line in said)
    assert said[-2:] == ["Nothing was changed.", "Next: acs-chat cassettes migrate --strict --redact tests"]


def test_what_is_migrated_holds_no_secret_and_one_id_is_one_everywhere(suite: Path) -> None:
    """In no file is anything left, for no scanner; a person has the same pseudonym in all recordings."""
    result = acs_chat("cassettes", "migrate", "--strict", "--redact", suite)
    assert result.exit_code == 0, result.output
    after = texts(suite)
    assert sorted(after) == [
        "betamax-exact-json.yaml",
        "betamax-json.yaml",
        "cassetter.yaml",
        "vcrpy-json.json",
        "vcrpy.yaml",
    ]
    for text in after.values():
        assert not [secret for secret in SECRETS if secret in text]
    users = {user for text in after.values() for user in re.findall(r"8:acs:[0-9a-f-]+_[0-9a-f-]+", text)}
    assert len(users) == 1
    found = SecretsCollection()
    with default_settings():
        for file in suite.rglob("*.*"):
            found.scan_file(str(file))
    # A picture is drawn by lot, to a scanner; nothing else is.
    assert {after[Path(file).name].splitlines()[secret.line_number - 1].split()[-2] for file, secret in found} <= {
        "!!binary"
    }
    assert "LEAK" not in acs_chat("cassettes", "scan", suite).output


def test_a_second_migration_changes_nothing(suite: Path) -> None:
    """Twice is the same as once, to the byte."""
    acs_chat("cassettes", "migrate", "--strict", "--redact", suite)
    once = texts(suite)
    again = acs_chat("cassettes", "migrate", "--strict", "--redact", suite)
    assert again.exit_code == 0
    assert texts(suite) == once
    assert "0 cassettes rewritten, 5 as they were; replaced: nothing" in again.output


@pytest.mark.parametrize("name", ["vcrpy.yaml", "vcrpy-json.json", "betamax-json.yaml", "cassetter.yaml"])
def test_what_is_migrated_replays_what_the_suite_asks_for(name: str, suite: Path) -> None:
    """The requests of the old suite, with its own ids and tokens, get their answers; strictly, with their bodies."""
    acs_chat("cassettes", "migrate", "--strict", "--redact", suite)
    profile = chat_profile()
    with Recorder(suite / "cassettes" / name, profile=profile) as recorder:
        assert recorder.cassette.ours
        with pytest.raises(UnrecordedRequest, match="topic"):
            _edit("another")
        assert _edit("new").status_code == 204
        page = requests.get(f"{EDIT.partition('?')[0]}/messages?maxPageSize=1&api-version=2024-03-07", timeout=5).json()
        assert requests.get(page["nextLink"], timeout=5).json()["value"]


def _edit(topic: str) -> requests.Response:
    return requests.patch(
        EDIT.replace("https", "http"),
        data=json.dumps({"topic": topic}),
        headers={"Content-Type": "application/merge-patch+json"},
        timeout=5,
    )


def test_plain_vcrpy_replays_what_is_migrated(suite: Path) -> None:
    """The way back stays open: the file is vcrpy's own format."""
    acs_chat("cassettes", "migrate", "--strict", suite)
    for file in sorted(suite.rglob("*.*")):
        with vcr.use_cassette(str(file), record_mode="none", serializer=file.suffix[1:]) as cassette:
            assert _edit("new").status_code == 204
            assert cassette.play_count == 1


def test_without_a_flag_only_the_format_changes(suite: Path) -> None:
    """Vcrpy's own files stay to the byte; the others become YAML that is matched as vcrpy would."""
    before = texts(suite)["vcrpy.yaml"]
    result = acs_chat("cassettes", "migrate", suite)
    assert result.exit_code == 0, result.output
    assert texts(suite)["vcrpy.yaml"] == before
    for name in ("betamax-json.yaml", "cassetter.yaml"):
        cassette = load(suite / "cassettes" / name)
        assert not cassette.ours
        assert cassette.interactions[4].request.method == "PATCH"


def test_message_content_is_masked_where_it_is_asked_for(tmp_path: Path) -> None:
    """Also in cassettes of ours; equal texts stay equal."""
    file = ours(tmp_path)
    assert '"displayName": "Ada"' in file.read_text(encoding="utf-8")
    alone = acs_chat("cassettes", "migrate", "--content=mask", tmp_path)
    assert (alone.exit_code, alone.stderr) == (
        2,
        "acs-chat: texts are masked where ids are replaced: give --redact, too\n",
    )
    assert acs_chat("cassettes", "migrate", "--redact", "--content=mask", tmp_path).exit_code == 0
    assert "Ada" not in file.read_text(encoding="utf-8")


def test_a_scrubbed_body_is_redacted_and_stays_matched_as_before(tmp_path: Path) -> None:
    """Azure's old recordings: strictly no request would be equal, so the reason is said and nothing breaks."""
    file = foreign(tmp_path, "azure.yaml")
    result = acs_chat("cassettes", "migrate", "--strict", "--redact", tmp_path)
    assert result.exit_code == 1
    assert "not strict" in result.output
    assert "the body of interaction 1 (POST) at $.participants was scrubbed by another recorder" in result.output
    assert "uJ4-" not in file.read_text(encoding="utf-8")
    url = "https://sanitized.communication.azure.com/chat/threads?api-version=2020-11-01-preview3"
    with Recorder(file, profile=chat_profile()):
        made = requests.post(url, json={"topic": "test topic", "participants": []}, timeout=5)
        first = requests.get(url.replace("threads?", "threads/sanitized/messages?maxPageSize=1&"), timeout=5).json()
        assert requests.get(first["nextLink"], timeout=5).json() == {"value": "sanitized"}
    assert made.json()["chatThread"]["topic"] == "test topic"


def test_a_secret_is_redacted_also_where_nothing_names_it(tmp_path: Path) -> None:
    """A key that is in a header, and in the path too."""
    key = "ab12-cd34-ef56-gh78"
    request = {"method": "GET", "uri": f"https://a.example/of/{key}/x", "headers": {"X-Api-Key": [key]}, "body": None}
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}
    file = tmp_path / "tape.yaml"
    file.write_text(json.dumps({"interactions": [{"request": request, "response": answer}], "version": 1}), "utf-8")
    assert acs_chat("cassettes", "migrate", "--redact", tmp_path).exit_code == 0
    assert load(file).interactions[0].request.url == "https://a.example/of/-REDACTED-/x"


def test_a_file_is_never_written_over_by_another(tmp_path: Path) -> None:
    """Where the YAML is there already, the JSON stays and the reason is said."""
    foreign(tmp_path, "betamax.json", "tape.json")
    there = foreign(tmp_path, "vcrpy.yaml", "tape.yaml")
    result = acs_chat("cassettes", "migrate", tmp_path)
    assert result.exit_code == 1
    assert f"kept  {tmp_path}/tape.json: tape.yaml is there already" in result.output
    assert there.read_bytes() == (FOREIGN / "vcrpy.yaml").read_bytes()
    assert (tmp_path / "tape.json").exists()


def test_what_is_stopped_while_it_looks_has_changed_nothing(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a suite that is moved in halves one person would have two pseudonyms."""
    before = texts(suite)
    look = Migration.migrate

    def stopped(self: Migration, each: Imported) -> Migrated:
        if each.path.name == "vcrpy.yaml":
            raise KeyboardInterrupt
        return look(self, each)

    monkeypatch.setattr(Migration, "migrate", stopped)
    assert acs_chat("cassettes", "migrate", "--redact", suite).exit_code == 130
    assert texts(suite) == before


def test_a_file_that_is_reached_twice_is_moved_once(tmp_path: Path) -> None:
    """By two arguments, or by a link."""
    file = foreign(tmp_path / "real", "betamax.json")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert acs_chat("cassettes", "migrate", tmp_path, tmp_path / "real", file).exit_code == 0
    assert [each.name for each in (tmp_path / "real").iterdir()] == ["betamax.yaml"]
    told = acs_chat("cassettes", "stats", tmp_path / "real", tmp_path / "real" / "betamax.yaml")
    assert lines(told)[0].startswith("1 cassette, 6 interactions")


def test_what_can_not_be_looked_into_is_kept_and_said(tmp_path: Path) -> None:
    """A body in an unknown coding might hold anything, so --redact does not vouch for it."""
    file = foreign(tmp_path)
    text = file.read_text(encoding="utf-8").replace("- image/png", "- image/png\n      Content-Encoding:\n      - odd")
    file.write_text(text, encoding="utf-8")
    result = acs_chat("cassettes", "migrate", "--redact", tmp_path)
    assert result.exit_code == 1
    assert "content coding odd that can not be opened here" in result.output
    assert file.read_text(encoding="utf-8") == text


def test_every_next_command_works_as_printed(suite: Path) -> None:
    """From the first scan on, each output's last line is the next command, until nothing is left to do."""
    script = Path(sys.executable).parent / "acs-chat"
    said = "Next: acs-chat cassettes scan tests"
    seen: list[str] = []
    while said.startswith("Next: ") and len(seen) < 8:
        argv = shlex.split(said.removeprefix("Next: "))
        result = subprocess.run([script, *argv[1:]], capture_output=True, text=True, check=False)
        assert result.returncode in (0, 1), result.stderr
        seen.append(argv[2])
        said = result.stdout.splitlines()[-1]
    assert seen == ["scan", "migrate", "migrate", "lint"]


def test_a_plain_word_is_not_taken_for_one_of_a_scrubber(tmp_path: Path) -> None:
    """Every message has a type, and most are texts; a word that only says of what type a secret is hides nothing."""
    file = foreign(tmp_path, "vcrpy.yaml")
    file.write_text(
        file.read_text("utf-8").replace("body: null", """body: '{"type": "text", "read": "true"}'""", 1), "utf-8"
    )
    assert "text" in file.read_text("utf-8")
    result = acs_chat("cassettes", "migrate", "--strict", tmp_path)
    assert (result.exit_code, "not strict" in result.output) == (0, False)


OLD = """
metadata: {day: 2020-02-02, numbers: [1, 2]}
interactions:
- request: {method: GET, uri: 'https://a.example/x?sig=c2lnbmF0dXJl', headers: {}, body: null}
  response:
    body: {string: hello}
    headers: {}
    status: {code: 200, message: OK}
    url: https://a.example/y?sig=c2lnbmF0dXJl
    version: 11
version: 1
"""
"""As clients of old wrote it, with what tornado was led to."""


@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_what_hooks_and_vcrpy_read_of_an_answer_is_kept(strict: list[str], tmp_path: Path) -> None:
    """With its type, without its secrets, in a file of ours as in one that stays vcrpy's; and nothing is said of it."""
    file = tmp_path / "tape.yaml"
    file.write_text(OLD, encoding="utf-8")
    assert "response url: secret" in acs_chat("cassettes", "scan", tmp_path).output
    result = acs_chat("cassettes", "migrate", "--redact", *strict, tmp_path)
    assert (result.exit_code, "dropped" in result.output) == (0, False)
    assert "c2lnbmF0dXJl" not in file.read_text(encoding="utf-8")
    shown: list[dict[str, Any]] = []

    def show(request: object, response: dict[str, Any], _cassette: object) -> tuple[object, dict[str, Any]]:
        shown.append(response)
        return request, response

    with vcr.use_cassette(str(file), record_mode="none", after_load_interaction=show) as theirs:
        assert requests.get("https://a.example/x?sig=-REDACTED-", timeout=5).text == "hello"
        assert theirs.get_metadata("numbers", []) == [1, 2]
    assert (shown[0]["url"], shown[0]["version"]) == ("https://a.example/y?sig=-REDACTED-", 11)
    assert load(file).header.variables == {"day": "2020-02-02", "numbers": "[1, 2]"}
    assert acs_chat("cassettes", "scan", tmp_path).exit_code == 0
    assert (
        "0 cassettes rewritten, 1 as they were"
        in acs_chat("cassettes", "migrate", "--redact", *strict, tmp_path).output
    )


ODD = {
    "tape.yaml": OLD.replace("body: null", "body: null, proxy: no, protocol: https").replace(
        "- req", "- note: 1\n  req"
    ),
    "tape.json": json.dumps(
        {
            "http_interactions": [
                {
                    "request": {"method": "GET", "uri": "https://a.example/", "headers": {}, "body": {"string": ""}},
                    "response": {
                        "status": {"code": 200, "message": "OK"},
                        "headers": {},
                        "body": {"string": "", "text": "x"},
                    },
                    "recorded_at": "2020-02-02T00:00:00",
                }
            ],
            "recorded_with": "betamax/0.9",
            "tags": ["a"],
        }
    ),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("strict", [True, False])
def test_what_nobody_reads_is_said_when_it_is_dropped(strict: bool, name: str, tmp_path: Path) -> None:
    """By its name and how often, in both styles; with --strict it is a finding."""
    file = tmp_path / name
    flags = ["--strict"] if strict else ["--redact"]
    gone = (
        {"note": 1, "request.protocol": 1, "request.proxy": 1}
        if name == "tape.yaml"
        else {"response.body.text": 1, "tags": 1}
    )
    file.write_text(ODD[name], encoding="utf-8")
    said = acs_chat("cassettes", "migrate", "--dry-run", *flags, tmp_path).output
    told = ", ".join(f"1 {each}" for each in gone)
    assert f"  would drop  {file}: {told}; no recorder that is known here reads that" in said.splitlines()
    result = acs_chat("cassettes", "migrate", "--format=json", *flags, tmp_path)
    assert result.exit_code == int(strict)
    assert json.loads(result.stdout)["cassettes"][0]["dropped"] == gone
    assert acs_chat("cassettes", "migrate", *flags, tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("version: 11", "version: !!set {a}", {"response.version": 1}),
        ("version: 11", "version: &a [*a]", {"response.version": 1}),
        ("version: 11", f"version: {'a' * (9 << 20)}", {"response.version": 1}),
        ("numbers: [1, 2]", "numbers: &a {b: *a}", {"metadata.numbers": 1}),
        ("metadata: {day: 2020-02-02, numbers: [1, 2]}", "metadata: 5", {"metadata": 1}),
        ("version: 11", "version: .nan", {}),
    ],
)
def test_what_no_cassette_holds_is_dropped_and_said(old: str, new: str, gone: dict[str, int], tmp_path: Path) -> None:
    """A value that is no text of JSON, has no end or is too large costs nobody the rest of the recording."""
    file = tmp_path / "tape.yaml"
    file.write_text(OLD.replace(old, new), encoding="utf-8")
    result = acs_chat("cassettes", "migrate", "--strict", "--format=json", tmp_path)
    assert (json.loads(result.stdout)["cassettes"][0]["dropped"], result.exit_code) == (gone, int(bool(gone)))
    kept = load(file).interactions[0]
    assert kept.response is not None
    assert (kept.response.body, kept.others["url"]) == (b"hello", "https://a.example/y?sig=c2lnbmF0dXJl")


def test_a_line_names_no_more_than_ten_members(tmp_path: Path) -> None:
    """However many a file has."""
    (tmp_path / "tape.yaml").write_text(OLD + "".join(f"odd{n}: 1\n" for n in range(12)), encoding="utf-8")
    assert "1 odd9 and 2 others; no" in acs_chat("cassettes", "migrate", "--strict", tmp_path).output


def test_a_file_with_a_mark_of_its_order_of_bytes_is_read(tmp_path: Path) -> None:
    """Some editors put it in front; vcrpy reads such a file, so its secrets must be found."""
    (tmp_path / "tape.yaml").write_text(OLD, encoding="utf-8-sig")
    (tmp_path / "tape.json").write_text(ODD["tape.json"], encoding="utf-8-sig")
    said = acs_chat("cassettes", "scan", tmp_path).output
    assert said.startswith("2 cassettes, 2 interactions")
    assert "response url: secret" in said


def test_what_is_wrapped_is_unwrapped(tmp_path: Path) -> None:
    """A packed file loses its suffix, and never takes the place of another; one in UTF-16 is written in UTF-8."""
    whole = (FOREIGN / "vcrpy.yaml").read_bytes()
    for name in ("a.yaml.gz", "b.yaml.gz"):
        (tmp_path / name).write_bytes(gzip.compress(whole))
    (tmp_path / "c.json.gz").write_bytes(gzip.compress((FOREIGN / "vcrpy.json").read_bytes()))
    (tmp_path / "d.yaml").write_bytes(whole.decode().encode("utf-16"))
    ours(tmp_path, "test_a_closed_room_is_gone.yaml").rename(tmp_path / "b.yaml")
    result = acs_chat("cassettes", "migrate", tmp_path)
    assert result.exit_code == 1
    assert f"  kept  {tmp_path}/b.yaml.gz: b.yaml is there already" in lines(result)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.yaml", "b.yaml", "b.yaml.gz", "c.json", "d.yaml"]
    expected = load(foreign(tmp_path)).interactions
    assert all(load(tmp_path / name).interactions == expected for name in ("a.yaml", "d.yaml"))
    assert len(load(tmp_path / "c.json").interactions) == 6


def test_of_two_files_that_would_become_one_the_second_stays(tmp_path: Path) -> None:
    """It holds another recording, which would be lost."""
    foreign(tmp_path, "betamax.json", "a.json")
    (tmp_path / "a.yaml.gz").write_bytes(gzip.compress((FOREIGN / "vcrpy.yaml").read_bytes()))
    result = acs_chat("cassettes", "migrate", tmp_path)
    assert f"  kept  {tmp_path}/a.yaml.gz: a.yaml is there already" in lines(result)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.yaml", "a.yaml.gz"]


def test_what_is_named_by_hand_gets_a_name_that_is_found_again(tmp_path: Path) -> None:
    """A packed file may be called anything, and the next command is one for what it is called then."""
    file = tmp_path / "first.gz"
    file.write_bytes(gzip.compress((FOREIGN / "vcrpy.yaml").read_bytes()))
    said = lines(acs_chat("cassettes", "migrate", "--redact", file))
    assert [each.name for each in tmp_path.iterdir()] == ["first.yaml"]
    assert said[-1] == f"Next: acs-chat cassettes lint {tmp_path}/first.yaml"


def test_what_cannot_be_written_stays_and_the_others_are_moved(suite: Path) -> None:
    """As on a tree that is partly read-only; a directory where the new text is to be written stands for that here."""
    place = suite / "cassettes"
    closed = place / "cassetter.yaml"
    before = closed.read_bytes()
    Path(place, f".cassetter.yaml.{name_of(closed)[:16]}.tmp").mkdir()
    result = acs_chat("cassettes", "migrate", "--redact", suite)
    assert (result.exit_code, closed.read_bytes()) == (1, before)
    assert re.search(rf"  kept  {closed}: it can not be replaced \([A-Z].*\)\n4 cassettes rewritten", result.output)
    assert load(place / "vcrpy.yaml").interactions
    assert load(place / "betamax-json.yaml").interactions

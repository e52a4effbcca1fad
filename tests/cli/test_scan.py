"""`acs-chat cassettes scan`, `lint`, `show` and `stats`: what is said of a suite that another recorder served."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shelves import USER, acs_chat, foreign, lines, ours, token

COMMANDS = ("scan", "lint", "show", "stats")


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cassettes of a suite that uses pytest-recording, and this directory's name as a person types it."""
    monkeypatch.chdir(tmp_path)
    file = foreign(tmp_path / "tests" / "cassettes" / "test_join")
    old = re.search(r"eyJ[\w.-]+", file.read_text(encoding="utf-8"))
    assert old is not None
    file.write_text(file.read_text(encoding="utf-8").replace(old[0], token(21)), encoding="utf-8")
    return Path("tests")


def test_a_scan_reads_as_it_should(suite: Path) -> None:
    """How much there is, each secret with file, line and life, people, drift, and the one command to run next."""
    result = acs_chat("cassettes", "scan", suite)
    said = lines(result)
    file = suite / "cassettes" / "test_join" / "vcrpy.yaml"
    text = file.read_text(encoding="utf-8").splitlines()
    assert result.exit_code == 1
    assert said[0] == "1 cassette, 8 interactions, api-version 2024-03-07 (6)"
    assert said[1] == "LEAK 31"
    found = [re.fullmatch(r"  (\S+):(\d+)  (.*)", line) for line in said if "request header Authorization" in line]
    assert len(found) == 6
    for each in found:
        assert each is not None
        assert each[1] == str(file)
        assert text[int(each[2]) - 1].startswith("      - Bearer ey")
        assert each[3] == "request header Authorization: token of 8:acs:..abcd, alive for 21 h"
    assert "  revoke the tokens of 8:acs:..abcd: CommunicationIdentityClient.revoke_tokens(user)" in said
    assert any(line.startswith("PERSONAL ") and ": 9 endpoint, " in line for line in said)
    assert [line for line in said if line.startswith("CONTRACT 7: 7 error")]
    assert [line for line in said if "list_messages: sequenceId is missing body/value/0/sequenceId (error)" in line]
    assert said[-2:] == ["Nothing was changed.", "Next: acs-chat cassettes migrate --redact --dry-run tests"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("style", ["text", "json"])
def test_nothing_printed_holds_what_was_found(command: str, style: str, suite: Path) -> None:
    """Neither a secret nor an id of a person leaves the file."""
    full = ["--full"] if command == "show" else []
    printed = acs_chat("cassettes", command, *full, "--format", style, suite).output
    for secret in ("eyJ", "private-one", "private-cookie", "c2lnbmF0dXJl", USER.partition("_")[2], "uJ4-uJ4"):
        assert secret not in printed


@pytest.mark.parametrize("command", COMMANDS)
def test_machines_read_json(command: str, suite: Path) -> None:
    """One document on stdout."""
    told = json.loads(acs_chat("cassettes", command, "--format", "json", suite).stdout)
    assert told["cassettes"]
    if command == "scan":
        worst = [each for each in told["findings"] if each["token"]]
        assert {each["weight"] for each in worst} == {"secret"}
        assert all(each["line"] and each["token"]["subject"] == "8:acs:..abcd" for each in worst)


@pytest.mark.parametrize("command", COMMANDS)
def test_clean_cassettes_of_ours_give_exit_code_0(command: str, tmp_path: Path) -> None:
    """Nothing is found in what this recorder wrote."""
    ours(tmp_path)
    result = acs_chat("cassettes", command, tmp_path)
    assert result.exit_code == 0, result.output
    assert "Next:" not in result.output


@pytest.mark.parametrize(
    ("hours", "life"),
    [(-1, "expired"), (0.5, "alive for 30 min"), (30, "alive for 30 h"), (24 * 10, "alive for 10 days")],
)
def test_how_long_a_token_still_lets_somebody_in(hours: float, life: str, tmp_path: Path) -> None:
    """Its own expiry against the clock; what is expired needs no revocation."""
    file = foreign(tmp_path)
    changed = re.sub(r"eyJ[\w.-]+", token(hours), file.read_text(encoding="utf-8"))
    file.write_text(changed, encoding="utf-8")
    printed = acs_chat("cassettes", "scan", tmp_path).output
    assert f"token of 8:acs:..abcd, {life}" in printed
    assert ("revoke the tokens" in printed) == (hours > 0)


def test_an_access_key_is_to_be_regenerated(tmp_path: Path) -> None:
    """A connection string lets anybody mint tokens, for ever."""
    file = foreign(tmp_path)
    text = file.read_text(encoding="utf-8").replace(
        "private-cookie", "endpoint=https://a.b/;accesskey=c2VjcmV0c2VjcmV0"
    )
    file.write_text(text.replace("session=", "x=").replace("Cookie:", "X-Note:"), encoding="utf-8")
    printed = acs_chat("cassettes", "scan", tmp_path).output
    assert ": key\n" in printed
    assert "az communication regenerate-key" in printed


def test_content_is_counted_and_is_a_finding_only_where_it_is_to_be_masked(tmp_path: Path) -> None:
    """`content=keep` is the default, and the output says so."""
    ours(tmp_path)
    kept = acs_chat("cassettes", "scan", tmp_path)
    masked = acs_chat("cassettes", "scan", "--content=mask", tmp_path)
    assert kept.exit_code == 0
    assert "kept as it was written unless you ask for --content=mask" in kept.output
    assert masked.exit_code == 1
    assert f"migrate --redact --content=mask --dry-run {tmp_path}" in masked.output


@pytest.mark.parametrize("style", ["--content=keep", "--content=mask"])
def test_what_people_wrote_is_looked_into(style: str, tmp_path: Path) -> None:
    """A key in a message is a secret, and a phone number tells who somebody is, whatever becomes of texts."""
    file = ours(tmp_path)
    text = file.read_text(encoding="utf-8")
    written = '"topic": "accesskey=c2VjcmV0c2VjcmV0; or call +31612345678"'
    file.write_text(re.sub('"topic": "[^"]+"', written, text), encoding="utf-8")
    result = acs_chat("cassettes", "scan", style, tmp_path)
    assert result.exit_code == 1
    assert re.search(r"^LEAK \d\n .*: key$", result.output, re.MULTILINE)
    assert re.search(r"^PERSONAL \d: \d phone number$", result.output, re.MULTILINE)
    linted = acs_chat("cassettes", "lint", style, tmp_path).output
    assert re.search(r"leak\.secret: interaction \d, request body: key$", linted, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_broken_cassette_is_a_finding_and_the_rest_is_still_read(command: str, tmp_path: Path) -> None:
    """The file and what is wrong with it; exit code 1."""
    ours(tmp_path)
    (tmp_path / "cut.yaml").write_text("interactions: []\n", encoding="utf-8")
    result = acs_chat("cassettes", command, tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path}/cut.yaml is cut off" in result.output
    assert "4 interactions" in result.output


@pytest.mark.parametrize("command", [*COMMANDS, "migrate"])
@pytest.mark.parametrize("style", ["text", "json"])
def test_a_file_that_can_not_be_read_is_a_finding_and_the_rest_is_still_read(
    command: str, style: str, tmp_path: Path
) -> None:
    """The system refuses it: the finding names it and says why; exit code 1."""
    ours(tmp_path)
    # Nobody can read this from its start, not even who may read everything.
    (tmp_path / "locked.yaml").symlink_to("/proc/self/mem")
    result = acs_chat("cassettes", command, "--format", style, tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path}/locked.yaml can not be read (Input/output error); make it readable" in result.stdout
    assert re.search(r'4 interactions|"interactions": 4|1 as they were|"path": ', result.stdout)
    assert style == "text" or json.loads(result.stdout)


@pytest.mark.parametrize("columns", ["0", "1", "20", "wide"])
def test_a_line_is_a_line_however_wide_the_terminal_is(
    columns: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one that says it has no columns, too."""
    ours(tmp_path)
    expected = acs_chat("cassettes", "show", tmp_path).stdout
    assert len(expected.splitlines()) == 5
    monkeypatch.setenv("COLUMNS", columns)
    assert acs_chat("cassettes", "show", tmp_path).stdout == expected


@pytest.mark.parametrize("command", [*COMMANDS, "migrate"])
def test_what_is_no_file_or_leads_nowhere_is_a_finding_and_stops_nobody(command: str, tmp_path: Path) -> None:
    """A pipe has no end, and a link without an end may be a cassette on another machine."""
    ours(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    (tmp_path / "directory.yaml").mkdir()
    result = acs_chat("cassettes", command, tmp_path)
    assert result.exit_code == 1
    for name, why in (
        ("pipe", "is no file;"),
        ("endless", "is no file;"),
        ("gone", "can not be read (No such file or"),
    ):
        assert f"{tmp_path}/{name}.yaml {why}" in result.stdout
    assert "directory.yaml" not in result.stdout
    assert "4 interactions" in result.stdout or "1 as they were" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_one_interaction_that_can_not_be_read_stops_nobody(command: str, tmp_path: Path) -> None:
    """A body that was edited by hand is found late, because ours are read one by one."""
    file = ours(tmp_path)
    ours(tmp_path / "whole")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"topic": "', '"topic": ', 1), encoding="utf-8")
    result = acs_chat("cassettes", command, tmp_path)
    assert result.exit_code == 1
    assert f"{file}: interaction 1 has a body that is no JSON" in result.stdout
    assert "4 interactions" in result.stdout


def test_a_scan_says_what_it_has_not_looked_at(tmp_path: Path) -> None:
    """Members that nobody knows may hold anything, and where nothing could be read nothing is said to be clean."""
    file = foreign(tmp_path, "betamax.json")
    text = file.read_text(encoding="utf-8")
    clean = re.sub(
        r'"http_interactions": .*, "recorded_with"', '"http_interactions": [], "tags": [], "recorded_with"', text
    )
    file.write_text(clean, encoding="utf-8")
    result = acs_chat("cassettes", "scan", tmp_path)
    assert lines(result)[1:3] == [
        f"UNREAD  {file}: 1 tags; no recorder that is known here has that",
        "no secrets found in what could be read",
    ]
    assert result.exit_code == 1
    assert json.loads(acs_chat("cassettes", "scan", "--format=json", tmp_path).stdout)["unread"] == {
        str(file): {"tags": 1}
    }
    file.write_text(text[:99], encoding="utf-8")
    assert "no secrets" not in acs_chat("cassettes", "scan", tmp_path).stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_an_address_that_is_none_stops_nobody(command: str, tmp_path: Path) -> None:
    """An edited recording may name half of an IPv6 address; the others in the file are still looked at."""
    file = ours(tmp_path)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("uri: https://chat.communication.example", "uri: https://[", 1), encoding="utf-8")
    result = acs_chat("cassettes", command, "--format", "json", tmp_path)
    assert isinstance(result.exception, SystemExit | None)
    assert json.loads(result.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_use_is_exit_code_2(command: str, tmp_path: Path) -> None:
    """No path, a path that is not there, a directory without a cassette."""
    assert acs_chat("cassettes", command).exit_code == 2
    assert acs_chat("cassettes", command, tmp_path / "absent").exit_code == 2
    nothing = acs_chat("cassettes", command, tmp_path)
    assert nothing.exit_code == 2
    assert nothing.stderr == f"acs-chat: there is no cassette below {tmp_path}\n"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("style", ["text", "json"])
def test_what_comes_from_outside_is_shown_and_not_obeyed(command: str, style: str, tmp_path: Path) -> None:
    """Escape sequences, log commands and markup in addresses, headers, bodies, members and file names."""
    evil = "\x1b[2J\n::error::[bold]x[/bold]\u202e"
    place = tmp_path / "::error::\x1b[31m"
    place.mkdir()
    document = {
        "interactions": [
            {
                "request": {
                    "method": f"GET{evil}",
                    "uri": f"https://x.communication.azure.com/chat/threads/{evil}?api-version={evil}",
                    "headers": {f"X-{evil}": [evil]},
                    "body": json.dumps({evil: evil, "access_token": evil}),
                },
                "response": {
                    "status": {"code": 200, "message": evil},
                    "headers": {f"Set-Cookie{evil}": [f"a={evil}"], "Content-Encoding": [evil]},
                    "body": {"string": evil},
                },
            }
        ],
        "version": 1,
    }
    (place / "\x1b[31m.json").write_text(json.dumps(document), encoding="utf-8")
    (place / "broken\x1b.yaml").write_text("interactions: !!python/object:os.system []\n", encoding="utf-8")
    full = ["--full"] if command == "show" else []
    result = acs_chat("cassettes", command, *full, "--format", style, place)
    for printed in (result.stdout, result.stderr):
        assert "\x1b" not in printed
        assert "\u202e" not in printed
        assert not re.search(r"^\s*::", printed, re.MULTILINE)


def test_line_ends_of_windows_are_no_edit(tmp_path: Path) -> None:
    """Git gives them to a recording where it is told so; it is ours all the same, and laid out as it was."""
    file = ours(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert "0 error, 0 warn, 0 info" in acs_chat("cassettes", "lint", tmp_path).output
    assert "1 acs-chat-testkit" in acs_chat("cassettes", "stats", tmp_path).output


def test_lint_names_what_was_edited_by_hand(tmp_path: Path) -> None:
    """Another layout and a length that is not the body's are warnings, with file and line; they are no failure."""
    file = ours(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert "content-length:\n      - '371'" in text
    edited = text.replace("- '371'", "- '370'").replace("origin: emulator", 'origin: "emulator"')
    file.write_text(edited, encoding="utf-8")
    result = acs_chat("cassettes", "lint", tmp_path)
    assert result.exit_code == 0
    assert f"WARN  {file}:1: format.layout: not laid out as this recorder writes it" in result.output
    assert re.search(rf"WARN  {re.escape(str(file))}:\d+: format.length: interaction 1: Content-Length", result.output)


def test_lint_judges_with_the_contract(tmp_path: Path) -> None:
    """The same violations as `acs-chat conformance cassettes` finds."""
    file = ours(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace('"createdOn"', '"madeOn"'), encoding="utf-8")
    linted = json.loads(acs_chat("cassettes", "lint", "--format", "json", tmp_path).stdout)
    report = tmp_path / "report.txt"
    acs_chat("conformance", "cassettes", "--report", report, tmp_path)
    judged = json.loads(report.read_text(encoding="utf-8"))["findings"]
    mine = [(each["place"], each["tier"], each["check"]) for each in linted["findings"] if each["check"][0] == "r"]
    assert mine == [(each["place"], each["tier"], each["check"]) for each in judged]
    assert mine


def test_without_the_extra_the_contract_is_said_to_be_unchecked(tmp_path: Path) -> None:
    """Leaks are still found, and one sentence names what to install."""
    ours(tmp_path)
    for command in ("lint", "scan"):
        code = "import sys; sys.modules['jsonschema'] = None; from acs_chat_testkit.cli import main; main()"
        argv = [sys.executable, "-c", code, "cassettes", command, str(tmp_path)]
        result = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert "pip install 'acs-chat-testkit[conformance]'" in result.stdout


def test_a_person_at_a_terminal_sees_how_far_long_work_is(tmp_path: Path) -> None:
    """On stderr, and only there: what is piped on stays clean."""
    ours(tmp_path)
    outer, inner = pty.openpty()
    argv = [sys.executable, "-m", "acs_chat_testkit.cli", "cassettes", "lint", str(tmp_path)]
    result = subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=inner, check=False, env={**os.environ, "TERM": "xterm"}
    )
    os.close(inner)
    seen = b""
    with os.fdopen(outer, "rb", buffering=0) as terminal:
        try:
            while part := terminal.read(4096):
                seen += part
        except OSError:  # what a terminal says at its end
            pass
    assert b"reading" in seen
    assert b"100%" in seen
    assert b"\x1b" not in result.stdout


@pytest.mark.parametrize("command", ["scan", "lint"])
@pytest.mark.parametrize("name", ["tests", "-tests"])
def test_the_next_command_works_as_printed(suite: Path, name: str, command: str) -> None:
    """A person copies the line, and it runs."""
    suite = suite.rename(name)
    said = lines(acs_chat("cassettes", command, "--", suite))[-1]
    argv = shlex.split(said.removeprefix("Next: "))
    assert argv[0] == "acs-chat"
    script = Path(sys.executable).parent / "acs-chat"
    result = subprocess.run([script, *argv[1:]], capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stderr


def test_a_suite_that_hides_its_secrets_itself_is_clean(tmp_path: Path) -> None:
    """What people write into their filters is no secret, and the id that a service draws for a trace is none either."""
    file = tmp_path / "tape.yaml"
    reference = "Hc2VAibTHPWrvGEUy2VxIFYHVzMy1QFzCH4W65v0igwvTrpEOzA/TbcK"
    file.write_text(
        "interactions:\n- request:\n    body: null\n    headers: {Authorization: [Bearer XXX], Cookie: [a=REDACTED]}\n"
        "    method: GET\n    uri: https://a.example/?token=FAKE_TOKEN\n  response:\n    body: {string: ''}\n"
        f"    headers: {{x-azure-ref: [{reference}]}}\n    status: {{code: 200, message: OK}}\nversion: 1\n",
        encoding="utf-8",
    )
    assert "no secrets found" in lines(acs_chat("cassettes", "scan", file))
    assert lines(acs_chat("cassettes", "lint", file))[-1] == "1 cassette, 1 interaction: 0 error, 0 warn, 1 info"


def test_what_a_person_stops_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, and with another exit code than findings have."""

    def stopped(_paths: object) -> None:
        raise KeyboardInterrupt

    ours(tmp_path)
    monkeypatch.setattr("acs_chat_testkit.cli.cassettes.stats.shelf", stopped)
    result = acs_chat("cassettes", "stats", tmp_path)
    assert (result.exit_code, result.output) == (130, "acs-chat: interrupted\n")


@pytest.mark.parametrize(("name", "said"), [("X-Api-Key", True), ("X-Note", False)])
def test_a_scan_says_what_to_do_where_only_the_name_tells(name: str, said: bool, tmp_path: Path) -> None:
    """A value that its own form gives away is a secret; of any other one a person may know better."""
    request = {"method": "GET", "uri": "https://a.example/", "headers": {name: ["sig=abcdefgh"]}, "body": None}
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}
    whole = {"interactions": [{"request": request, "response": answer}], "version": 1}
    (tmp_path / "tape.yaml").write_text(json.dumps(whole), encoding="utf-8")
    printed = acs_chat("cassettes", "scan", tmp_path).output
    assert "LEAK 1" in printed
    assert ("is one of them called a secret and none? replace it, too" in printed) == said

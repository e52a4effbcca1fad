"""`acs-chat doctor`, in this environment; tests/packaging runs it beside the official SDK and other plugins."""

import importlib.metadata as metadata
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acs_chat_testkit.cli import doctor
from acs_chat_testkit.cli.doctor import Level

COMMITTED = Path(__file__).parents[2] / "cassettes"
ACS_CHAT = (sys.executable, "-m", "acs_chat_testkit.cli")


def run(place: Path, *argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `acs-chat` in a directory, with no CA variable but the given ones."""
    env = {name: value for name, value in os.environ.items() if name not in doctor.CA_VARIABLES}
    return subprocess.run(
        [*ACS_CHAT, *argv],
        cwd=place,
        env=env | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A project with two cassettes."""
    for name in ("a", "b"):
        shutil.copytree(COMMITTED, tmp_path / "tests" / "cassettes" / name)
    return tmp_path


def test_a_healthy_environment_is_one_ok_line_each_and_exit_code_0(suite: Path) -> None:
    """Every subject is looked at, and nothing has to be done."""
    result = run(suite, "doctor")
    assert result.returncode == 0, result.stdout
    lines = [line.split()[:2] for line in result.stdout.splitlines()]
    assert [about for _, about in lines] == ["versions", *["extra"] * 4, "sdk", "plugins", "cassettes", "clock", "ca"]
    assert {level for level, _ in lines} == {"ok"}
    count = 2 * len(list(COMMITTED.rglob("*.yaml")))
    assert f"{count} can be read, 0 of them from another recorder" in result.stdout


def test_json_holds_the_same_findings(suite: Path) -> None:
    """A machine reads what a person reads."""
    rows = json.loads(run(suite, "doctor", "--format", "json").stdout)
    assert [set(row) for row in rows] == [{"about", "level", "found", "advice"}] * 10
    text = run(suite, "doctor").stdout
    assert all(row["found"] in text for row in rows if row["about"] != "clock")


def test_a_broken_cassette_is_an_error_whose_next_command_works(suite: Path) -> None:
    """Exit code 1, and the printed command names the file and the line."""
    broken = suite / "tests" / "cassettes" / "a" / "broken.yaml"
    broken.write_text("interactions: [\n", encoding="utf-8")
    (broken.parent / "z.yaml").mkdir()
    result = run(suite, "doctor", "tests")
    assert result.returncode == 1
    [line] = [line for line in result.stdout.splitlines() if line.startswith("error")]
    assert "can not be read, the first is broken.yaml" in line
    following = run(suite, *line.rpartition("acs-chat ")[2].split())
    assert following.returncode == 1
    assert "broken.yaml" in following.stdout


def test_names_are_shown_and_quoted(tmp_path: Path) -> None:
    """A file's name that a terminal would obey is an escape; a path with a blank is one word of the next command."""
    home = tmp_path / "two words" / "cassettes"
    home.mkdir(parents=True)
    (home / "\x1b[2J.yaml").write_text("interactions: [\n", encoding="utf-8")
    result = run(tmp_path, "doctor", "two words")
    assert "the first is \\x1b[2J.yaml; see why: acs-chat cassettes lint 'two words'" in result.stdout


def test_a_directory_without_cassettes_is_a_note(tmp_path: Path) -> None:
    """Nothing is wrong with a project that has not recorded yet."""
    result = run(tmp_path, "doctor")
    assert result.returncode == 0
    assert (
        "note  cassettes there is none below .; record some: pytest --chat-target=emulator --record-mode=once"
        in result.stdout
    )


def test_a_ca_file_that_is_gone_is_an_error_that_says_how_to_unset_it(tmp_path: Path) -> None:
    """An emulator's bundle does not outlive its run; a variable that still names it breaks every client."""
    result = run(tmp_path, "doctor", SSL_CERT_FILE=str(tmp_path / "gone.pem"))
    assert result.returncode == 1
    [line] = [line for line in result.stdout.splitlines() if line.startswith("error")]
    assert line.startswith("error ca        SSL_CERT_FILE names ")
    assert line.endswith("; unset SSL_CERT_FILE")


def test_a_file_that_holds_no_certificate_is_an_error(tmp_path: Path) -> None:
    """It is read, not only found."""
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    assert run(tmp_path, "doctor", REQUESTS_CA_BUNDLE=str(tmp_path / "ca.pem")).returncode == 1


def test_a_clock_before_the_installation_or_a_live_recording_is_wrong() -> None:
    """Time does not run backwards."""
    now = datetime.now(UTC)
    assert doctor.clock(now, None).level is Level.OK
    assert doctor.clock(now, now - timedelta(days=1)).level is Level.OK
    assert doctor.clock(now, now + timedelta(days=1)).level is Level.ERROR
    assert doctor.clock(datetime(2020, 1, 1, tzinfo=UTC), None).level is Level.ERROR


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-01-01T00:00:00"])
def test_what_is_no_moment_does_not_disturb(text: str | None) -> None:
    """A header can hold anything."""
    assert doctor.moment(text) is None


def test_every_extra_of_the_metadata_is_looked_at() -> None:
    """A new extra gets its line."""
    provided = set(metadata.metadata(doctor.OURS).get_all("Provides-Extra") or ())
    assert provided == {*doctor.EXTRAS, "all"}
    assert set(doctor.needs("aio")) == {"aiohttp"}

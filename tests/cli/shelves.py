"""What the tests of the cassette commands share: a suite's cassettes, and the command as a person types it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import jwt
from click.testing import CliRunner, Result

from acs_chat_testkit.cli.app import app

REPOSITORY = Path(__file__).parents[2]
FOREIGN = REPOSITORY / "tests" / "recording" / "foreign"
OURS = REPOSITORY / "cassettes" / "test_chat_room"
USER = "8:acs:5f0e0a4d-1d1c-4c5b-9e8f-0123456789ab_00000006-71c6-4c5b-8ef0-3a3a0d00abcd"


def acs_chat(*argv: str | Path) -> Result:
    """Runs `acs-chat` in this process."""
    return CliRunner().invoke(app, [str(each) for each in argv], catch_exceptions=False)


def lines(result: Result) -> list[str]:
    """What it printed, line by line."""
    return result.stdout.splitlines()


def token(hours: float) -> str:
    """A token of `USER` that is good for so long."""
    claims = {"skypeid": USER.removeprefix("8:"), "exp": int(time.time() + hours * 3600)}
    return jwt.encode(claims, "k" * 32, algorithm="HS256")


def foreign(place: Path, name: str = "vcrpy.yaml", to: str | None = None) -> Path:
    """A recording of another recorder, in a suite."""
    place.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(FOREIGN / name, place / (to or name)))


def ours(place: Path, name: str = "test_a_closed_room_is_gone.yaml") -> Path:
    """A recording of ours, in a suite."""
    place.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(OURS / name, place / name))

"""Makes the pictures of the README from the project's own commands.

    python -m docs.tools.pictures                     needs chromium for the picture of the HTML report

A run is drawn by rich from the colored output; the report is what a browser shows of the file that the suite wrote.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 100
RUN = (
    "pytest -q --no-header --chat-target=emulator --record-mode=rewrite",
    "pytest -q --no-header --block-network",
    "acs-chat conformance cassettes cassettes",
)
SUITE = ("chat_room.py", "test_chat_room.py", "pytest.ini")


def draw(commands: tuple[str, ...], place: Path, picture: Path) -> None:
    """Runs commands one after the other and draws what a person at a terminal would have seen.

    Args:
        commands: As they are typed.
        place: Where to run them.
        picture: The SVG file.
    """
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for command in commands:
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text.from_ansi(told(command, place)))
    picture.write_text(console.export_svg(title="acs-chat-testkit"), encoding="utf-8")


def told(command: str, place: Path) -> str:
    """What a command prints, with its colors."""
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": str(WIDTH),
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
    }
    run = subprocess.run(
        command.split(), cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
    )
    return run.stdout.decode()


def photograph(page: Path, picture: Path) -> None:
    """Takes a picture of the top of an HTML page."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("a picture of the report needs chromium: apt-get install chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=900,640"]
    subprocess.run([browser, *options, f"--screenshot={picture}", page.as_uri()], check=True, capture_output=True)


def main() -> None:
    """Makes both pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for file in SUITE:
            shutil.copy(ROOT / "examples" / file, place)
        draw(RUN, place, PICTURES / "run.svg")
        told("acs-chat conformance --report report.html", place)
        photograph(place / "report.html", PICTURES / "report.png")


if __name__ == "__main__":
    main()

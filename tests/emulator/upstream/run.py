"""Runs the stories of the published clients, each in an environment of its own, against one emulator over TLS.

    python tests/emulator/upstream/run.py HOME

HOME keeps the environments. Exit code 1 where a story fails; the clients are neither patched nor told to trust less.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 30.0


@dataclass(frozen=True)
class Story:
    """A story, and the published packages that tell it."""

    file: str
    packages: Sequence[str]

    @property
    def name(self) -> str:
        """What the summary calls it."""
        return f"{self.file} ({', '.join(self.packages)})"

    def prepare(self, home: Path) -> list[str | Path]:
        """Installs the packages where they are not yet, and gives the command that tells the story."""
        place = home / self.file.replace(".", "_")
        ready = place / "ready"
        wanted = "\n".join(self.packages)
        if not ready.exists() or ready.read_text("utf-8") != wanted:
            shutil.rmtree(place, ignore_errors=True)
            self._install(place)
            ready.write_text(wanted, "utf-8")
        if not self._in_node:
            return [place / "bin" / "python", HERE / self.file]
        shutil.copy(HERE / self.file, place)  # node looks for packages beside the file
        return ["node", place / self.file]

    @property
    def _in_node(self) -> bool:
        return self.file.endswith(".mjs")

    def _install(self, place: Path) -> None:
        if self._in_node:
            place.mkdir(parents=True)
            subprocess.run(
                ["npm", "install", "--silent", "--save-exact", "--prefix", place, *self.packages], check=True
            )
        else:
            venv.create(place, with_pip=True)
            subprocess.run([place / "bin" / "python", "-m", "pip", "install", "-q", *self.packages], check=True)


_LATEST = ("azure-communication-chat==1.3.0", "azure-communication-identity==1.5.0", "aiohttp")
STORIES = (
    Story("story_sync.py", _LATEST),
    Story("story_aio.py", _LATEST),
    Story("story_2021.py", ("azure-communication-chat==1.0.0b4", "azure-communication-identity==1.0.1")),
    Story(
        "story.mjs",
        (
            "@azure/communication-chat@1.6.0",
            "@azure/communication-identity@1.3.1",
            "@azure/communication-common@2.4.2",
        ),
    ),
)


def main(home: Path) -> int:
    """Tells all stories and says which failed."""
    commands = [story.prepare(home) for story in STORIES]
    with tempfile.TemporaryDirectory() as work:
        ready = Path(work, "ready.json")
        with subprocess.Popen(
            [Path(sys.executable).with_name("acs-chat"), "emulate", "--ready-file", ready]
        ) as process:
            try:
                codes = [_tell(command, _values(ready, process)) for command in commands]
            finally:
                process.terminate()
    for story, code in zip(STORIES, codes, strict=True):
        sys.stdout.write(f"{'failed' if code else 'passed'}  {story.name}\n")
    return 1 if any(codes) else 0


def _values(ready: Path, process: subprocess.Popen[bytes]) -> Mapping[str, str]:
    deadline = time.monotonic() + PATIENCE
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit("the emulator did not start")
        time.sleep(0.05)
    values: Mapping[str, str] = json.loads(ready.read_text("utf-8"))
    return values


def _tell(command: Sequence[str | Path], values: Mapping[str, str]) -> int:
    trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), values["ca_file"])
    argv = [*command, values["https_endpoint"], values["connection_string"]]
    return subprocess.run(argv, env={**os.environ, **trust}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

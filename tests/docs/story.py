"""Runs the blocks of a page in their order, in one directory: a page is a story that a reader can follow."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from .blocks import Block, blocks

HERE = Path(__file__).parent
SECONDS = 120
_EXIT = re.compile(r"# exit code (\d)\s*\Z")


def _ini(text: str) -> None:
    ConfigParser().read_string(text)


PARSERS: dict[str, Callable[[str], Any]] = {
    "ini": _ini,
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
}


class Story:
    """One page, as it is followed.

    Args:
        home: An empty directory.
        python: The interpreter of the reader's environment.
    """

    def __init__(self, home: Path, python: Path = Path(sys.executable)) -> None:
        self._home = home
        self._python_path = python
        self._told = ""
        self._waiting: dict[str, Block] = {}

    def tell(self, block: Block) -> None:
        """Does with a block what its reader would do: write the file, run the command, compare the output."""
        if block.file is not None:
            self._write(block, block.file)
        elif block.language == "sh":
            self._shell(block)
        elif block.language == "console":
            self._console(block)
        elif block.language == "python":
            self._python(block)
        elif block.language == "text":
            self._compare(block)
        elif block.language in PARSERS:
            PARSERS[block.language](block.text)
        else:
            raise AssertionError(f"{block}: nothing is known of the language {block.language!r}")

    def stop(self) -> None:
        """Stops what still runs."""
        for pid in self._started():
            os.kill(pid, signal.SIGINT)

    def end(self) -> None:
        """A file that nothing ran is a block that was not run."""
        unused = [str(block) for block in self._waiting.values()]
        assert not unused, f"no command follows the file of {unused}"

    def _started(self) -> list[int]:
        list_ = self._home / ".started"
        return [int(pid) for pid in list_.read_text(encoding="utf-8").split()] if list_.exists() else []

    def _write(self, block: Block, file: str) -> None:
        path = self._home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if block.language in PARSERS:
            PARSERS[block.language](block.text)
        else:
            self._waiting[file] = block

    def _shell(self, block: Block) -> None:
        self._waiting.clear()
        wanted = _EXIT.search(block.text)
        self._run(block, ["bash", "-c", f'source "{HERE}/prelude.sh"\n{block.text}'], int(wanted[1]) if wanted else 0)

    def _console(self, block: Block) -> None:
        """Commands behind a dollar sign, each with what it prints."""
        for part in re.split(r"(?m)^\$ ", block.text)[1:]:
            command, _, told = part.partition("\n")
            self._shell(replace(block, text=command))
            self._compare(replace(block, text=told))

    def _python(self, block: Block) -> None:
        file = self._home / f"test_line_{block.line}.py"
        file.write_text(block.text, encoding="utf-8")
        is_test = re.search(r"(?m)^(?:async )?def test_", block.text) is not None
        options = ["-m", "pytest", "--chat-target=emulator", file.name] if is_test else [file.name]
        self._run(block, [str(self._python_path), *options], 0)
        file.unlink()

    def _run(self, block: Block, argv: list[str], wanted: int) -> None:
        env = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
        env |= {
            "PATH": f"{self._python_path.parent}{os.pathsep}{env['PATH']}",
            "PYTHON": str(self._python_path),
            "HERE": str(HERE),
            "COLUMNS": "100",
            "PYTEST_ADDOPTS": "-p no:cacheprovider -p no:hypothesispytest -p no:anyio",  # half of the time of a run
        }
        run = subprocess.run(
            argv,
            cwd=self._home,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        self._told = run.stdout
        assert run.returncode == wanted, f"{block} ended with {run.returncode}:\n{block.text}\n{run.stdout}"

    def _compare(self, block: Block) -> None:
        """Every line of the block is in what the command before it printed, in this order; ``...`` is any text."""
        rest = iter(self._told.splitlines())
        for line in filter(str.strip, block.text.splitlines()):
            pattern = ".*".join(map(re.escape, line.strip().split("...")))
            found = any(re.fullmatch(pattern, each.strip()) for each in rest)
            assert found, f"{block}: {line.strip()!r} is not in what was printed, or not there:\n{self._told}"


def follow(path: Path, story: Story) -> None:
    """Tells the story of a page, but for the blocks that say why they are not run."""
    try:
        for block in blocks(path):
            if block.why_not_run is None:
                story.tell(block)
    finally:
        story.stop()
    story.end()

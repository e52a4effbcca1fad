"""What the pytest plugin adds: options, markers and fixtures, as pytest itself tells them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from acs_chat_testkit import pytest_plugin


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the command line or of pytest's configuration file.

    Args:
        name: With its dashes, or as it stands in the file.
        values: What it takes: a metavariable, choices, or nothing for a flag.
        default: Without it.
        help: One sentence.
    """

    name: str
    values: str
    default: str
    help: str

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, self.values])) + f"  (default: {self.default})"


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker.

    Args:
        signature: Its name with its arguments.
        help: What it does.
    """

    signature: str
    help: str


@dataclass(frozen=True, slots=True)
class Fixture:
    """A fixture.

    Args:
        name: What a test writes.
        scope: How long it lives.
        help: What it gives.
    """

    name: str
    scope: str
    help: str


class _Group:
    """Takes down what `pytest_addoption` adds; it stands for a parser and for a group of one."""

    def __init__(self) -> None:
        self.options: list[Option] = []

    def getgroup(self, *_: Any, **__: Any) -> _Group:
        """All groups are one."""
        return self

    def addoption(self, name: str, *_: str, **more: Any) -> None:
        """An option of the command line."""
        choices = more.get("choices")
        values = "|".join(choices) if choices else "" if more.get("action") == "store_true" else more.get("metavar", "")
        default = "off" if more.get("action") == "store_true" else str(more.get("default") or "none")
        self.options.append(Option(name, values or "VALUE" * (more.get("action") is None), default, more["help"]))

    def addini(self, name: str, help: str, type: str | None = None, default: Any = None) -> None:  # noqa: A002
        """A line of the configuration file."""
        self.options.append(Option(f"{name} (file)", type or "string", str(default), help))


def options() -> Iterator[Option]:
    """The options, in the order of the alphabet."""
    group = _Group()
    add: Any = pytest_plugin.pytest_addoption
    add(group, pytest.PytestPluginManager())
    return iter(sorted(group.options, key=lambda each: each.name))


def markers() -> Iterator[Marker]:
    """The markers, in the order of the alphabet."""
    told, without = (_pytest("--markers", *more) for more in ((), ("-p", "no:acs_chat_testkit")))
    known = set(re.findall(r"(?m)^@pytest\.mark\.(\w+)", without))
    found = re.findall(r"(?m)^@pytest\.mark\.((\w+)[^:\n]*): (.*)$", told)
    return (Marker(signature, text) for signature, name, text in sorted(found) if name not in known)


def fixtures() -> Iterator[Fixture]:
    """The fixtures, in the order of the alphabet."""
    found = []
    for section in re.split(r"(?m)^-+ fixtures defined from (?=[\w.]+ -+$)", _pytest("--fixtures"))[1:]:
        if section.startswith("acs_chat_testkit."):
            for name, scope, text in re.findall(r"(?m)^(\w+)(?: \[(\w+) scope\])? -- .*\n    (.*)$", section):
                found.append(Fixture(name, scope or "function", text))
    return iter(sorted(found, key=lambda each: each.name))


@cache
def _pytest(*options: str) -> str:
    with tempfile.TemporaryDirectory() as empty:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", empty, *options],
            cwd=empty,
            env=os.environ | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    return run.stdout

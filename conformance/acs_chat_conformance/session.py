"""Asks an implementation its questions, in this process or in processes of its own."""

from __future__ import annotations

import json
import logging
import re
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from packaging.requirements import Requirement

from acs_chat_conformance.implementation import Implementation, kind_of
from acs_chat_conformance.vectors import Vector
from acs_chat_testkit.contract import load
from acs_chat_testkit.errors import UsageError

ANSWER_SECONDS = 30.0
START_SECONDS = 60.0
END_SECONDS = 2.0
STARTS = 3
"""How often an adapter may end before its first answer, until it is held for one that never works."""
ERROR = re.compile(r"[\w.]*(Error|Exception)\b")
ASK_VERSIONS = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
ASK_NPM = (
    "const name = process.argv[1]; const { version } = require(`${name}/package.json`);"
    "console.log(JSON.stringify({ node: process.versions.node, [name]: version }))"
)
Outcome = Mapping[str, Any]
Node = Any


class Session:
    """Asks one implementation for as long as the context is open.

    Args:
        implementation: What is asked.
        python: The interpreter of its environment; without one its Python adapters run in this process.

    Raises:
        UsageError: The environment is not the one that the implementation needs.
    """

    def __init__(self, implementation: Implementation, python: str | None = None) -> None:
        self.implementation = implementation
        package, _, version = implementation.needs.rpartition("==")
        of_npm = package.startswith("@")
        self.versions = npm_versions(package, version) if of_npm else versions(python)
        self._python = python
        self._processes: dict[str, _Process] = {}
        if not of_npm:
            _check_environment(implementation, self.versions, python)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.close()

    def ask(self, vector: Vector, question: Mapping[str, Any]) -> Outcome:
        """Asks one question.

        Returns:
            What the adapter told: ``value`` or ``error``; ``crash`` where it ended or said nothing in time.
        """
        kind = kind_of(vector.set)
        asked = json.dumps(self._adapted(vector, question) if vector.is_wire else question)
        argv = self.implementation.argv(kind, self._python)
        if argv is None:
            outcome: Outcome = _answer(self.implementation.adapters[kind])(json.loads(asked))
            return outcome
        if kind not in self._processes:
            self._processes[kind] = _Process(argv)
        return self._processes[kind].ask(asked)

    def _adapted(self, vector: Vector, question: Mapping[str, Any]) -> dict[str, Any]:
        """The question in the words of this implementation's clients."""
        mine = self.implementation
        options = {name: value for name, value in question["options"].items() if name not in mine.drops}
        call = mine.call if vector.subject in load().operations else {}
        return {**question, "options": options, "kwargs": {**call, **question["kwargs"]}, "aio": mine.aio}


def versions(python: str | None = None) -> dict[str, str]:
    """The distributions of an environment with their versions; of this one where no interpreter is named."""
    if python is None:
        return {one.name: one.version for one in distributions()}
    try:
        told = subprocess.run([python, "-c", ASK_VERSIONS], capture_output=True, check=True, timeout=START_SECONDS)
    except (OSError, subprocess.SubprocessError) as broken:
        raise UsageError(f"{python!r} is no Python interpreter that works: {broken}") from broken
    found: dict[str, str] = json.loads(told.stdout)
    return found


def npm_versions(package: str, version: str) -> dict[str, str]:
    """The versions of node and of a package of npm.

    Raises:
        UsageError: Node finds the package in no folder of NODE_PATH, or in another version.
    """
    try:
        told = subprocess.run(["node", "-e", ASK_NPM, package], capture_output=True, check=True, timeout=START_SECONDS)
        found: dict[str, str] = json.loads(told.stdout)
    except (OSError, subprocess.SubprocessError):
        found = {}
    if found.get(package) != version:
        there = f"node finds version {found[package]}" if found else "node does not find it"
        hint = f"npm install {package}@{version}, and name its node_modules folder in NODE_PATH"
        raise UsageError(f"{package} {version} is needed, but {there}; {hint}")
    return found


def _check_environment(implementation: Implementation, there: Mapping[str, str], python: str | None) -> None:
    if not implementation.needs:
        return
    needs = Requirement(implementation.needs)
    version = there.get(needs.name)
    if version is None or not needs.specifier.contains(version, prereleases=True):
        where = "that environment has" if python else "this environment has"
        found = f"{needs.name} {version}" if version else "none"
        hint = "name its interpreter with --python" if python is None else f"install it: pip install '{needs}'"
        raise UsageError(f"{implementation.name} needs {needs}, but {where} {found}; {hint}")


@lru_cache
def _answer(adapter: str) -> Callable[[dict[str, Any]], Outcome]:
    """The function of an adapter's file that answers a question."""
    spec = spec_from_file_location(f"acs_chat_adapter_{Path(adapter).stem}", adapter)
    if spec is None or spec.loader is None:
        raise UsageError(f"{adapter!r} is no Python file")
    logging.getLogger("azure").addHandler(logging.NullHandler())  # or Python prints warnings that nobody asked for
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    answer: Callable[[dict[str, Any]], Outcome] = module.answer
    return answer


class _Process:
    """An adapter in a process of its own; one that ended is started anew for the next question."""

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv
        self._process: subprocess.Popen[str] | None = None
        self._silent_ends: int | None = 0  # None once it has answered
        self._useless = ""
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  # close() does

    def ask(self, question: str) -> Outcome:
        """Asks one question.

        Raises:
            UsageError: It cannot be started, or ended each time before it ever answered.
        """
        if self._useless:
            raise UsageError(self._useless)
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(ANSWER_SECONDS, process.kill)
        late.start()
        try:
            with suppress(OSError):  # it has ended, and its exit code says more
                process.stdin.write(question + "\n")
                process.stdin.flush()
            line = process.stdout.readline()
            code = None if line else process.wait()
        finally:
            late.cancel()
        if line:
            self._silent_ends = None
            return _outcome(line)
        return {"crash": self._ended(f"the adapter ended with exit code {code} and gave no answer{self._last_words()}")}

    def _ended(self, how: str) -> str:
        if self._silent_ends is not None:
            self._silent_ends += 1
            if self._silent_ends == STARTS:
                by_hand = shlex.join(self._argv)
                self._useless = f"{how}; that was all it did, {STARTS} times, so try it by hand: {by_hand}"
                raise UsageError(self._useless)
        return how

    def _last_words(self) -> str:
        self._said.seek(0)
        said = self._said.read().strip().splitlines()
        errors = [line for line in said if ERROR.match(line)]  # node says its own version below the error
        return f"; it said last: {(errors or said)[-1][:200]}" if said else ""

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            try:
                self._process = subprocess.Popen(
                    self._argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._said,
                    encoding="utf-8",
                    errors="replace",
                )
            except OSError as missing:
                program = self._argv[0]
                raise UsageError(f"the adapter cannot be started with {program!r}: {missing.strerror}") from missing
        return self._process

    def stop(self) -> None:
        """Ends the process: its input ends, and where it goes on all the same it is killed."""
        if self._process is None:
            return
        with suppress(OSError), self._process as process:
            assert process.stdin is not None
            try:
                process.stdin.close()
                process.wait(END_SECONDS)
            except (OSError, subprocess.TimeoutExpired):
                process.kill()
        self._process = None

    def close(self) -> None:
        self.stop()
        self._said.close()


def _outcome(line: str) -> Outcome:
    try:
        outcome = json.loads(line)
    except ValueError:
        return {"crash": f"the adapter gave no JSON: {line[:80]!r}"}
    if not isinstance(outcome, dict) or len(outcome.keys() & {"value", "error"}) != 1:
        return {"crash": f"the adapter must tell value or error, and told: {line[:80]!r}"}
    wrong = "/error" if not _is_error(outcome.get("error", _NO_ERROR)) else ""
    wrong = wrong or ("" if _are_texts(outcome.get("logs", [])) else "/logs")
    return {"crash": f"the adapter told something else than it must at {wrong}: {line[:80]!r}"} if wrong else outcome


_NO_ERROR: Node = {"classes": ["-"], "text": ""}


def _is_error(told: Node) -> bool:
    if not isinstance(told, dict) or not isinstance(told.get("text"), str):
        return False
    return bool(told.get("classes")) and _are_texts(told["classes"])


def _are_texts(told: Node) -> bool:
    return isinstance(told, list) and all(isinstance(one, str) for one in told)

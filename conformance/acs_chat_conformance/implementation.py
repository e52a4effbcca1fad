"""How the suite talks to an implementation: through one adapter file for models and one for clients."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from acs_chat_testkit.errors import UsageError

ADAPTERS = Path(__file__).parent / "adapters"
ANSWER_SECONDS = 30.0
Outcome = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Implementation:
    """One thing under test.

    Args:
        name: As the command line says it.
        models: The adapter file that drives its models; empty where it has none.
        clients: The adapter file that drives its clients.
        aio: Whether its clients are the async ones.
        python: The interpreter of its environment; None runs the adapters in this process.
    """

    name: str
    models: str
    clients: str
    aio: bool = False
    python: str | None = None

    def adapter(self, *, wire: bool) -> str:
        """The adapter file for the one kind of question or the other."""
        return self.clients if wire else self.models


OURS = Implementation("ours", models="models.py", clients="clients.py")
IMPLEMENTATIONS = {one.name: one for one in (OURS, Implementation("ours-aio", "", "clients.py", aio=True))}


def find(name: str) -> Implementation:
    """Looks an implementation up.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in IMPLEMENTATIONS:
        raise UsageError(f"there is no implementation {name!r}; there are: {', '.join(IMPLEMENTATIONS)}")
    return IMPLEMENTATIONS[name]


class Session:
    """Asks one implementation, in this process or in processes of its own, for as long as the context is open."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self._processes: dict[str, _Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.stop()

    def ask(self, question: Mapping[str, Any], *, wire: bool) -> Outcome:
        """Asks one question.

        Returns:
            What the adapter told: ``value`` or ``error``; ``crash`` where it ended or said nothing in time.
        """
        adapter = self.implementation.adapter(wire=wire)
        asked = {**question, "aio": self.implementation.aio} if wire else question
        if self.implementation.python is None:
            module = importlib.import_module(f"{__package__}.adapters.{Path(adapter).stem}")
            outcome: Outcome = module.answer(json.loads(json.dumps(asked)))
            return outcome
        if adapter not in self._processes:
            self._processes[adapter] = _Process([self.implementation.python, str(ADAPTERS / adapter)])
        return self._processes[adapter].ask(asked)


class _Process:
    """An adapter in a process of its own; one that ended is started anew for the next question."""

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: Mapping[str, Any]) -> Outcome:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(ANSWER_SECONDS, process.kill)
        late.start()
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError as broken:
            return {"crash": f"the adapter ended: {broken}"}
        finally:
            late.cancel()
        if not line:
            return {"crash": f"the adapter ended with exit code {process.wait()} and gave no answer"}
        return _outcome(line)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sys.stderr,
                encoding="utf-8",
            )
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None


def _outcome(line: str) -> Outcome:
    try:
        outcome = json.loads(line)
    except ValueError:
        return {"crash": f"the adapter gave no JSON: {line[:80]!r}"}
    if not isinstance(outcome, dict) or len(outcome.keys() & {"value", "error"}) != 1:
        return {"crash": f"the adapter must tell value or error, and told: {line[:80]!r}"}
    return outcome

"""Says at the end of a run what was removed from a live resource, and what could not be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from acs_chat_testkit.targets import Target

OUTPUT = "acs_chat_testkit_cleaning"


class Cleaning:
    """What all processes of one run removed.

    Args:
        config: pytest's.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._target: Target | None = None
        self._counts: Counter[str] = Counter()
        self._trouble: str | None = None
        config.stash[CLEANING] = self

    def watch(self, target: Target) -> None:
        """The live resource of this process."""
        self._target = target

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Takes what this process removed, after its last fixture, and hands it to the controller if there is one."""
        ledger = None if self._target is None else self._target.ledger
        if ledger is None:
            return
        self._add({"counts": {**ledger.gone, "left": len(ledger.users)}, "trouble": ledger.trouble})
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = {"counts": dict(self._counts), "trouble": self._trouble}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes what a worker of pytest-xdist removed."""
        told = getattr(node, "workeroutput", {}).get(OUTPUT)
        if told is not None:
            self._add(told)

    def _add(self, told: dict[str, Any]) -> None:
        self._counts.update(told["counts"])
        self._trouble = told["trouble"] or self._trouble

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A line for what is gone, and one for what is left."""
        if self._counts["user"]:
            tokens, users, threads = (_counted(self._counts[each], each) for each in ("token", "user", "thread"))
            terminalreporter.write_line(f"acs-chat-testkit: {tokens} revoked, {users} and {threads} deleted")
        if self._counts["left"]:
            from acs_chat_testkit import printable

            left = f"{_counted(self._counts['left'], 'user')} left on the live resource"
            terminalreporter.write_line(
                printable.line(f"acs-chat-testkit: {left} ({self._trouble}); run: acs-chat live sweep")
            )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


CLEANING: pytest.StashKey[Cleaning] = pytest.StashKey()

"""Workers of multiprocessing, and interpreters: each is told which guards are in force where it is started.

What a fork server forks has the environment in which the server was started, in a block or before it, so the switch
that other child Pythons inherit says nothing there. It is how Linux starts workers since Python 3.14. An interpreter
beside this one, in the same process, has audit hooks of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from acs_chat_testkit.recording import guard
from acs_chat_testkit.recording.imports import when_imported

_CHILD = str(Path(__file__).with_name("child") / "sitecustomize.py")


@functools.cache
def install() -> None:
    """Tells the workers that are started from now on."""
    when_imported("multiprocessing.spawn", _tell)
    # Below the public module, from which its users may have taken `create` before.
    when_imported("_interpreters", _tell_interpreters)


def _tell(module: ModuleType) -> None:
    module.get_preparation_data = _preparing(module.get_preparation_data)  # type: ignore[attr-defined]


def _tell_interpreters(module: ModuleType) -> None:
    module.create = _creating(module.create, module.exec)  # type: ignore[attr-defined]


def _told() -> list[dict[str, Any]]:
    return [each.settings for each in guard.in_force()]


def _preparing(prepare: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    @functools.wraps(prepare)
    def through(name: str) -> dict[str, Any]:
        return {**prepare(name), "acs_chat_testkit": _Told(_told())}

    return through


def _creating(create: Callable[..., int], run: Callable[[int, str], object]) -> Callable[..., int]:
    @functools.wraps(create)
    def through(*args: Any, **options: Any) -> int:
        interpreter, guards = create(*args, **options), _told()
        if guards:
            run(interpreter, f"__import__('runpy').run_path({_CHILD!r}, {{'GUARDS': {guards!r}, 'ALONE': False}})")
        return interpreter

    return through


class _Told:
    """Is followed where it is unpickled, which is the first thing that a worker does.

    Args:
        guards: The settings of each guard.
    """

    def __init__(self, guards: list[dict[str, Any]]) -> None:
        self._guards = guards

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        import runpy  # a process that starts no worker does without it

        return runpy.run_path, (_CHILD, {"GUARDS": self._guards})

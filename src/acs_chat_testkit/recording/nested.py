"""Cassettes that a suite opens with vcrpy itself, inside a cassette of ours or around one: the innermost answers.

vcrpy's patches lie below some of our doors and above others, and are there for all threads. So a door above them
passes on what belongs to vcrpy's cassette (`active.current`), its patches pass on what belongs to ours (`_Guest`), and
a door below them takes what vcrpy's cassette does not answer while we replay (`active.beneath`).
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording import _vcr, active, doors


def look_for_open() -> None:
    """Looks whether our doors can be put in.

    Raises:
        UsageError: A cassette of vcrpy is open, and takes out with its patches what is put over them now.
    """
    patch = sys.modules.get("vcr.patch")
    if patch is not None and patch.httplib.HTTPConnection is not patch._HTTPConnection:
        raise UsageError(
            "a cassette of vcrpy has been open since before Recorder was imported; close it, or import Recorder first"
        )


def install(module: ModuleType) -> None:
    """Lets vcrpy tell of its cassettes, and never take our doors out."""
    # Both are there, unless imports are lazy.
    cassette, patch = (importlib.import_module(f"{module.__name__}.{name}") for name in ("cassette", "patch"))
    decorator = cassette.CassetteContextDecorator
    decorator._patch_generator = _telling(decorator._patch_generator)
    if any(door == "_vcr" and client in sys.modules for client, door in doors.CLIENTS.items()):
        _vcr.install(module)
    _keep_doors(patch)


def _keep_doors(patch: Any) -> None:
    """What vcrpy has kept of the clients, to put it back, is what they are with our doors."""
    names = {id(value): name for name, value in vars(patch).items()}
    for patcher in list(patch.reset_patchers()):
        door = getattr(patcher.getter(), patcher.attribute)
        if door is not patcher.new and inspect.unwrap(door) is patcher.new:
            setattr(patch, names[id(patcher.new)], door)


def _telling(patching: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """A cassette is a guest as long as its patches are in."""

    @functools.wraps(patching)
    def through(decorator: Any, cassette: Any) -> Iterator[Any]:
        guest = _guest(cassette)
        patches = patching(decorator, guest)
        next(patches)
        active.enter(guest)
        try:
            yield cassette
        finally:
            active.leave(guest)
            next(patches, None)

    return through


def _guest(cassette: Any) -> Any:
    """The same cassette, for vcrpy's patches."""
    guest: Any = object.__new__(_of(cassette.__class__))
    guest.__dict__ = cassette.__dict__
    return guest


@functools.cache
def _of(kind: Any) -> Any:
    return type(kind.__name__, (_Guest, kind), {})


class _Guest(active.Guest):
    """A cassette of vcrpy that knows nothing of requests that belong to a recorder of ours."""

    def can_play_response_for(self, request: Any) -> Any:
        """Whether it answers."""
        return not active.owned() and super().can_play_response_for(request)  # type: ignore[misc]

    def filter_request(self, request: Any) -> Any:
        """The request as it is to be recorded; None where it is not."""
        return None if active.owned() else super().filter_request(request)  # type: ignore[misc]

    def append(self, request: Any, response: Any) -> None:
        """Records an answer, but not in replay: there it is one that a recorder around has given."""
        if not active.owned() and active.beneath() is None:
            super().append(request, response)  # type: ignore[misc]

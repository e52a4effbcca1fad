"""Runs first in every Python that is started while the network is blocked, and blocks it there too.

This directory is put in front of PYTHONPATH for that time; a worker of multiprocessing runs this file by itself, with
what is in force where it is started, and so does an interpreter beside this one. A Python that can not run this file
(an old one, or one that is told to ignore its environment by -I, -E or -S) is not blocked; the documentation says so.
"""

import contextlib
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def _block() -> None:
    guards = globals().get("GUARDS")
    heard = "acs_chat_testkit.recording.block" in sys.modules or HERE in os.environ.get("PYTHONPATH", "")
    if guards == [] and not heard:
        return
    home = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
    sys.path.append(home)
    try:
        from acs_chat_testkit.recording import block

        block.follow(guards, alone=globals().get("ALONE", True))
    finally:
        sys.path.remove(home)


def _go_on() -> None:
    """Runs the sitecustomize that would have run without this one."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]
    this = sys.modules.pop("sitecustomize")
    try:
        importlib.import_module("sitecustomize")
    except ModuleNotFoundError:
        # Python wants to find what it has just imported, and complains on standard error otherwise.
        sys.modules["sitecustomize"] = this


with contextlib.suppress(Exception):
    _block()
if __name__ == "sitecustomize":
    _go_on()

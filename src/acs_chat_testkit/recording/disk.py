"""Whether files are those of this machine: a test may have put others in their place, as pyfakefs does."""

from __future__ import annotations

import os

OTHERS = "the files that the suite has put in the place of this machine's"
_MODULES = (os,)
"""In a tuple, where nobody looks for a module to put another in its place."""


def is_real() -> bool:
    """Whether what is read and written now is there when the test is over; else a handle means another file, too."""
    return os is _MODULES[0]


def doubt() -> str:
    """Why something may not be found that is there."""
    return "" if is_real() else f" among {OTHERS}"

"""Names of cassettes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

_FORBIDDEN = re.compile(r"""[<>?%*:|"'/\\]""")


def directory(path: Path) -> Path:
    """Where the cassettes of a test file lie: ``cassettes/<file>`` beside it."""
    return path.parent / "cassettes" / path.stem


def cassette(item: pytest.Item) -> str:
    """The name of a test's cassette, without suffix: ``Class.test[id]``."""
    cls = getattr(item, "cls", None)
    name = f"{cls.__name__}.{item.name}" if cls is not None else item.name
    return _FORBIDDEN.sub("-", name)


def command(item: pytest.Item, *options: str) -> str:
    """The command that runs one test again, as it can be typed where pytest was started."""
    start = item.config.invocation_params.dir
    path = item.path.relative_to(start) if item.path.is_relative_to(start) else item.path
    node = "::".join([path.as_posix(), *item.nodeid.split("::")[1:]])
    return " ".join(["pytest", shlex.quote(node), *options])

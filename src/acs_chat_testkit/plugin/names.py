"""Names of cassettes: no two tests have one name, and each name is one that every file system takes."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import unicodedata
from pathlib import Path

import pytest

SUFFIXES = (".yaml", ".yml", ".json")
LONGEST = 239
"""Bytes of a name without its suffix: with it, file systems take 255."""
FIXTURE = "fixture."
"""How the name of a cassette starts that holds the requests of a fixture."""
_FORBIDDEN = re.compile(r"""[<>?%*:|"'/\\\x00-\x1f\x7f]""")
_EARLIER = re.compile(r"""[<>?%*:|"'/\\]""")
_EARLIER_LONGEST = 255


@functools.lru_cache(maxsize=1)
def directory(path: Path) -> Path:
    """Where the cassettes of a test file lie: ``cassettes/<file>`` beside it."""
    return path.parent / "cassettes" / path.stem


def classes(node: pytest.Item | pytest.Collector) -> list[str]:
    """The names of the classes that a test, or a class, stands in, the outermost first; of a class its own too."""
    return [each.name for each in node.listchain() if isinstance(each, pytest.Class)]


def cassette(item: pytest.Item) -> str:
    """The name of a test's cassette, without suffix: ``Outer.Inner.test[id]``, escaped and short enough."""
    return safe(".".join([*classes(item), item.name]))


def safe(name: str) -> str:
    """A name that every file system takes: as in a URL, ``%`` and two digits stand for what it does not take.

    A name that would be too long ends in a hash of the whole.
    """
    escaped = _FORBIDDEN.sub(lambda found: f"%{ord(found[0]):02X}", name)
    data = escaped.encode("utf-8", "surrogatepass")
    if len(data) <= LONGEST:
        return escaped
    end = "~" + hashlib.sha256(data).hexdigest()[:16]
    return data[: LONGEST - len(end)].decode("utf-8", "ignore") + end


def earlier(item: pytest.Item) -> str:
    """The name that pytest-recording gives the cassette, without suffix."""
    name = _EARLIER.sub("-", _of_class(item))
    if len(name) + len(SUFFIXES[0]) <= _EARLIER_LONGEST:
        return name
    end = "..." + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return name[: _EARLIER_LONGEST - len(SUFFIXES[0]) - len(end)] + end


def flat(item: pytest.Item, name: str | None = None) -> Path:
    """Where pytest-vcr keeps the cassette, by its own name or a given one: in one directory for all files beside it."""
    return item.path.parent / "cassettes" / file(name or _of_class(item))


def _of_class(item: pytest.Item) -> str:
    cls = getattr(item, "cls", None)
    return item.name if cls is None else f"{cls.__name__}.{item.name}"


def file(name: str, suffix: str = SUFFIXES[0]) -> str:
    """A name with its suffix."""
    return name if name.endswith((suffix, *SUFFIXES)) else name + suffix


def stem(path: Path) -> Path:
    """A path without the suffix of a cassette."""
    return path.with_suffix("") if path.suffix in SUFFIXES else path


def folded(path: Path) -> str:
    """Equal for paths that are one file where case or composition of letters make no difference."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def node(item: pytest.Item, start: Path) -> str:
    """A test as pytest takes it in a directory; its id may hold the name of a group, which pytest-xdist adds."""
    return "::".join([seen_from(start, item.path), *classes(item), item.name])


def seen_from(start: Path, path: Path) -> str:
    """A path as it can be typed in a directory."""
    return (path.relative_to(start) if path.is_relative_to(start) else path).as_posix()


@functools.lru_cache(maxsize=1)
def _root(config: pytest.Config) -> str:
    return os.path.join(config.rootpath, "")


def shown(path: Path, config: pytest.Config) -> str:
    """A path as it is reported: from the root of the suite on."""
    text = str(path)
    inside = text.removeprefix(_root(config))
    return text if inside == text else inside.replace(os.sep, "/")

"""The shelf: which test owns which cassette, as the collected suite says; so collisions and orphans are known."""

from __future__ import annotations

import functools
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import pytest

from acs_chat_testkit.plugin import names

PLACE: pytest.StashKey[Path] = pytest.StashKey()
"""The file of a test whose marks say no more than that it has one."""
NAMED: pytest.StashKey[str] = pytest.StashKey()
"""The name that the mark of a test gives its cassette, with its place unless a fixture of the suite says another."""


class Given(NamedTuple):
    """What a suite says at run time of where the cassette of a test lies.

    Args:
        path: The file.
        renamed: Whether its name is another than the collected test says, so that any test may have it.
        elsewhere: Whether its directory may be that of several test files.
    """

    path: Path
    renamed: bool
    elsewhere: bool


GIVEN: pytest.StashKey[Given | None] = pytest.StashKey()
"""None where the marks of the test say the same."""
MANY = 10
"""So many tests are named one by one."""
Marks = dict[str, list[pytest.Mark]]
"""The marks of a test by name, the nearest first: to ask for one name takes as long as to read all."""
NAMES = ("default_cassette_name", "vcr_cassette_name")
NAMING = (*NAMES, "vcr_cassette_dir")
"""Fixtures that say at run time where a cassette lies, where a suite overrides them."""


class Shelf:
    """The cassettes of all collected tests, whether they run or not.

    Args:
        config: pytest's.
        items: Everything that was collected, before anything was deselected.
    """

    def __init__(self, config: pytest.Config, items: Sequence[pytest.Item]) -> None:
        self._config = config
        self._items = items
        self.marked: list[pytest.Function] = []
        self.blocked: list[pytest.Function] = []
        self._marks: dict[str, Marks] = {}
        for item in items:
            if isinstance(item, pytest.Function):
                marks = self._marks[item.nodeid] = marks_of(item)
                if "vcr" in marks:
                    self.marked.append(item)
                if "block_network" in marks:
                    self.blocked.append(item)
        self._sharing: dict[str, list[pytest.Item]] = defaultdict(list)
        self._unsure: set[str] = set()
        self._owners: dict[str, tuple[Path, pytest.Item]] = {}

    def check(self) -> None:
        """Every cassette belongs to one test, or to tests that name it.

        Raises:
            UsageError: pytest's: two tests would have one file, or two that are one where case makes no difference.
        """
        named: set[Path] = set()
        for item in self.marked:
            marks = self._marks[item.nodeid]
            path, explicit = place(item, marks)
            if not explicit and not any(mark.args or mark.kwargs for mark in marks["vcr"]):
                item.stash[PLACE] = path
            before = self._owners.setdefault(names.folded(path), (path, item))
            shared = explicit and path in named and before[0] == path
            if before[1].nodeid != item.nodeid and not shared and not _told_apart(before, (path, item)):
                raise pytest.UsageError(_collision(before[1], item, names.shown(path, self._config)))
            if explicit:
                named.add(path)
                item.stash[NAMED] = str(path)
                self._sharing[str(path)].append(item)
                if item.path.resolve() in self._partly:
                    self._unsure.add(str(path))

    def lies(self, item: pytest.Item, directory: Path, name: str, file: str) -> None:
        """The suite was asked where the cassette of a test lies.

        Args:
            item: The test.
            directory: What it says of the directory.
            name: What it says of the name.
            file: The name of the file that it makes of that.
        """
        said = _said(item)
        renamed = name != said or not file.startswith(said)
        given = Given(directory / file, renamed, self._elsewhere(item, directory))
        known = not (given.renamed or given.elsewhere or _parameter(item))
        item.stash[GIVEN] = None if known else given

    def sharing(self, item: pytest.Item) -> int:
        """How many tests may have the cassette of this one; one more where some that were not collected may, too."""
        tests, sure = self._having(item)
        return len(tests) + (not sure)

    def among(self, item: pytest.Item) -> str | None:
        """How the ids of all tests start that may have a cassette of another name; None: its tests are known."""
        given = item.stash.get(GIVEN, None)
        if given is None or not given.renamed:
            return None
        return "" if given.elsewhere else f"{names.seen_from(self._config.rootpath, item.path)}::"

    def again(self, item: pytest.Item, start: Path) -> list[str]:
        """What pytest is to run to record the cassette of this test with nothing of it lost, typed in a directory."""
        tests, sure = self._having(item)
        given = item.stash.get(GIVEN, None)
        renamed = given is not None and given.renamed
        if given is not None and given.elsewhere and (renamed or not sure):
            return [names.node(item, start), "--record-mode=new_episodes"]
        if renamed or not sure or len(tests) > MANY:
            what = list(dict.fromkeys(names.seen_from(start, each.path) for each in tests))
        else:
            what = [names.node(each, start) for each in tests]
        return [*what, "--record-mode=rewrite"]

    def _having(self, item: pytest.Item) -> tuple[Sequence[pytest.Item], bool]:
        """The collected tests that may have the cassette of this one, and whether there are no others."""
        given = item.stash.get(GIVEN, None)
        if given is None:
            name = item.stash.get(NAMED, "")
            return self._sharing.get(name, [item]), name not in self._unsure
        tests = self.marked if given.renamed else self._alike[_said(item)]
        if given.elsewhere:
            return tests, self._holds(given.path)
        return [each for each in tests if each.path == item.path], item.path.resolve() not in self._partly

    @functools.cached_property
    def _alike(self) -> dict[str, list[pytest.Item]]:
        found: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in self.marked:
            found[_said(item)].append(item)
        return found

    def _elsewhere(self, item: pytest.Item, directory: Path) -> bool:
        """Whether the test files of a suite may have a directory together: it is not named like one of them alone."""
        if directory.absolute() == names.directory(item.path):
            return False
        return directory.name.rpartition(".")[2] != item.path.stem or self._stems[item.path.stem] > 1

    @functools.cached_property
    def _stems(self) -> Counter[str]:
        return Counter(path.stem for path in {item.path for item in self._items})

    def _holds(self, path: Path) -> bool:
        """Whether a directory that pytest was asked to run holds a file: then all tests that have it were collected."""
        asked = [(self._config.invocation_params.dir / each).resolve() for each in self._config.args]
        whole = path.resolve()
        narrowed = any(self._config.getoption(each, None) for each in ("lf", "ignore", "ignore_glob"))
        return not narrowed and any(each.is_dir() and whole.is_relative_to(each) for each in asked)

    @functools.cached_property
    def _earlier(self) -> Counter[Path]:
        return Counter(names.directory(item.path) / names.file(names.earlier(item)) for item in self.marked)

    def free(self, item: pytest.Item, earlier: Path) -> bool:
        """Whether no other test has as its own the file that pytest-recording would have given this one."""
        owner = self._owners.get(names.folded(earlier))
        return owner is None or owner[1] is item

    def owner(self, path: Path) -> pytest.Item | None:
        """The first test that has a file, as far as the marks say; None where there is none."""
        found = self._owners.get(names.folded(path))
        return None if found is None else found[1]

    def alone(self, item: pytest.Item, earlier: Path) -> bool:
        """Whether no other test could mean that file."""
        return self._earlier[earlier] == 1 and self.free(item, earlier)

    def orphans(self) -> Iterator[Path]:
        """The files in the directories of whole test files that no test of them has."""
        files: dict[Path, list[pytest.Item]] = defaultdict(list)
        for item in self._items:
            files[item.path].append(item)
        for path, items in files.items():
            if path.resolve() not in self._partly and not self._named_at_run_time(items):
                yield from self._left_over(names.directory(path), items)

    def _left_over(self, directory: Path, items: Iterable[pytest.Item]) -> Iterator[Path]:
        files = [directory / each for each in sorted(_listed(directory)) if each.endswith(names.SUFFIXES)]
        # Most often there is none to ask all the tests for.
        files = [each for each in files if names.folded(each) not in self._owners]
        return _unknown(files, directory, items) if files else iter(())

    @functools.cached_property
    def _partly(self) -> set[Path]:
        """The test files that single tests were asked for of, so that others of them were not collected."""
        modules = self._config.getoption("pyargs") and any("::" in arg for arg in self._config.args)
        if modules or self._config.getoption("lf", False):
            # What stands before the test may be a module; the tests that failed last may be of any file.
            return {item.path.resolve() for item in self._items}
        pieces = [arg.partition("::")[0] for arg in self._config.args if "::" in arg]
        return {(self._config.invocation_params.dir / each).resolve() for each in pieces}

    def _named_at_run_time(self, items: Iterable[pytest.Item]) -> bool:
        """Whether a fixture of the suite decides where these cassettes lie."""
        ours = "acs_chat_testkit."
        owners: list[Any] = [
            each
            for each in self._config.pluginmanager.get_plugins()
            if not getattr(each, "__name__", type(each).__module__).startswith(ours)
        ]
        # The tests of one module outside its classes, or of one class, have the same owners.
        for item in {item.parent: item for item in items}.values():
            owners += [getattr(item, "module", None), getattr(item, "cls", None)]
        return any(hasattr(owner, name) for owner in owners for name in NAMING)


def is_marked(item: pytest.Item) -> TypeGuard[pytest.Function]:
    """Whether a test has a cassette."""
    return isinstance(item, pytest.Function) and item.get_closest_marker("vcr") is not None


def marks_of(item: pytest.Item) -> Marks:
    """The marks of a test."""
    found: Marks = {}
    for mark in item.iter_markers():
        found.setdefault(mark.name, []).append(mark)
    return found


def place(item: pytest.Item, marks: Marks) -> tuple[Path, bool]:
    """Where the cassette of a test lies, as far as its marks say, and whether one of them names it."""
    named = marks.get("default_cassette", ())
    name = str(named[0].args[0]) if named and named[0].args else names.cassette(item)
    return names.directory(item.path) / names.file(name, _suffix(marks)), bool(named)


def _said(item: pytest.Item) -> str:
    """The name of the cassette of a test, as far as its parameters and marks say."""
    mark = item.get_closest_marker("default_cassette")
    return _parameter(item) or (str(mark.args[0]) if mark and mark.args else names.cassette(item))


def _parameter(item: pytest.Item) -> str:
    """The name that a parameter of the test gives its cassette."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    return next((str(given[each]) for each in NAMES if each in given), "")


def _told_apart(*places: tuple[Path, pytest.Item]) -> bool:
    """Whether names differ in case alone and each has its file: this file system tells them apart, and so do others."""
    differ = len({path for path, _ in places}) == len(places)
    return differ and all(_has_file(path, item) for path, item in places)


def _has_file(path: Path, item: pytest.Item) -> bool:
    """Whether there is a file in this very spelling, of the new name or of pytest-recording's."""
    return not {path.name, names.file(names.earlier(item), path.suffix)}.isdisjoint(_listed(path.parent))


def _listed(directory: Path) -> list[str]:
    """The names in a directory; none of one that is not there, or that this user may not list."""
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _suffix(marks: Marks) -> str:
    for mark in marks["vcr"]:
        if "serializer" in mark.kwargs:
            return f".{mark.kwargs['serializer']}"
    return names.SUFFIXES[0]


def _collision(one: pytest.Item, other: pytest.Item, path: str) -> str:
    return (
        f"{one.nodeid} and {other.nodeid} would have the same cassette {path}; rename one of them, or give it a name "
        'of its own: @pytest.mark.default_cassette("...")'
    )


def _unknown(files: Iterable[Path], directory: Path, items: Iterable[pytest.Item]) -> Iterator[Path]:
    """The files that no mark of these tests names, and that none of them would have had with pytest-recording."""
    known: set[str] = set()
    fixtures: set[str] = set()
    for item in filter(is_marked, items):
        extra = (directory / names.file(str(arg)) for mark in item.iter_markers("vcr") for arg in mark.args)
        own = (place(item, marks_of(item))[0], directory / names.file(names.earlier(item)))
        known.update(names.folded(names.stem(path)) for path in (*own, *extra))
        fixtures.update(getattr(item, "fixturenames", ()))
    for file in files:
        of_fixture = file.name.startswith(names.FIXTURE) and file.name.split(".")[1].partition("[")[0] in fixtures
        if names.folded(names.stem(file)) not in known and not of_fixture:
            yield file

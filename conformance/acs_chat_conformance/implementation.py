"""What is under test: how it is driven, what it is asked, and what it is known to do otherwise. All of it is data."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acs_chat_conformance.source import BrokenSource, Pointer, Problem, Source, read
from acs_chat_conformance.vectors import SERVICE_SETS, SETS, Level
from acs_chat_testkit.errors import UsageError

HOME = Path(__file__).parent / "implementations"
ADAPTERS = Path(__file__).parent / "adapters"
COMMAND = "exec:"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A check that is known to fail.

    Args:
        check: Its id.
        at: The places of its differences; others are another failure.
        reason: Why it fails and stays so.
        expires: The last day on which this is accepted.
        when: Version ranges by distribution (PEP 440); it holds only where all of them do.
        place: File and line.
    """

    check: str
    at: frozenset[str]
    reason: str
    expires: datetime.date
    when: Mapping[str, str]
    place: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """Examples for which a law is known not to hold.

    Args:
        checks: Patterns of the ids of the laws' checks.
        where: Patterns of JSON pointers into the case, each with a regular expression that must be found in a node
            there; all of them must.
        at: Patterns of the places of the differences; others are another failure.
        reason: Why it fails and stays so.
        expires: The last day on which this is accepted.
        place: File and line.
    """

    checks: tuple[str, ...]
    where: tuple[tuple[str, str], ...]
    at: tuple[str, ...]
    reason: str
    expires: datetime.date
    place: str


@dataclass(frozen=True, slots=True)
class Implementation:
    """One thing under test.

    Args:
        name: As the command line says it.
        adapters: By the kind of set, ``python-surface``, ``wire`` or ``service``: a Python file,
            a ``.cjs`` file that node runs, or ``exec:`` and a command.
        sets: The sets that it is asked.
        levels: The levels that it is asked; the other checks are listed as not asked.
        aio: Whether its clients are the async ones.
        call: Keywords that every call of a client gets besides its own.
        drops: Options of a client that it does not take.
        needs: What its environment must have, such as ``azure-communication-chat==1.3.0``; empty for ours.
        deviations: Known failures by the id of the check; of several that hold in an environment the first counts.
        exemptions: Where laws are known not to hold; the first that fits counts.
        problems: What of its file cannot be used.
    """

    name: str
    adapters: Mapping[str, str]
    sets: tuple[str, ...] = SETS
    levels: frozenset[Level] = frozenset(Level)
    aio: bool = False
    call: Mapping[str, Any] = field(default_factory=dict)
    drops: tuple[str, ...] = ()
    needs: str = ""
    deviations: Mapping[str, tuple[Deviation, ...]] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    problems: tuple[Problem, ...] = ()

    def must_answer(self, sets: Iterable[str]) -> None:
        """Refuses sets that it cannot be asked.

        Raises:
            UsageError: There is no such set, or no adapter for it.
        """
        known = (*SETS, *SERVICE_SETS)
        for each in sets:
            if each not in known:
                raise UsageError(f"there is no set {each!r}; there are: {', '.join(known)}")
            if kind_of(each) not in self.adapters:
                has = ", ".join(sorted(self.adapters))
                raise UsageError(f"{self.name} has no adapter for the set {each}; it has one for: {has}")

    def argv(self, kind: str, python: str | None) -> list[str] | None:
        """The command that runs an adapter; None where it runs in this process."""
        adapter = self.adapters[kind]
        if adapter.startswith(COMMAND):
            return _words(adapter)
        if adapter.endswith(".cjs"):
            return ["node", adapter]
        return [python, "-W", "ignore", adapter] if python else None


def _words(adapter: str) -> list[str]:
    try:
        words = shlex.split(adapter.removeprefix(COMMAND))
    except ValueError:  # a quotation without its end
        words = []
    if not words:
        raise UsageError(f"{adapter!r} names no command; give one such as 'exec:node adapter.mjs'")
    return words


def kind_of(name: str) -> str:
    """The kind of a set: what stands before its api-version."""
    return name.partition("/")[0]


def find(name: str) -> Implementation:
    """Looks an implementation up.

    Args:
        name: One of `names`, the path of a file like theirs, or ``exec:`` and the command of an adapter for clients.

    Raises:
        UsageError: There is none of that name, or its file cannot be used.
    """
    if name.startswith(COMMAND):
        wire = tuple(each for each in SETS if kind_of(each) == "wire")
        return Implementation(name, {"wire": name}, wire, frozenset(Level) - {Level.EXTENSION})
    path = Path(name) if name.endswith((".yaml", ".yml")) else HOME / f"{name}.yaml"
    if not path.exists():
        raise UsageError(f"there is no implementation {name!r}; there are: {', '.join(names())}")
    try:
        return _implementation(name, path, read(path, path.name))
    except BrokenSource as broken:
        raise UsageError(str(broken)) from broken


def names() -> list[str]:
    """The implementations that this package knows."""
    return sorted(path.stem for path in HOME.glob("*.yaml"))


def _implementation(name: str, path: Path, source: Source) -> Implementation:
    problems = source.problems("implementation")
    unusable = [problem for problem in problems if problem.at[:1] not in {("deviations",), ("exemptions",)}]
    if unusable:
        raise UsageError(str(unusable[0]))
    data = source.data
    base = find(data["like"]) if "like" in data else Implementation(name, {})
    spoiled = {problem.at[:2] for problem in problems}
    deviations = {check: list(known) for check, known in base.deviations.items()}
    for index in range(len(data.get("deviations", ()))):
        for deviation in _of(source, index) if ("deviations", index) not in spoiled else ():
            deviations.setdefault(deviation.check, []).append(deviation)
    own = {kind: _adapter(path, adapter) for kind, adapter in data.get("adapters", {}).items()}
    return Implementation(
        name=name,
        adapters=own or base.adapters,
        sets=tuple(data.get("sets", base.sets)),
        levels=frozenset(map(Level, data.get("levels", base.levels))),
        aio=data.get("aio", base.aio),
        call=data.get("call", base.call),
        drops=tuple(data.get("drops", base.drops)),
        needs=data.get("needs", base.needs),
        deviations={check: tuple(known) for check, known in deviations.items()},
        exemptions=(*base.exemptions, *_exemptions(source, spoiled)),
        problems=(*base.problems, *problems),
    )


def _adapter(path: Path, adapter: str) -> str:
    """An adapter beside the implementation's own file, or else one of this package."""
    if adapter.startswith(COMMAND):
        return adapter
    beside = path.parent / adapter
    return str(beside if beside.exists() else ADAPTERS / adapter)


def _of(source: Source, index: int) -> Iterator[Deviation]:
    group = source.data["deviations"][index]
    for check, at in group["checks"].items():
        line = source.line(("deviations", index, "checks", check))
        expires = datetime.date.fromisoformat(group["expires"])
        yield Deviation(check, frozenset(at), group["reason"], expires, group.get("when", {}), f"{source.file}:{line}")


def _exemptions(source: Source, spoiled: set[Pointer]) -> Iterator[Exemption]:
    for index, one in enumerate(source.data.get("exemptions", ())):
        at: Pointer = ("exemptions", index)
        if at not in spoiled:
            yield Exemption(
                checks=tuple(one["checks"]),
                where=tuple(one.get("where", {}).items()),
                at=tuple(one["at"]),
                reason=one["reason"],
                expires=datetime.date.fromisoformat(one["expires"]),
                place=f"{source.file}:{source.line(at)}",
            )

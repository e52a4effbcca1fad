"""Reads the sets of vectors: each is one question with the outcome that must follow, and both are data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from acs_chat_conformance import shorthand
from acs_chat_conformance.source import BrokenSource, Pointer, Problem, Source, read

HOME = Path(__file__).parent / "vectors"
SETS = ("python-surface", "wire/2024-03-07", "wire/2020-11-01-preview3")
"""The sets that a client is asked."""

SERVICE_SETS = ("service/2024-03-07",)
"""The sets that a service is asked: there the runner is the client."""

SHARED = "_set.yaml"
EVERY_VERSION = "any"
CONTAINERS = {"groups", "cases"}
Node = Any


class Level(StrEnum):
    """How binding a check is."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OBSERVED = "observed"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Step:
    """A request that the server must see, and what it answers: one step of the exchange between them."""

    request: Mapping[str, Any]
    respond: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must follow.

    Args:
        value: The value, where the call must return; None is a value too.
        error: Where it must raise: the kind, and what else the error must tell.
        logs: Texts of which each must stand in a logged warning; empty where nothing may be logged, None where that is
            left open.
        pick: The part of the value that is compared, as steps joined by slashes; empty for all of it.
        steps: What must go over the wire, in this order and nothing else; of a service, what is sent to it, and what it
            must answer.
    """

    value: Node = None
    error: Mapping[str, Any] | None = None
    logs: tuple[str, ...] | None = None
    pick: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Vector:
    """One check.

    Args:
        id: Stable and unique, such as ``"python-surface/ChatThreadInfo#serialize.whole-second"``.
        set: The set that it belongs to.
        subject: The model or the operation that it is about.
        title: One sentence; may be empty.
        level: How binding it is.
        source: What it rests on.
        place: File and line.
        question: What the adapter is asked.
        expected: What must follow; the adapter never sees it.
    """

    id: str
    set: str
    subject: str
    title: str
    level: Level
    source: str
    place: str
    question: Mapping[str, Any]
    expected: Expected = field(repr=False)

    @property
    def is_service(self) -> bool:
        """Whether a service is asked, and not a client."""
        return self.set.startswith("service/")

    @property
    def is_wire(self) -> bool:
        """Whether it needs a server."""
        return self.set.startswith("wire/")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The vectors that can be used, and why the others cannot."""

    vectors: tuple[Vector, ...]
    problems: tuple[Problem, ...]


def load(name: str, home: Path | None = None) -> Loaded:
    """Reads a set; what is broken is left out and named, and the rest is there.

    Args:
        name: One of `SETS`, or any directory below home.
        home: Where the sets lie; those of this package where left out.
    """
    home = home or HOME
    vectors: list[Vector] = []
    problems: list[Problem] = []
    try:
        shared = _shared(home / name / SHARED, f"{name}/{SHARED}")
    except BrokenSource as broken:
        return Loaded((), (broken.problem,))
    for path in _files(home, name):
        try:
            source = read(path, path.relative_to(home).as_posix())
        except BrokenSource as broken:
            problems.append(broken.problem)
            continue
        problems += source.problems(shorthand.schema_of(name))
        for made in _cases(name, source, shared, tuple(problems)):
            (vectors if isinstance(made, Vector) else problems).append(made)  # type: ignore[arg-type]
    repeated = {vector_id for vector_id, count in Counter(vector.id for vector in vectors).items() if count > 1}
    problems += [_repeated(vector) for vector in vectors if vector.id in repeated]
    return Loaded(tuple(vector for vector in vectors if vector.id not in repeated), tuple(problems))


def only(name: str, source: Source) -> Vector:
    """The one vector of a file of a set, which shares nothing with other files."""
    (made,) = _cases(name, source, {}, ())
    assert isinstance(made, Vector), made
    return made


def _files(home: Path, name: str) -> list[Path]:
    """The files of a set, and those that all sets of its kind share."""
    homes = (home / name, home / name.partition("/")[0] / EVERY_VERSION) if "/" in name else (home / name,)
    return sorted((path for each in homes for path in each.glob("[!_]*.yaml")), key=lambda path: path.name)


def _shared(path: Path, name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = read(path, name).data if path.exists() else {}
    return data


def _cases(
    name: str, source: Source, shared: Mapping[str, Any], problems: tuple[Problem, ...]
) -> Iterator[Vector | Problem]:
    file = source.data if isinstance(source.data, dict) else {}
    for at in _places(file):
        if any(problem.file == source.file and _spoils(problem.at, at) for problem in problems):
            continue
        group = file["groups"][at[1]]
        case = group["cases"][at[3]]
        own = [{key: value for key, value in one.items() if key not in CONTAINERS} for one in (file, group, case)]
        try:
            yield _vector(name, source, at, f"{group['id']}.{case['id']}", shorthand.merged([shared, *own]))
        except shorthand.Incomplete as missing:
            yield source.problem(at, str(missing))


def _places(file: Mapping[str, Any]) -> Iterator[tuple[str, int, str, int]]:
    groups = file.get("groups")
    for index, group in enumerate(groups if isinstance(groups, list) else ()):
        cases = group.get("cases") if isinstance(group, dict) else None
        for number in range(len(cases) if isinstance(cases, list) else 0):
            yield ("groups", index, "cases", number)


def _spoils(problem: Pointer, case: tuple[str, int, str, int]) -> bool:
    """Whether a problem at one place makes the case at another unusable: not where it lies in a neighbour."""
    in_other_group = len(problem) > 1 and problem[0] == "groups" and problem[1] != case[1]
    in_other_case = len(problem) > 3 and problem[:3] == case[:3] and problem[3] != case[3]
    return not (in_other_group or in_other_case)


def _vector(name: str, source: Source, at: Pointer, case_id: str, fields: Mapping[str, Any]) -> Vector:
    whole = shorthand.spelled_out(name, fields)
    return Vector(
        id=f"{name}/{Path(source.file).stem}#{case_id}",
        set=name,
        subject=whole["subject"],
        title=fields.get("title", ""),
        level=Level(fields.get("level", "required")),
        source=fields["source"],
        place=f"{source.file}:{source.line(at)}",
        question=whole["question"],
        expected=Expected(
            value=fields.get("want"),
            error=whole["error"],
            logs=tuple(fields["logs"]) if "logs" in fields else None,
            pick=fields.get("pick", ""),
            steps=tuple(Step(one["request"], one["respond"]) for one in whole["exchanges"]),
        ),
    )


def _repeated(vector: Vector) -> Problem:
    file, _, line = vector.place.rpartition(":")
    return Problem(file, int(line), (), f"the id {vector.id} stands here and elsewhere")

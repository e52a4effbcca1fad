"""The frozen requirements: their counts are written out, and nothing slips in or out of them unseen."""

from pathlib import Path

import pytest

from acs_chat_conformance.requirements import Requirements, frozen, verdict
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.vectors import SETS, Expected, Level, Vector, load

TEXT = """\
revision: "2026-11"
count: 2
required:
  file: [a.one, a.two]
not_scored:
  file#a.late: it came after the freeze
"""


def vector(case: str, level: Level = Level.REQUIRED) -> Vector:
    """A vector of the set."""
    return Vector(f"set/file#a.{case}", "set", "file", "", level, "none", "file:1", {}, Expected())


VECTORS = [vector("one"), vector("two"), vector("late"), vector("extra", Level.EXTENSION)]


def read(home: Path, text: str = TEXT, vectors: list[Vector] | None = None) -> Requirements:
    """Reads the requirements of the set."""
    (home / "set.yaml").write_text(text)
    return frozen("set", VECTORS if vectors is None else vectors, home)


@pytest.mark.parametrize(
    ("name", "count"),
    [("python-surface", 187), ("wire/2024-03-07", 231), ("wire/2020-11-01-preview3", 228), ("service/2024-03-07", 27)],
)
def test_the_required_checks_are_these_many(name: str, count: int) -> None:
    """The number of required checks of each set stands here as well as in its list."""
    required = frozen(name, load(name).vectors)
    assert required.problems == ()
    assert len(required.checks) == count
    assert {"python-surface", "wire/2024-03-07", "wire/2020-11-01-preview3"} == set(SETS)


def test_a_sound_list_has_no_problem(tmp_path: Path) -> None:
    """What is frozen is there and required, and what came later is listed apart."""
    assert read(tmp_path) == Requirements("set", "2026-11", frozenset({"set/file#a.one", "set/file#a.two"}))


@pytest.mark.parametrize(
    ("text", "vectors", "said"),
    [
        (TEXT.replace("count: 2", "count: 3"), VECTORS, "requirements/set.yaml:2: /count: count says 3, but 2 checks"),
        (TEXT, VECTORS[1:], "/required: set/file#a.one is required, but there is no such required check"),
        (TEXT, [vector("one", Level.OBSERVED), *VECTORS[1:]], "a.one is required, but there is no such required check"),
        (TEXT, [*VECTORS, vector("new")], "set/file#a.new is neither frozen nor listed under not_scored"),
        (TEXT.replace("revision", "version"), VECTORS, "Additional properties"),
        ("- 1", VECTORS, "is not of type 'object'"),
        ("a: [", VECTORS, "no YAML"),
    ],
)
def test_a_list_that_is_not_sound_is_named(tmp_path: Path, text: str, vectors: list[Vector], said: str) -> None:
    """A wrong count, a check that went, one that was weakened, one that slipped in, and a broken file."""
    assert any(said in str(problem) for problem in read(tmp_path, text, vectors).problems)


def test_a_set_without_a_list_is_named(tmp_path: Path) -> None:
    """A missing file is a problem, not an empty requirement."""
    assert "cannot be read" in str(frozen("set", VECTORS, tmp_path).problems[0])


@pytest.mark.parametrize(
    ("statuses", "conformant"),
    [
        ([Status.PASSED, Status.PASSED], True),
        ([Status.PASSED, Status.KNOWN], False),
        ([Status.PASSED, Status.FAILED], False),
        ([Status.PASSED], False),
        ([], False),
    ],
)
def test_only_a_pass_of_every_required_check_conforms(tmp_path: Path, statuses: list[Status], conformant: bool) -> None:
    """A known failure is no pass, and neither is what was not run."""
    results = [Result(one, status) for one, status in zip(VECTORS, statuses, strict=False)]
    found = verdict(read(tmp_path), results)
    assert found.conformant is conformant
    assert (found.required, found.passed, found.known) == (
        2,
        statuses.count(Status.PASSED),
        statuses.count(Status.KNOWN),
    )


def test_no_requirements_are_no_conformance() -> None:
    """Nothing required means nothing shown."""
    assert not verdict(Requirements("set", "", frozenset()), []).conformant

"""Vector files: what is broken is named with file, line and field, and the rest still runs."""

import re
from pathlib import Path

import pytest

from acs_chat_conformance.runner import response
from acs_chat_conformance.shorthand import fill
from acs_chat_conformance.vectors import SETS, load
from acs_chat_testkit import contract as contracts
from acs_chat_testkit.contract import violations
from acs_chat_testkit.http import Request

GOOD = """\
model: ChatThreadInfo
source: documentation
groups:
  - id: serialize
    do: serialize
    on: {$model: ChatThreadInfo, id: a, topic: b}
    cases:
      - {id: plain, want: {id: a, topic: b}}
"""


def write(home: Path, text: str, name: str = "x.yaml") -> None:
    """Puts a file into a set."""
    (home / "python-surface").mkdir(exist_ok=True)
    (home / "python-surface" / name).write_text(text)


@pytest.mark.parametrize("name", SETS)
def test_the_sets_that_are_shipped_are_sound(name: str) -> None:
    """Every file keeps to the schema, and every id stands once."""
    loaded = load(name)
    assert loaded.problems == ()
    assert len({vector.id for vector in loaded.vectors}) == len(loaded.vectors) > 0


def test_a_case_takes_from_its_group_what_it_does_not_say(tmp_path: Path) -> None:
    """Do, on and source come from above; id and place say where the case stands."""
    write(tmp_path, GOOD)
    (vector,) = load("python-surface", tmp_path).vectors
    assert vector.id == "python-surface/x#serialize.plain"
    assert vector.place == "python-surface/x.yaml:8"
    assert vector.question["do"] == "serialize"
    assert vector.expected.value == {"id": "a", "topic": "b"}


BROKEN = {
    "no YAML": (GOOD.replace("[", "").replace("groups:", "groups: ["), "python-surface/x.yaml:4: /: no YAML"),
    "key twice": (GOOD + "model: Again\n", "python-surface/x.yaml:9: /: no YAML: the key 'model' stands here a second"),
    "unknown field": (
        GOOD.replace("want:", "wanted:"),
        "/groups/0/cases/0: Unevaluated properties .*'wanted'",
    ),
    "level": (
        GOOD.replace("id: plain,", "id: plain, level: must,"),
        "x.yaml:8: /groups/0/cases/0/level: 'must'",
    ),
    "no outcome": (
        GOOD.replace(", want: {id: a, topic: b}", ""),
        "x.yaml:8: /groups/0/cases/0: a case needs want",
    ),
    "two outcomes": (GOOD.replace("want:", "error: type, want:"), "x.yaml:8: /groups/0/cases/0: "),
    "no source": (GOOD.replace("source: documentation\n", ""), "x.yaml:7: /groups/0/cases/0: .* needs a source"),
    "no call": (GOOD.replace("    do: serialize\n", ""), "x.yaml:7: /groups/0/cases/0: a case or its group needs do"),
    "nothing to call it on": (
        GOOD.replace("    on: {$model: ChatThreadInfo, id: a, topic: b}\n", ""),
        "x.yaml:7: /groups/0/cases/0: serialize needs on",
    ),
    "no groups": ("model: ChatThreadInfo\n", "x.yaml:1: /: 'groups' is a required property"),
    "a list": ("- 1\n", "x.yaml:1: /: .* is not of type 'object'"),
    "empty": ("", "x.yaml:0: /: None is not of type 'object'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_vector_is_named_and_the_rest_still_loads(tmp_path: Path, name: str) -> None:
    """The problem gives file, line, field and a sentence; the file beside it is not touched by it."""
    text, said = BROKEN[name]
    write(tmp_path, text)
    write(tmp_path, GOOD, "y.yaml")
    loaded = load("python-surface", tmp_path)
    assert [vector.id for vector in loaded.vectors] == ["python-surface/y#serialize.plain"]
    (problem,) = loaded.problems
    assert str(problem).startswith("python-surface/x.yaml:")
    assert re.search(said, str(problem)), str(problem)


def test_the_neighbours_of_a_broken_case_are_run(tmp_path: Path) -> None:
    """One bad case spoils neither the case beside it nor another group."""
    case = "      - {id: bad, level: must, want: 1}\n"
    group = GOOD[GOOD.index("  - id: serialize") :].replace("id: serialize", "id: again")
    write(tmp_path, GOOD + case + group)
    loaded = load("python-surface", tmp_path)
    assert [vector.id.split("#")[1] for vector in loaded.vectors] == ["serialize.plain", "again.plain"]
    assert len(loaded.problems) == 1


def test_an_id_that_stands_twice_is_a_problem_both_times(tmp_path: Path) -> None:
    """Neither of two checks with one id is run."""
    write(tmp_path, GOOD + "      - {id: plain, want: {}}\n")
    loaded = load("python-surface", tmp_path)
    assert loaded.vectors == ()
    assert [problem.line for problem in loaded.problems] == [8, 9]


def test_every_observed_row_is_a_check() -> None:
    """The 221 rows that were observed on the two documented models are all there, under their numbers."""
    rows = {
        vector.id.rpartition(".")[2][:3]
        for vector in load("python-surface").vectors
        if vector.id.startswith("python-surface/model-methods#")
    }
    assert len(rows) == 221
    counts = {"c": 11, "s": 20, "d": 23, "a": 20, "i": 27, "k": 12, "t": 39, "f": 28, "v": 8, "x": 19, "e": 14}
    assert {letter: len([row for row in rows if row[0] == letter]) for letter in counts} == counts


@pytest.mark.parametrize("name", [name for name in SETS if name.startswith("wire/")])
def test_what_the_vectors_answer_keeps_to_the_contract(name: str) -> None:
    """In the plain cases of each operation the answers of the suite are such as the service promises."""
    contract = contracts.load(name.removeprefix("wire/"))
    judged = 0
    for vector in load(name).vectors:
        if vector.subject not in contract.operations or "#call." not in vector.id:
            continue
        for step in vector.expected.steps:
            operation = contract.operations[vector.subject]
            path = operation.path.replace("{chatThreadId}", "x").replace("{chatMessageId}", "x")
            path = path.replace("{chatParticipantId}", "x")
            request = Request(operation.method, f"https://chat.communication.example{path}")
            endpoint = {"endpoint": "https://chat.communication.example"}
            found = violations(contracts.Exchange(request, response(fill(step.respond, endpoint))), contract)
            assert [one for one in found if one.check.startswith("response.")] == [], vector.id
            judged += 1
    assert judged > 25

"""What the suite is tested with: the seeded faults still apply, and mutants change what they say they change."""

import ast
import io
import re
import threading
from pathlib import Path

import pytest
import yaml
from tests.conformance.selftest.mutation import calls, followed, mutants
from tests.conformance.selftest.score import Aside, fault_job, generated, home_of_ours, room_of

from acs_chat_conformance.scores import in_words, measured

SELFTEST = Path(__file__).parent / "selftest"
FAULTS = yaml.safe_load((SELFTEST / "faults.yaml").read_text(encoding="utf-8"))
SOURCE = '''
"""Docs."""
LIMIT = 3


def name(value: str, *, loud: bool = False) -> str:
    """Docs."""
    if value == "a" and not loud:
        raise ValueError("words")
    return value
'''


def test_the_catalogue_of_faults_has_no_gap() -> None:
    """Each number from 1 to 118 is seeded, or said to be found elsewhere and why."""
    numbers = [int(fault["id"][1:4]) for fault in FAULTS["faults"] if fault["id"].startswith("F")]
    elsewhere = [int(number[1:]) for number in FAULTS["elsewhere"]]
    assert not set(numbers) & set(elsewhere)
    assert {*numbers, *elsewhere} == set(range(1, 119))
    assert all(len(reason) > 20 for reason in FAULTS["elsewhere"].values())


@pytest.mark.parametrize("fault", FAULTS["faults"], ids=lambda fault: fault["id"])
def test_a_seeded_fault_changes_the_code_as_it_is(fault: dict[str, str]) -> None:
    """The text that it changes stands in its file, and with the change the file is still Python."""
    assert fault_job(home_of_ours(), fault).home == fault["file"]
    source = (home_of_ours() / fault["file"]).read_text(encoding="utf-8")
    ast.parse(source.replace(fault["old"], fault["new"]))


def test_a_fault_that_does_not_apply_is_named() -> None:
    """Otherwise the code as it is would be judged in its place."""
    with pytest.raises(ValueError, match=r"F999: _model.py has no 'no such text'"):
        fault_job(home_of_ours(), {"id": "F999", "fault": "-", "file": "_model.py", "old": "no such text", "new": ""})


def test_a_mutant_changes_one_thing_and_no_words() -> None:
    """Conditions, results and constants are changed; docstrings, annotations and the words of errors stay."""
    found = {(one.line, one.change.partition(":")[0]) for one in mutants(SOURCE)}
    assert found == {
        (3, "constant"),
        (6, "constant"),
        (8, "always"),
        (8, "never"),
        (8, "and/or"),
        (8, "comparison"),
        (8, "no not"),
        (8, "constant"),
        (10, "returns None"),
    }
    plain = ast.unparse(ast.parse(SOURCE))
    for one in mutants(SOURCE):
        assert ast.unparse(one.code) != plain
        one.compiled("x.py")


def test_a_mutant_knows_the_function_that_it_is_in() -> None:
    """A default is made when the module is imported, and belongs to no function."""
    assert {(one.line, one.function) for one in mutants(SOURCE)} == {(3, 0), (6, 0), (8, 6), (10, 6)}


def test_called_functions_are_collected_by_file_and_line() -> None:
    """That is how it is known which checks can find a change."""
    with calls(str(SELFTEST.parent)) as called:
        home_of_ours()
        room_of("_model.py")
    score = next(file for file, _ in called if Path(file).name == "score.py")
    assert {line for file, line in called if file == score} >= {
        home_of_ours.__code__.co_firstlineno,
        room_of.__code__.co_firstlineno,
    }


def test_calls_of_other_threads_are_collected_too() -> None:
    """Of several callers at once all but one are in threads of their own."""
    with calls(str(SELFTEST.parent)) as called:
        thread = threading.Thread(target=room_of, args=("_model.py",))
        thread.start()
        thread.join()
    assert room_of.__code__.co_firstlineno in {line for _, line in called}
    with calls(str(SELFTEST.parent)) as later:
        pass
    assert room_of.__code__.co_firstlineno not in {line for _, line in later}


ADAPTER = """
import sys


def answer(line):
    if line == "b":
        return 2
    return 1


for line in sys.stdin:
    answer(line.strip())
"""


def test_what_each_question_runs_is_known_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that no question runs is no place where a check could find a change."""
    path = tmp_path / "adapter.py"
    path.write_text(ADAPTER)
    monkeypatch.setattr("sys.stdin", io.StringIO("a\na\n"))
    told = followed(str(path), str(tmp_path))
    assert told["calls"] == [[(str(path), 5)], [(str(path), 5)]]
    run = {line for _, line in told["lines"]}
    assert {6, 8} <= run
    assert 7 not in run
    assert {one.statement for one in mutants(ADAPTER) if one.change.startswith("returns")} == {7, 8}


def test_what_is_set_aside_is_there_and_has_a_reason() -> None:
    """Each entry names a mutant of a line that still reads so, and all of them together are few."""
    entries = yaml.safe_load((SELFTEST / "equivalent.yaml").read_text(encoding="utf-8"))
    assert all(len(entry["reason"]) > 20 for entry in entries)
    aside = Aside(SELFTEST / "equivalent.yaml")
    every = [aside.has(name, line, mutant.change) for name, line, mutant in generated(home_of_ours())]
    assert aside.unused == set()
    assert 0 < sum(every) <= 0.05 * len(every)


def test_the_published_scores_are_those_that_were_asked_for() -> None:
    """All seeded faults, nine of ten mutants of ours, and the published clients beside them."""
    scores = measured()
    seeded = scores["seeded faults"]
    assert seeded["found"] == seeded["of"] == len(FAULTS["faults"])
    ours = scores["our SDK"]
    assert ours["found"] >= 0.9 * ours["of"]
    assert ours["aside"] <= 0.05 * (ours["of"] + ours["aside"])
    assert len([name for name in scores if name.startswith("azure-communication-chat==")]) == 2


def test_a_score_is_never_rounded_up() -> None:
    """899 of 1000 are 89.9 percent, and 9996 of 10000 are 99.9."""
    assert in_words(9996, 10000, 0, 0) == "9996 of 10000 (99.9 %)"
    assert in_words(8, 10, 1, 2) == "8 of 10 (80.0 %), 2 more only crash, 1 set aside"


@pytest.mark.parametrize("page", ["README.md", "docs/conformance.md"])
def test_the_documentation_prints_the_scores(page: str) -> None:
    """The number in the text is the one that was measured."""
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    seeded, ours = measured()["seeded faults"], measured()["our SDK"]
    assert in_words(**(seeded | {"crashed": 0})) in text
    assert re.search(re.escape(f"{ours['found']} of {ours['of']} ("), text)

"""Every behaviour is a row with its evidence, and answers can name the rows they rest on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.emulator.clients import Person, identifier, participant, person

import acs_chat_testkit.emulator
from acs_chat_testkit.cli.emulate import command
from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.emulator.facts import MARKS, facts, shares

ROOM = Path(acs_chat_testkit.emulator.__file__).parent
AREAS = {fact.partition(".")[0] for fact in facts()}


def named_in_code() -> Iterator[str]:
    """Every text in the room's code that has the form of a fact's id."""
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                area, dot, rest = node.value.partition(".")
                if dot and area in AREAS and rest.replace(".", "").replace("-", "").isalnum():
                    yield node.value


def test_code_and_rows_name_the_same_behaviours() -> None:
    """No answer rests on a row that does not exist, and no row stands for a behaviour that no code shows."""
    assert set(named_in_code()) == set(facts())


def test_only_a_guess_is_without_a_source() -> None:
    """Each row has a known mark and one sentence; whatever claims evidence says where it was seen."""
    for fact in facts().values():
        assert fact.mark in MARKS
        assert fact.what.endswith(".")
        assert bool(fact.seen) == (fact.mark != "guess"), fact.id


def test_an_answer_names_its_rows_when_asked(alice: Person) -> None:
    """The header comes on request only, and says each row with its mark."""
    thread = alice.create_thread()
    asked = alice.call("GET", f"{thread}/messages?startTime=2024-01-01T00:00:00Z", headers={"x-testkit-facts": "1"})
    assert asked.headers["x-testkit-facts"].split(", ") == [
        *("message.list=recorded", "message.list.default=recorded", "message.list.start=guess"),
        *("identifier.object=recorded", "message.system=recorded"),
        *("answer.headers=recorded", "answer.length=recorded"),
    ]
    refused = alice.call("GET", f"{thread}x", headers={"x-testkit-facts": "1"})
    assert refused.headers["x-testkit-facts"].startswith("thread.malformed=recorded, error.envelope.later=guess, ")
    assert "x-testkit-facts" not in alice.call("GET", thread).headers


def test_an_emulator_tells_what_its_answers_rested_on_since_it_was_last_asked() -> None:
    """This is how a test that rests on a guess is found without changing its requests."""
    with Emulator() as emulator:
        alice, bob = person(emulator), person(emulator)
        thread = alice.create_thread()
        emulator.take_facts()
        alice.call("POST", f"{thread}/participants/:remove", {"rawId": bob.id})
        told = [(fact.id, fact.mark) for fact in emulator.take_facts()]
        assert told == [("participant.remove.absent", "guess"), ("answer.headers", "recorded")]
        assert emulator.take_facts() == ()


def resting(who: Person, method: str, path: str, body: object = None) -> set[str]:
    """The rows that an answer names."""
    answer = who.call(method, path, body, headers={"x-testkit-facts": "1"})
    return {row.partition("=")[0] for row in answer.headers["x-testkit-facts"].split(", ")}


def test_what_happened_before_decides_on_what_an_answer_rests(alice: Person, bob: Person) -> None:
    """A stranger is refused on recorded grounds, somebody who was removed on a guess; any participant adds others."""
    thread = alice.create_thread()
    assert "thread.hidden" in resting(bob, "GET", thread)
    alice.call("POST", f"{thread}/participants/:add", {"participants": [participant(bob.id)]})
    assert "participant.anybody" in resting(bob, "POST", f"{thread}/participants/:remove", identifier(alice.id))
    assert {"participant.removed", "thread.hidden"} & resting(alice, "GET", thread) == {"participant.removed"}
    odd = {"communicationIdentifier": {**identifier(alice.id), "rawId": bob.id}}
    assert "identifier.both" in resting(bob, "POST", f"{thread}/participants/:add", {"participants": [odd]})
    assert alice.call("GET", thread).status_code == 200


def test_the_command_prints_every_row_and_the_shares() -> None:
    """`acs-chat emulate --facts` starts nothing and ends with the share of each mark."""
    result = CliRunner().invoke(command, ["--facts"])
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert [line.split()[1] for line in lines[:-2]] == list(facts())
    assert lines[-1].startswith(f"{len(facts())} behaviours: {shares()['recorded']:.0%} recorded")
    assert sum(shares().values()) == pytest.approx(1)


def test_the_documentation_prints_the_shares() -> None:
    """The table of docs/emulator.md says what the rows say now."""
    text = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text("utf-8")
    assert f"Of {len(facts())} behaviours:" in text
    for mark, share in shares().items():
        assert f"| {mark} | {share:.0%} |" in text

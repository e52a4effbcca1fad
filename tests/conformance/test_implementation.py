"""Adapters in processes of their own: what they do wrong is told, and the run goes on."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acs_chat_conformance import implementation
from acs_chat_conformance.implementation import ADAPTERS, Implementation, Outcome, Session, find
from acs_chat_testkit.errors import UsageError

Ask = Callable[[str], list[Outcome]]
ECHO = "import sys\nfor line in sys.stdin: print('{\"value\": 1}', flush=True)\n"


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks an adapter made of a piece of Python twice, and gives both outcomes."""
    monkeypatch.setattr(implementation, "ADAPTERS", tmp_path)

    def ask(source: str) -> list[Outcome]:
        (tmp_path / "models.py").write_text(source)
        with Session(Implementation("x", "models.py", "", python=sys.executable)) as session:
            return [session.ask({}, wire=False), session.ask({}, wire=False)]

    return ask


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "ended with exit code 0"),
        ("import sys; sys.stdin.readline(); sys.exit(7)", "ended with exit code 7"),
        ("import sys\nfor line in sys.stdin: print('hello', flush=True)", "no JSON: 'hello"),
        ("import sys\nfor line in sys.stdin: print('[]', flush=True)", "must tell value or error"),
        ("import sys\nfor line in sys.stdin: print('{}', flush=True)", "must tell value or error"),
    ],
)
def test_what_an_adapter_does_wrong_is_a_crash_each_time(ask: Ask, source: str, said: str) -> None:
    """An adapter that ends or talks nonsense crashes its question only; the next one is asked anew."""
    for outcome in ask(source):
        assert said in outcome["crash"]


def test_an_adapter_answers_line_by_line(ask: Ask) -> None:
    """One JSON line in, one JSON line out."""
    assert ask(ECHO) == [{"value": 1}, {"value": 1}]


def test_an_adapter_that_says_nothing_is_ended(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time for an answer the process is killed, and that is a crash."""
    monkeypatch.setattr(implementation, "ANSWER_SECONDS", 0.2)
    for outcome in ask("import sys\nfor line in sys.stdin: import time; time.sleep(60)"):
        assert "ended with exit code" in outcome["crash"]


def test_an_unknown_implementation_is_refused_by_name() -> None:
    """The error names those that there are."""
    with pytest.raises(UsageError, match=r"'theirs'.*ours"):
        find("theirs")


def test_a_client_adapter_is_small() -> None:
    """The runner is the server, so an adapter that only calls its SDK has under 60 lines of code."""
    tree = ast.parse((ADAPTERS / "clients.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    assert len(ast.unparse(tree).split("\n")) < 75


@pytest.mark.parametrize("name", ["models.py", "clients.py"])
def test_an_adapter_knows_nothing_of_the_suite(name: str) -> None:
    """It imports the standard library and the implementation, and no id of a check stands in it."""
    source = (ADAPTERS / name).read_text(encoding="utf-8")
    assert "acs_chat" not in source
    assert "python-surface/" not in source
    assert "wire/" not in source

"""Adapters in processes of their own: what they do wrong is told, and the run goes on."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acs_chat_conformance import session
from acs_chat_conformance.implementation import ADAPTERS, Implementation, find, names
from acs_chat_conformance.session import Outcome, Session
from acs_chat_conformance.vectors import Expected, Level, Vector
from acs_chat_testkit.errors import UsageError

Ask = Callable[[str], list[Outcome]]
ECHO = "import sys\nfor line in sys.stdin: print('{\"value\": 1}', flush=True)\n"
VECTOR = Vector("s/f#a.b", "python-surface", "s", "", Level.REQUIRED, "none", "f:1", {}, Expected())


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Asks an adapter made of a piece of Python twice, and gives both outcomes."""

    def ask(source: str) -> list[Outcome]:
        adapter = tmp_path / "models.py"
        adapter.write_text(source)
        with Session(Implementation("x", {"python-surface": str(adapter)}), sys.executable) as asked:
            return [asked.ask(VECTOR, {}), asked.ask(VECTOR, {})]

    return ask


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "ended with exit code 0"),
        ("import sys; sys.stdin.readline(); sys.exit(7)", "ended with exit code 7"),
        ("import sys; sys.stdin.readline(); raise ValueError('of mine')", "it said last: ValueError: of mine"),
        ("import sys; sys.exit('Error: no module\\n    at it\\n\\nNode.js v20')", "it said last: Error: no module"),
        ("import sys\nfor line in sys.stdin: print('hello', flush=True)", "no JSON: 'hello"),
        ("import sys\nfor line in sys.stdin: sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush()", "no JSON"),
        ("import sys\nfor line in sys.stdin: print('[]', flush=True)", "must tell value or error"),
        ("import sys\nfor line in sys.stdin: print('{}', flush=True)", "must tell value or error"),
        ("import sys\nfor line in sys.stdin: print('{\"error\": 5}', flush=True)", "must at /error"),
        (
            'import sys\nfor line in sys.stdin: print(\'{"error": {"classes": [], "text": ""}}\', flush=True)',
            "must at /error",
        ),
        ('import sys\nfor line in sys.stdin: print(\'{"value": 1, "logs": [5]}\', flush=True)', "must at /logs"),
    ],
)
def test_what_an_adapter_does_wrong_is_a_crash_each_time(ask: Ask, source: str, said: str) -> None:
    """An adapter that ends or talks nonsense crashes its question only; the next one is asked anew."""
    for outcome in ask(source):
        assert said in outcome["crash"]


def test_an_adapter_answers_line_by_line(ask: Ask) -> None:
    """One JSON line in, one JSON line out."""
    assert ask(ECHO) == [{"value": 1}, {"value": 1}]


def test_an_adapter_that_never_answers_ends_the_run(tmp_path: Path) -> None:
    """One sentence says what it said last, instead of a failure for each check; one that has answered goes on."""
    adapter = tmp_path / "models.py"
    with Session(Implementation("x", {"python-surface": str(adapter)}), sys.executable) as asked:
        adapter.write_text("print('{\"value\": 1}', flush=True)\ninput(), input()")
        assert [sorted(asked.ask(VECTOR, {})) for _ in range(2)] == [["value"], ["crash"]]
        adapter.write_text("")
        assert all("crash" in asked.ask(VECTOR, {}) for _ in range(4))
    with Session(Implementation("x", {"python-surface": str(adapter)}), sys.executable) as asked:
        adapter.write_text("import nothing_like_it")
        assert all("crash" in asked.ask(VECTOR, {}) for _ in range(2))
        with pytest.raises(UsageError, match=r"No module named 'nothing_like_it'.*by hand: .*models\.py"):
            asked.ask(VECTOR, {})


@pytest.mark.parametrize("instead", ["", "import os; os.close(1)"])
def test_an_adapter_that_says_nothing_is_ended(ask: Ask, monkeypatch: pytest.MonkeyPatch, instead: str) -> None:
    """After the time for an answer the process is killed, also where it has closed its output, and that is a crash."""
    monkeypatch.setattr(session, "ANSWER_SECONDS", 0.2)
    for outcome in ask(f"import sys, time\n{instead}\nfor line in sys.stdin: time.sleep(60)"):
        assert "ended with exit code -9" in outcome["crash"]


def test_an_adapter_can_be_any_command() -> None:
    """What stands behind exec: is run as it is, and answers in the same way."""
    command = "exec:node adapter.mjs"
    with Session(Implementation("x", {"python-surface": f"exec:{sys.executable} -c 'print(1)'"})) as asked:
        assert "must tell value or error" in asked.ask(VECTOR, {})["crash"]
    assert find(command).adapters == {"wire": command}


def test_a_command_that_is_not_there_is_one_sentence() -> None:
    """The error names the program."""
    with (
        pytest.raises(UsageError, match=r"'no-such-program'.*No such file"),
        Session(Implementation("x", {"python-surface": "exec:no-such-program -x"})) as asked,
    ):
        asked.ask(VECTOR, {})


def test_an_unknown_implementation_is_refused_by_name() -> None:
    """The error names those that there are."""
    with pytest.raises(UsageError, match=r"'theirs'.*microsoft-1.3.0.*ours"):
        find("theirs")


@pytest.mark.parametrize("name", names())
def test_the_implementations_that_are_shipped_are_sound(name: str) -> None:
    """Each file keeps to its schema, and each adapter that it names is there."""
    found = find(name)
    assert found.problems == ()
    for adapter in found.adapters.values():
        assert adapter.startswith("exec:") or Path(adapter).exists()


def test_a_published_client_needs_an_environment_of_its_own() -> None:
    """In this environment there is none, and the error says what to do."""
    with pytest.raises(UsageError, match=r"needs azure-communication-chat==1.3.0, but this environment .*--python"):
        Session(find("microsoft-1.3.0"))


def test_a_package_of_npm_must_be_where_node_finds_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another version, no package and no node at all are one sentence that says what to do."""
    monkeypatch.setenv("NODE_PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"1\.5\.4 is needed, but node does not find it; npm install .* NODE_PATH"):
        Session(find("microsoft-js-1.5.4"))


def test_an_interpreter_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    """The error names it."""
    with pytest.raises(UsageError, match="no Python interpreter that works"):
        Session(find("ours"), str(tmp_path / "python"))


def test_an_implementation_may_be_a_file_of_its_own(tmp_path: Path) -> None:
    """An adapter beside the file is found first, then those of this package; what is not said is taken from another."""
    (tmp_path / "models.py").write_text(ECHO)
    (tmp_path / "mine.yaml").write_text("adapters: {python-surface: models.py, wire: clients.py}\nlevels: [required]\n")
    mine = find(str(tmp_path / "mine.yaml"))
    assert mine.adapters == {"python-surface": str(tmp_path / "models.py"), "wire": str(ADAPTERS / "clients.py")}
    assert mine.levels == {Level.REQUIRED}
    aio = find("microsoft-1.3.0-aio")
    assert aio.aio
    assert aio.deviations.keys() == find("microsoft-1.3.0").deviations.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("adapters: []", r"mine.yaml:1: /adapters: \[\] is not of type 'object'"),
        ("adapters: {wire: clients.py}\nlevels: [must]", "mine.yaml:2: /levels/0: 'must' is not one of"),
        (
            "adapters: {wire: clients.py}\nadapters: {}",
            "mine.yaml:2: /: no YAML: the key 'adapters' stands here",
        ),
    ],
)
def test_a_broken_file_of_an_implementation_is_named(tmp_path: Path, text: str, said: str) -> None:
    """File, line and field."""
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(UsageError, match=said):
        find(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("name", ["clients.py", "clients.cjs"])
def test_a_client_adapter_is_small(name: str) -> None:
    """The runner is the server, so an adapter that only calls its SDK has under 60 lines of code."""
    source = (ADAPTERS / name).read_text(encoding="utf-8").splitlines()
    assert len([line for line in source if line.strip() and not line.strip().startswith(('"""', "#", "//"))]) < 60


@pytest.mark.parametrize("name", ["models.py", "clients.py", "clients_1_3.py", "clients.cjs"])
def test_an_adapter_knows_nothing_of_the_suite(name: str) -> None:
    """It imports the standard library and the implementation, and no id of a check stands in it."""
    source = (ADAPTERS / name).read_text(encoding="utf-8")
    assert "acs_chat" not in source
    assert "python-surface/" not in source
    assert "wire/" not in source

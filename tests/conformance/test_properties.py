"""Laws that hold for all that the contract allows, and what becomes of an example that breaks one."""

import json
import re
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import azure.communication.chat as chat
import azure.communication.chat.aio as chat_aio
from acs_chat_conformance import counterexamples, source, vectors
from acs_chat_conformance.laws import LAWS
from acs_chat_conformance.meaning import documented
from acs_chat_conformance.properties import Plan, check_laws
from acs_chat_conformance.results import Status
from acs_chat_conformance.strategies import bodies, texts
from acs_chat_conformance.surface import surface
from acs_chat_testkit.cli.app import app
from acs_chat_testkit.contract import Contract, Exchange, load, versions, violations
from acs_chat_testkit.http import Headers, Request, Response

LAW = settings(max_examples=20, derandomize=True, suppress_health_check=list(HealthCheck))
WIRE = [f"wire/{version}" for version in versions()]
Fault = Callable[[pytest.MonkeyPatch], None]


def invoke(*args: object) -> Result:
    """Runs the command line in this process."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["conformance", *map(str, args)])


@pytest.mark.parametrize("version", versions())
@LAW
@given(data=st.data())
def test_what_is_made_from_the_contract_keeps_to_it(version: str, data: st.DataObject) -> None:
    """A second validator, the judge, finds nothing wrong with any exchange that the strategies make."""
    contract = load(version)
    operation = data.draw(st.sampled_from(sorted(contract.operations.values(), key=lambda one: one.id)))
    sent = next(iter(operation.body.content.items()), None)
    status = data.draw(st.sampled_from(sorted(operation.answers)))
    answered = next(iter(operation.answers[status].body.content.items()), None)
    path = "/" + "/".join("x" if part.startswith("{") else part for part in operation.template)
    request = Request(
        operation.method,
        f"https://chat.communication.example{path}?api-version={version}",
        Headers({"content-type": sent[0]} if sent else {}),
        json.dumps(data.draw(bodies(contract, sent[1]))).encode() if sent else b"",
    )
    response = Response(
        status,
        Headers({"content-type": answered[0]} if answered else {}),
        json.dumps(data.draw(bodies(contract, answered[1]))).encode() if answered else b"",
    )
    assert violations(Exchange(request, response), contract) == []


@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize("name", [name for name, model in surface().models.items() if "schema" in model])
@LAW
@given(data=st.data())
def test_what_the_contract_allows_is_valid(version: str, name: str, data: st.DataObject) -> None:
    """A model that was read from it has nothing to complain of, and both ways of reading give the same model."""
    contract, model = load(version), getattr(chat, name)
    schema = contract.document["components"]["schemas"][surface().models[name]["schema"]]
    body = documented(name, data.draw(bodies(contract, schema)), version)
    read = model.deserialize(body)
    assert read.validate() == []
    assert model.from_dict(body) == read


@pytest.mark.parametrize("name", ["python-surface", *WIRE])
def test_every_law_holds_for_every_model_and_operation(name: str) -> None:
    """Ours breaks none of them, and each is asked of each subject."""
    report = check_laws(Plan(only=f"{name}/*", examples=20 if name == "python-surface" else 10))
    assert [result.vector.id for result in report.failures] == []
    of = [law.name for law in LAWS if law.kind == name.partition("/")[0] and law.judged]
    about = load().operations if name in WIRE else [one for one, model in surface().models.items() if "schema" in model]
    assert {result.vector.id for result in report.results} == {f"{name}/{one}#law.{law}" for one in about for law in of}


@pytest.mark.parametrize("name", WIRE)
def test_the_async_clients_do_what_the_sync_ones_do(name: str) -> None:
    """The same requests, results and errors, also for arguments and answers that break the contract."""
    report = check_laws(Plan("ours-aio", against="ours", only=f"{name}/*", examples=5))
    assert [result.vector.id for result in report.failures] == []
    assert len(report.results) == 3 * len(load().operations)


def lose_the_topic(patch: pytest.MonkeyPatch) -> None:
    """Reading forgets an attribute."""
    read = chat.ChatThreadInfo._read.__func__  # type: ignore[attr-defined]

    def reads(cls: Any, data: Any) -> Any:
        found = read(cls, data)
        found.topic = None
        return found

    patch.setattr(chat.ChatThreadInfo, "_read", classmethod(reads))


def refuse_the_unknown(patch: pytest.MonkeyPatch) -> None:
    """Reading takes no key that it does not know."""
    read = chat.ChatThreadInfo._read.__func__  # type: ignore[attr-defined]

    def reads(cls: Any, data: Any) -> Any:
        return read(cls, data if {*data} <= {*cls._by_key} else {})

    patch.setattr(chat.ChatThreadInfo, "_read", classmethod(reads))


def be_equal_to_nothing(patch: pytest.MonkeyPatch) -> None:
    """No two models are equal."""
    patch.setattr(chat.ChatThreadInfo, "__eq__", lambda one, other: one is other)


def write_in_capitals(patch: pytest.MonkeyPatch) -> None:
    """Writing changes the letters of the topic."""
    write = chat.ChatThreadInfo.serialize
    written: Callable[..., Any] = lambda self, *args, **kwargs: (  # noqa: E731
        (whole := write(self, *args, **kwargs)) | {"topic": whole["topic"].upper()}
    )
    patch.setattr(chat.ChatThreadInfo, "serialize", written)


def send_everything(patch: pytest.MonkeyPatch) -> None:
    """Writing knows no read-only attributes."""
    write = chat.ChatThreadInfo.serialize
    patch.setattr(chat.ChatThreadInfo, "serialize", lambda self, **_: write(self, keep_readonly=True))


def escape_twice(patch: pytest.MonkeyPatch) -> None:
    """An id is percent-encoded twice."""
    import azure.communication.chat._requests as requests

    quoted = requests._quoted
    patch.setattr(requests, "_quoted", lambda text: quoted(quoted(text)))


def know_no_status(patch: pytest.MonkeyPatch) -> None:
    """Every error is the same."""
    import azure.communication.chat._errors as errors

    patch.setattr(errors, "_BY_STATUS", {})


def send_later(patch: pytest.MonkeyPatch) -> None:
    """The async client sends no message."""

    async def sends(self: Any, content: str, **kwargs: Any) -> str:
        return "1"

    patch.setattr(chat_aio.ChatThreadClient, "send_message", sends)


INFO = "python-surface/ChatThreadInfo#law."
FAULTS: list[tuple[str, Fault]] = [
    (f"{INFO}reads", lose_the_topic),
    (f"{INFO}lenient", refuse_the_unknown),
    (f"{INFO}again", be_equal_to_nothing),
    (f"{INFO}writes", write_in_capitals),
    (f"{INFO}read-only", send_everything),
    ("wire/2024-03-07/delete_message#law.calls", escape_twice),
    ("wire/2024-03-07/delete_message#law.fails", know_no_status),
    ("wire/2024-03-07/send_message#like.anything", send_later),
]


@pytest.mark.parametrize(("law", "fault"), FAULTS, ids=[law for law, _ in FAULTS])
def test_a_broken_law_writes_a_vector_that_finds_the_fault(
    law: str, fault: Fault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The smallest example is a file that the suite runs as it is: red with the fault, green without."""
    name = "ours-aio" if "#like." in law else "ours"
    against = ["--against", "ours"] if "#like." in law else []
    fault(monkeypatch)
    found = invoke("properties", "--impl", name, *against, "--only", law, "--counterexamples", tmp_path)
    assert found.exit_code == 1, found.output
    (file,) = tmp_path.rglob("*.yaml")
    assert str(file) in found.output
    faulty = invoke("--impl", name, "--vectors", tmp_path)
    assert faulty.exit_code == 1, faulty.output
    assert f"{name}: 0 of 1 checks passed, 1 failed, 0 broken" in faulty.output
    (again,) = re.findall(r"^  again +acs-chat conformance (.*)$", faulty.output, re.MULTILINE)
    assert "0 of 1 checks passed, 1 failed" in invoke(*shlex.split(again)).output
    monkeypatch.undo()
    sound = invoke("--impl", name, "--vectors", tmp_path)
    assert f"{name}: 1 of 1 checks passed, 0 failed, 0 broken" in sound.output
    assert sound.exit_code == 0


def test_every_law_is_broken_by_a_fault() -> None:
    """No law is kept by everything."""
    assert {law.rpartition(".")[2] for law, _ in FAULTS} == {law.name for law in LAWS}


def test_the_example_is_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever has nothing to do with the fault is not in the file."""
    lose_the_topic(monkeypatch)
    invoke("properties", "--only", f"{INFO}reads", "--counterexamples", tmp_path)
    (file,) = tmp_path.rglob("*.yaml")
    (case,) = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"][0]["cases"]
    assert case["data"].keys() == {"id", "topic"}


@LAW
@given(text=texts(), key=texts(1))
def test_any_example_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, text: str, key: str) -> None:
    """Whatever characters it is made of."""
    content = {"model": "ChatThreadInfo", "groups": [{"cases": [{"data": {key: text, "n": [None, 1, True, text]}}]}]}
    path = counterexamples.write(tmp_path_factory.mktemp("home"), "python-surface", content, "reads")
    assert source.read(path).data == content


def test_a_seed_is_told_and_draws_the_same_examples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command that is printed first finds the same example again."""
    lose_the_topic(monkeypatch)
    first = invoke("properties", "--seed", "random", "--only", f"{INFO}reads", "--counterexamples", tmp_path / "1")
    words = first.output.splitlines()[0].partition("again: ")[2].split()
    assert words[:4] == ["acs-chat", "conformance", "properties", "--seed"]
    assert words[4].isdecimal()
    invoke(*words[2:], "--only", f"{INFO}reads", "--counterexamples", tmp_path / "2")
    told = [path.read_text(encoding="utf-8") for path in sorted(tmp_path.rglob("*.yaml"))]
    assert len(told) == 2
    assert told[0] == told[1]


def test_a_random_seed_is_another_one_each_time() -> None:
    """Nobody chose it."""
    first, second = (invoke("properties", "--seed", "random", "--only", "none").output.split()[1] for _ in "12")
    assert first != second


def test_no_law_run_is_no_success(tmp_path: Path) -> None:
    """A pattern that fits nothing exits with 3, and writes nothing."""
    assert invoke("properties", "--only", "none", "--counterexamples", tmp_path).exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", ["-1", "1.5", "", "soon", "\u0663"])
def test_a_seed_that_is_none_is_refused(seed: str) -> None:
    """One sentence, exit 2."""
    result = invoke("properties", "--seed", seed)
    assert result.exit_code == 2
    assert "is neither a whole number from 0 nor the word random" in result.output


def test_it_leaves_nothing_where_it_is_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A run that finds nothing makes no folder."""
    monkeypatch.chdir(tmp_path)
    assert invoke("properties", "--only", f"{INFO}reads").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_that_dies_is_told_with_the_example(tmp_path: Path) -> None:
    """It is a failure like any other, and the run ends."""
    (tmp_path / "adapter.py").write_text("import sys\nsys.stdin.readline()\nsys.exit('no more')\n")
    law = "wire/2024-03-07/delete_message#law.calls"
    name = f"exec:python3 {tmp_path / 'adapter.py'}"
    result = invoke("properties", "--impl", name, "--only", law, "--counterexamples", tmp_path, "--examples", 3)
    assert result.exit_code == 1
    assert f"CRASHED  {law}" in result.output
    assert "it said last: no more" in result.output


EXEMPTION = {
    "reason": "the topic is lost on purpose in this test",
    "expires": "2027-12-31",
    "checks": [f"{INFO}reads"],
    "where": {"/data/topic": ""},
    "at": ["/value/topic"],
}


def exempting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> str:
    """An implementation that loses the topic and says so."""
    lose_the_topic(monkeypatch)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"like": "ours", "exemptions": [EXEMPTION | changes]}))
    return str(path)


def test_a_known_failure_is_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted apart, with its reason, and the run does not fail."""
    plan = Plan(exempting(tmp_path, monkeypatch), only=f"{INFO}reads")
    (result,) = check_laws(plan, today=date(2027, 1, 1)).results
    assert (result.status, result.note) == (Status.KNOWN, EXEMPTION["reason"])


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": "2026-12-31"},
        {"at": ["/value/id"]},
        {"where": {"/data/topic": "^never$"}},
        {"checks": [f"{INFO}again"]},
    ],
    ids=["expired", "elsewhere", "otherwise", "of-another"],
)
def test_a_failure_that_is_not_known_so_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """An exemption is for its examples, its places and its time."""
    plan = Plan(exempting(tmp_path, monkeypatch, **changes), only=f"{INFO}reads")
    assert check_laws(plan, today=date(2027, 1, 1)).exit_code == 1


def test_an_exemption_that_nothing_needs_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by file and line, like a known failure that passes."""
    path = exempting(tmp_path, monkeypatch)
    monkeypatch.undo()
    data = yaml.safe_load(Path(path).read_text()) | {"sets": ["python-surface"], "levels": ["recommended"]}
    Path(path).write_text(yaml.safe_dump(data))
    report = check_laws(Plan(path), today=date(2027, 1, 1))
    assert report.exit_code == 2
    assert [str(problem) for problem in report.problems] == [
        "mine.yaml:2: /exemptions: no example of this run fails as this says: take it out, or mend it"
    ]


def test_an_exemption_that_can_not_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its field, and the laws are run all the same."""
    report = check_laws(Plan(exempting(tmp_path, monkeypatch, reason="TODO"), only=f"{INFO}reads"))
    assert report.exit_code == 2
    assert "/exemptions/0/reason" in str(report.problems[0])
    assert len(report.results) == 1


def schema(contract: Contract, name: str) -> dict[str, Any]:
    """A schema of a contract by its name."""
    found: dict[str, Any] = contract.document["components"]["schemas"][name]
    return found


@pytest.mark.parametrize("version", versions())
def test_every_documented_key_is_one_of_the_contract(version: str) -> None:
    """What the laws expect of a model is about keys that its schema has."""
    from acs_chat_conformance.meaning import attributes

    contract = load(version)
    for name, model in surface().models.items():
        if "schema" in model:
            keys = {key for _, key, _ in attributes(name, version)}
            assert keys <= {*schema(contract, model["schema"])["properties"]}, name


def test_every_argument_has_a_place_in_an_operation() -> None:
    """What the laws send is what the documentation names."""
    named = {name for method in load().operations for name in surface().signature(method)}
    assert named == {*surface().arguments}
    assert {*surface().returns} <= {*load().operations}
    assert vectors.SETS[1:] == tuple(reversed(WIRE)) or set(vectors.SETS[1:]) == set(WIRE)

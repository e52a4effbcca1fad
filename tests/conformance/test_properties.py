"""Laws that hold for every body that the contract allows, not only for the ones that somebody thought of."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import azure.communication.chat as chat
from acs_chat_conformance.strategies import bodies
from acs_chat_testkit.contract import Contract, Exchange, load, versions, violations
from acs_chat_testkit.http import Headers, Request, Response

LAW = settings(max_examples=20, derandomize=True, suppress_health_check=list(HealthCheck))
MODELS: dict[str, Any] = {
    "ChatMessage": chat.ChatMessage,
    "ChatThreadProperties": chat.ChatThread,
    "ChatThreadItem": chat.ChatThreadInfo,
    "ChatParticipant": chat.ChatThreadParticipant,
    "ChatMessageReadReceipt": chat.ChatMessageReadReceipt,
    "SendChatMessageResult": chat.SendChatMessageResult,
}
UNKNOWN_TO_2021 = {"metadata", "attachments", "kind"}


def schema(contract: Contract, name: str) -> dict[str, Any]:
    """A schema of a contract by its name."""
    found: dict[str, Any] = contract.document["components"]["schemas"][name]
    return found


def without_news(value: Any) -> Any:
    """A body without what the documented models of 2021 have no attribute for."""
    if isinstance(value, dict):
        return {name: without_news(item) for name, item in value.items() if name not in UNKNOWN_TO_2021}
    return [without_news(item) for item in value] if isinstance(value, list) else value


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
@pytest.mark.parametrize("name", MODELS)
@LAW
@given(data=st.data())
def test_every_answer_is_read_and_written_to_the_same_again(version: str, name: str, data: st.DataObject) -> None:
    """Wire to model to wire: what was written is read as an equal model, and writing it again changes nothing."""
    contract, model = load(version), MODELS[name]
    read = model.deserialize(without_news(data.draw(bodies(contract, schema(contract, name)))))
    assert read is not None
    written = read.serialize(keep_readonly=True)
    again = model.deserialize(written)
    assert again is not None
    assert again.serialize(keep_readonly=True) == written
    assert not read.validate() or name == "ChatParticipant"


@pytest.mark.parametrize("name", MODELS)
@LAW
@given(data=st.data())
def test_what_is_written_keeps_to_the_contract(name: str, data: st.DataObject) -> None:
    """Only keys of the contract, of the right types, with dates in its form; read-only fields never in a request."""
    contract, model = load(), MODELS[name]
    read = model.deserialize(without_news(data.draw(bodies(contract, schema(contract, name)))))
    assert read is not None
    whole, sent = read.serialize(keep_readonly=True), read.serialize()
    json.dumps(whole)
    errors = list(contract.validator(schema(contract, name)).iter_errors(whole))
    assert [error.message for error in errors if error.validator != "oneOf"] == []
    assert sent.items() <= whole.items()
    assert model.from_dict(whole) == model.deserialize(whole)

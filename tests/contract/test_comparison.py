"""The difference of two contracts: each change is found, and weighed by the direction in which it goes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from acs_chat_testkit.cli.app import app
from acs_chat_testkit.contract import Contract, load
from acs_chat_testkit.contract.comparison import compare

Document = dict[str, Any]
BASE = load("2024-03-07")


def schemas(document: Document) -> Document:
    """The schemas of a document."""
    found: Document = document["components"]["schemas"]
    return found


def changed(change: Callable[[Document], object]) -> list[tuple[str, str, str, str]]:
    """What is found after a change of a copy of the contract."""
    document = copy.deepcopy(dict(BASE.document))
    change(document)
    return [(one.weight, one.operation, one.where, one.message) for one in compare(BASE, Contract(document))]


CHANGES: dict[str, tuple[Callable[[Document], object], tuple[str, str, str, str]]] = {
    "operation gone": (
        lambda one: one["paths"]["/chat/threads/{chatThreadId}/typing"].pop("post"),
        ("breaking", "send_typing_notification", "", "the operation is gone"),
    ),
    "parameter gone": (
        lambda one: one["paths"]["/chat/threads"]["get"]["parameters"].pop(0),
        ("breaking", "list_chat_threads", "query/maxPageSize", "the parameter is gone"),
    ),
    "new field in a request": (
        lambda one: schemas(one)["SendReadReceiptRequest"]["properties"].update(readOn={"type": "string"}),
        ("additive", "send_read_receipt", "request/readOn", "the field is new"),
    ),
    "required in a request": (
        lambda one: schemas(one)["UpdateChatThreadRequest"].update(required=["topic"]),
        ("breaking", "update_topic", "request/topic", "the field is now required"),
    ),
    "optional in an answer": (
        lambda one: schemas(one)["SendChatMessageResult"].update(required=[]),
        ("breaking", "send_message", "response 201/id", "the field is no longer required"),
    ),
    "type in an answer": (
        lambda one: schemas(one)["SendChatMessageResult"]["properties"].update(id={"type": "integer"}),
        ("breaking", "send_message", "response 201/id", "string became integer"),
    ),
    "value of a request gone": (
        lambda one: schemas(one)["SendChatMessageRequest"]["properties"]["type"].update(enum=["text"]),
        ("breaking", "send_message", "request/type", "the value html is gone"),
    ),
    "status of an error gone": (
        lambda one: one["paths"]["/chat/threads"]["get"]["responses"].pop("503"),
        ("neutral", "list_chat_threads", "status", "503 is gone"),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found_and_weighed(name: str) -> None:
    """One change gives exactly one difference."""
    change, wanted = CHANGES[name]
    assert changed(change) == [wanted]


def test_a_contract_does_not_differ_from_itself() -> None:
    """No change, no difference."""
    assert changed(lambda one: None) == []


def test_the_command_compares_the_two_versions() -> None:
    """From text to objects is breaking, metadata is additive, and the exit code says that something breaks."""
    result = CliRunner().invoke(app, ["contract", "diff", "2020-11-01-preview3", "2024-03-07"])
    assert result.exit_code == 1
    assert (
        "remove_participant  path: DELETE /chat/threads/{chatThreadId}/participants/{chatParticipantId}"
        in result.output
    )
    assert "get_message  response 200/senderId: the field is gone" in result.output
    assert "send_message  request/metadata: the field is new" in result.output
    assert CliRunner().invoke(app, ["contract", "diff", "2024-03-07", "2024-03-07"]).exit_code == 0


def test_an_unknown_version_is_one_sentence() -> None:
    """Exit 2, and the versions that there are."""
    result = CliRunner().invoke(app, ["contract", "diff", "1999-01-01", "2024-03-07"])
    assert result.exit_code == 2
    assert "1999-01-01" in result.output

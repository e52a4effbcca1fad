"""The contract files: valid for others, complete, and readable."""

from pathlib import Path

import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename

from acs_chat_testkit.contract import load, read, versions
from acs_chat_testkit.contract.reader import HOME
from acs_chat_testkit.errors import ContractError

OPERATIONS = {
    "add_participants",
    "create_chat_thread",
    "delete_chat_thread",
    "delete_message",
    "get_chat_thread",
    "get_message",
    "list_chat_threads",
    "list_messages",
    "list_participants",
    "list_read_receipts",
    "remove_participant",
    "send_message",
    "send_read_receipt",
    "send_typing_notification",
    "update_message",
    "update_topic",
}


@pytest.mark.parametrize("version", versions())
def test_a_contract_is_valid_openapi(version: str) -> None:
    """A public validator accepts every contract file."""
    document, _ = read_from_filename(str(HOME / f"chat-{version}.yaml"))
    assert document["openapi"] == "3.1.0"
    validate(document)


@pytest.mark.parametrize("version", versions())
def test_a_contract_promises_the_sixteen_operations(version: str) -> None:
    """Each operation is there under the name of the documented method, and its file under the version it states."""
    contract = load(version)
    assert set(contract.operations) == OPERATIONS
    assert contract.version == version


@pytest.mark.parametrize("version", versions())
def test_an_operation_answers_the_documented_statuses(version: str) -> None:
    """Every operation names its success and the errors of the published document and of the recordings."""
    for operation in load(version).operations.values():
        success = [status for status in operation.answers if status < 300]
        assert len(success) == 1, operation.id
        assert {400, 401, 403, 429, 503} <= operation.answers.keys(), operation.id


def test_an_unknown_version_is_refused_by_name() -> None:
    """The error names the version and those that there are."""
    with pytest.raises(ContractError, match=r"'1999-01-01'.*2024-03-07"):
        load("1999-01-01")


HEAD = "info: {version: x}\npaths:\n  /a:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "broken.yaml cannot be read"),
        ("openapi: 3.1.0", "broken.yaml:1: /: 'info' is a required property"),
        ("- 1", r"broken.yaml:1: /: \[1\] is not of type 'object'"),
        ("info:\n  - 5\npaths: {}", r"broken.yaml:1: /info: \[5\] is not of type 'object'"),
        (f"{HEAD}    get: {{operationId: a, responses: 7}}", "broken.yaml:4: /paths/~1a/get/responses: 7 is not"),
        (
            f"{HEAD}    get:\n      operationId: a\n      responses: {{ok: {{}}}}",
            "broken.yaml:6: /paths/~1a/get/resp.*'ok'",
        ),
        (f"{HEAD}    get: {{operationId: a, responses: {{'200': {{$ref: '#/x'}}}}}}", "broken.yaml: no usable .*'x'"),
    ],
)
def test_a_broken_contract_is_named(tmp_path: Path, text: str, said: str) -> None:
    """What is no YAML or no contract gives one sentence with the file's name."""
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=said):
        read(tmp_path / "broken.yaml")

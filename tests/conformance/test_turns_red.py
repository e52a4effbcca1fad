"""The suite can fail: an SDK that lacks a method, or spells a wire key otherwise, is found out by an assertion."""

import ast
import gc
import importlib
import shutil
import sys
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.conftest import Failing

import azure.communication.chat as chat
from acs_chat_conformance.implementation import find
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Vector

CLIENT_METHODS = [
    (home, client, method)
    for home in ("azure.communication.chat", "azure.communication.chat.aio")
    for client, methods in surface().clients.items()
    for method in methods
]
MODEL_METHODS = [
    (model, method)
    for model, declared in surface().models.items()
    if any("key" in attribute for attribute in declared.get("attributes", {}).values())
    for method in surface().model_methods
]
CREDENTIAL_METHODS = [(name, method) for name, methods in surface().credentials.items() for method in methods]
WIRE_KEYS = [
    (model, name, attribute[spelling])
    for model, declared in surface().models.items()
    for name, attribute in declared.get("attributes", {}).items()
    for spelling in ("key", "preview3")
    if spelling in attribute
]
READING = {"deserialize", "from_dict"}


class Deleted:
    """An attribute that is not there, although a base class has it."""

    def __get__(self, instance: object, owner: type) -> Any:
        raise AttributeError("deleted")


def is_red(results: Sequence[Result]) -> bool:
    """Whether a check failed, and each that did failed by what it compares."""
    return bool(results) and all(result.status is Status.FAILED for result in results)


@pytest.mark.parametrize(("home", "client", "method"), CLIENT_METHODS)
def test_a_deleted_client_method_is_found(
    monkeypatch: pytest.MonkeyPatch, vectors: tuple[Vector, ...], failing: Failing, home: str, client: str, method: str
) -> None:
    """The sync client and the async client each need each documented method."""
    monkeypatch.setattr(getattr(importlib.import_module(home), client), method, Deleted())
    asked = [vector for vector in vectors if vector.is_wire and vector.question["do"] == method]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a client without close leaves its session open
        results = failing(asked, find("ours-aio" if home.endswith("aio") else "ours"))
        gc.collect()
    assert is_red(results)


@pytest.mark.parametrize(("model", "method"), [*MODEL_METHODS, *CREDENTIAL_METHODS])
def test_a_deleted_method_of_a_model_or_a_credential_is_found(
    monkeypatch: pytest.MonkeyPatch, vectors: tuple[Vector, ...], failing: Failing, model: str, method: str
) -> None:
    """Every model needs every documented method of its own."""
    monkeypatch.setattr(getattr(chat, model), method, Deleted())
    assert is_red(failing([vector for vector in vectors if vector.subject == model and not vector.is_wire]))


def test_a_credential_that_waits_for_itself_is_found(
    monkeypatch: pytest.MonkeyPatch, vectors: tuple[Vector, ...], failing: Failing
) -> None:
    """A lock around it never opens for its own refresher; the check gives up and fails by what it compares."""
    lock, get_token = threading.Lock(), chat.CommunicationTokenCredential.get_token

    def locked(credential: chat.CommunicationTokenCredential) -> Any:
        with lock:
            return get_token(credential)

    monkeypatch.setattr(chat.CommunicationTokenCredential, "get_token", locked)
    (result,) = failing([vector for vector in vectors if "#asks-itself." in vector.id])
    assert result.status is Status.FAILED
    assert "TimeoutError" in [one.got for one in result.differences]


def test_a_deleted_thread_id_is_found(
    monkeypatch: pytest.MonkeyPatch, vectors: tuple[Vector, ...], failing: Failing
) -> None:
    """The thread client's one documented property is needed."""
    monkeypatch.setattr(chat.ChatThreadClient, "thread_id", Deleted())
    assert is_red(failing([vector for vector in vectors if vector.question["do"] == "get_chat_thread_client"]))


@pytest.mark.parametrize("model", surface().models)
def test_a_deleted_model_is_found(
    monkeypatch: pytest.MonkeyPatch, vectors: tuple[Vector, ...], failing: Failing, model: str
) -> None:
    """Every documented model must be importable from the package."""
    monkeypatch.delattr(chat, model)
    assert is_red(failing([vector for vector in vectors if vector.subject == model and not vector.is_wire]))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of an import path that holds a copy of our SDK."""
    root = tmp_path_factory.mktemp("sdk")
    home = Path(chat.__file__).parent
    shutil.copytree(home, root / "azure/communication/chat", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def respell(source: str, model: str, key: str) -> str:
    """The source with each text that is the key, inside the class of the model, spelled otherwise."""
    lines = source.splitlines(keepends=True)
    for cls in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef) and node.name == model):
        for text in (node for node in ast.walk(cls) if isinstance(node, ast.Constant) and node.value == key):
            assert text.end_col_offset is not None
            line = lines[text.lineno - 1].encode()
            respelled = line[: text.col_offset] + repr(f"{key}X").encode() + line[text.end_col_offset :]
            lines[text.lineno - 1] = respelled.decode()
    return "".join(lines)


@pytest.mark.parametrize(("model", "attribute", "key"), WIRE_KEYS)
def test_a_changed_wire_key_is_found_in_both_directions(
    monkeypatch: pytest.MonkeyPatch,
    vectors: tuple[Vector, ...],
    failing: Failing,
    copy: Path,
    model: str,
    attribute: str,
    key: str,
) -> None:
    """With the key spelled otherwise in the SDK's own source, a check that only reads fails, and one that only writes.

    The spelling of the older api-version is read only, because a model by itself is written for the default one.
    """
    file = copy / "azure/communication/chat/_models.py"
    original = file.read_text(encoding="utf-8")
    changed = respell(original, model, key)
    assert changed != original, f"the SDK spells no {key!r} in {model}"
    monkeypatch.setenv("PYTHONPATH", str(copy))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    file.write_text(changed, encoding="utf-8")
    try:
        mine = [vector for vector in vectors if vector.subject == model and not vector.is_wire]
        results = failing(mine, python=sys.executable)
    finally:
        file.write_text(original, encoding="utf-8")
    assert is_red(results)
    done = {result.vector.question["do"] for result in results}
    assert done & READING
    assert "serialize" in done or key == surface().models[model]["attributes"][attribute].get("preview3")


def test_an_unchanged_copy_passes(
    monkeypatch: pytest.MonkeyPatch, vectors: tuple[Vector, ...], failing: Failing, copy: Path
) -> None:
    """The way in which the copies are run makes nothing fail by itself."""
    monkeypatch.setenv("PYTHONPATH", str(copy))
    assert failing([vector for vector in vectors if not vector.is_wire], python=sys.executable) == []

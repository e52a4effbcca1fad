"""The documented surface, as data: every name, and every call that a documented signature accepts."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from azure.communication import chat
from azure.communication.chat import aio, models

NAMES = [
    "ChatClient",
    "ChatThreadClient",
    "ChatMessage",
    "ChatMessageContent",
    "ChatMessageReadReceipt",
    "SendChatMessageResult",
    "ChatThread",
    "ChatThreadInfo",
    "CommunicationTokenCredential",
    "CommunicationTokenRefreshOptions",
    "CommunicationUserIdentifier",
    "ChatThreadParticipant",
    "ChatMessageType",
]

# The signatures as documented; where the documentation cuts them off, as published with 1.0.0b4. Annotations left out.
CALLABLES = {
    "ChatClient": "(endpoint, credential, **kwargs)",
    "ChatClient.close": "(self)",
    "ChatClient.create_chat_thread": "(self, topic, thread_participants, repeatability_request_id=None, **kwargs)",
    "ChatClient.delete_chat_thread": "(self, thread_id, **kwargs)",
    "ChatClient.get_chat_thread": "(self, thread_id, **kwargs)",
    "ChatClient.get_chat_thread_client": "(self, thread_id, **kwargs)",
    "ChatClient.list_chat_threads": "(self, **kwargs)",
    "ChatThreadClient": "(endpoint, credential, thread_id, **kwargs)",
    "ChatThreadClient.add_participant": "(self, thread_participant, **kwargs)",
    "ChatThreadClient.add_participants": "(self, thread_participants, **kwargs)",
    "ChatThreadClient.close": "(self)",
    "ChatThreadClient.delete_message": "(self, message_id, **kwargs)",
    "ChatThreadClient.get_message": "(self, message_id, **kwargs)",
    "ChatThreadClient.list_messages": "(self, **kwargs)",
    "ChatThreadClient.list_participants": "(self, **kwargs)",
    "ChatThreadClient.list_read_receipts": "(self, **kwargs)",
    "ChatThreadClient.remove_participant": "(self, user, **kwargs)",
    "ChatThreadClient.send_message": "(self, content, **kwargs)",
    "ChatThreadClient.send_read_receipt": "(self, message_id, **kwargs)",
    "ChatThreadClient.send_typing_notification": "(self, **kwargs)",
    "ChatThreadClient.update_message": "(self, message_id, content=None, **kwargs)",
    "ChatThreadClient.update_topic": "(self, topic=None, **kwargs)",
    "ChatMessage": "(**kwargs)",
    "ChatMessageContent": "(**kwargs)",
    "ChatMessageReadReceipt": "(**kwargs)",
    "ChatThread": "(**kwargs)",
    "ChatThreadInfo": "(*, id, topic, deleted_on=None, **kwargs)",
    "ChatThreadParticipant": "(**kwargs)",
    "SendChatMessageResult": "(*, id, **kwargs)",
    "CommunicationTokenCredential": "(communication_token_refresh_options)",
    "CommunicationTokenCredential.get_token": "(self)",
    "CommunicationTokenRefreshOptions": "(token, token_refresher=None)",
    "CommunicationTokenRefreshOptions.get_token": "(self)",
    "CommunicationTokenRefreshOptions.get_token_refresher": "(self)",
    "CommunicationUserIdentifier": "(identifier)",
    **{
        f"{model}.{method}": signature
        for model in ("ChatThreadInfo", "SendChatMessageResult")
        for method, signature in {
            "as_dict": "(self, keep_readonly=True, key_transformer=attribute_transformer, **kwargs)",
            "deserialize": "(data, content_type=None)",
            "enable_additional_properties_sending": "()",
            "from_dict": "(data, key_extractors=None, content_type=None)",
            "is_xml_model": "()",
            "serialize": "(self, keep_readonly=False, **kwargs)",
            "validate": "(self)",
        }.items()
    },
}
KEYWORDS = {
    "ChatClient.list_chat_threads": ["results_per_page", "start_time"],
    "ChatThreadClient.list_messages": ["results_per_page", "start_time"],
    "ChatThreadClient.list_participants": ["results_per_page", "skip"],
    "ChatThreadClient.list_read_receipts": ["results_per_page", "skip"],
    "ChatThreadClient.send_message": ["chat_message_type", "sender_display_name"],
}
ATTRIBUTES = {
    "ChatMessage": [
        "id",
        "type",
        "sequence_id",
        "version",
        "content",
        "sender_display_name",
        "created_on",
        "sender_id",
        "deleted_on",
        "edited_on",
    ],
    "ChatMessageContent": ["message", "topic", "participants", "initiator"],
    "ChatMessageReadReceipt": ["sender", "chat_message_id", "read_on"],
    "ChatThread": ["id", "topic", "created_on", "created_by", "participants", "deleted_on"],
    "ChatThreadInfo": ["id", "topic", "deleted_on", "last_message_received_on"],
    "ChatThreadParticipant": ["user", "display_name", "share_history_time"],
    "SendChatMessageResult": ["id"],
}
WIDENED = {
    "CommunicationTokenCredential.get_token": "takes scopes and options, as azure-core's credential protocol asks",
}


def found(name: str, package: Any = chat) -> Any:
    """What a documented name leads to."""
    for part in name.split("."):
        package = getattr(package, part)
    return package


def plain(signature: inspect.Signature) -> inspect.Signature:
    """A signature without annotations."""
    parameters = [item.replace(annotation=item.empty) for item in signature.parameters.values()]
    return signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)


def documented(text: str) -> inspect.Signature:
    """A documented signature as one."""
    names: dict[str, Any] = {"attribute_transformer": models.attribute_transformer}
    exec(f"def call{text}: ...", names)
    return inspect.signature(names["call"])


def calls(signature: inspect.Signature) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The calls that a signature accepts: arguments by position and by name, with and without what has a default."""
    named = [item for item in signature.parameters.values() if item.kind is not item.VAR_KEYWORD]
    needed = [item for item in named if item.default is item.empty]
    extra = {"unheard_of": 1} if len(named) < len(signature.parameters) else {}
    for chosen in (needed, named):
        positional = [item for item in chosen if item.kind is not item.KEYWORD_ONLY]
        for split in range(len(positional) + 1):
            by_name = {item.name: 1 for item in chosen if item not in positional[:split] and item.name != "self"}
            if split or "self" not in signature.parameters:
                yield (1,) * split, by_name
                yield (1,) * split, by_name | extra


@pytest.mark.parametrize("package", [chat, aio], ids=["sync", "aio"])
def test_exactly_the_documented_names(package: Any) -> None:
    """__all__ is the documented list, and each name is there."""
    assert package.__all__ == NAMES
    assert [name for name in NAMES if not hasattr(package, name)] == []


def test_models_are_one_home_for_both() -> None:
    """What is no client and no credential is the same object for sync and async."""
    own = {"ChatClient", "ChatThreadClient", "CommunicationTokenCredential"}
    assert {name for name in NAMES if getattr(chat, name) is not getattr(aio, name)} == own


@pytest.mark.parametrize("package", [chat, aio], ids=["sync", "aio"])
@pytest.mark.parametrize("name", CALLABLES)
def test_every_documented_call_is_accepted(name: str, package: Any) -> None:
    """Whatever the documented signature binds, ours binds; parameters have the documented names, order and defaults."""
    theirs, ours = documented(CALLABLES[name]), inspect.signature(found(name, package))
    for arguments, keywords in calls(theirs):
        ours.bind(*arguments, **keywords)
    for item in theirs.parameters.values():
        assert ours.parameters[item.name].default == item.default
        assert ours.parameters[item.name].kind == item.kind


@pytest.mark.parametrize("name", CALLABLES)
def test_nothing_else_is_accepted_by_position(name: str) -> None:
    """Beyond the documented parameters ours has keywords only, and the documented ones; widenings are listed."""
    theirs, ours = documented(CALLABLES[name]), inspect.signature(found(name))
    beyond = [item for item in ours.parameters.values() if item.name not in theirs.parameters]
    if name not in WIDENED:
        assert [item.name for item in beyond] == KEYWORDS.get(name, [])
        assert {item.kind for item in beyond} <= {inspect.Parameter.KEYWORD_ONLY}
    for keyword in KEYWORDS.get(name, []):
        assert keyword in ours.parameters


def test_aio_has_the_same_methods_with_the_same_parameters() -> None:
    """The async clients differ in awaiting alone; lists and child clients are plain calls on both."""
    plain_calls = {"get_chat_thread_client"} | {name.split(".")[1] for name in CALLABLES if ".list_" in name}
    for client in ("ChatClient", "ChatThreadClient"):
        sync, later = getattr(chat, client), getattr(aio, client)
        public = {name for name in vars(sync) if not name.startswith("_")}
        assert public == {name for name in vars(later) if not name.startswith("_")}
        for name in public - {"thread_id"}:
            assert plain(inspect.signature(getattr(sync, name))) == plain(inspect.signature(getattr(later, name)))
            assert inspect.iscoroutinefunction(getattr(later, name)) is (name not in plain_calls)


def test_aio_takes_the_keyword_only_calls_of_microsofts() -> None:
    """update_topic(topic=) and update_message(id, content=) bind, by keyword as by position."""
    inspect.signature(aio.ChatThreadClient.update_topic).bind(None, topic="x")
    inspect.signature(aio.ChatThreadClient.update_message).bind(None, "1", content="x")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_documented_attributes(name: str) -> None:
    """A model has the documented attributes from the beginning, in the documented order."""
    kind = getattr(chat, name)
    made = kind(**{field.name: None for field in kind._fields if field.required})
    assert list(vars(made)) == ["additional_properties", *ATTRIBUTES[name]]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_model_has_the_documented_methods(name: str) -> None:
    """What is documented for two of the models holds for all seven."""
    for method in ("serialize", "as_dict", "deserialize", "from_dict", "validate", "is_xml_model"):
        assert inspect.signature(getattr(getattr(chat, name), method)) == inspect.signature(
            getattr(chat.ChatThreadInfo, method)
        )


def test_class_attributes() -> None:
    """The documented constants."""
    assert chat.CommunicationTokenCredential.ON_DEMAND_REFRESHING_INTERVAL_MINUTES == 2
    assert aio.CommunicationTokenCredential.ON_DEMAND_REFRESHING_INTERVAL_MINUTES == 2
    assert isinstance(vars(chat.ChatThreadClient)["thread_id"], property)


def test_models_module() -> None:
    """azure.communication.chat.models has the models, transformers, extractors and errors; __all__ is exact."""
    needed = {*ATTRIBUTES, "ChatMessageType", "CommunicationUserIdentifier", "ValidationError", "PartialFailureError"}
    needed |= {"attribute_transformer", "full_restapi_key_transformer", "last_restapi_key_transformer"}
    needed |= {
        f"{kind}_key_{case}extractor"
        for kind in ("rest", "last_rest", "attribute")
        for case in ("", "case_insensitive_")
    }
    assert needed <= set(models.__all__)
    assert [name for name in models.__all__ if not hasattr(models, name)] == []
    assert all(getattr(models, name) is getattr(chat, name) for name in models.__all__ if hasattr(chat, name))


def test_documented_things_have_docstrings() -> None:
    """Every public class and method says what it does."""
    names = [*NAMES, *CALLABLES, *(f"models.{name}" for name in models.__all__)]
    assert [name for name in names if not inspect.getdoc(found(name))] == []


def test_typed() -> None:
    """The package says that it is typed."""
    assert (Path(chat.__path__[0]) / "py.typed").exists()


def test_importing_costs_little() -> None:
    """Neither requests nor aiohttp nor azure-core's pipeline nor a JWT reader is imported before it is needed."""
    code = (
        "import sys; import azure.communication.chat as chat; chat.ChatMessage.deserialize({'id': '1'}) if 0 else None;"
        "print([name for name in ('requests', 'aiohttp', 'azure.core', 'jwt', 'asyncio') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert result.stdout.strip() == "[]"


def test_aio_without_aiohttp_names_the_extra() -> None:
    """A missing extra is one sentence with the command that repairs it."""
    code = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "from azure.communication.chat import aio\n"
        "class Anyone:\n    def get_token(self): ...\n"
        "try: aio.ChatClient('https://x', Anyone())\n"
        "except ImportError as error: print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert "pip install 'acs-chat-testkit[aio]'" in result.stdout

"""Laws that hold for every model, both ways."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any
from xml.etree import ElementTree

from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineContext, PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.core.pipeline.transport import HttpRequest, HttpResponse
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.sdk import strategies as random

from azure.communication.chat import ChatMessage, CommunicationUserIdentifier, models
from azure.communication.chat._kinds import Writing
from azure.communication.chat._pages import Page, decode
from azure.communication.chat._policies import Decoding
from azure.communication.chat._writing import write

XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="￾￿"))


@given(random.models)
def test_what_is_written_is_read_again(model: Any) -> None:
    """Through serialize, JSON text and deserialize a model comes out equal."""
    text = json.dumps(model.serialize(keep_readonly=True))
    assert type(model).deserialize(text) == model


@given(random.models)
def test_the_older_wire_is_read_too(model: Any) -> None:
    """What the wire of 2020 says of a model is the same model."""
    written = write(model, Writing(keep_readonly=True, plain_identifiers=True, plain_keys=True))
    assert type(model).deserialize(json.dumps(written)) == model


@given(random.models)
def test_what_is_read_is_written_again(model: Any) -> None:
    """From the wire and back gives the same object, in the order of declaration."""
    wire = model.serialize(keep_readonly=True)
    again = type(model).deserialize(wire).serialize(keep_readonly=True)
    assert again == wire
    assert list(again) == list(wire)


@given(random.models)
def test_serialize_is_as_dict_with_wire_keys(model: Any) -> None:
    """Documented: serialize is an alias of as_dict with full wire keys and without read-only fields."""
    assert model.serialize() == model.as_dict(keep_readonly=False, key_transformer=models.full_restapi_key_transformer)


@given(random.models)
def test_as_dict_is_json_under_python_names(model: Any) -> None:
    """as_dict can be dumped and from_dict reads it: the attributes are equal."""
    named = model.as_dict()
    assert named.keys() <= {field.name for field in model._fields}
    again = type(model).from_dict(json.loads(json.dumps(named)))
    assert again.serialize(keep_readonly=True) == model.serialize(keep_readonly=True)


@given(random.models)
def test_copies_are_equal_and_independent(model: Any) -> None:
    """Deepcopy and pickle keep everything and share nothing."""
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert copied == model
        assert repr(copied) == repr(model)
        copied.additional_properties["x"] = 1
        assert copied != model


@given(random.models)
def test_reading_does_not_change_what_is_read(model: Any) -> None:
    """The object that is read stays as it was."""
    wire = model.serialize(keep_readonly=True) | {"unknown": {"a": [1]}}
    before = copy.deepcopy(wire)
    assert type(model).deserialize(wire).additional_properties == {"unknown": {"a": [1]}}
    type(model).from_dict(wire)
    assert wire == before


@given(random.infos, XML_TEXT)
def test_through_xml(model: Any, text: str) -> None:
    """XML holds what JSON holds, for text that XML can hold."""
    model.topic = text
    assume(model.id is None or ElementTree_can_hold(model.id))
    document = ElementTree.tostring(model.serialize(keep_readonly=True, is_xml=True), encoding="unicode")
    assume("\r" not in text)
    assert type(model).deserialize(document, "application/xml") == model


def ElementTree_can_hold(text: str) -> bool:
    """Whether XML 1.0 can hold a text."""
    return all(character >= " " and character not in "￾￿" for character in text)


@given(random.raw_ids, random.raw_ids)
def test_identifiers_are_values(one: str, other: str) -> None:
    """Equal text makes equal identifiers with equal hashes; str gives the text."""
    first, second = CommunicationUserIdentifier(one), CommunicationUserIdentifier(other)
    assert (first == second) is (one == other)
    assert first == CommunicationUserIdentifier(one)
    assert hash(first) == hash(CommunicationUserIdentifier(one))
    assert str(first) == one
    assert first != one
    assert copy.deepcopy(first) == first == pickle.loads(pickle.dumps(first))


def by_the_readable_way(body: bytes) -> Any:
    """A page as the readable way reads it, or the class of its error."""
    data = json.loads(body)
    try:
        return Page([ChatMessage.deserialize(item) for item in data["value"]], data.get("nextLink") or None)
    except ValueError as error:
        return type(error)


@given(random.pages)
@example({"value": [{"id": "1", "content": {"message": "x", "attachments": []}, "metadata": {}}]})
@example({"value": [{"senderCommunicationIdentifier": {"rawId": "4:+1", "phoneNumber": {"value": "+1"}}}]})
@example({"value": [{"createdOn": "2021-02-03T24:00:00Z"}]})
@example({"value": [{"content": {"participants": [{"id": "8:acs:1", "metadata": None}]}}], "nextLink": ""})
def test_the_quick_way_never_differs(page: Any) -> None:
    """A page that the quick way takes is what the readable way makes of it, to the last attribute and identifier."""
    body = json.dumps(page).encode()
    quick = decode(ChatMessage, body)
    if quick is not None:
        readable = by_the_readable_way(body)
        assert quick == readable
        assert [repr(vars(model)) for model in quick.models] == [repr(vars(model)) for model in readable.models]
        again = [model.serialize(keep_readonly=True) for model in quick.models]
        assert again == [model.serialize(keep_readonly=True) for model in readable.models]


@given(st.lists(random.messages, max_size=4), st.sampled_from([{}, {"plain_identifiers": True, "plain_keys": True}]))
def test_the_quick_way_takes_what_the_service_sends(sent: list[ChatMessage], wire: dict[str, Any]) -> None:
    """Pages of documented fields on either wire take the quick way."""
    value = [write(model, Writing(keep_readonly=True, **wire)) for model in sent]
    page = decode(ChatMessage, json.dumps({"value": value}).encode())
    assert page is not None
    assert page.models == sent


@given(st.binary() | random.json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_page_is_left_to_the_readable_way(body: bytes) -> None:
    """Any other bytes give None, never an exception."""
    page = decode(ChatMessage, body)
    assert page is None or isinstance(page, Page)


def decoded_by(policy: Any, body: bytes, media: str | None, options: dict[str, Any]) -> str:
    """What a policy leaves of an answer for the caller, or that it cannot be read."""
    request = PipelineRequest(HttpRequest("GET", "https://a.example"), PipelineContext(None, **options))
    policy.on_request(request)
    answer = HttpResponse(request.http_request, None)
    answer.status_code, answer.headers, answer.content_type = 200, {}, media
    answer.body = lambda: body  # type: ignore[method-assign]
    try:
        policy.on_response(request, PipelineResponse(request.http_request, answer, request.context))
    except (AzureError, ValueError, RecursionError):
        return "unreadable"
    return repr(request.context)


CODES = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
DUMPED = random.json_values.map(lambda value: json.dumps(value, ensure_ascii=False))
BODIES = st.builds(lambda text, code: text.encode(code, "replace"), DUMPED, CODES)
NUMBERS = st.text("0123456789-+.eEINaf[]\\", max_size=9).map(str.encode)
MEDIA = st.sampled_from(["application/json", "application/json; charset=utf-8", "application/json-seq", "text/x", None])
OPTIONS = st.sampled_from([{"stream": False}, {"stream": True}, {"stream": False, "response_encoding": "latin-1"}])


@given(BODIES | NUMBERS | st.binary(), MEDIA, OPTIONS)
@example(b"", "application/json", {"stream": False})
@example(b"[1e999, NaN, -Infinity]", "application/json", {"stream": False})
@example(b'["\\ud800"]', "application/json", {"stream": False})
@example(b"[" * 100_000, "application/json", {"stream": False})
@example(b'{"a": 1, "a": 123456789012345678901234567890}', "application/json", {"stream": False})
@example(b'["\xc3\xa9"]', "application/json; charset=latin-1", {"stream": False})
def test_bodies_are_decoded_as_azure_core_does(body: bytes, media: str | None, options: dict[str, Any]) -> None:
    """Our policy leaves what azure-core's own leaves, whatever is in the body of a success."""
    theirs = decoded_by(ContentDecodePolicy(), body, media, options)
    assert decoded_by(Decoding(), body, media, options) == theirs


@given(st.text(alphabet="0123456789-:.TZtz+Ww ,", max_size=30))
@example("2021-W05-3T04:05:06Z")
@example("2021-02-03T24:00:00Z")
@example("2021-02-03T040506.1Z")
@example("٢٠٢١-02-03T04:05:06Z")
@example("2021-02-03T04:05:60Z")
def test_no_other_text_is_a_date(text: str) -> None:
    """Only RFC 3339 and the few forms seen are read; everything else raises at deserialize."""
    from azure.core.exceptions import DeserializationError

    from azure.communication.chat._times import _TIMESTAMP

    try:
        message = ChatMessage.deserialize({"createdOn": text})
    except DeserializationError:
        return
    assert message is not None
    assert message.created_on is not None
    assert _TIMESTAMP.fullmatch(text)

"""What a suite registers in the hook `pytest_recording_configure`: matchers, serializers, rules, a persister."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from acs_chat_testkit.errors import BrokenCassette, UsageError
from acs_chat_testkit.recording import _vcr, serializer
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.store import FILES, Persister

if TYPE_CHECKING:
    from acs_chat_testkit.recording.redaction import Rule


class Serializer(Protocol):
    """vcrpy's: a cassette's document to text and back."""

    def serialize(self, cassette_dict: dict[str, Any]) -> str:
        """The text of a document."""

    def deserialize(self, cassette_string: str) -> dict[str, Any]:
        """The document of a text."""


class Json:
    """vcrpy's serializer of that name."""

    def serialize(self, cassette_dict: dict[str, Any]) -> str:
        """The document as JSON."""
        try:
            return json.dumps(cassette_dict, indent=4) + "\n"
        except TypeError:
            raise UsageError(
                "a body that is no text can not be written as JSON; record this test with serializer='yaml'"
            ) from None

    def deserialize(self, cassette_string: str) -> dict[str, Any]:
        """The document of JSON."""
        found: dict[str, Any] = json.loads(cassette_string)
        return found


@dataclass
class Registry:
    """What the suite has registered; it has the methods of vcrpy's VCR that `pytest_recording_configure` uses.

    It takes redaction rules, too. A setting may be given as an attribute, as on vcrpy's object: it holds where
    `vcr_config` has no other.

    Attributes:
        matchers: By name; each takes two requests in vcrpy's form, and says no with False or an AssertionError.
        serializers: By name.
        rules: What is redacted beside what is redacted by itself, in this order.
        persister: vcrpy's; None where cassettes are files.
    """

    matchers: dict[str, Callable[[Any, Any], bool | None]] = field(default_factory=dict)
    serializers: dict[str, Serializer] = field(default_factory=lambda: {"json": Json()})
    rules: list[Rule] = field(default_factory=list)
    persister: Any = None

    @property
    def defaults(self) -> dict[str, Any]:
        """The settings that were given as attributes."""
        return {name: value for name, value in vars(self).items() if name not in _OWN}

    def register_matcher(self, name: str, matcher: Callable[[Any, Any], bool | None]) -> None:
        """`match_on` may name it from now on."""
        self.matchers[name] = matcher

    def register_serializer(self, name: str, serializer: Serializer) -> None:
        """`serializer` may name it from now on; files get its name as their suffix."""
        self.serializers[name] = serializer

    def register_rule(self, rule: Rule) -> None:
        """What it finds is replaced from now on, in every cassette and message."""
        self.rules.append(rule)

    def register_persister(self, persister: Any) -> None:
        """Cassettes are loaded and saved by it from now on."""
        self.persister = persister

    def keeper(self, name: str) -> Persister:
        """Where cassettes with this serializer are kept.

        Raises:
            UsageError: There is no such serializer.
        """
        written = self.serializers.get(name)
        if written is None and name != "yaml":
            raise UsageError(f"serializer {name!r} does not exist; there are yaml, {', '.join(self.serializers)}")
        texts = FILES if written is None else Written(written, FILES)
        return texts if self.persister is None else Kept(self.persister, written)


_OWN = {each.name for each in fields(Registry)}


class Written:
    """Cassettes whose texts another serializer writes.

    Args:
        by: The serializer.
        texts: Where the texts are kept.
    """

    def __init__(self, by: Serializer, texts: Persister) -> None:
        self._by = by
        self._texts = texts

    def load(self, path: Path) -> bytes | None:
        """The cassette, as the recorder reads it."""
        data = self._texts.load(path)
        return None if data is None else read(self._by, data.decode(), path)

    def replace(self, path: Path, data: bytes) -> None:
        """The cassette, as the serializer writes it."""
        self._texts.replace(path, self._by.serialize(document(data)).encode())


class Kept:
    """Cassettes that vcrpy's persister of a suite keeps.

    It gets requests, answers and a serializer. What that serializer makes of them is our text, and so is what it is
    given to read: nothing of a cassette is lost on the way.

    Args:
        persister: With `load_cassette` and `save_cassette`.
        by: The serializer; None for ours.
    """

    def __init__(self, persister: Any, by: Serializer | None) -> None:
        self._persister = persister
        self._by = by

    def load(self, path: Path) -> bytes | None:
        """The cassette; None where the persister has none (it raises vcrpy's CassetteNotFoundError).

        Raises:
            BrokenCassette: It is none, or its requests are not as many as its answers.
        """
        through = _Through(self._by)
        try:
            requests, responses, *_ = self._persister.load_cassette(str(path), through)
        except FileNotFoundError:
            return None
        if through.text is not None:
            return through.text.encode() if self._by is None else read(self._by, through.text, path)
        sent, got = [*map(_vcr.read_request, requests)], [*map(_vcr.read_response, responses)]
        if len(sent) != len(got):
            raise BrokenCassette(f"the persister has {len(sent)} requests and {len(got)} answers for {path}")
        interactions = tuple(map(Interaction, sent, got))
        return serializer.dump(Cassette(interactions, Header(format=None))).encode()

    def replace(self, path: Path, data: bytes) -> None:
        """The persister saves the cassette."""
        answered = [each for each in serializer.parse(data, str(path)).interactions if each.response is not None]
        told = {
            "requests": [_vcr.request_of(each.request) for each in answered],
            "responses": [_vcr.response_of(each.response, each.others) for each in answered if each.response],
        }
        self._persister.save_cassette(str(path), told, _Through(self._by, data))


class _Through:
    """Hands cassettes through vcrpy's way of serializing, and keeps the text of one that is read.

    A persister may hand over its requests and answers without that way; those are for the suite's own serializer alone.
    """

    def __init__(self, by: Serializer | None, data: bytes = b"") -> None:
        self._by = by
        self._data = data
        self.text: str | None = None

    def serialize(self, given: dict[str, Any]) -> str:
        if self._by is None:
            return self._data.decode()
        return self._by.serialize(document(self._data) if "interactions" in given else given)

    def deserialize(self, text: str) -> dict[str, Any]:
        found = document(text.encode()) if self._by is None else self._by.deserialize(text)
        if "requests" not in found:
            self.text = text
        return found


def document(data: bytes) -> dict[str, Any]:
    """What a loader of YAML makes of a cassette."""
    found: dict[str, Any] = serializer.document_of(data, "the cassette")[0]
    return found


def read(by: Serializer, text: str, path: Path) -> bytes:
    """The cassette that another serializer has written.

    Raises:
        BrokenCassette: It can not read the text, or it is no cassette.
    """
    try:
        found = by.deserialize(text)
    except ValueError as error:
        raise BrokenCassette(f"{path} is no cassette: {error}") from error
    # What a suite's own serializer makes up need not say how vcrpy counts; what we wrote and lacks it is cut off.
    whole = {"version": 1, **found} if isinstance(found, dict) and "header" not in found else found
    return serializer.dump(serializer.of_document(whole, str(path))).encode()

"""Model: what a documented model declares, and everything that its methods do with it.

Source: the documented methods of ChatThreadInfo and SendChatMessageResult, here for every model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, dataclass_transform

from . import _keys, _parsing, _times
from ._kinds import Kind, Writing
from ._validation import ValidationError

_LOGGER = logging.getLogger(__name__)
_CALLBACK_ERRORS = (LookupError, TypeError, AttributeError, ValueError)

KeyTransformer = Callable[[str, dict[str, str], Any], Any]
KeyExtractor = Callable[[str, dict[str, str], Any], Any]
_WIRE_NAMES = (_keys.full_restapi_key_transformer, _keys.last_restapi_key_transformer)
_DEFAULT_EXTRACTORS = (
    _keys.attribute_key_case_insensitive_extractor,
    _keys.rest_key_case_insensitive_extractor,
    _keys.last_rest_key_case_insensitive_extractor,
)


class Field:
    """One declared field of a model; `field` makes it."""

    __slots__ = ("default", "init", "key", "keys", "kind", "name", "readonly", "required")

    def __init__(
        self,
        key: str,
        kind: Kind,
        *,
        plain_key: str | None = None,
        required: bool = False,
        readonly: bool = False,
        init: bool = True,
        default: Callable[[], Any] | None = None,
    ) -> None:
        self.name = ""
        self.key = key
        self.keys = (key,) if plain_key is None else (key, plain_key)
        self.kind = kind
        self.required = required
        self.readonly = readonly
        self.init = init
        self.default = default

    def describe(self, key: str) -> dict[str, str]:
        """What key transformers and extractors are shown; a fresh copy each time."""
        return {"key": key, "type": self.kind.name}

    def filled(self, value: Any) -> Any:
        """The value, or the default where there is none."""
        return self.default() if value is None and self.default else value


def field(
    key: str,
    kind: Kind,
    *,
    plain_key: str | None = None,
    required: bool = False,
    readonly: bool = False,
    init: bool = True,
    default: Any = None,
) -> Any:
    """Declares a field.

    Args:
        key: The wire key where identifiers are objects (2021 and later).
        kind: What the field holds.
        plain_key: The wire key where identifiers are text (2020), if it is another one; reading accepts both.
        required: Whether the constructor insists on it and `validate` reports None.
        readonly: Whether only the service fills it, so that it is not sent.
        init: Whether the constructor takes it; otherwise it is ignored there with a warning.
        default: Makes the value of a field that is missing; None makes it None. Such a value is not written.
    """
    return Field(key, kind, plain_key=plain_key, required=required, readonly=readonly, init=init, default=default)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Model:
    """Base of the documented models.

    A subclass declares its fields with `field`. The constructor takes them by keyword, checks nothing but what is
    required, and warns about what it does not know. Models compare by class and content and are not hashable.

    Attributes:
        additional_properties: What was received and is not declared, by wire key.
    """

    _fields: ClassVar[tuple[Field, ...]] = ()
    _wire_keys: ClassVar[frozenset[str]] = frozenset()
    _sends_additional_properties: ClassVar[bool] = False
    additional_properties: dict[str, Any]

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        for name, declared in own.items():
            declared.name = name
            delattr(cls, name)  # the value lives on the instance, or nowhere
        cls._fields = (*cls._fields, *own.values())
        cls._wire_keys = frozenset(key for declared in cls._fields for key in declared.keys)

    def __init__(self, **kwargs: Any) -> None:
        self.additional_properties = {}
        if self._sends_additional_properties:
            self.additional_properties = kwargs.pop("additional_properties", {})
        for declared in self._fields:
            setattr(self, declared.name, declared.filled(self._given(declared, kwargs)))
        for name in kwargs:
            _LOGGER.warning("%s is not a known attribute of class %s and will be ignored", name, type(self))

    def _given(self, declared: Field, kwargs: dict[str, Any]) -> Any:
        if declared.required and declared.name not in kwargs:
            raise TypeError(f"{type(self).__name__}() needs the keyword {declared.name!r}")
        value = kwargs.pop(declared.name, None)
        if value is not None and not declared.init:
            _LOGGER.warning("Readonly attribute %s will be ignored in class %s", declared.name, type(self))
            return None
        return value

    def serialize(self, keep_readonly: bool = False, **kwargs: Any) -> Any:
        """What would be sent to the service: `as_dict` with full wire keys, without read-only fields.

        Args:
            keep_readonly: Whether the fields that only the service fills are written too.
            **kwargs: ``key_transformer``, ``is_xml``; anything else is ignored.

        Returns:
            A new JSON-able dict, or an `xml.etree.ElementTree.Element` with ``is_xml=True``. A field that is None is
            left out.

        Raises:
            azure.core.exceptions.SerializationError: A value does not fit its field.
        """
        kwargs.setdefault("key_transformer", _keys.full_restapi_key_transformer)
        return self.as_dict(keep_readonly, **kwargs)

    def as_dict(
        self,
        keep_readonly: bool = True,
        key_transformer: KeyTransformer = _keys.attribute_transformer,
        **kwargs: Any,
    ) -> Any:
        """The model as a JSON-able dict, under Python names by default; an identifier is its text there.

        Args:
            keep_readonly: Whether the fields that only the service fills are written too.
            key_transformer: Called as ``f(name, {"key", "type"}, value)``; returns the key, or the key and the value
                to write. A key that is a list is a path of nested dicts, an empty one drops the field.
            **kwargs: ``is_xml=True`` gives an Element under wire keys; anything else is ignored.

        Raises:
            azure.core.exceptions.SerializationError: A value does not fit its field, or the transformer failed.
        """
        if kwargs.get("is_xml"):
            from . import _xml  # XML is documented and rare

            return _xml.element(type(self).__name__, self.serialize(keep_readonly))
        writing = Writing(keep_readonly, key_transformer, plain_identifiers=key_transformer not in _WIRE_NAMES)
        return self._write(writing)

    @classmethod
    def deserialize(cls, data: Any, content_type: str | None = None) -> Self | None:
        """Reads what the service sends.

        Args:
            data: Text, bytes or a stream, or what was parsed already. Keys are those of the wire (either version), as
                they are spelled; unknown ones are kept in `additional_properties`.
            content_type: JSON by default; set ``application/xml`` for XML.

        Returns:
            The model; None for None and for JSON's null. A missing field is None.

        Raises:
            azure.core.exceptions.DeserializationError: The data cannot be parsed, or a value does not fit its field.
        """
        return cls._build(data, content_type, cls._read)

    @classmethod
    def from_dict(
        cls, data: Any, key_extractors: Iterable[KeyExtractor] | None = None, content_type: str | None = None
    ) -> Self | None:
        """Reads a dict whose keys may be Python names or wire keys, in any case.

        Args:
            data: The dict; text is parsed first.
            key_extractors: Called as ``f(name, {"key", "type"}, data)``, the first that finds something wins. By
                default the Python name, the wire's path and the last part of that path, each in any case.
            content_type: JSON by default; set ``application/xml`` for XML.

        Returns:
            The model; None for None. A key that is no exact wire key is kept in `additional_properties` too.

        Raises:
            azure.core.exceptions.DeserializationError: The data cannot be parsed, or a value does not fit its field.
        """
        extractors = _DEFAULT_EXTRACTORS if key_extractors is None else tuple(key_extractors)
        return cls._build(data, content_type, lambda tree: cls._extract(tree, extractors))

    def validate(self) -> list[ValidationError]:
        """The rules that this model and the models in it break, in the order of declaration; values are not typed."""
        return list(self._broken_rules())

    @classmethod
    def enable_additional_properties_sending(cls) -> None:
        """Makes this class, and what derives from it, write `additional_properties` too."""
        cls._sends_additional_properties = True

    @classmethod
    def is_xml_model(cls) -> bool:
        """Whether the model is XML by nature; no documented model is."""
        return False

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]  # equal by content that can change

    def __str__(self) -> str:
        return str(vars(self))

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in vars(self).items() if value is not None and value != {})
        return f"{type(self).__name__}({', '.join(shown)})"

    def _write(self, writing: Writing) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for declared in self._fields:
            if declared.readonly and not writing.keep_readonly:
                continue
            try:
                path, value = _placed(declared, getattr(self, declared.name), writing)
                if value is None or (declared.default and not value):
                    continue
                _put(written, path, declared.kind.write(value, writing))
            except (AttributeError, ValueError) as error:
                raise _serialization_error(f"{type(self).__name__}.{declared.name}: {error}") from error
        if self._sends_additional_properties:
            self._add_additional_properties(written)
        return written

    def _add_additional_properties(self, written: dict[str, Any]) -> None:
        extra = self.additional_properties or {}
        name = f"{type(self).__name__}.additional_properties"
        if not isinstance(extra, Mapping):
            raise _serialization_error(f"{name}: {extra!r} is not a dict")
        for key, value in extra.items():
            if key in written:
                raise _serialization_error(f"{name}: the key {key!r} belongs to a declared field")
            written[key] = _json_able(value)

    @classmethod
    def _build(cls, data: Any, content_type: str | None, read: Callable[[Any], Self]) -> Self | None:
        from azure.core.exceptions import DeserializationError

        if isinstance(data, cls):
            return data
        try:
            tree = _parsing.tree(cls, data, content_type)
            return None if tree is None else read(tree)
        except DeserializationError:
            raise
        except ValueError as error:
            raise DeserializationError(f"{cls.__name__}: {error}") from error

    @classmethod
    def _read(cls, data: Any) -> Self:
        """Reads a parsed object by exact wire keys.

        Raises:
            ValueError: It is no object, or a value does not fit its field.
        """
        if not isinstance(data, dict):
            raise ValueError(f"{data!r:.80} is not an object")
        return cls._filled(data, lambda declared: next((data[key] for key in declared.keys if key in data), None))

    @classmethod
    def _extract(cls, data: Any, extractors: tuple[KeyExtractor, ...]) -> Self:
        if not isinstance(data, Mapping):
            raise ValueError(f"{data!r:.80} is not an object")
        try:
            return cls._filled(data, lambda declared: _extracted(declared, data, extractors))
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"a key extractor failed: {error!r}") from error

    @classmethod
    def _filled(cls, data: Mapping[str, Any], find: Callable[[Field], Any]) -> Self:
        made = cls.__new__(cls)
        made.additional_properties = {key: value for key, value in data.items() if key not in cls._wire_keys}
        for declared in cls._fields:
            found = find(declared)
            try:
                value = None if found is None else declared.kind.read(found)
            except ValueError as error:
                raise ValueError(f"{cls.__name__}.{declared.name}: {error}") from error
            setattr(made, declared.name, declared.filled(value))
        return made

    def _broken_rules(self) -> Iterator[ValidationError]:
        for declared in self._fields:
            value = getattr(self, declared.name)
            if declared.required and value is None:
                yield ValidationError("required", f"{type(self).__name__}.{declared.name}")
            for nested in value if isinstance(value, list) else [value]:
                if isinstance(nested, Model):
                    yield from nested._broken_rules()


def _placed(declared: Field, value: Any, writing: Writing) -> tuple[list[Any], Any]:
    """The path and the value that the key transformer gives to a field."""
    key = declared.keys[-1] if writing.plain_keys else declared.key
    try:
        place = writing.transformer(declared.name, declared.describe(key), value)
        name, value = (place, value) if isinstance(place, str) else place
    except _CALLBACK_ERRORS as error:
        raise ValueError(f"the key transformer failed: {error!r}") from error
    return (name if isinstance(name, list) else [name]), value


def _put(written: dict[Any, Any], path: list[Any], value: Any) -> None:
    """Puts a value at the end of a path of nested dicts; what is there already stays."""
    if not path:
        return
    for part in path[:-1]:
        written = written.setdefault(part, {})
    written.setdefault(path[-1], value)


def _extracted(declared: Field, data: Mapping[str, Any], extractors: tuple[KeyExtractor, ...]) -> Any:
    for key in declared.keys:
        value = None
        for extractor in extractors:
            found = extractor(declared.name, declared.describe(key), data)
            if found is None:
                continue
            if value is None:
                value = found
            elif found != value:
                _LOGGER.warning("Ignoring extracted value '%s' from %s, which comes later", found, extractor)
        if value is not None:
            return value
    return None


def _json_able(value: Any) -> Any:
    """Additional properties as JSON knows them."""
    if isinstance(value, datetime):
        return _times.write(value)
    if isinstance(value, Mapping):
        return {str(key): _json_able(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_json_able(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise _serialization_error(f"additional_properties: {value!r} is not JSON")


def _serialization_error(text: str) -> Exception:
    from azure.core.exceptions import SerializationError  # azure-core is slow to import and only a failure needs it

    return SerializationError(text)

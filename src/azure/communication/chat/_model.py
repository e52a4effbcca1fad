"""Model: what the documented models have in common.

Its methods are those documented for ChatThreadInfo and SendChatMessageResult, here for every model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Self, dataclass_transform

from . import _keys, _parsing, _reading, _writing
from ._fields import Field, field
from ._kinds import Writing
from ._reading import KeyExtractor
from ._validation import ValidationError

_LOGGER = logging.getLogger(__name__)

KeyTransformer = Callable[[str, dict[str, str], Any], Any]
_WIRE_NAMES = (_keys.full_restapi_key_transformer, _keys.last_restapi_key_transformer)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Model:
    """Base of the documented models.

    A subclass declares its fields with `field`, and under `undocumented` the keys that the service is known to send
    beside them. The constructor takes them by keyword, checks nothing but what is
    required, and warns about what it does not know. Models compare by class and content and are not hashable.

    Attributes:
        additional_properties: What was received and is not declared, by wire key.
    """

    _fields: ClassVar[tuple[Field, ...]] = ()
    _by_key: ClassVar[dict[str, Field]] = {}
    _undocumented: ClassVar[tuple[str, ...]] = ()
    _sends_additional_properties: ClassVar[bool] = False
    additional_properties: dict[str, Any]

    def __init_subclass__(cls, undocumented: tuple[str, ...] = ()) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        for name, declared in own.items():
            declared.name = name
            delattr(cls, name)  # the value lives on the instance, or nowhere
        cls._fields = (*cls._fields, *own.values())
        cls._undocumented = (*cls._undocumented, *undocumented)
        cls._by_key = {key: declared for declared in cls._fields for key in declared.keys}

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
        plain = key_transformer not in _WIRE_NAMES
        try:
            return _writing.write(self, Writing(keep_readonly, key_transformer, plain_identifiers=plain))
        except ValueError as error:
            from azure.core.exceptions import SerializationError  # azure-core is slow to import

            raise SerializationError(str(error)) from error

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
        extractors = _reading.DEFAULT_EXTRACTORS if key_extractors is None else tuple(key_extractors)
        return cls._build(data, content_type, lambda tree: _reading.extract(cls, tree, extractors))

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

    def __str__(self) -> str:
        return str(vars(self))

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in vars(self).items() if value is not None and value != {})
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def _read(cls, data: Any) -> Self:
        """Reads a parsed object by exact wire keys; raises ValueError for what does not fit."""
        return _reading.read(cls, data)

    @classmethod
    def _build(cls, data: Any, content_type: str | None, read: Callable[[Any], Self]) -> Self | None:
        if isinstance(data, cls):
            return data
        try:
            tree = _parsing.tree(cls, data, content_type)
            return None if tree is None else read(tree)
        except (ValueError, RecursionError) as error:
            from azure.core.exceptions import DeserializationError  # azure-core is slow to import

            raise DeserializationError(f"{cls.__name__} cannot be read: {error}") from error

    def _broken_rules(self) -> Iterator[ValidationError]:
        for declared in self._fields:
            value = getattr(self, declared.name)
            if declared.required and value is None:
                yield ValidationError("required", f"{type(self).__name__}.{declared.name}")
            for nested in value if isinstance(value, list) else [value]:
                if isinstance(nested, Model):
                    yield from nested._broken_rules()

"""From text to the tree of values that a model reads: JSON by default, XML where the content type says so."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._model import Model

_LOGGER = logging.getLogger(__name__)
_JSON_TYPE = re.compile(r"(application|text)/([a-z+.]+\+)?json")


def tree(model: type[Model], data: Any, content_type: str | None) -> Any:
    """Parses text, bytes or a stream; what is already parsed comes back as it is.

    Raises:
        ValueError: It cannot be parsed, or nobody knows how to parse this content type.
    """
    if hasattr(data, "read"):
        data = data.read()
    if isinstance(data, bytes | bytearray):
        data = data.decode("utf-8-sig")
    if not isinstance(data, str):
        return data
    text = data.removeprefix("\ufeff")
    if content_type is None or _JSON_TYPE.fullmatch(content_type):
        return json.loads(text)
    if "xml" in content_type:
        return _xml_or_json(model, text)
    raise ValueError(f"content type {content_type!r} is neither JSON nor XML")


def _xml_or_json(model: type[Model], text: str) -> Any:
    from . import _xml  # XML is documented and rare

    try:
        return _xml.tree(model, text)
    except ValueError as error:
        try:
            return json.loads(text)  # a server that is in trouble may send JSON under the name of XML
        except ValueError:
            _LOGGER.critical("Wasn't XML not JSON, failing")
            raise error from None
